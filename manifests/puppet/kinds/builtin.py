"""The resource types whose attributes are written down here, made from compact tables when they are asked for."""

from __future__ import annotations

from functools import cache
from typing import Final

from manifests.puppet.kinds.base import Kind

_ALL: Final = r"(?m:(.*))"
_WINDOWS_PREFIXES: Final = ("dsc_", "registry_", "iis_", "chocolatey", "sqlserver_", "windows_", "win_")
_WINDOWS: Final = frozenset({"acl", "dsc", "registry", "scheduled_task", "windowsfeature", "windows_env", "pget"})
_PATTERNS: Final = {
    "file": ((r"(?m:^(/|.+:/|.*[^/])/*\Z)", ("path",)),),
    "package": ((_ALL, ("name",)),),
    "hocon_setting": ((_ALL, ("setting",)),),
    "postfix_main": ((r"^(\S+)$", ("setting",)),),
    "postfix_master": ((r"^(\S+)/(\S+)$", ("service", "type")), (r"(.*)", ("name",))),
    "registry_key": ((r"(?m:^(.*?)\Z)", ("path",)),),
    "registry_value": ((r"(?m:^(.*?)\Z)", ("path",)),),
    "sshkey": ((r"^(.*?)@(.*)$", ("name", "type")), (r"^([^@]+)$", ("name",))),
    "yumrepo_metadata_key": ((r"(?i:\A(.+):(\h{40})\z)", ("repo", "fingerprint")),),
}


def core(name: str) -> Kind | None:
    """Return the type ``name`` of Puppet itself, which no module can replace."""
    return _core().get(name)


def bundled(name: str) -> Kind | None:
    """Return the type ``name`` of the modules that come with Puppet's packages."""
    return _bundled().get(name)


def usual(name: str) -> Kind | None:
    """Return the type ``name`` of a usual module, which is there only if the module is."""
    return _modules().get(name)


def names() -> list[str]:
    """Return the names of all types that need no module."""
    return [*_core(), *_bundled()]


def of_windows(name: str) -> bool:
    """Say whether ``name`` is a type of Windows, by the names that its modules use."""
    return name.startswith(_WINDOWS_PREFIXES) or name in _WINDOWS


@cache
def _core() -> dict[str, Kind]:
    from manifests.puppet.kinds.tables import CORE  # noqa: PLC0415  read once, when a manifest is compiled

    return read_table(CORE)


@cache
def _bundled() -> dict[str, Kind]:
    from manifests.puppet.kinds.tables import BUNDLED  # noqa: PLC0415  many manifests need only Puppet's own

    return read_table(BUNDLED)


@cache
def _modules() -> dict[str, Kind]:
    from manifests.puppet.kinds.tables_modules import MODULES  # noqa: PLC0415  few sources cannot be read

    return read_table(MODULES)


def read_table(text: str) -> dict[str, Kind]:
    """Return the types of a table in the notation that :mod:`manifests.puppet.kinds.tables` tells."""
    kinds = {}
    for row in text.replace("\n  ", " ").splitlines():
        head, _, rest = row.partition(":")
        name, namevars, *flags = head.split()
        parameters, _, properties = rest.partition(" /")
        kinds[name] = Kind(
            name,
            () if namevars == "-" else tuple(namevars.split(",")),
            frozenset(parameters.split()),
            frozenset(properties.split()),
            ensurable="ensure" in properties.split(),
            title_patterns=_PATTERNS.get(name, ()),
            isomorphic="!" not in flags,
        )
    return kinds
