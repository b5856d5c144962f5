# @summary The web server and its sites.
#
# @param sites Each site by its name.
# @param token What the sites show to the database; from encrypted data.
class profile::web (
  Hash[String[1], Webserver::Options] $sites,
  Optional[Sensitive[String[1]]]   $token = undef,
) {
  include webserver

  $sites.each |$name, $site| {
    webserver::site { $name:
      * => $site,
    }
  }

  if $token {
    file { '/etc/webserver/token':
      mode    => '0600',
      content => $token,
    }
  }

  # Every web server tells the others where it is; without an exchange each hears itself.
  @@host { "${trusted['certname']}.example.org":
    ip           => '10.0.0.11',
    host_aliases => $trusted['certname'],
    tag          => 'web',
  }
  Host <<| tag == 'web' |>>
}
