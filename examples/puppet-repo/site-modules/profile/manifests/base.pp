# @summary What every machine has.
#
# @param contact Whom to call.
# @param banner Whether people are greeted.
class profile::base (
  String[1] $contact,
  Boolean   $banner = true,
) {
  $ensure = $banner ? {
    true    => file,
    default => absent,
  }

  file { '/etc/motd':
    ensure  => $ensure,
    content => epp('profile/motd.epp', { 'contact' => $contact }),
  }

  file { '/etc':
    ensure => directory,
    mode   => '0755',
  }
}
