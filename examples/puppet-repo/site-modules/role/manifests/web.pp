# @summary A web server: what it is made of, and in which order.
class role::web {
  contain profile::base
  contain profile::web
  Class['profile::base'] -> Class['profile::web']
}
