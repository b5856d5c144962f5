"""Names of attributes, type by type: `name namevars[ !]: parameters / properties`; ``!`` allows equal namevars.

A line that begins with blanks continues the one before.
"""

from __future__ import annotations

from typing import Final

CORE: Final = """\
component name: name /
exec command !: command creates cwd environment group logoutput onlyif path provider refresh refreshonly timeout
  tries try_sleep umask unless user / returns
file path: backup checksum force ignore links max_files path provider purge recurse recurselimit replace
  selinux_ignore_defaults show_diff source source_permissions sourceselect staging_location validate_cmd
  validate_replacement / checksum_value content ctime ensure group mode mtime owner selrange selrole seltype seluser
  target type
filebucket name: name path port server /
group name: allowdupe attribute_membership auth_membership forcelocal ia_load_module name provider system /
  attributes ensure gid members
notify name: name withpath / message
package name,provider,command: adminfile allow_virtual allowcdrom category command configfiles description
  enable_only install_only install_options instance name platform provider reinstall_on_refresh responsefile root
  source status uninstall_options vendor / ensure flavor mark package_settings
resources name: name purge unless_system_user unless_uid /
schedule name: name period periodmatch range repeat weekday /
service name: binary control hasrestart hasstatus logonpassword manifest name path pattern provider restart start
  status stop timeout / enable ensure flags logonaccount
stage name: name /
tidy path !: age backup matches max_files path recurse rmdirs size type /
user name: allowdupe attribute_membership auth_membership forcelocal ia_load_module key_membership managehome
  membership name profile_membership provider purge_ssh_keys role_membership system / attributes auths comment
  ensure expiry gid groups home iterations keys loginclass password password_max_age password_min_age
  password_warn_days profiles project roles salt shell uid
whit name: name /
"""
"""Types of Puppet itself."""

BUNDLED: Final = """\
augeas name: changes context force incl lens load_path name onlyif provider root show_diff type_check / returns
cron name: name provider / command ensure environment hour minute month monthday special target user weekday
host name: name provider / comment ensure host_aliases ip target
mount name: name provider remounts / atboot blockdevice device dump ensure fstype options pass target
selboolean name: name persistent provider / value
selmodule name: name provider selmoduledir selmodulepath / ensure syncversion
ssh_authorized_key name: drop_privileges name provider / ensure key options target type user
sshkey type,name: name provider type / ensure host_aliases key target
yumrepo name: name provider target / assumeyes bandwidth baseurl cost deltarpm_metadata_percentage
  deltarpm_percentage descr enabled enablegroups ensure exclude failovermethod gpgcakey gpgcheck gpgkey http_caching
  include includepkgs keepalive metadata_expire metalink minrate mirrorlist mirrorlist_expire module_hotfixes
  password payload_gpgcheck priority protect proxy proxy_password proxy_username repo_gpgcheck retries s3_enabled
  skip_if_unavailable sslcacert sslclientcert sslclientkey sslverify throttle timeout username
zfs name: name provider / aclinherit aclmode acltype atime canmount checksum compression copies dedup devices ensure
  exec logbias mountpoint nbmand overlay primarycache quota readonly recordsize refquota refreservation relatime
  reservation secondarycache setuid shareiscsi sharenfs sharesmb snapdir sync version volsize vscan xattr zoned
zone name: clone create_args id install_args name path provider realhostname sysidcfg / autoboot dataset ensure
  inherit ip iptype pool shares
zpool pool: pool provider raid_parity / ashift autoexpand cache disk ensure failmode log mirror raidz spare
"""
"""Types that come with Puppet's packages as modules of their own."""
