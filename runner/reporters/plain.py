"""A run as plain lines: for pipes, timers and journals."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final, TextIO

from hiera.errors import Problem
from runner.reporters import wording
from runner.reporters.base import Event, ResourceDone, RunConcluded, RunStarted, SourceEvent, Told
from runner.reporters.plan import PlanPage
from runner.store.records import Status

QUIET: Final = -1
_TROUBLE: Final = frozenset({Status.FAILED, Status.KEPT, Status.STARTED})
_CALM: Final = frozenset({Status.UNCHANGED, Status.NOT_APPLICABLE})
_ROUTINE: Final = frozenset({"fetched", "unmoved", "exported"})

STYLES: Final = {
    "changed": "green", "undone": "green", "would change": "cyan", "would undo": "cyan", "failed": "bold red",
    "skipped": "yellow", "deferred": "cyan", "kept": "yellow", "held back": "yellow", "interrupted": "bold red",
    "unchanged": "dim", "not applicable": "dim",
}  # fmt: skip


class Plain:
    """Tells a run line by line. ``verbosity``: -1 only failures and the last line, 1 unchanged resources too."""

    def __init__(
        self,
        stream: TextIO | None = None,
        verbosity: int = 0,
        line_of: Callable[[str, int], str | None] | None = None,
    ) -> None:
        self._stream = stream or sys.stdout
        self._verbosity = verbosity
        self._line_of = line_of
        self._plan: PlanPage | None = None
        self.told: list[Problem] = []
        """The problems told so far."""

    def on(self, event: Event) -> None:
        """See :class:`runner.reporters.base.Reporter`."""
        match event:
            case RunStarted():
                self._started(event)
            case SourceEvent():
                self._source(event)
            case Told():
                self.told.append(event.problem)
                if self._verbosity > QUIET or event.problem.severity == "error":
                    self.write(event.problem.render(self._line_of))
            case ResourceDone():
                self._resource(event)
            case RunConcluded():
                self._concluded(event)

    def write(self, text: str, word: str = "") -> None:
        """Write a line; ``word`` is the label it begins with, for those who colour it."""
        self._stream.write(f"{word:<7}  {text}\n" if word else f"{text}\n")

    def _started(self, event: RunStarted) -> None:
        if event.command == "plan":
            self._plan = PlanPage()
        if self._verbosity > 0:
            root = f" in {event.root}" if event.root != "/" else ""
            mode = ", noop" if event.noop else ""
            revision = wording.short(event.revision)
            self.write(
                f"{event.command} of {revision} ({event.environment}, {event.node}){root}:"
                f" {event.total} resources, trust {event.trust}{mode}"
            )

    def _source(self, event: SourceEvent) -> None:
        if event.what in _ROUTINE and self._verbosity < 1:
            return
        self.write(f"{event.what}: {event.message}")

    def _resource(self, event: ResourceDone) -> None:
        if self._plan is not None:
            self._plan.take(event)
            return
        if self._shows(event):
            self.write(wording.line(event.outcome, event.ref, event.announcement), wording.label(event.outcome))
            self._diff(event)

    def _shows(self, event: ResourceDone) -> bool:
        status = event.outcome.status
        if self._verbosity <= QUIET:
            return status in _TROUBLE
        return status not in _CALM or self._verbosity > 0 or event.announcement is not None or event.outcome.refreshed

    def _diff(self, event: ResourceDone) -> None:
        if event.diff and self._verbosity > QUIET:
            for row in event.diff.splitlines():
                self.write_diff(f"    {row}")

    def write_diff(self, row: str) -> None:
        """Write a row of a diff."""
        self.write(row)

    def _concluded(self, event: RunConcluded) -> None:
        if self._plan is not None and self._verbosity > QUIET:
            self._plan.write(self, unchanged=self._verbosity > 0)
        self.write(wording.summary(event.run))
        if self._verbosity > QUIET:
            for row in wording.afterwards(event.owed, event.pending_prunes):
                self.write(row)
        self._stream.flush()
