"""The arithmetic of the ledger, pure: what a turn comes to, which claims open, how they are confirmed, what goes back.

A claim's ``baseline`` is None when the thing did not exist, or had no such attribute, before the first touch; an
attribute like that goes back to what its type gives a newly made thing (``Resource.initial``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from runner.resources.base import Change, Resource, State
from runner.store.records import PRESENCE, Claim, Thing

Claims = Mapping[str, Claim]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a declared resource's turn comes to. ``change`` is None when nothing has to be done."""

    before: State | None
    asked: State | None  # what the declaration asks for, as far as it applies here
    wish: State | None  # the same and the dropped attributes that go back
    change: Change | None
    closes: frozenset[str] = frozenset()  # claims on attributes that are no longer declared
    foreign: tuple[str, ...] = ()  # of those, the ones somebody else changed: left as they are
    drift: bool = False


def dropped(wish: State | None, claims: Claims) -> frozenset[str]:
    """Return the attributes that were declared once and are not any more, on a thing that stays."""
    if wish is None:
        return frozenset()
    return frozenset(name for name, claim in claims.items() if claim.declared and name != PRESENCE and name not in wish)


def decide(resource: Resource, before: State | None, asked: State | None, claims: Claims, *, restore: bool) -> Decision:
    """Compare what is with what is asked for; with ``restore`` dropped attributes go back to their baselines."""
    wish = asked
    closes: frozenset[str] = frozenset()
    foreign: tuple[str, ...] = ()
    if restore and claims:
        closes = dropped(wish, claims)
        if closes and before is not None and wish is not None and resource.declaration.prune != "keep":
            back, foreign = _going_back(resource, before, closes, claims)
            wish = wish | back
    change = _change(resource, before, wish)
    drift = change is not None and _drifted(resource, change, wish, claims)
    return Decision(before, asked, wish, change, closes, foreign, drift)


def _going_back(
    resource: Resource, before: State, closes: frozenset[str], claims: Claims
) -> tuple[State, tuple[str, ...]]:
    """Return the values that dropped attributes go back to, and the attributes that somebody else changed."""
    back: State = {}
    foreign = []
    for name in sorted(closes):
        claim = claims[name]
        value = claim.baseline if claim.baseline is not None else resource.initial(name)
        if value is None or before.get(name) == value:
            continue
        if before.get(name) == claim.applied:
            back[name] = value
        else:
            foreign.append(name)
    return back, tuple(foreign)


def _change(resource: Resource, before: State | None, wish: State | None) -> Change | None:
    """Return the change that grants ``wish``, or None if ``before`` fulfils it."""
    if wish is None:
        return None if before is None else Change(before, None)
    if before is not None and all(resource.satisfied(name, before, value) for name, value in wish.items()):
        return None
    after = resource.after(before, wish)
    return None if before is None and after is None else Change(before, after)


def _drifted(resource: Resource, change: Change, wish: State | None, claims: Claims) -> bool:
    """Say whether the machine moved although the same was asked for before."""
    presence = claims.get(PRESENCE)
    if presence is None:
        return False
    if change.before is None or wish is None:
        return bool(presence.confirmed and presence.applied == (wish is not None))
    touched = [name for name, value in wish.items() if not resource.satisfied(name, change.before, value)]
    return all(
        name in claims and claims[name].confirmed and resource.satisfied(name, {name: claims[name].applied}, wish[name])
        for name in touched
    )


def intended(resource: Resource, decision: Decision, claims: Claims, revision: str) -> list[Claim]:
    """Return the claims to write before the touch: new ones with their baselines, old ones with what is intended."""
    before = decision.before
    after = before if decision.change is None else decision.change.after
    opening = _Opening(resource, claims, revision)
    rows = [opening.row(PRESENCE, before is not None, after is not None)]
    asked = decision.asked or {}
    for name in asked:
        baseline = None if before is None else before.get(name)
        rows.append(opening.row(name, baseline, (after or {}).get(name)))
    if decision.change is not None and before is not None and _replaces(decision.change):
        rows += [
            opening.row(name, value, None, declared=False)
            for name, value in before.items()
            if name not in asked and (name not in claims or after is None)
        ]
    return rows


def _replaces(change: Change) -> bool:
    """Say whether the change takes away the thing as a whole, attributes nobody declared included."""
    before, after = change.before, change.after
    return before is not None and (after is None or before.get("type") != after.get("type"))


@dataclass(frozen=True, slots=True)
class _Opening:
    """Makes claim rows for one resource; an open claim keeps its baseline, and its commit while its value stays."""

    resource: Resource
    claims: Claims
    revision: str

    def row(self, name: str, baseline: object, applied: object, *, declared: bool = True) -> Claim:
        old = self.claims.get(name)
        if old is not None and old.applied == applied and old.declared == declared:
            return msgspec.structs.replace(old, confirmed=False)
        where = self.resource.declaration.location
        kind, thing = self.resource.identity
        return Claim(
            kind=kind,
            name=thing,
            attribute=name,
            baseline=baseline if old is None else old.baseline,
            applied=applied,
            confirmed=False,
            declared=declared,
            revision=self.revision,
            file=where.file,
            line=where.line,
        )


def confirmed(rows: list[Claim], now: State | None) -> list[Claim]:
    """Return the claims of ``intended`` with what was read after the touch."""
    return [
        msgspec.structs.replace(
            row,
            confirmed=True,
            applied=(now is not None) if row.attribute == PRESENCE else (now or {}).get(row.attribute),
        )
        for row in rows
    ]


def still_differs(resource: Resource, decision: Decision, now: State | None) -> list[str]:
    """Return the attributes that a fresh read shows unfulfilled after the touch; ``presence`` for all of it."""
    wish = decision.wish
    if wish is None or now is None:
        return [] if (wish is None) == (now is None) else [PRESENCE]
    return sorted(name for name, value in wish.items() if not resource.satisfied(name, now, value))


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
    if reason := _somebody_else(resource, before, claims):
        return Leave(Verdict.KEPT, reason=reason)
    return Leave(Verdict.RESTORE, Change(before, target))


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
        and before.get(name) not in (claim.applied, claim.baseline)
    ]
    return f"somebody else changed {', '.join(sorted(moved))}" if moved else ""
