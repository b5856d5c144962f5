"""Updates that apt would install, from a simulation."""

from __future__ import annotations

import re
from typing import Final

from hiera.values import Value
from runner.facts.modules.programs import output
from runner.facts.place import Place

_SECURITY: Final = re.compile(r" Debian-Security:| Ubuntu\S+-security[, ]| gNewSense\S+-security[, ]")


def gather(place: Place) -> dict[str, Value]:
    """Return the facts ``apt_*updates``."""
    found: dict[str, Value] = {}
    for kind, argument in (("", "upgrade"), ("dist_", "dist-upgrade")):
        said = output(place, "apt-get", "-s", "-o", "Debug::NoLocking=true", argument, seconds=60)
        if said is None:
            continue
        lines = [line for line in said.splitlines() if line.startswith("Inst ")]
        packages = [line.split()[1] for line in lines]
        security = [line.split()[1] for line in lines if _SECURITY.search(line)]
        found[f"apt_has_{kind}updates"] = bool(packages)
        if packages:
            found[f"apt_package_{kind}updates"] = packages
            found[f"apt_package_security_{kind}updates"] = security
            found[f"apt_{kind}updates"] = len(packages)
            found[f"apt_security_{kind}updates"] = len(security)
    return found
