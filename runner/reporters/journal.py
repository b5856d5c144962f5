"""A run in the journal: the lines of :mod:`runner.reporters.plain`, each with fields to search by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TextIO

from hiera.errors import Problem
from runner.reporters.base import Event, ResourceDone, RunConcluded, RunStarted, SourceEvent, Told
from runner.reporters.plain import Plain
from runner.store.records import Outcome, Run, Status
from runner.systemd.journal import JournalSocket

_ERROR: Final = "3"
_WARNING: Final = "4"
_NOTICE: Final = "5"
_INFO: Final = "6"

MESSAGE_IDS: Final[Mapping[str, str]] = {
    "resource": "3f0d5b6ce9a74b1d8a5e7c2f90b14d61",
    "problem": "a6f2c1d07be84ce39f4d52b8e1730c95",
    "source": "58c9e4a1d3b04f7287b6f0a92c5d1e3f",
    "concluded": "c47b90e2f15d4a68b3d8e6a10f7c2b54",
}
_PRIORITIES: Final[Mapping[Status, str]] = {
    Status.CHANGED: _NOTICE, Status.FAILED: _ERROR, Status.STARTED: _ERROR, Status.SKIPPED: _WARNING,
    Status.KEPT: _WARNING, Status.HELD_BACK: _WARNING,
}  # fmt: skip
_SEVERE: Final = frozenset({"refused", "compile-error"})
_WORTH: Final = frozenset({"unreachable", "ahead", "held", "paused", "pinned", "recovered"})


class Journal(Plain):
    """Plain lines as entries of the journal; what it does not take goes to ``stream``, which leads there too."""

    def __init__(
        self,
        stream: TextIO | None = None,
        verbosity: int = 0,
        line_of: Callable[[str, int], str | None] | None = None,
        *,
        journal: JournalSocket | None = None,
    ) -> None:
        super().__init__(stream, verbosity, line_of)
        self._journal = journal or JournalSocket()
        self._run: dict[str, str] = {}
        self._fields: dict[str, str] = {}

    def on(self, event: Event) -> None:
        """See :class:`runner.reporters.base.Reporter`."""
        if isinstance(event, RunStarted):
            self._run = _of_run(event.command, event.revision, event.environment, event.node)
        self._fields = fields(event)
        super().on(event)

    def write(self, text: str, word: str = "") -> None:
        """See :class:`runner.reporters.plain.Plain`."""
        message = f"{word}  {text}" if word else text
        entry = {"MESSAGE": message, "PRIORITY": _INFO, "SYSLOG_IDENTIFIER": "freehold", **self._run, **self._fields}
        if not self._journal.send(entry):
            super().write(text, word)

    def close(self) -> None:
        """Let go of the journal."""
        self._journal.close()


def fields(event: Event) -> dict[str, str]:
    """Return the fields that tell what ``event`` is, for its entries."""
    match event:
        case ResourceDone():
            return _of_resource(event.outcome, event.ref)
        case Told():
            return _of_problem(event.problem)
        case SourceEvent():
            level = _ERROR if event.what in _SEVERE else _WARNING if event.what in _WORTH else _INFO
            told = {"FREEHOLD_EVENT": event.what, "FREEHOLD_REVISION": event.revision}
            return {"MESSAGE_ID": MESSAGE_IDS["source"], "PRIORITY": level, **{k: v for k, v in told.items() if v}}
        case RunConcluded():
            return _of_conclusion(event.run)
        case _:
            return {}


def _of_run(command: str, revision: str, environment: str, node: str) -> dict[str, str]:
    return {
        "FREEHOLD_COMMAND": command,
        "FREEHOLD_REVISION": revision,
        "FREEHOLD_ENVIRONMENT": environment,
        "FREEHOLD_NODE": node,
    }


def _of_resource(outcome: Outcome, ref: str) -> dict[str, str]:
    return {
        "MESSAGE_ID": MESSAGE_IDS["resource"],
        "PRIORITY": _PRIORITIES.get(outcome.status, _INFO),
        "FREEHOLD_RESOURCE": ref or f"{outcome.kind}[{outcome.title}]",
        "FREEHOLD_TYPE": outcome.kind,
        "FREEHOLD_STATUS": outcome.status.value,
        "FREEHOLD_ACTION": outcome.action.value,
        "FREEHOLD_FILE": outcome.file or "",
        "FREEHOLD_LINE": str(outcome.line or ""),
    }


def _of_problem(problem: Problem) -> dict[str, str]:
    level = _ERROR if problem.severity == "error" else _WARNING
    return {"MESSAGE_ID": MESSAGE_IDS["problem"], "PRIORITY": level, "FREEHOLD_PROBLEM": problem.code}


def _of_conclusion(run: Run) -> dict[str, str]:
    told = _of_run(run.command, run.revision, run.environment, run.node) | {
        "MESSAGE_ID": MESSAGE_IDS["concluded"],
        "PRIORITY": _ERROR if run.exit_code else _INFO,
        "FREEHOLD_RUN": str(run.id),
        "FREEHOLD_TRIGGER": run.trigger,
        "FREEHOLD_RESULT": run.result,
        "FREEHOLD_EXIT_CODE": str(run.exit_code),
    }
    counts = {f"FREEHOLD_{name.replace('-', '_').upper()}": str(count) for name, count in run.counts.items()}
    return told | counts
