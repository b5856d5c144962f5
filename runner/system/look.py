"""The probe of a real machine, or of a directory tree that stands for one."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TypeVar

from hiera.tree import digest_of
from manifests.catalog import Digester, KeyedDigester
from runner.system import accounts, commands
from runner.system.base import Completed, FileKind, MachineError, Stat
from runner.system.cache import Cache
from runner.system.paths import Root

T = TypeVar("T")

_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_PIECE: Final = 1 << 20
_KINDS: Final[Mapping[int, FileKind]] = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFBLK: "block",
    stat.S_IFCHR: "character",
}


@contextmanager
def refusal(action: str, path: str) -> Iterator[None]:
    """Turn an ``OSError`` into a ``MachineError`` that says what could not be done to which path."""
    try:
        yield
    except OSError as error:
        raise MachineError(f"cannot {action} '{path}': {error.strerror or error}") from None
    except ValueError:
        raise MachineError(f"cannot {action} '{path}': not a path") from None


def plain(data: bytes, *, secret: bool) -> str:  # noqa: ARG001  for whom no node keeps a key
    """Return the plain digest of ``data``."""
    return digest_of(data)


class LocalProbe:
    """Looks at the machine, or at the tree below ``root``.

    ``digester`` is that of the catalog. ``protected`` are directories of this machine; those outside of the root need
    no protection. See :class:`runner.system.base.Probe`.
    """

    def __init__(
        self,
        root: str = "/",
        digester: Digester = plain,
        *,
        protected: Iterable[str] = (),
    ) -> None:
        self._root = Root(root)
        self._digester = digester
        self._protected = tuple(_inside(self._root.path, protected))
        self._cache = Cache()

    @property
    def root(self) -> str:
        """See ``Probe``."""
        return self._root.path

    @property
    def privileged(self) -> bool:
        """See ``Probe``."""
        return os.geteuid() == 0

    @property
    def live(self) -> bool:
        """See ``Probe``."""
        return self._root.path == "/"

    @property
    def protected(self) -> tuple[str, ...]:
        """See ``Probe``."""
        return self._protected

    def lstat(self, path: str) -> Stat | None:
        """See ``Probe``."""
        try:
            found = self._root.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a path"
            raise MachineError(f"cannot look at '{path}': {reason}") from None
        return Stat(
            _KINDS[stat.S_IFMT(found.st_mode)],
            stat.S_IMODE(found.st_mode),
            found.st_uid,
            found.st_gid,
            found.st_size,
            found.st_mtime_ns,
            found.st_ino,
            found.st_dev,
            found.st_nlink,
        )

    def read(self, path: str, limit: int | None = None) -> bytes:
        """See ``Probe``."""
        with refusal("read", path), self._regular(path) as (descriptor, size):
            wanted = size + 1 if limit is None else limit
            first = os.read(descriptor, wanted)
            if limit is None and len(first) == size:
                return first
            return first + b"".join(_pieces(descriptor, None if limit is None else limit - len(first)))

    def digest_file(self, path: str) -> str:
        """See ``Probe``."""
        with refusal("read", path), self._regular(path) as (descriptor, size):
            if size < _PIECE:
                first = os.read(descriptor, size + 1)
                return self.digest(first if len(first) == size else first + b"".join(_pieces(descriptor)))
            if isinstance(self._digester, KeyedDigester):
                return self._digester.of_pieces(_pieces(descriptor))
            return self.digest(b"".join(_pieces(descriptor)))

    @contextmanager
    def _regular(self, path: str) -> Iterator[tuple[int, int]]:
        """Give a descriptor and the size of the regular file ``path``; anything else is not even opened."""
        if not stat.S_ISREG(self._root.lstat(path).st_mode):
            raise MachineError(f"cannot read '{path}': not a regular file")
        descriptor = self._root.open(path, _READ)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise MachineError(f"cannot read '{path}': not a regular file")
            yield descriptor, found.st_size
        finally:
            os.close(descriptor)

    def readlink(self, path: str) -> str:
        """See ``Probe``."""
        with refusal("read the link", path), self._root.parent(path) as (directory, name):
            return os.readlink(name, dir_fd=directory)

    def listdir(self, path: str) -> list[str]:
        """See ``Probe``."""
        try:
            descriptor = self._root.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise MachineError(f"cannot list '{path}': {error.strerror}") from None
        try:
            return sorted(os.listdir(descriptor))
        finally:
            os.close(descriptor)

    def digest(self, data: bytes) -> str:
        """See ``Probe``."""
        return self._digester(data, secret=False)

    def user_name(self, uid: int) -> str:
        """See ``Probe``."""
        return self._accounts().user_name(uid)

    def group_name(self, gid: int) -> str:
        """See ``Probe``."""
        return self._accounts().group_name(gid)

    def uid(self, name: str) -> int | None:
        """See ``Probe``."""
        return self._accounts().uid(name)

    def gid(self, name: str) -> int | None:
        """See ``Probe``."""
        return self._accounts().gid(name)

    def home(self, user: str) -> str | None:
        """See ``Probe``."""
        found = self._accounts().user(user)
        return found.home if found else None

    def _accounts(self) -> accounts.Accounts:
        """Return the accounts of the root."""
        return self.cached("accounts", self._load_accounts)

    def _load_accounts(self) -> accounts.Accounts:
        """Read the accounts of the root."""
        if self.live:
            return accounts.of_machine()
        texts = (
            self.read(path).decode(errors="replace") if self.lstat(path) else ""
            for path in ("/etc/passwd", "/etc/group")
        )
        return accounts.of_files(*texts)

    def which(self, command: str) -> str | None:
        """See ``Probe``."""
        return commands.which(command) if self.live else None

    def query(
        self,
        *argv: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        user: str | None = None,
        timeout: float | None = 60.0,
    ) -> Completed:
        """See ``Probe``."""
        identity = self._identity(argv, user, None)
        whole = commands.environment(identity, env)
        return commands.run(argv, env=whole, stdin=stdin, cwd=cwd, identity=identity, timeout=timeout)

    def _identity(self, argv: tuple[str, ...], user: str | None, group: str | None) -> commands.Identity:
        """Return whom a command shall run as. Raises ``MachineError`` for unknown names and outside of ``/``."""
        if not self.live:
            raise MachineError(f"'{argv[0]}' would run on this machine and not in '{self.root}'")
        found = self._accounts().user(user if user is not None else os.geteuid())
        if user is not None and found is None:
            raise MachineError(f"cannot run '{argv[0]}': there is no user '{user}'")
        home = found.home if found else "/"
        gid = self.gid(group) if group is not None else None
        if group is not None and gid is None:
            raise MachineError(f"cannot run '{argv[0]}': there is no group '{group}'")
        name = found.name if found else None
        if user is None or found is None or found.uid == os.geteuid():
            return commands.Identity(name, home, gid=gid)
        gid = found.gid if gid is None else gid
        groups = tuple(os.getgrouplist(found.name, gid))
        return commands.Identity(name, home, found.uid, gid, groups)

    def cached(self, key: str, load: Callable[[], T]) -> T:
        """See ``Probe``."""
        return self._cache.get(key, load)


def _inside(root: str, paths: Iterable[str]) -> Iterator[str]:
    """Yield those of this machine's ``paths`` that are inside ``root``, as they are called there."""
    for path in map(os.path.realpath, paths):
        if root == "/":
            yield path
        elif path.startswith(root + "/"):
            yield path[len(root) :]


def _pieces(descriptor: int, limit: int | None = None) -> Iterator[bytes]:
    """Yield what is left of a file, at most ``limit`` bytes."""
    left = limit
    while left is None or left > 0:
        piece = os.read(descriptor, _PIECE if left is None else min(left, _PIECE))
        if not piece:
            return
        left = None if left is None else left - len(piece)
        yield piece
