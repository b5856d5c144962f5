"""Which Ruby functions of modules are ported, and in which file."""

from __future__ import annotations

from typing import Final

NAMES: Final[dict[str, str]] = {
    "apache": "apache::bool2httpd bool2httpd apache::pw_hash apache::apache_pw_hash apache_pw_hash "
    "apache::authz_core_config",
    "databases": "mysql::normalise_and_deepmerge mysql::deepmerge mysql_deepmerge mysql::password mysql_password "
    "mysql::strip_hash mysql_strip_hash mysql_dirname mysql::dirname mysql::innobackupex_args "
    "postgresql::postgresql_acls_to_resources_hash postgresql_acls_to_resources_hash "
    "postgresql::postgresql_password postgresql_password postgresql::prepend_sql_password "
    "postgresql::postgresql_escape postgresql_escape mongodb_password mongodb::password",
    "containers": "docker::escape docker_run_flags docker_service_flags docker_plugin_install_flags "
    "docker_plugin_enable_flags docker_plugin_remove_flags docker_stack_flags docker_swarm_init_flags "
    "docker_swarm_join_flags docker_exec_flags docker_secrets_flags kubeadm_init_flags kubeadm_join_flags",
    "extlib": "extlib::cache_data extlib::random_password extlib::sort_hash_deep extlib::is_in_cidr "
    "extlib::sort_by_version extlib::compare_ip extlib::ip_to_reverse extlib::cidr_to_netmask extlib::last_in_cidr "
    "extlib::cidr_to_network extlib::has_module extlib::netmask_to_cidr extlib::get_ip_in_cidr extlib::to_ini "
    "extlib::default_content extlib::dump_args extlib::echo extlib::ip_to_cron extlib::resources_deep_merge "
    "cache_data random_password sort_by_version ip_to_cron resources_deep_merge default_content",
    "services": "jenkins_port jenkins_prefix to_hash_settings php::to_hash_settings php::ensure_prefix git_config_hash "
    "accounts_ssh_authorized_keys_line_parser accounts_ssh_options_parser collectd_convert_processes "
    "archive::parse_artifactory_url archive::assemble_nexus_url grafana::deep_find_and_remove grafana::get_sub_paths "
    "systemd::systemd_escape translate template_body letsencrypt::letsencrypt_lookup haproxy::generate_error_message "
    "haproxy::sort_bind haproxy::validate_ip_addr tomcat::change consul::sorted_json consul_sorted_json "
    "nomad_sorted_json nomad::sorted_json vault_sorted_json",
    "texts": "parse_url netmask2cidr windows_native_path any_resources_of_type uri_host_from_string mode2umask "
    "wmflib::cidr2mask wmflib::mask2cidr wmflib::cidr_first_address wmflib::cidr_last_address wmflib::php_ini "
    "wmflib::ini wmflib::encode_www_form rspamd::ucl::quote_string_value graphite::configparser_format sprintf_hash",
    "wikimedia": "role slice_network_constants requires_realm init_template systemd_template "
    "wmflib::resource::dump_params wmflib::resource::filter_params merge_config",
    "checks": "validate_absolute_path validate_array validate_bool validate_hash validate_integer validate_ip_address "
    "validate_ipv4_address validate_ipv6_address validate_numeric validate_re validate_slength validate_string "
    "is_absolute_path is_array is_bool is_domain_name is_email_address is_float is_function_available is_hash "
    "is_integer is_ip_address is_ipv4_address is_ipv6_address is_mac_address is_numeric is_string private type3x "
    "dig44 try_get_value",
    "refusals": "ssh::keygen extlib::read_url extlib::version_latest_github extlib::version_latest_endoflife "
    "extlib::version_latest_anitya extlib::remote_pql_query archive::artifactory_checksum archive::go_md5 "
    "archive::artifactory_latest_url redis::get ipresolve dnsquery::lookup dnsquery::a dnsquery::aaaa dnsquery::srv "
    "dnsquery::rlookup dnsquery::txt dnsquery::cname dnsquery::ptr dnsquery::mx dnsquery::soa node_groups",
}
"""By file, the names that modules give them; old names of the same function stand beside the new ones."""

PORTS: Final = {name: theme for theme, names in NAMES.items() for name in names.split()}
"""From the name of a function to its file."""
