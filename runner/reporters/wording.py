"""The words for what happened to a resource: one notation for terminal, pipe, ``show`` and ``why``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runner.store.records import Action, Outcome, Run, Status

_DIGESTS: Final = ("node:", "sha256:", "hmac:")
_LONGEST: Final = 60

LABELS: Final[Mapping[Status, str]] = {
    Status.UNCHANGED: "unchanged",
    Status.CHANGED: "changed",
    Status.FAILED: "failed",
    Status.SKIPPED: "skipped",
    Status.DEFERRED: "deferred",
    Status.PENDING: "would change",
    Status.NOT_APPLICABLE: "not applicable",
    Status.KEPT: "kept",
    Status.HELD_BACK: "held back",
    Status.STARTED: "interrupted",
}


def label(outcome: Outcome) -> str:
    """Return the word a line begins with."""
    if outcome.action is Action.PRUNE and outcome.status in {Status.CHANGED, Status.PENDING}:
        return "undone" if outcome.status is Status.CHANGED else "would undo"
    return LABELS[outcome.status]


def line(outcome: Outcome, ref: str = "", announcement: str | None = None) -> str:
    """Return the line of ``outcome`` after its label: ``file[/etc/motd]: mode 0600 -> 0644  (site.yaml:12)``."""
    ref = ref or f"{outcome.kind}[{outcome.title}]"
    text = ", ".join(_parts(outcome, announcement))
    where = f"  ({outcome.file}:{outcome.line})" if outcome.file and outcome.status is not Status.UNCHANGED else ""
    first, *more = text.split("\n")
    rows = [f"{ref}: {first}{where}" if first else f"{ref}{where}", *(f"    {row}" for row in more)]
    return "\n".join(rows)


def _parts(outcome: Outcome, announcement: str | None) -> Iterator[str]:
    if announcement is not None:
        yield announcement
        return
    pending = outcome.status is Status.PENDING
    if outcome.status in {Status.CHANGED, Status.PENDING, Status.KEPT}:
        yield from changes(outcome.before, outcome.after, pending=pending)
    if outcome.refreshed:
        yield "to be refreshed" if pending else "refreshed"
    if outcome.message:
        yield outcome.message
    if outcome.drift and outcome.status in {Status.CHANGED, Status.PENDING}:
        yield "it had drifted"


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, *, pending: bool = False) -> list[str]:
    """Return what differs between two states, a phrase for each attribute."""
    if before is None or after is None:
        if before is None and after is None:
            return []
        word = "created" if before is None else "removed"
        return [f"to be {word}" if pending else word]
    keys = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    return [_change(key, before.get(key), after.get(key)) for key in keys]


def _change(key: str, old: Any, new: Any) -> str:
    if is_digest(old) or is_digest(new):
        return key
    return f"{key} {value(old)} -> {value(new)}"


def is_digest(item: Any) -> bool:
    """Say whether ``item`` only stands for content or a secret."""
    return isinstance(item, str) and item.startswith(_DIGESTS)


def value(item: Any) -> str:
    """Return a value of a state in a few words; content and secrets as a short digest."""
    if item is None:
        return "none"
    if isinstance(item, bool):
        return "true" if item else "false"
    if is_digest(item):
        return f"content {item.partition(':')[2][:8]}"
    if isinstance(item, list | tuple):
        text = ", ".join(value(part) for part in item) or "none"
    elif isinstance(item, Mapping):
        text = ", ".join(f"{key}={value(part)}" for key, part in item.items()) or "none"
    else:
        text = str(item)
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def short(revision: str) -> str:
    """Return a revision as people name it."""
    return revision[:7] if revision else "no commit"


_COUNTED: Final = (
    ("changed", "changed", True), ("pending", "would change", False), ("failed", "failed", True),
    ("skipped", "skipped", False), ("deferred", "deferred", False), ("kept", "kept", False),
    ("held-back", "held back", False), ("not-applicable", "not applicable", False), ("unchanged", "unchanged", True),
)  # fmt: skip


def counts(numbers: Mapping[str, int], *, noop: bool = False) -> str:
    """Return ``3 changed, 0 failed, 1 skipped, 120 unchanged``; rare ones only where there are some."""
    always = {"changed": not noop, "pending": noop}
    return ", ".join(
        f"{numbers.get(key, 0)} {word}"
        for key, word, shown in _COUNTED
        if numbers.get(key, 0) or always.get(key, shown)
    )


_ORDINARY: Final = frozenset({"unchanged", "changed", "failed", "pending", "planned", ""})


def summary(run: Run) -> str:
    """Return the last line: ``run 12 of 4f1c0d9 (production, web01): 3 changed, 0 failed, ... in 0.4 s``."""
    name = f"{run.command} {run.id}" if run.id else run.command
    revision = f" of {short(run.revision)}" if run.revision else ""
    took = f" in {run.ended - run.started:.1f} s" if run.ended is not None else ""
    ended = f"{run.result}: " if run.result not in _ORDINARY else ""
    where = ", ".join(part for part in (run.environment, run.node) if part)
    told = f"; {run.message}" if run.message else ""
    return f"{name}{revision} ({where}): {ended}{counts(run.counts, noop=run.noop)}{took}{told}"


def afterwards(owed: int, pending: int) -> list[str]:
    """Return what a person should know after a run."""
    rows = []
    if owed:
        rows.append(f"{owed} refresh{'es are' if owed > 1 else ' is'} owed; the next run pays")
    if pending:
        rows.append(f"{pending} removal{'s wait' if pending > 1 else ' waits'}; see `freehold status`")
    return rows
