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
mailalias name: name provider / ensure file recipient target
mount name: name provider remounts / atboot blockdevice device dump ensure fstype options pass target
nagios_command command_name: command_name group mode owner provider / command_line ensure poller_tag target use
nagios_contact contact_name: contact_name group mode owner provider / address1 address2 address3 address4 address5
  address6 alias can_submit_commands contactgroups email ensure host_notification_commands host_notification_options
  host_notification_period host_notifications_enabled pager register retain_nonstatus_information
  retain_status_information service_notification_commands service_notification_options service_notification_period
  service_notifications_enabled target use
nagios_contactgroup contactgroup_name: contactgroup_name group mode owner provider / alias contactgroup_members
  ensure members register target use
nagios_host host_name: group host_name mode owner provider / action_url active_checks_enabled address alias
  business_impact check_command check_freshness check_interval check_period contact_groups contacts display_name
  ensure event_handler event_handler_enabled failure_prediction_enabled first_notification_delay
  flap_detection_enabled flap_detection_options freshness_threshold high_flap_threshold hostgroups icon_image
  icon_image_alt initial_state low_flap_threshold max_check_attempts notes notes_url notification_interval
  notification_options notification_period notifications_enabled obsess_over_host parents passive_checks_enabled
  poller_tag process_perf_data realm register retain_nonstatus_information retain_status_information retry_interval
  stalking_options statusmap_image target use vrml_image
nagios_hostdependency _naginator_name: _naginator_name group mode owner provider / dependency_period
  dependent_host_name dependent_hostgroup_name ensure execution_failure_criteria host_name hostgroup_name
  inherits_parent notification_failure_criteria register target use
nagios_hostescalation _naginator_name: _naginator_name group mode owner provider / contact_groups contacts ensure
  escalation_options escalation_period first_notification host_name hostgroup_name last_notification
  notification_interval register target use
nagios_hostextinfo host_name: group host_name mode owner provider / ensure icon_image icon_image_alt notes notes_url
  register statusmap_image target use vrml_image
nagios_hostgroup hostgroup_name: group hostgroup_name mode owner provider / action_url alias ensure
  hostgroup_members members notes notes_url realm register target use
nagios_service _naginator_name: _naginator_name group mode owner provider / action_url active_checks_enabled
  business_impact check_command check_freshness check_interval check_period contact_groups contacts display_name
  ensure event_handler event_handler_enabled failure_prediction_enabled first_notification_delay
  flap_detection_enabled flap_detection_options freshness_threshold high_flap_threshold host_name hostgroup_name
  icon_image icon_image_alt initial_state is_volatile low_flap_threshold max_check_attempts normal_check_interval
  notes notes_url notification_interval notification_options notification_period notifications_enabled
  obsess_over_service parallelize_check passive_checks_enabled poller_tag process_perf_data register
  retain_nonstatus_information retain_status_information retry_check_interval retry_interval service_description
  servicegroups stalking_options target use
nagios_servicedependency _naginator_name: _naginator_name group mode owner provider / dependency_period
  dependent_host_name dependent_hostgroup_name dependent_service_description ensure execution_failure_criteria
  host_name hostgroup_name inherits_parent notification_failure_criteria register service_description target use
nagios_serviceescalation _naginator_name: _naginator_name group mode owner provider / contact_groups contacts ensure
  escalation_options escalation_period first_notification host_name hostgroup_name last_notification
  notification_interval register service_description servicegroup_name target use
nagios_serviceextinfo _naginator_name: _naginator_name group mode owner provider / action_url ensure host_name
  icon_image icon_image_alt notes notes_url register service_description target use
nagios_servicegroup servicegroup_name: group mode owner provider servicegroup_name / action_url alias ensure members
  notes notes_url register servicegroup_members target use
nagios_timeperiod timeperiod_name: group mode owner provider timeperiod_name / alias ensure exclude friday monday
  register saturday sunday target thursday tuesday use wednesday
selboolean name: name persistent provider / value
selmodule name: name provider selmoduledir selmodulepath / ensure syncversion
ssh_authorized_key name: drop_privileges name provider / ensure key options target type user
sshkey type,name: name provider type / ensure host_aliases key target
yumrepo name: name provider target / assumeyes bandwidth baseurl cost deltarpm_metadata_percentage
  deltarpm_percentage descr enabled enablegroups ensure exclude failovermethod gpgcakey gpgcheck gpgkey http_caching
  include includepkgs keepalive metadata_expire metalink minrate mirrorlist mirrorlist_expire module_hotfixes
  password payload_gpgcheck priority protect proxy proxy_password proxy_username repo_gpgcheck retries s3_enabled
  skip_if_unavailable sslcacert sslclientcert sslclientkey sslverify throttle timeout username
"""
"""Types that come with Puppet's packages as modules of their own."""
