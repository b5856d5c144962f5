"""``processors``: from /proc/cpuinfo, and the topology in /sys where cpuinfo has none (ARM)."""

from __future__ import annotations

import os

from hiera.values import Value
from runner.facts.place import Place


def gather(place: Place) -> dict[str, Value]:
    """Return the fact ``processors``."""
    blocks = _blocks(place.text("proc/cpuinfo") or "")
    count = len(blocks) or os.cpu_count() or 1
    packages = {block["physical id"] for block in blocks if "physical id" in block} or _packages(place)
    first = blocks[0] if blocks else {}
    cores = _number(first.get("cpu cores")) or max(1, count // max(1, len(packages)))
    found: dict[str, Value] = {
        "cores": cores,
        "count": count,
        "isa": os.uname().machine if place.root_text("etc/redhat-release") else "unknown",
        "models": [model for block in blocks if (model := block.get("model name") or block.get("cpu"))],
        "physicalcount": len(packages) or count,
        "threads": max(1, (_number(first.get("siblings")) or cores) // cores),
    }
    speed = _speed(place, first)
    return {"processors": found | ({"speed": speed} if speed else {})}


def _blocks(cpuinfo: str) -> list[dict[str, str]]:
    """Return one mapping for each logical processor."""
    blocks = []
    for text in cpuinfo.split("\n\n"):
        pairs = (line.partition(":") for line in text.splitlines())
        block = {key.strip(): value.strip() for key, _, value in pairs}
        if "processor" in block:
            blocks.append(block)
    return blocks


def _packages(place: Place) -> set[str]:
    """Return the distinct sockets that the kernel's topology names."""
    names = [name for name in place.names("sys/devices/system/cpu") if name[:3] == "cpu" and name[3:].isdigit()]
    found = {place.text(f"sys/devices/system/cpu/{name}/topology/physical_package_id") for name in names}
    return {item for item in found if item is not None}


def _number(text: str | None) -> int:
    """Return the whole number in ``text``, 0 if there is none."""
    return int(text) if text and text.isdigit() else 0


def _speed(place: Place, block: dict[str, str]) -> str | None:
    """Return the highest clock rate as people read it, or None if the machine does not say."""
    kilohertz = _number(place.text("sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq"))
    try:
        hertz = kilohertz * 1e3 or float(block.get("cpu MHz", 0)) * 1e6
    except ValueError:
        return None
    for unit, factor in (("GHz", 1e9), ("MHz", 1e6)):
        if hertz >= factor:
            return f"{hertz / factor:.2f} {unit}"
    return None
