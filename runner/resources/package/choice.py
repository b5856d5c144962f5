"""Which package manager a package belongs to: one explicit table."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Final

from runner.resources.package.base import Provider
from runner.system.base import MachineError, Probe

PROVIDERS: Final[Mapping[str, str]] = {
    "apt": "runner.resources.package.apt:Apt",
    "dnf": "runner.resources.package.dnf:Dnf",
    "yum": "runner.resources.package.dnf:Dnf",
    "pip": "runner.resources.package.pip:Pip",
    "pip3": "runner.resources.package.pip:Pip",
}
"""Name in a manifest -> ``module:class``."""

PIP: Final = frozenset({"pip", "pip3"})

OWN: Final = (("apt", "/var/lib/dpkg/status", "apt-get"), ("dnf", "/var/lib/rpm", "dnf"))
"""The machine's own package managers: name, where its database stands, its command."""


def choose(probe: Probe, named: str | None) -> Provider:
    """Return the provider that was named, else the one whose database and command the machine has.

    Raises ``MachineError`` if the machine has none.
    """
    name = named or probe.cached("package-provider", lambda: _own(probe))
    if name is None:
        raise MachineError(
            "no package manager is known on this machine",
            hint="apt and dnf are known, and pip with 'provider: pip'; an exec can call others",
        )
    module, _, cls = PROVIDERS[name].partition(":")
    found: type[Provider] = getattr(importlib.import_module(module), cls)
    return found()


def _own(probe: Probe) -> str | None:
    """Return the machine's own package manager: a Debian with dnf installed is still a Debian."""
    present = [name for name, database, _ in OWN if probe.lstat(database) is not None]
    able = [name for name, _, command in OWN if probe.which(command) is not None]
    return next((name for name in (*present, *able) if name in able), next(iter(present), None))
