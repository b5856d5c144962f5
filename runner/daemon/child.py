"""One run as a process of its own: the same code and the same configuration as the timer's."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

CANNOT_START: Final = 70
_GRACE: Final = 5.0  # seconds between SIGTERM and SIGKILL


@dataclass(frozen=True, slots=True)
class Past:
    """A run that ended: times in seconds since the epoch; ``exit_code`` is negative for a signal."""

    exit_code: int
    began: float
    ended: float


class Child:
    """Starts runs, one at a time, and can end the one that is going on."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._argv = list(argv)
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._starting = threading.Lock()  # whoever stops waits until a run that begins can be stopped
        self.since: float | None = None
        """When the run that is going on began."""
        self.last: Past | None = None

    def run(self) -> Past | None:
        """Do one run to its end; None once :meth:`stop` was called."""
        if self._closed:
            return None
        began = self.since = time.time()
        code = self._once()
        self.since, self.last = None, Past(code, began, time.time())
        if os.getpid() == 1:
            _reap()
        return self.last

    def _once(self) -> int:
        try:
            # In a session of its own: what a terminal sends to the group of the daemon is not meant for it.
            with self._starting:
                if self._closed:
                    return CANNOT_START
                process = self._process = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, start_new_session=True)
        except OSError:
            return CANNOT_START
        return process.wait()

    def stop(self, deadline: float) -> bool:
        """Begin no more runs; after ``deadline`` seconds end the one going on. Return whether it ended by itself.

        A run may be killed at any moment; the next one goes on from there.
        """
        with self._starting:
            self._closed = True
            process = self._process
        if process is None or _ended(process, deadline):
            return True
        for number, patience in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, _GRACE)):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            if _ended(process, patience):
                break
        return False


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _reap() -> None:
    """Take leave of processes that were left to process 1, which the daemon of a container is."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
