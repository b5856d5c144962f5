"""Claims as they are written down: before a touch with what is intended, after it with what was read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import msgspec

from runner.engine.claims import Claims, Decision, ours, replaces
from runner.resources.base import Resource, State
from runner.store.records import PRESENCE, Claim


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
    made_anew = decision.change is not None and (before is None or replaces(decision.change))
    put_aside = decision.aside | (decision.closes - back if made_anew else frozenset())
    rows += [opening.row(name, None, None, declared=False) for name in sorted(put_aside)]
    rows += [opening.row(name, None, (after or {}).get(name), declared=claims[name].declared) for name in sorted(back)]
    if decision.change is not None and replaces(decision.change) and not away and rows[0].baseline:
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
            previous=self._now(name),
            lost=name in self.lost,
        )

    def _previous(self, old: Claim) -> object:
        """Return the value there now if it is ours, else the last one that was."""
        now = self._now(old.attribute)
        if ours(old, now):
            return now
        return old.applied if old.confirmed else old.previous

    def _now(self, attribute: str) -> object:
        """Return what is there before the touch: the baseline, unless another kind of thing stands in its place."""
        return (self.before is not None) if attribute == PRESENCE else (self.before or {}).get(attribute)


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
