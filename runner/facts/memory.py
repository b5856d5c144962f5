"""``memory``: from /proc/meminfo."""

from __future__ import annotations

import re

from hiera.values import Value
from runner.facts.place import Place, share, size


def gather(place: Place) -> dict[str, Value]:
    """Return the fact ``memory``: ``system``, and ``swap`` where there is any."""
    rows = re.findall(r"^(\w+):\s+(\d+) kB", place.text("proc/meminfo") or "", re.MULTILINE)
    table = {key: int(value) * 1024 for key, value in rows}
    if "MemTotal" not in table:
        return {}
    free = sum(table.get(key, 0) for key in ("MemFree", "Buffers", "Cached"))
    found = {"system": _pool(table["MemTotal"], table.get("MemAvailable", free))}
    if table.get("SwapTotal"):
        found["swap"] = _pool(table["SwapTotal"], table.get("SwapFree", 0))
    return {"memory": found}


def _pool(total: int, available: int) -> dict[str, Value]:
    """Return the numbers of one kind of memory, in bytes and as people read them."""
    used = total - available
    return {
        "available": size(available),
        "available_bytes": available,
        "capacity": share(used, total),
        "total": size(total),
        "total_bytes": total,
        "used": size(used),
        "used_bytes": used,
    }
