# The directory of a site.
function webserver::root(String[1] $name) >> Pattern[/\A\//] {
  "/srv/www/${name}"
}
