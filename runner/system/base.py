"""Looking and touching are different types: ``Probe`` reads the machine, only a ``System`` can change it.

All paths are absolute paths *inside* the root directory of the run (``/etc/motd`` under ``--root DIR`` is
``DIR/etc/motd``); symbolic links on the way are resolved inside that root and never lead out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

T = TypeVar("T")

FileKind = Literal["file", "directory", "link", "fifo", "socket", "block", "character"]


@dataclass(frozen=True, slots=True)
class Stat:
    """What ``lstat`` says, in plain words. ``mode`` has the permission bits alone (0o7777); ``size`` in bytes."""

    kind: FileKind
    mode: int
    uid: int
    gid: int
    size: int
    mtime_ns: int
    inode: int
    device: int
    links: int


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that ended. ``code`` is its exit status, 128 + n after signal n; output is bounded text."""

    argv: tuple[str, ...]
    code: int
    stdout: str
    stderr: str
    timed_out: bool = False


class MachineError(Exception):
    """The machine said no: a system call failed, a command failed, a provider is not there.

    The engine turns it into a failed outcome. ``message`` is one line, which the last lines of a command's output may
    follow, and holds no secret.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Probe(Protocol):
    """Looks at the machine and changes nothing."""

    @property
    def root(self) -> str:
        """The root directory of the run, ``/`` or ``--root DIR``."""

    @property
    def privileged(self) -> bool:
        """Whether this process runs as root."""

    @property
    def live(self) -> bool:
        """Whether the root is the running machine itself, so that services and packages mean something."""

    @property
    def baking(self) -> bool:
        """Whether the root is an image in the making: commands run in it, and services are not started."""

    @property
    def protected(self) -> tuple[str, ...]:
        """Directories that no resource may touch, themselves and all below: Freehold's own state."""

    def lstat(self, path: str) -> Stat | None:
        """Return what is at ``path`` itself (a link is not followed), or None if nothing is."""

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return the bytes of the regular file ``path``, at most ``limit``. Raises ``MachineError``.

        Never blocks on a fifo or device: anything but a regular file is an error.
        """

    def readlink(self, path: str) -> str:
        """Return the target text of the link ``path``. Raises ``MachineError``."""

    def listdir(self, path: str) -> list[str]:
        """Return the sorted names in the directory ``path``; [] where there is none."""

    def digest(self, data: bytes) -> str:
        """Return the digest under which this node knows ``data``; the same as in the catalog's ContentRefs."""

    def digest_file(self, path: str) -> str:
        """Return ``digest`` of the file ``path`` without holding all of it in memory."""

    def user_name(self, uid: int) -> str:
        """Return the login name of ``uid`` in the root, or its decimal text."""

    def group_name(self, gid: int) -> str:
        """Return the group name of ``gid`` in the root, or its decimal text."""

    def uid(self, name: str) -> int | None:
        """Return the number of the user ``name`` (or of decimal text) in the root, None if unknown."""

    def gid(self, name: str) -> int | None:
        """Return the number of the group ``name`` (or of decimal text) in the root, None if unknown."""

    def home(self, user: str) -> str | None:
        """Return the home directory of the user ``user`` in the root, None if the user is unknown."""

    def which(self, command: str) -> str | None:
        """Return the absolute path of ``command`` on the fixed PATH of a run, or None."""

    def query(
        self,
        *argv: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        user: str | None = None,
        timeout: float | None = 60.0,
    ) -> Completed:
        """Run a command that promises to have no effect. ``timeout`` in seconds. Raises only if it cannot start.

        The environment is fixed (PATH, LC_ALL=C.UTF-8, HOME), ``env`` adds to it.
        """

    def cached(self, key: str, load: Callable[[], T]) -> T:
        """Return the bulk state ``key`` (``dpkg``, ``units``, ``accounts``), loaded once until invalidated."""


class System(Probe, Protocol):
    """Looks and touches. Whatever touches says which bulk state it makes stale."""

    def content(self, digest: str) -> bytes:
        """Return the bytes behind ``digest``: from the catalog's contents or a pre-image. Raises ``MachineError``."""

    def hold(self, data: bytes) -> str:
        """Let ``content`` know ``data`` until it has been written once; return its digest."""

    def stage(self, path: str, digest: str) -> str:
        """Write the temporary file that a following ``write`` of ``path`` with this digest will publish.

        Lets a wave of files share one flush to disk (SEMANTICS.md 21); not calling it first is allowed. Returns the
        temporary file's path, so that it can be validated; staging the same again does nothing.
        """

    def unstage(self, path: str) -> None:
        """Remove the temporary file that waits for ``write`` of ``path``, if there is one."""

    def write(
        self,
        path: str,
        digest: str,
        *,
        mode: int | None = None,
        uid: int | None = None,
        gid: int | None = None,
    ) -> None:
        """Put the content ``digest`` at ``path`` in one step (temporary file in the same directory, rename).

        What is not given keeps the value of the file replaced; a new file gets 0644 and the process's owner. Never
        through a link at ``path`` itself.
        """

    def mkdir(self, path: str, *, mode: int = 0o755, uid: int | None = None, gid: int | None = None) -> None:
        """Make the directory ``path``; its parent must exist."""

    def symlink(self, path: str, target: str, *, uid: int | None = None, gid: int | None = None) -> None:
        """Make or replace the link ``path`` so that it says ``target``, owner and group in the same step."""

    def chmod(self, path: str, mode: int) -> None:
        """Set the permission bits of ``path``; never follows a link."""

    def chown(self, path: str, uid: int | None, gid: int | None) -> None:
        """Set owner and group of ``path`` itself; None leaves one alone."""

    def remove(self, path: str) -> None:
        """Remove the file, link or empty directory ``path``; nothing there is fine."""

    def run(
        self,
        *argv: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        user: str | None = None,
        group: str | None = None,
        umask: int | None = None,
        timeout: float | None = 300.0,
        ok: Sequence[int] | None = (0,),
        outlives: bool = False,
    ) -> Completed:
        """Run a command. ``timeout`` in seconds, None waits for ever; the whole process group ends with it.

        One that ``outlives`` us goes on to its own end if this process is killed.
        Raises ``MachineError`` if it cannot start, times out, or its exit status is not in ``ok`` (None: any is).
        argv only, never a shell string of our own making; secrets go by ``stdin``.
        """

    def invalidate(self, *keys: str) -> None:
        """Forget the bulk states ``keys`` because something touched what they describe."""

    def flush(self) -> None:
        """Make everything written so far durable (one syncfs per file system touched)."""


class InUse(MachineError):  # noqa: N818  names the situation
    """A thing that should go is used by something that is not ours (a directory with other files in it)."""
