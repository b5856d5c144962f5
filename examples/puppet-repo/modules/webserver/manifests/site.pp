# @summary One site.
#
# @param port Where it listens.
# @param aliases Its other names.
define webserver::site (
  Integer[1, 65535] $port    = 80,
  Array[String[1]]  $aliases = [],
) {
  require webserver

  $root = webserver::root($name)

  file { $root:
    ensure => directory,
    mode   => '0755',
  }

  file { "/etc/webserver/sites/${name}.conf":
    content => template('webserver/site.conf.erb'),
  }
}
