"""Who started this process: a timer, the boot, or a person."""

from __future__ import annotations

import os
from collections.abc import Mapping

BOOT = "freehold-boot.service"


def trigger(environ: Mapping[str, str] | None = None, cgroup: str | None = None) -> str:
    """Return ``timer``, ``boot`` or ``manual``.

    systemd 252 and newer say which timer started a unit; where an older one does not, a run of the unit is ``manual``.
    A process below the service's own one (an exec resource that calls Freehold) is ``manual`` as well.
    """
    environ = os.environ if environ is None else environ
    if "INVOCATION_ID" not in environ or environ.get("SYSTEMD_EXEC_PID") not in {None, str(os.getpid())}:
        return "manual"
    if environ.get("TRIGGER_UNIT", "").endswith(".timer"):
        return "timer"
    return "boot" if unit(cgroup) == BOOT else "manual"


def unit(cgroup: str | None = None) -> str:
    """Return the systemd unit this process belongs to, or nothing; ``cgroup`` is the text of /proc/self/cgroup."""
    if cgroup is None:
        try:
            with open("/proc/self/cgroup", encoding="ascii", errors="replace") as stream:
                cgroup = stream.read()
        except OSError:
            return ""
    for row in cgroup.splitlines():
        number, _, rest = row.partition(":")
        controller, _, path = rest.partition(":")
        if (number == "0" or controller == "name=systemd") and (found := path.rpartition("/")[2]).endswith(".service"):
            return found
    return ""
