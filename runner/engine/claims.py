"""The arithmetic of the ledger, pure: what a turn comes to, which claims open, how they are confirmed, what goes back.

A claim's ``baseline`` is None when the thing did not exist, or had no such attribute, before the first touch; an
attribute like that goes back to what its type gives a newly made thing (``Resource.initial``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from manifests.catalog import Plain
from runner.resources.base import Change, Resource, State
from runner.store.records import PRESENCE, Claim, Thing

Claims = Mapping[str, Claim]
NOT_REVERSIBLE = "not reversible, it was larger than backup_limit"

_DETAILS = frozenset({"mode", "owner", "group"})
"""Attributes that a thing has beside what it is."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a declared resource's turn comes to. ``change`` is None when nothing has to be done."""

    before: State | None
    asked: State | None  # what the declaration asks for, as far as it applies here
    wish: State | None  # the same and the dropped attributes that go back
    change: Change | None
    closes: frozenset[str] = frozenset()  # claims on attributes that are no longer declared
    aside: frozenset[str] = frozenset()  # claims that stay for the thing of another kind that was here first
    left: tuple[str, ...] = ()  # why dropped attributes are left as they are
    drift: bool = False


def dropped(wish: State | None, claims: Claims) -> frozenset[str]:
    """Return the attributes that were declared once and are not any more, on a thing that stays."""
    if wish is None:
        return frozenset()
    return frozenset(name for name, claim in claims.items() if claim.declared and name != PRESENCE and name not in wish)


def decide(resource: Resource, before: State | None, asked: State | None, claims: Claims, *, restore: bool) -> Decision:
    """Compare what is with what is asked for; with ``restore`` dropped attributes go back to their baselines."""
    rest = frozenset(claims) - {PRESENCE} - (asked or {}).keys()
    was_there = PRESENCE in claims and bool(claims[PRESENCE].baseline)
    kind = _kind(before, asked, claims, restore=restore)
    home = asked is not None and ("type" not in claims or kind == claims["type"].baseline)
    back = _Back({}, [])
    if asked is not None and rest and resource.declaration.prune != "keep":
        if before is None or kind != before.get("type"):
            back = _anew(resource, rest, claims) if was_there and home else back
        elif restore:
            back = _going_back(resource, before, dropped(asked, claims), claims, home=home)
    wish = asked if asked is None else back.values | asked
    change = _change(resource, before, wish)
    drift = change is not None and _drifted(resource, change, wish, claims)
    aside = rest if was_there and not home else frozenset()
    closes = rest - aside if restore else frozenset()
    return Decision(before, asked, wish, change, closes, aside, tuple(back.left), drift)


def _kind(before: State | None, asked: State | None, claims: Claims, *, restore: bool) -> Plain:
    """Return the type of file there will be; None for things that come in one kind only."""
    if asked is None or "type" in asked:
        return asked and asked["type"]
    was = claims.get("type")
    if was is not None and (before is None or (restore and ours(was, before.get("type")) and was.baseline is not None)):
        return was.baseline
    return before and before.get("type")


def ours(claim: Claim, value: Plain) -> bool:
    """Say whether ``value`` is what we applied, or what a touch that never ended found or left.

    A thing made anew gets its details in a second step, so that any value of theirs may be of such a touch.
    """
    if claim.confirmed:
        return bool(value == claim.applied)
    return claim.attribute in _DETAILS or value in (claim.applied, claim.previous)


@dataclass(frozen=True, slots=True)
class _Back:
    """Attributes that go back, and in words what is left as it is."""

    values: State
    left: list[str]


def _anew(resource: Resource, names: frozenset[str], claims: Claims) -> _Back:
    """Return what a thing that is made again was when it was first touched."""
    back = _Back({}, [])
    for name in sorted(names - resource.volatile):
        claim = claims[name]
        if claim.lost:
            back.left.append(f"{name} is not what it was: {NOT_REVERSIBLE}")
        elif claim.baseline is not None:
            back.values[name] = claim.baseline
    return back


