"""Where a node stands: gathered from its memory without the lock, judged for monitoring, written as a page.

The reasons are a closed list (SEMANTICS 30). A reason of level 2 needs a person soon; level 1 is a state somebody
chose, or one that mends itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeAlias

import msgspec

from runner import measures
from runner.settings import Settings
from runner.store.lock import holder_of
from runner.store.records import Hold
from runner.store.state import StateDirectory

Name: TypeAlias = Literal[
    "unreachable", "refused", "compile-error", "failed", "bad", "held", "paused", "pinned", "ahead", "locked",
    "over-budget",
]  # fmt: skip
LONG_RUN: Final = 3600.0
"""Seconds after which a run that still holds the lock deserves a warning."""


class Reason(msgspec.Struct, frozen=True):
    """Why a node is not simply at the newest commit. ``level`` is 0, 1 (warning) or 2 (critical)."""

    name: Name
    level: int
    text: str


class Pending(msgspec.Struct, frozen=True):
    """A removal that waits, or a resource that waits for the first boot, and why."""

    thing: str
    why: str


class Status(msgspec.Struct, frozen=True):
    """All that the page says. Times are seconds since the epoch."""

    now: float
    node: str
    environment: str
    branch: str
    trust: str
    noop: bool
    reasons: tuple[Reason, ...] = ()
    applied: dict[str, Any] | None = None
    accepted: str = ""
    remote: str = ""
    fetched_at: float | None = None
    fetched_ok: bool = False
    behind: int = 0
    next: float | None = None
    failed: int = 0
    owed: int = 0
    pending: tuple[Pending, ...] = ()
    deferred: tuple[Pending, ...] = ()
    """What a bake left for the first boot."""
    held: str = ""
    paused: Hold | None = None
    pinned: Hold | None = None
    running_since: float | None = None

    @property
    def level(self) -> int:
        """0 all is well, 1 warning, 2 critical; a node that never applied anything is a warning."""
        return max([reason.level for reason in self.reasons], default=0 if self.applied else 1)


def gather(
    settings: Settings,
    state: StateDirectory | None,
    distance: Callable[[str, str], int | None],
    *,
    now: float | None = None,
    following: float | None = None,
) -> Status:
    """Return where the node stands; ``state`` is None where nothing was ever run.

    ``distance(old, new)`` counts commits as far as the mirror knows; ``following`` is when the timer fires next.
    """
    now = time.time() if now is None else now
    mode = str((settings.trust or {}).get("mode", "none"))
    blank = Status(now, settings.node or "?", settings.environment or "?", settings.branch, mode, settings.noop)
    if state is None:
        return msgspec.structs.replace(blank, next=following)
    remembered = {key: state.standing.recall(key) for key in _REMEMBERED}
    return _judged(_filled(blank, state, remembered, distance, following), settings, state, remembered)


_REMEMBERED: Final = (
    "scope",
    "fetch",
    "refused",
    "compile_error",
    "held",
    "applied",
    "over_budget",
    "ahead",
    "deferred",
)


def _filled(
    blank: Status,
    state: StateDirectory,
    remembered: Mapping[str, Any],
    distance: Callable[[str, str], int | None],
    following: float | None,
) -> Status:
    """Return the page with everything that was remembered."""
    scope, fetch = remembered["scope"] or {}, remembered["fetch"] or {}
    applied, accepted = remembered["applied"], state.standing.accepted(blank.branch)
    remote = str(fetch.get("tip") or "")
    behind = distance(applied["revision"], remote) if applied and remote and remote != applied["revision"] else 0
    holder = holder_of(state.place("lock"))
    return msgspec.structs.replace(
        blank,
        node=blank.node if blank.node != "?" else str(scope.get("node") or "?"),
        environment=blank.environment if blank.environment != "?" else str(scope.get("environment") or "?"),
        applied=applied,
        accepted=accepted.revision if accepted else "",
        remote=remote,
        fetched_at=fetch.get("at"),
        fetched_ok=bool(fetch.get("ok")),
        behind=behind or 0,
        next=following,
        failed=int((applied or {}).get("failed") or 0),
        owed=len(state.ledger.owed()),
        pending=tuple(Pending(f"{item.kind}[{item.title}]", item.pending) for item in state.ledger.pending()),
        deferred=tuple(Pending(thing, why) for thing, why in (remembered["deferred"] or {}).items()),
        held=str((remembered["held"] or {}).get("reason") or ""),
        paused=state.standing.hold("pause", now=blank.now),
        pinned=state.standing.hold("pin", now=blank.now),
        running_since=holder.since if holder else None,
    )


def _judged(page: Status, settings: Settings, state: StateDirectory, remembered: Mapping[str, Any]) -> Status:
    """Return the page with its reasons, the worst first."""
    found = [
        _refused(remembered["refused"]),
        _compile_error(remembered["compile_error"]),
        _failed(page),
        _over_budget(remembered["over_budget"]),
        _bad(page, state),
        _unreachable(page, remembered["fetch"], settings.stale_after),
        _until("paused", page.paused, page.now),
        _until("pinned", page.pinned, page.now),
        Reason("held", 1, f"held: {page.held}") if page.held else None,
        _ahead(page, remembered["ahead"]),
        _locked(page),
    ]
    reasons = sorted((item for item in found if item is not None), key=lambda item: -item.level)
    return msgspec.structs.replace(page, reasons=tuple(reasons))


def _refused(note: Mapping[str, Any] | None) -> Reason | None:
    if not note:
        return None
    who = ", ".join(part for part in (str(note.get("author") or ""), _quoted(note.get("subject"))) if part)
    text = f"refused {short(note.get('revision'))}: {str(note.get('code')).replace('-', ' ')}"
    return Reason("refused", 2, f"{text} ({who})" if who else text)


def _compile_error(note: Mapping[str, Any] | None) -> Reason | None:
    if not note:
        return None
    return Reason("compile-error", 2, f"{short(note.get('revision'))} does not compile here: {note.get('message')}")


def _failed(page: Status) -> Reason | None:
    if not page.failed:
        return None
    return Reason("failed", 2, f"{page.failed} resource{'s' if page.failed > 1 else ''} failed; `freehold show`")


def _over_budget(note: Mapping[str, Any] | None) -> Reason | None:
    if not note:
        return None
    text = f"{note.get('wanted')} removals wanted, {note.get('allowed')} allowed; `freehold run --confirm`"
    return Reason("over-budget", 2, text)


def _bad(page: Status, state: StateDirectory) -> Reason | None:
    mark = state.standing.mark_of(page.accepted) if page.accepted else None
    if mark is None or mark.verdict != "bad":
        return None
    note = f": {mark.note}" if mark.note else ""
    return Reason("bad", 2, f"{short(mark.revision)} is marked bad{note}; waiting for a descendant")


def _unreachable(page: Status, fetch: Mapping[str, Any] | None, stale_after: float) -> Reason | None:
    """Return that the remote is away, or that nobody asked it for too long."""
    if not fetch or page.fetched_at is None:
        return None
    reached = page.fetched_at if page.fetched_ok else float(fetch.get("last_ok") or 0)
    since = f"for {measures.span(page.now - reached)}" if reached else "never yet reached"
    stale = page.now - reached > stale_after
    if page.fetched_ok:
        return Reason("unreachable", 2, f"nothing was fetched {since}") if stale else None
    return Reason("unreachable", 2 if stale else 1, f"the remote is away {since}: {fetch.get('error') or 'no answer'}")


def _until(name: Literal["paused", "pinned"], hold: Hold | None, now: float) -> Reason | None:
    if hold is None:
        return None
    what = f"pinned to {short(hold.value)}" if name == "pinned" else name
    why = f": {hold.reason}" if hold.reason else ""
    return Reason(name, 1, f"{what} until {measures.clock(hold.until, now)}{why}")


def _ahead(page: Status, note: Mapping[str, Any] | None) -> Reason | None:
    if not note:
        return None
    return Reason("ahead", 1, f"the remote's {short(note.get('revision'))} is older than {short(page.accepted)}; kept")


def _locked(page: Status) -> Reason | None:
    if page.running_since is None:
        return None
    text = f"running since {measures.clock(page.running_since, page.now)}"
    return Reason("locked", 1 if page.now - page.running_since > LONG_RUN else 0, text)


def _quoted(text: Any) -> str:
    return f'"{text}"' if text else ""


def short(revision: Any) -> str:
    """Return a revision as people name it; ``-`` for none."""
    return str(revision)[:7] if revision else "-"
