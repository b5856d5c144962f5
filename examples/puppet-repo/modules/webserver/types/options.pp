# What may be said of a site.
type Webserver::Options = Struct[{
  Optional[port]    => Integer[1, 65535],
  Optional[aliases] => Array[String[1]],
}]