def _going_back(resource: Resource, before: State, names: frozenset[str], claims: Claims, *, home: bool) -> _Back:
    """Return the values that dropped attributes go back to; what somebody else changed is left."""
    back = _Back({}, [])
    for name in sorted(names):
        claim = claims[name]
        value = claim.baseline if home and claim.baseline is not None else resource.initial(name)
        if value is None or name not in before or before[name] == value:
            continue
        if not ours(claim, before[name]):
            back.left.append(f"{name} left as is: somebody else changed it")
        elif claim.lost and home:
            back.left.append(f"{name} left as is: {NOT_REVERSIBLE}")
        else:
            back.values[name] = value
    return back


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


def intended(
    resource: Resource, decision: Decision, claims: Claims, revision: str, lost: Collection[str] = ()
) -> list[Claim]:
    """Return the claims to write before the touch: new ones with their baselines, old ones with what is intended.

    ``lost`` are the attributes of which the pre-image is not kept.
    """
    before = decision.before
    after = before if decision.change is None else decision.change.after
    opening = _Opening(resource, claims, revision, before, lost)
    rows = [opening.row(PRESENCE, before is not None, after is not None)]
    asked = decision.asked or {}
    away = _away(before, claims)
    for name in asked:
        baseline = None if before is None or away else before.get(name)
        rows.append(opening.row(name, baseline, (after or {}).get(name)))
    back = decision.closes & (decision.wish or {}).keys()
    made_anew = decision.change is not None and (before is None or _replaces(decision.change))
    put_aside = decision.aside | (decision.closes - back if made_anew else frozenset())
    rows += [opening.row(name, None, None, declared=False) for name in sorted(put_aside)]
    rows += [opening.row(name, None, (after or {}).get(name), declared=claims[name].declared) for name in sorted(back)]
    if decision.change is not None and _replaces(decision.change) and not away and rows[0].baseline:
        rows += [
            opening.row(name, value, None, declared=False)
            for name, value in (before or {}).items()
            if name not in asked and name not in claims
        ]
    return rows


def _away(before: State | None, claims: Claims) -> bool:
    """Say whether another kind of thing stands where the one of the baselines stood."""
    kind = claims.get("type")
    if kind is None or before is None or not claims[PRESENCE].baseline:
        return False
    return bool(before.get("type") != kind.baseline)


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
    before: State | None
    lost: Collection[str]

    def row(self, name: str, baseline: object, applied: object, *, declared: bool = True) -> Claim:
        old = self.claims.get(name)
        if old is None:
            return self._new(name, baseline, applied, declared=declared)
        row = msgspec.structs.replace(old, confirmed=False, previous=self._previous(old))
        if old.applied == applied and old.declared == declared:
            return row
        where = self.resource.declaration.location
        return msgspec.structs.replace(
            row, applied=applied, declared=declared, revision=self.revision, file=where.file, line=where.line
        )

    def _new(self, name: str, baseline: object, applied: object, *, declared: bool) -> Claim:
        where = self.resource.declaration.location
        kind, thing = self.resource.identity
        return Claim(
            kind=kind,
            name=thing,
            attribute=name,
            baseline=baseline,
            applied=applied,
            confirmed=False,
            declared=declared,
            revision=self.revision,
            file=where.file,
            line=where.line,
            previous=baseline,
            lost=name in self.lost,
        )

    def _previous(self, old: Claim) -> object:
        """Return the value there now if it is ours, else the last one that was."""
        now = (self.before is not None) if old.attribute == PRESENCE else (self.before or {}).get(old.attribute)
        if ours(old, now):
            return now
        return old.applied if old.confirmed else old.previous


def uncertain(claims: Claims) -> list[Claim]:
    """Return the claims to write before a leaving thing is touched: it may end half way between ours and baseline."""
    return [
        msgspec.structs.replace(claim, confirmed=False, previous=claim.applied if claim.confirmed else claim.previous)
        for claim in claims.values()
    ]


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
    if before is None and _only_adapted(claims):
        return Leave(Verdict.GONE)
    if reason := _somebody_else(resource, before, claims) or _lost(before, target, claims):
        return Leave(Verdict.KEPT, reason=reason)
    return Leave(Verdict.RESTORE, Change(before, target))


def _only_adapted(claims: Claims) -> bool:
    """Say whether a thing that is gone was never ours to bring back: only details of it were managed."""
    presence = claims.get(PRESENCE)
    adapted = {name for name in claims if name != PRESENCE} <= _DETAILS
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
