"""How many volume groups and physical volumes the logical volume manager knows."""

from __future__ import annotations

from hiera.values import Value
from runner.facts.modules.programs import output, which
from runner.facts.place import Place


def gather(place: Place) -> dict[str, Value]:
    """Return ``lvm_support``, ``lvm_vgs`` and ``lvm_pvs``; nothing without the tools."""
    if which(place, "vgs") is None:
        return {}
    groups = (output(place, "vgs", "-o", "name", "--noheadings") or "").split()
    volumes = (output(place, "pvs", "-o", "name", "--noheadings") or "").split()
    return {"lvm_support": True, "lvm_vgs": len(groups), "lvm_pvs": len(volumes)}
