"""Running commands: a fixed environment, a deadline, bounded output, and no process left behind."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from runner.system.base import Completed, MachineError

SEARCH_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
OUTPUT_LIMIT: Final = 1 << 20  # bytes kept of each stream, the newest
_GRACE: Final = 2.0  # seconds between SIGTERM and SIGKILL
_PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a command runs as; None leaves the process's own."""

    name: str | None = None
    home: str = "/"
    uid: int | None = None
    gid: int | None = None
    groups: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A command as it is started: where and as whom, with its whole environment."""

    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: str | None
    identity: Identity


def environment(identity: Identity, more: Mapping[str, str] | None) -> dict[str, str]:
    """Return the whole environment of a command."""
    fixed = {"PATH": SEARCH_PATH, "LC_ALL": "C.UTF-8", "HOME": identity.home}
    if identity.name:
        fixed |= {"USER": identity.name, "LOGNAME": identity.name}
    return fixed | dict(more or {})


def which(command: str) -> str | None:
    """Return the absolute path of ``command`` on the fixed search path, or None."""
    if "/" in command:
        return command if os.path.isabs(command) and _executable(command) else None
    candidates = (f"{directory}/{command}" for directory in SEARCH_PATH.split(":"))
    return next((path for path in candidates if _executable(path)), None)


def _executable(path: str) -> bool:
    """Say whether ``path`` is a file that may be run."""
    return os.path.isfile(path) and os.access(path, os.X_OK)


def run(
    argv: tuple[str, ...],
    *,
    env: Mapping[str, str],
    stdin: bytes | None = None,
    cwd: str | None = None,
    identity: Identity | None = None,
    umask: int | None = None,
    timeout: float | None = None,
    outlives: bool = False,
) -> Completed:
    """Run ``argv`` to its end or to ``timeout`` seconds. Raises ``MachineError`` if it cannot start.

    It leads a session and process group of its own; what is left of the group when it ends is killed. One that
    ``outlives`` us is not ended when we are: it writes to files, where a pipe that nobody reads would kill it.
    """
    who = identity or Identity()
    kept = _Files() if outlives else None
    try:
        process = subprocess.Popen(
            argv, env=dict(env), cwd=cwd or "/", start_new_session=True, umask=-1 if umask is None else umask,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=kept.stdout if kept else subprocess.PIPE, stderr=kept.stderr if kept else subprocess.PIPE,
            user=who.uid, group=who.gid, extra_groups=who.groups, bufsize=0,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        if kept:
            kept.texts()
        reason = getattr(error, "strerror", None) or "it cannot be run like that"
        place = f" in '{cwd}'" if cwd else ""
        raise MachineError(f"cannot run '{argv[0]}'{place}: {reason}") from None
    with process:
        return _Conversation(process, argv, stdin or b"", timeout, kept).hold()


class _Files:
    """What a command that may outlive us writes: files in memory, without a name."""

    def __init__(self) -> None:
        self.stdout = os.memfd_create("stdout")
        self.stderr = os.memfd_create("stderr")

    def texts(self) -> tuple[str, str]:
        """Return the newest of both and let go of them."""
        return self._text(self.stdout), self._text(self.stderr)

    @staticmethod
    def _text(descriptor: int) -> str:
        with open(descriptor, "rb") as stream:
            stream.seek(max(0, os.fstat(descriptor).st_size - OUTPUT_LIMIT))
            return stream.read().decode(errors="replace")


class _Conversation:
    """Feeds one process, listens to it, and ends it."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        argv: tuple[str, ...],
        stdin: bytes,
        timeout: float | None,
        kept: _Files | None,
    ) -> None:
        self.kept = kept
        self.process, self.argv, self.left = process, argv, memoryview(stdin)
        self.deadline = None if timeout is None else time.monotonic() + timeout
        self.timed_out = False
        self.watched = os.pidfd_open(process.pid)
        self.pipe = process.stdin.fileno() if process.stdin else -1
        self.heard = {stream.fileno(): bytearray() for stream in (process.stdout, process.stderr) if stream}

    def hold(self) -> Completed:
        """Talk until the process ends, then kill what is left of its group."""
        ended = False
        try:
            with selectors.DefaultSelector() as selector:
                self._register(selector)
                while not ended:
                    ended = self._turn(selector)
        finally:
            if ended or self.kept is None:
                self._kill(signal.SIGKILL)  # before the leader is reaped, so that the group's number is still its own
            os.close(self.watched)
            self.process.wait()
        code = self.process.returncode
        stdout, stderr = self.kept.texts() if self.kept else [self._rest(stream) for stream in self.heard]
        return Completed(self.argv, code if code >= 0 else 128 - code, stdout, stderr, self.timed_out)

    def _register(self, selector: selectors.BaseSelector) -> None:
        """Watch the process and every pipe to and from it."""
        selector.register(self.watched, selectors.EVENT_READ)
        for stream in self.heard:
            os.set_blocking(stream, False)
            selector.register(stream, selectors.EVENT_READ)
        if self.pipe >= 0:
            os.set_blocking(self.pipe, False)
            selector.register(self.pipe, selectors.EVENT_WRITE)

    def _turn(self, selector: selectors.BaseSelector) -> bool:
        """Wait for something to happen and deal with it; say whether the process has ended."""
        left = None if self.deadline is None else self.deadline - time.monotonic()
        if left is not None and left <= 0:
            self._overdue()
            left = _GRACE
        ready = {key.fd for key, _ in selector.select(left)}
        for stream in ready & self.heard.keys():
            if self._listen(stream) == 0:
                selector.unregister(stream)
        if self.pipe in ready and self._feed():
            selector.unregister(self.pipe)
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.pipe = -1
        return self.watched in ready

    def _overdue(self) -> None:
        """Ask the group to end, and two seconds later make it."""
        self._kill(signal.SIGKILL if self.timed_out else signal.SIGTERM)
        self.timed_out = True
        self.deadline = time.monotonic() + _GRACE

    def _kill(self, number: signal.Signals) -> None:
        """Send a signal to the whole group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def _feed(self) -> bool:
        """Write what the pipe takes; say whether that was all, or nobody reads it."""
        try:
            self.left = self.left[os.write(self.pipe, self.left[:_PIECE]) :]
        except BlockingIOError:
            return False
        except BrokenPipeError:
            return True
        return not self.left

    def _listen(self, stream: int) -> int:
        """Read a piece, keeping the newest of all; return its length, -1 if there is none yet."""
        try:
            piece = os.read(stream, _PIECE)
        except BlockingIOError:
            return -1
        kept = self.heard[stream]
        kept += piece
        if len(kept) > 2 * OUTPUT_LIMIT:
            del kept[:-OUTPUT_LIMIT]
        return len(piece)

    def _rest(self, stream: int) -> str:
        """Return all that was heard; what still stands in the pipe of an ended process belongs to it."""
        for _ in range(OUTPUT_LIMIT // _PIECE):  # bounded: a daemon that left the group may go on writing
            if self._listen(stream) <= 0:
                break
        return bytes(self.heard[stream][-OUTPUT_LIMIT:]).decode(errors="replace")
