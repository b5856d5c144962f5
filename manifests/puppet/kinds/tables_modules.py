"""Names of attributes of types that the usual modules bring, as :mod:`manifests.puppet.kinds.tables` writes them."""

from __future__ import annotations

from typing import Final

MODULES: Final = """\
anchor name: name /
apt_key id: content id options provider refresh server source weak_ssl / created ensure expired expiry fingerprint
  long short size type
archive path: allow_insecure checksum checksum_type checksum_url checksum_verify cleanup cookie digest_string
  digest_type digest_url download_options extract extract_command extract_flags extract_path filename group headers
  password path provider proxy_server proxy_type source target temp_dir url user username / creates ensure
cert_file path: format path provider source / ensure
concat_file path: backup create_empty_file ensure_newline force format group mode order owner path replace
  selinux_ignore_defaults selrange selrole seltype seluser show_diff tag validate_cmd / ensure
concat_fragment name: content name order source tag target /
datacat_collector path: collects path provider source_key target_field target_resource template template_body /
  ensure
datacat_fragment name: data name order provider target /
dhparam path: fastmode path provider size / ensure group mode owner
dnf_module_stream title: module provider title / stream
docker_compose name: compose_files name options provider scale tmpdir up_args / ensure
docker_network name: additional_flags aux_address gateway ip_range name options provider subnet / driver ensure id
  ipam_driver
docker_stack name: bundle_file compose_files name provider up_args / ensure
docker_volume name: name options provider / driver ensure mountpoint
file_line name: after append_on_no_match encoding match match_for_absence multiple name path provider replace
  replace_all_matches_not_matching_line / ensure line
filesystem name: accounting ag_size agblksize atboot compress device encrypted extended_attributes frag fs_type
  initial_size isnapshot large_files log_partitions logname logsize maxext mkfs_cmd mount_options mountgroup
  mountguard name nbpi nodename options perms provider vix volume_group / ensure size
git_config name: key name provider scope section user / value
hocon_setting setting,path: path provider setting / ensure type value
ini_setting name: force_new_section_creation indent_char indent_width key_val_separator name path provider
  refreshonly section section_prefix section_suffix setting show_diff / ensure value
ini_subsetting name: delete_if_empty insert_type insert_value key_val_separator name path provider quote_char
  section setting show_diff subsetting subsetting_key_val_separator subsetting_separator use_exact_match / ensure
  value
logical_volume name: alloc extents initial_size minor name no_sync persistent poolmetadatasize provider range
  readahead region_size resize_fs size_is_minsize stripesize thinpool type yes_flag / ensure mirror mirrorlog size
  stripes volume_group
loginctl_user name: name provider / linger
mailalias name: name provider / ensure file recipient target
mysql_database name: name provider / charset collate ensure
mysql_datadir datadir: basedir datadir defaults_extra_file insecure log_error provider user / ensure
mysql_grant name: name provider / ensure options privileges table user
mysql_plugin name: name provider / ensure soname
mysql_user name: name provider / ensure max_connections_per_hour max_queries_per_hour max_updates_per_hour
  max_user_connections password_hash plugin tls_options
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
physical_volume name: force name provider unless_vg / ensure
postfix_main name,setting: name provider setting target / ensure value
postfix_master name,service,type: name provider service target type / chroot command ensure limit private
  unprivileged wakeup
postgresql_conf name: key name provider target / comment ensure value
postgresql_conn_validator name: command connect_settings db_name db_password db_username host name port provider
  psql_path run_as sleep tries / ensure
postgresql_psql name: connect_settings cwd db environment instance name onlyif port provider psql_group psql_path
  psql_user refreshonly search_path sensitive unless / command
postgresql_replication_slot name: name provider / ensure
registry_key path: path provider purge_values / ensure
registry_value path: path provider / data ensure type
selinux_fcontext title: pathspec provider title / ensure file_type selrange selrole seltype seluser
selinux_fcontext_equivalence path: path provider / ensure target
selinux_login title: provider title / ensure selinux_login_name selinux_mlsrange selinux_user source
selinux_permissive seltype: local provider seltype / ensure
selinux_port title: provider title / ensure high_port low_port protocol seltype source
ssl_pkey path: authentication curve password path provider size / ensure group mode owner
sysctl name: apply name persist provider silent target / comment ensure val value
systemd_purge_units path: path unit_types / ensure
vcsrepo path: basic_auth_password basic_auth_username branch compression configuration conflict cvs_rsh depth
  excludes force fstype group http_proxy identity keep_local_changes owner p4config path provider remote
  safe_directory submodules tmpdir trust_server_cert umask user / ensure includes module revision skip_hooks source
volume_group name: createonly extent_size followsymlinks name provider / ensure physical_volumes
x509_cert path: ca cakey cakey_password csr days force password path private_key provider req_ext template / ensure
  group mode owner
x509_request path: encrypted force password path private_key provider template / ensure group mode owner
yumrepo_metadata_key repo,fingerprint,name: fingerprint name provider repo / content ensure
"""
"""Asked where a module's own source is too clever to be read."""
