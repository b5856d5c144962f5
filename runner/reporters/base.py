"""What a run tells: a closed union of frozen events, and the one method that takes them."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import msgspec

from hiera.errors import Problem
from runner.store.records import Outcome, Run


class RunStarted(msgspec.Struct, frozen=True, tag="run-started"):
    """A run has a target. ``total`` is the number of resources, leaving ones included."""

    command: str
    revision: str
    environment: str
    node: str
    trust: str
    noop: bool
    total: int
    root: str = "/"


class SourceEvent(msgspec.Struct, frozen=True, tag="source"):
    """Something about the repository: ``what`` is fetched, unreachable, refused, ahead, held, pinned or the like."""

    what: str
    message: str
    revision: str = ""


class Told(msgspec.Struct, frozen=True, tag="problem"):
    """A problem or warning that does not end the run."""

    problem: Problem


class ResourceDone(msgspec.Struct, frozen=True, tag="resource"):
    """A resource was decided. ``diff`` is for people and never holds a secret.

    ``grade`` is what a plan thinks of it: ``certain``, ``assumed`` or ``unknowable``; empty in a real run. ``undo`` is
    the undo class of its type. ``announcement`` is what a notify resource has to say.
    """

    outcome: Outcome
    ref: str
    diff: str | None = None
    grade: str = ""
    undo: str = ""
    announcement: str | None = None


class RunConcluded(msgspec.Struct, frozen=True, tag="run-concluded"):
    """The run ended; ``run.id`` is 0 when it was not recorded (noop of a plan)."""

    run: Run
    owed: int = 0
    pending_prunes: int = 0


Event: TypeAlias = RunStarted | SourceEvent | Told | ResourceDone | RunConcluded


class Reporter(Protocol):
    """Takes the events of a run in order, in one thread."""

    def on(self, event: Event) -> None:
        """Tell ``event``."""


class Silent:
    """Tells nobody."""

    def on(self, event: Event) -> None:
        """See :class:`Reporter`."""
