"""One run at a time: a kernel lock on a file in the state directory, which nobody else can reach."""

from __future__ import annotations

import fcntl
import os
import time
from types import TracebackType

import msgspec

from hiera.errors import LockedError, Problem


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock; ``since`` in seconds since the epoch."""

    pid: int
    command: str
    since: float


class Lock:
    """``flock`` on ``path``; ``wait`` seconds are spent trying. The kernel lets go when the process ends.

    Entering raises ``LockedError`` that names the holder and since when.
    """

    def __init__(self, path: str, command: str, wait: float = 0.0) -> None:
        self._path = path
        self._command = command
        self._wait = wait
        self._descriptor = -1
        self.waited = False

    def __enter__(self) -> Lock:
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + self._wait
        while not self._try():
            self.waited = True
            if time.monotonic() >= deadline:
                holder = _read(self._descriptor)
                os.close(self._descriptor)
                raise LockedError(_locked(holder))
            time.sleep(0.1)
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, msgspec.json.encode(Holder(os.getpid(), self._command, time.time())), 0)
        return self

    def _try(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def holder_of(path: str) -> Holder | None:
    """Return who holds the lock ``path`` now, or None. Does not take it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    finally:
        os.close(descriptor)
    return None


def _read(descriptor: int) -> Holder | None:
    try:
        return msgspec.json.decode(os.pread(descriptor, 4096, 0), type=Holder)
    except (msgspec.DecodeError, OSError):
        return None


def _locked(holder: Holder | None) -> Problem:
    if holder is None:
        return Problem("locked", "another run holds this node")
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(holder.since))
    return Problem("locked", f"process {holder.pid} ({holder.command}) holds this node since {since}")
