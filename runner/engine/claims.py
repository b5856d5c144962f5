"""The arithmetic of the ledger, pure: what the turn of a declared resource comes to, and what goes back with it.

A claim's ``baseline`` is None when the thing did not exist, or had no such attribute, before the first touch; an
attribute like that goes back to what its type gives a newly made thing (``Resource.initial``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from manifests.catalog import Plain
from runner.resources.base import Change, Resource, State
from runner.store.records import PRESENCE, Claim

Claims = Mapping[str, Claim]

NOT_REVERSIBLE = "not reversible, it was larger than backup_limit"

DETAILS = frozenset({"mode", "owner", "group"})
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
    """Return the attributes that were declared once and are not any more, on a thing that stays.

    A touch that never ended, and would have taken the thing away, may have put their claims aside; they count too.
    """
    if wish is None:
        return frozenset()
    return frozenset(
        name
        for name, claim in claims.items()
        if (claim.declared or not claim.confirmed) and name != PRESENCE and name not in wish
    )


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
    return claim.attribute in DETAILS or value in (claim.applied, claim.previous)


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


def still_differs(resource: Resource, decision: Decision, now: State | None) -> list[str]:
    """Return the attributes that a fresh read shows unfulfilled after the touch; ``presence`` for all of it."""
    wish = decision.wish
    if wish is None or now is None:
        return [] if (wish is None) == (now is None) else [PRESENCE]
    return sorted(name for name, value in wish.items() if not resource.satisfied(name, now, value))


def replaces(change: Change) -> bool:
    """Say whether the change takes away the thing as a whole, attributes nobody declared included."""
    before, after = change.before, change.after
    return before is not None and (after is None or before.get("type") != after.get("type"))
