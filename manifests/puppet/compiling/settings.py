"""Puppet's settings, as ``$settings::x`` shows them to manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hiera.values import Value

if TYPE_CHECKING:
    from manifests.puppet.compiling.compilation import Wish

_CONF: Final = "/etc/puppetlabs/puppet"
_CODE: Final = "/etc/puppetlabs/code"
_VAR: Final = "/opt/puppetlabs/puppet/cache"
_DEFAULTS: Final[dict[str, Value]] = {
    "agent_catalog_run_lockfile": f"{_VAR}/state/agent_catalog_run.lock",
    "autosign": f"{_CONF}/autosign.conf",
    "basemodulepath": f"{_CODE}/modules:/opt/puppetlabs/puppet/modules",
    "ca_port": 8140,
    "ca_server": "puppet",
    "classfile": f"{_VAR}/state/classes.txt",
    "codedir": _CODE,
    "confdir": _CONF,
    "config": f"{_CONF}/puppet.conf",
    "csr_attributes": f"{_CONF}/csr_attributes.yaml",
    "digest_algorithm": "sha256",
    "environmentpath": f"{_CODE}/environments",
    "group": "puppet",
    "hiera_config": f"{_CONF}/hiera.yaml",
    "hostcert": f"{_CONF}/ssl/certs/%s.pem",
    "hostcrl": f"{_CONF}/ssl/crl.pem",
    "hostprivkey": f"{_CONF}/ssl/private_keys/%s.pem",
    "libdir": f"{_VAR}/lib",
    "localcacert": f"{_CONF}/ssl/certs/ca.pem",
    "logdir": "/var/log/puppetlabs/puppet",
    "masterport": 8140,
    "noop": False,
    "ordering": "manifest",
    "pluginsync": True,
    "report": True,
    "reports": "store",
    "rich_data": True,
    "rundir": "/var/run/puppetlabs",
    "runinterval": 1800,
    "server": "puppet",
    "serverport": 8140,
    "show_diff": False,
    "ssldir": f"{_CONF}/ssl",
    "statedir": f"{_VAR}/state",
    "storeconfigs": False,
    "storeconfigs_backend": "puppetdb",
    "trusted_oid_mapping_file": f"{_CONF}/custom_trusted_oid_mapping.yaml",
    "user": "puppet",
    "usecacheonfailure": True,
    "vardir": _VAR,
}


def settings_of(wish: Wish) -> dict[str, Value]:
    """Return the settings of a compilation: Puppet's own defaults, unless the request says else."""
    table = {
        name: value.replace("%s", wish.node) if name.startswith("host") else value for name, value in _DEFAULTS.items()
    }
    table |= {
        "certname": wish.node,
        "node_name_value": wish.node,
        "environment": wish.environment,
        "strict": "error" if wish.strict else "warning",
        "strict_variables": wish.strict_variables,
    }
    table.update(wish.settings)
    table["all_local"] = dict(table)
    return table
