"""The resource types whose attributes are written down here, made from compact tables when they are asked for."""

from __future__ import annotations

from functools import cache
from typing import Final

from manifests.puppet.kinds.base import Kind

_ALL: Final = r"(?s:(.*))"
_PATTERNS: Final = {
    "file": ((r"(?s:^(/|.+:/|.*[^/])/*\Z)", ("path",)),),
    "package": ((_ALL, ("name",)),),
    "hocon_setting": ((_ALL, ("setting",)),),
    "postfix_main": ((r"(?m:^(\S+)$)", ("setting",)),),
    "postfix_master": ((r"(?m:^(\S+)/(\S+)$)", ("service", "type")), (_ALL, ("name",))),
    "sshkey": ((r"(?m:^(.*?)@(.*)$)", ("name", "type")), (r"(?m:^([^@]+)$)", ("name",))),
    "yumrepo_metadata_key": ((r"(?i:\A(.+):([0-9a-f]{40})\Z)", ("repo", "fingerprint")),),
}  # fmt: skip


def built_in(name: str) -> Kind | None:
    """Return the type ``name`` of Puppet itself, of what its packages bundle, or of a usual module."""
    return core(name) or _usual().get(name)


def core(name: str) -> Kind | None:
    """Return the type ``name`` of Puppet itself, which no module can replace."""
    return _core().get(name)


@cache
def _core() -> dict[str, Kind]:
    from manifests.puppet.kinds.tables import CORE  # noqa: PLC0415  read once, when a manifest is compiled

    return read_table(CORE)


@cache
def _usual() -> dict[str, Kind]:
    from manifests.puppet.kinds.tables import BUNDLED  # noqa: PLC0415  few manifests need more than Puppet's own
    from manifests.puppet.kinds.tables_modules import MODULES  # noqa: PLC0415  likewise

    return read_table(MODULES) | read_table(BUNDLED)


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
