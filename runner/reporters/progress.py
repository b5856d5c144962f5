"""A run as the status line of its unit: ``systemctl status`` shows what it is doing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from runner.reporters import wording
from runner.reporters.base import Event, Reporter, ResourceDone, RunConcluded, RunStarted, SourceEvent
from runner.systemd.notify import Notifier

_PACE: Final = 0.5  # seconds between two status lines while resources are decided


class Progress:
    """Tells ``reporter`` everything, and the service manager how far the run is."""

    def __init__(self, reporter: Reporter, notifier: Notifier, clock: Callable[[], float] = time.monotonic) -> None:
        self._reporter = reporter
        self._notifier = notifier
        self._clock = clock
        self._name = "run"
        self._total = self._done = 0
        self._told = float("-inf")
        notifier.send(READY=1, STATUS="beginning")

    def on(self, event: Event) -> None:
        """See :class:`runner.reporters.base.Reporter`."""
        self._reporter.on(event)
        match event:
            case RunStarted():
                self._name, self._total = f"{event.command} of {wording.short(event.revision)}", event.total
                self._notifier.send(STATUS=f"{self._name}: {self._total} resources")
            case SourceEvent():
                self._notifier.send(STATUS=f"{event.what}: {event.message}")
            case ResourceDone():
                self._advance()
            case RunConcluded():
                self._notifier.send(STATUS=wording.summary(event.run))
            case _:
                pass

    def _advance(self) -> None:
        self._done += 1
        now = self._clock()
        if now - self._told >= _PACE:
            self._told = now
            self._notifier.send(STATUS=f"{self._name}: {self._done} of {self._total} resources")
