"""Small facts of the running system: uptime, load, time zone, search path, FIPS mode, our own version."""

from __future__ import annotations

import os
import time

from hiera.values import Value
from runner.facts.place import Place
from runner.version import __version__


def gather(place: Place) -> dict[str, Value]:
    """Return ``system_uptime``, ``load_averages``, ``timezone``, ``path``, ``fips_enabled`` and ``freeholdversion``."""
    found: dict[str, Value] = {
        "timezone": time.strftime("%Z"),
        "path": os.environ.get("PATH", ""),
        "fips_enabled": place.text("proc/sys/crypto/fips_enabled") == "1",
        "freeholdversion": __version__,
    }
    if uptime := place.text("proc/uptime"):
        found["system_uptime"] = _uptime(int(float(uptime.split()[0])))
    if load := place.text("proc/loadavg"):
        found["load_averages"] = dict(zip(("1m", "5m", "15m"), map(float, load.split()[:3]), strict=True))
    return found


def _uptime(seconds: int) -> dict[str, Value]:
    """Return the time since the machine was started in seconds, hours, days and words."""
    hours, days = seconds // 3600, seconds // 86400
    words = f"{hours}:{seconds % 3600 // 60:02d} hours" if not days else "1 day" if days == 1 else f"{days} days"
    return {"seconds": seconds, "hours": hours, "days": days, "uptime": words}
