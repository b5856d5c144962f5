"""What apt left on the disk."""

from __future__ import annotations

import os

from hiera.values import Value
from runner.facts import operating_system
from runner.facts.place import Place


def gather(place: Place) -> dict[str, Value]:
    """Return ``apt_reboot_required``, ``apt_sources`` and ``apt_update_last_success``, on Debian's family alone."""
    if operating_system.gather(place)["os"]["family"] != "Debian":
        return {}
    try:
        names = os.listdir(os.path.join(place.root, "etc/apt/sources.list.d"))
    except OSError:
        names = []
    try:
        stamp = int(os.stat(os.path.join(place.root, "var/lib/apt/periodic/update-success-stamp")).st_mtime)
    except OSError:
        stamp = -1
    return {
        "apt_reboot_required": os.path.isfile(os.path.join(place.root, "run/reboot-required")),
        "apt_sources": ["sources.list", *sorted(name for name in names if name.endswith((".list", ".sources")))],
        "apt_update_last_success": stamp,
    }
