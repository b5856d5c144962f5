"""What becomes of a thing that left the catalog: pure arithmetic of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from runner.engine.claims import DETAILS, NOT_REVERSIBLE, Claims, ours
from runner.resources.base import Change, Resource, State
from runner.store.records import PRESENCE, Thing


class Verdict(StrEnum):
    """What happens to a thing that left the catalog."""

    RESTORE = "restore"
    GONE = "gone"  # it is at its baseline already
    KEPT = "kept"  # somebody else changed it, or its baseline was never kept
    RELEASED = "released"  # prune: keep


@dataclass(frozen=True, slots=True)
class Leave:
    """What becomes of a leaving thing, and why it is kept if it is."""

    verdict: Verdict
    change: Change | None = None
    reason: str = ""


def leave(resource: Resource, thing: Thing, before: State | None, claims: Claims) -> Leave:
    """Decide what going back means for a thing that left the catalog."""
    if thing.prune == "keep":
        return Leave(Verdict.RELEASED)
    target = baseline_of(before, claims)
    if _at(before, target, claims):
        return Leave(Verdict.GONE)
    if before is None and _only_adapted(claims):
        return Leave(Verdict.GONE)
    if reason := _somebody_else(resource, before, claims) or _lost(before, target, claims):
        return Leave(Verdict.KEPT, reason=reason)
    return Leave(Verdict.RESTORE, Change(before, target))


def _only_adapted(claims: Claims) -> bool:
    """Say whether a thing that is gone was never ours to bring back: only details of it were managed."""
    presence = claims.get(PRESENCE)
    adapted = {name for name in claims if name != PRESENCE} <= DETAILS
    return presence is not None and bool(presence.baseline and presence.applied) and adapted


def _lost(before: State | None, target: State | None, claims: Claims) -> str:
    """Return in words that a baseline was never kept, or ""."""
    lost = [
        name for name, claim in claims.items() if claim.lost and (target or {}).get(name) != (before or {}).get(name)
    ]
    return f"{', '.join(sorted(lost))}: {NOT_REVERSIBLE}" if lost and target is not None else ""


def baseline_of(before: State | None, claims: Claims) -> State | None:
    """Return the whole state that the baselines of ``claims`` stand for, given the present one."""
    presence = claims.get(PRESENCE)
    if presence is not None and not presence.baseline:
        return None
    back = {name: claim.baseline for name, claim in claims.items() if name != PRESENCE}
    whole = before is None or any(not claim.declared for claim in claims.values())
    merged = back if whole else {**(before or {}), **back}
    return {name: value for name, value in merged.items() if value is not None}


def _at(before: State | None, target: State | None, claims: Claims) -> bool:
    """Say whether the present state is the baseline already, as far as it was claimed."""
    if before is None or target is None:
        return before is None and target is None
    return all(before.get(name) == target.get(name) for name in claims if name != PRESENCE)


def _somebody_else(resource: Resource, before: State | None, claims: Claims) -> str:
    """Return in words what somebody else changed since the last apply, or ""."""
    presence = claims.get(PRESENCE)
    there = presence is None or bool(presence.applied)
    if there != (before is not None) and not (presence and not presence.confirmed):
        return "somebody else removed it" if there else "somebody else made it"
    if before is None:
        return ""
    moved = [
        name
        for name, claim in claims.items()
        if claim.declared
        and name != PRESENCE
        and name not in resource.volatile
        and not ours(claim, before.get(name))
        and before.get(name) != claim.baseline
    ]
    return f"somebody else changed {', '.join(sorted(moved))}" if moved else ""
