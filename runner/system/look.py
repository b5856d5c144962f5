"""The probe of a real machine, or of a directory tree that stands for one."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TypeVar

from hiera.tree import digest_of
from manifests.catalog import Digester, KeyedDigester
from runner.system import accounts, commands, inside
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
    no protection. With ``baking`` the tree is an image, and commands run in it. See :class:`runner.system.base.Probe`.
    """

    def __init__(
        self,
        root: str = "/",
        digester: Digester = plain,
        *,
        protected: Iterable[str] = (),
        baking: bool = False,
    ) -> None:
        self._root = Root(root)
        self._baking = baking
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
    def baking(self) -> bool:
        """See ``Probe``."""
        return self._baking

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
        if self.live or not self._baking:
            return commands.which(command) if self.live else None
        candidates = [command] if "/" in command else [f"{path}/{command}" for path in commands.SEARCH_PATH.split(":")]
        return next((path for path in candidates if self._executable(path)), None)

    def _executable(self, path: str) -> bool:
        """Say whether ``path`` leads to a file of the root that may be run."""
        try:
            descriptor = self._root.open(path, os.O_PATH)
        except (OSError, ValueError):
            return False
        try:
            mode = os.fstat(descriptor).st_mode
        finally:
            os.close(descriptor)
        return stat.S_ISREG(mode) and bool(mode & 0o111)

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
        call = self._call(argv, env, cwd, identity)
        return commands.run(call.argv, env=call.env, stdin=stdin, cwd=call.cwd, identity=call.identity, timeout=timeout)

    def _call(
        self, argv: tuple[str, ...], env: Mapping[str, str] | None, cwd: str | None, identity: commands.Identity
    ) -> commands.Call:
        """Return how a command is called on this machine so that it runs in the root. Raises ``MachineError``."""
        whole = commands.environment(identity, env)
        if self.live:
            return commands.Call(argv, whole, cwd, identity)
        entering = inside.entering(self._root.path, argv, env=whole, cwd=cwd, identity=identity)
        return commands.Call(entering, inside.outer(), None, commands.Identity())

    def _identity(self, argv: tuple[str, ...], user: str | None, group: str | None) -> commands.Identity:
        """Return whom a command shall run as. Raises ``MachineError`` for unknown names, and where none may run."""
        if not (self.live or self._baking):
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
        groups = self._groups(found.name, gid)
        return commands.Identity(name, home, found.uid, gid, groups)

    def _groups(self, user: str, gid: int) -> tuple[int, ...]:
        """Return the numbers of all groups of ``user``, ``gid`` among them."""
        if self.live:
            return tuple(os.getgrouplist(user, gid))
        text = self.read("/etc/group").decode(errors="replace") if self.lstat("/etc/group") else ""
        return inside.groups_of(text, user, gid)

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
