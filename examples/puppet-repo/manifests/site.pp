# Which node is what; everything else is in roles and profiles.
File {
  mode => '0644',
}

node /^web\d+$/ {
  include role::web
}

node default {
  include profile::base
}
