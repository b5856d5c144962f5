"""The command status: the page that says where a node stands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from runner import measures
from runner.cli import store
from runner.cli.commits import Commits
from runner.cli.given import Given, print_json
from runner.cli.group import command

if TYPE_CHECKING:
    from runner.settings import Settings
    from runner.status import Status
    from runner.store.records import Hold


@command(
    "status",
    exits=(
        (0, "all is well (without --check: always, if it can be told)"),
        (1, "warning: held, paused, pinned, ahead, unreachable for a short time, a long run, never run"),
        (2, "critical: refused, compile-error, failed, bad, over-budget, unreachable for too long"),
        10,
    ),
    examples=(
        "freehold status",
        "freehold status --check && echo well         for monitoring",
        "freehold status --json | jq .reasons",
    ),
)
@click.option("--check", is_flag=True, help="Exit with 0, 1 or 2 for monitoring.")
@click.pass_obj
def status(given: Given, *, check: bool) -> int:
    """Say where this node stands: what is applied, what the remote has, and why it is behind if it is.

    It needs no lock and works while a run is going on.
    """
    settings = given.load()
    found = _gather(settings)
    if given.json:
        import msgspec  # noqa: PLC0415  only machines ask

        print_json({"level": found.level, **msgspec.to_builtins(found)})
    else:
        for row in page(found, verbose=not given.quiet):
            click.echo(row)
    return found.level if check else 0


def _gather(settings: Settings) -> Status:
    from runner.status import gather  # noqa: PLC0415  help needs no SQLite

    following = _next_run(settings)
    if not store.exists(settings):
        return gather(settings, None, lambda _old, _new: None, following=following)
    with store.memory(settings) as state:
        return gather(settings, state, Commits(settings).distance, following=following)


def page(found: Status, *, verbose: bool = True) -> Iterator[str]:
    """Yield the rows of the page; with ``verbose`` also what waits."""
    yield f"{found.node} {found.environment}  {_headline(found)}"
    yield " | ".join(_commits(found))
    yield " | ".join(_switches(found))
    if verbose:
        for item in found.pending:
            yield f"waits to be removed: {item.thing}: {item.why}"
        for item in found.deferred:
            yield f"deferred to the first boot: {item.thing}: {item.why}"


def _headline(found: Status) -> str:
    """Return one phrase for how things are, and the reasons."""
    reasons = "; ".join(reason.text for reason in found.reasons)
    word = _word(found)
    return f"{word}: {reasons}" if reasons else word


def _word(found: Status) -> str:
    from runner.status import short  # noqa: PLC0415  help needs no SQLite

    if found.applied is None:
        return "NEVER RUN" if not found.reasons else "NOTHING APPLIED"
    age = measures.span(found.now - float(found.applied["at"]))
    if found.remote and found.remote != found.applied["revision"] and not _has(found, "ahead"):
        count = f" {found.behind} commit{'s' if found.behind > 1 else ''}" if found.behind else ""
        return f"BEHIND{count}, {age}"
    if found.level == 2:
        return "FAILED" if _has(found, "failed") else found.reasons[0].name.upper()
    return f"OK at {short(found.applied['revision'])}, {age} ago"


def _has(found: Status, name: str) -> bool:
    return any(reason.name == name for reason in found.reasons)


def _commits(found: Status) -> Iterator[str]:
    from runner.status import short  # noqa: PLC0415  help needs no SQLite

    applied = found.applied
    if applied is None:
        yield "applied -"
    else:
        at = measures.clock(float(applied["at"]), found.now)
        yield f"applied {short(applied['revision'])} {applied['result']} {at}"
    yield f"accepted {short(found.accepted)}"
    fetched = "never fetched"
    if found.fetched_at is not None:
        how = "ok" if found.fetched_ok else "failed"
        fetched = f"fetched {measures.clock(found.fetched_at, found.now)} {how}"
    yield f"remote {found.branch} {short(found.remote)}, {fetched}"
    yield f"next {measures.clock(found.next, found.now) if found.next else '-'}"


def _switches(found: Status) -> Iterator[str]:
    yield f"held {'yes' if found.held else 'no'}"
    yield f"paused {_until(found.paused, found.now)}"
    yield f"pinned {_until(found.pinned, found.now)}"
    yield f"noop {'yes' if found.noop else 'no'}"
    yield f"failed {found.failed}"
    yield f"owed {found.owed}"
    yield f"prune pending {len(found.pending)}"
    yield f"trust {found.trust}"


def _until(hold: Hold | None, now: float) -> str:
    return f"until {measures.clock(hold.until, now)}" if hold else "no"


def _next_run(settings: Settings) -> float | None:
    """Return when systemd's timer starts the next run, or None."""
    if settings.root != "/" or not os.path.isdir("/run/systemd/system"):
        return None
    from runner.systemd.timer import following  # noqa: PLC0415  only a booted systemd is asked

    return following()
