"""Facts that widely used Puppet modules bring as Ruby, told here without it.

They can be read but are not listed: many start a program, which only a manifest that reads them shall pay. What is
not there (no nginx, no ``nginx_version``) is not known, as with Facter.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Final

from hiera.values import Value
from runner.facts.place import Place

FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "apt": (
        "apt_has_updates", "apt_has_dist_updates", "apt_package_updates", "apt_package_dist_updates",
        "apt_package_security_updates", "apt_package_security_dist_updates", "apt_updates", "apt_dist_updates",
        "apt_security_updates", "apt_security_dist_updates",
    ),
    "apt_state": ("apt_reboot_required", "apt_sources", "apt_update_last_success"),
    "docker": ("docker", "docker_version", "docker_client_version", "docker_server_version"),
    "java": ("java_version", "java_major_version", "java_patch_level", "java_default_home", "java_libjvm_path"),
    "letsencrypt": ("letsencrypt_directory",),
    "lvm": ("lvm_support", "lvm_vgs", "lvm_pvs"),
    "mysql": ("mysql_server_id",),
    "systemd": ("systemd_internal_services",),
}  # fmt: skip
"""Module of a family below this package (it has ``gather(place)``) -> the names it may give."""


def known() -> frozenset[str]:
    """Return every name that may be known."""
    from runner.facts.modules.versions import VERSIONS  # noqa: PLC0415  only who asks for them needs the table

    return frozenset(_FAMILY_OF) | frozenset(VERSIONS)


def family_of(name: str) -> str:
    """Return what names the facts that are gathered together with ``name``."""
    return _FAMILY_OF.get(name, name)


def gather(place: Place, name: str) -> Mapping[str, Value]:
    """Return the facts of the family of ``name``, one of :func:`known`."""
    if name in _FAMILY_OF:
        family = importlib.import_module(f"runner.facts.modules.{_FAMILY_OF[name]}")
        answer: Mapping[str, Value] = family.gather(place)
        return answer
    from runner.facts.modules.versions import version  # noqa: PLC0415  see known

    found = version(place, name)
    return {} if found is None else {name: found}


_FAMILY_OF: Final = {name: family for family, names in FAMILIES.items() for name in names}
