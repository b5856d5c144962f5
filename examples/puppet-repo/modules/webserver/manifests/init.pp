# @summary A web server, as far as its files go.
#
# @param workers How many processes answer.
# @param user As whom.
class webserver (
  Integer[1] $workers,
  String[1]  $user,
) {
  file {
    default:
      ensure => directory,
      mode   => '0755',
      ;
    ['/etc/webserver', '/etc/webserver/sites', '/srv', '/srv/www']:
      ;
    '/etc/webserver/main.conf':
      ensure  => file,
        content => "user ${user};\nworkers ${workers};\ninclude sites/*.conf;\n",
      ;
  }

  file { '/srv/www/robots.txt':
    source => 'puppet:///modules/webserver/robots.txt',
  }
}
