"""Which bytes on the machine are about to be lost, and have to be kept for going back."""

from __future__ import annotations

from manifests.spec import Role
from runner.engine.turn import Turn


def preimages(turn: Turn) -> dict[str, str]:
    """Return the digests that baselines stand for and that are on the machine now, by attribute."""
    found = {}
    for name, value in (turn.before or {}).items():
        item = turn.resource.attribute_table.get(name)
        claim = turn.claims.get(name)
        kept = item is not None and (item.spec.role is Role.CONTENT or item.spec.sensitive)
        if kept and isinstance(value, str) and (claim is None or claim.baseline == value):
            found[name] = value
    return found


def too_large(name: str, size: int) -> str:
    """Return the words for a pre-image of ``size`` bytes that is not kept."""
    return f"not reversible: {name} has {size} bytes, more than backup_limit"
