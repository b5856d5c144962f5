"""A machine in memory: the same two protocols, for tests and for trying out a catalog without one."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from manifests.catalog import Digester
from runner.system.accounts import Accounts, of_files
from runner.system.base import Completed, FileKind, MachineError, Stat
from runner.system.cache import Cache
from runner.system.look import plain

T = TypeVar("T")

Answer = Completed | Callable[[tuple[str, ...], bytes | None], Completed]


@dataclass(slots=True)
class Node:
    """A file, directory, link or special file; ``data`` is content or the link's target."""

    kind: FileKind
    mode: int
    uid: int = 0
    gid: int = 0
    data: bytes = b""
    inode: int = 0
    entries: dict[str, Node] = field(default_factory=dict)


def _no(action: str, path: str, number: int) -> MachineError:
    """Return the error that a system call with this number would have led to."""
    return MachineError(f"cannot {action} '{path}': {os.strerror(number)}")


class FakeSystem:
    """Everything a real system does with files, and commands that answer as they were told to.

    ``commands`` maps an argv to its answer, or to a function of argv and stdin; one that is not listed cannot start.
    ``calls`` is the log of commands, ``touches`` of everything that changed a file. See
    :class:`runner.system.base.System`.
    """

    def __init__(
        self,
        content: Callable[[str], bytes | None] = lambda digest: None,  # noqa: ARG005  knows no content
        *,
        digester: Digester = plain,
        commands: Mapping[tuple[str, ...], Answer] | None = None,
        passwd: str = "root:x:0:0:root:/root:/bin/sh\n",  # noqa: S107  the file of that name
        group: str = "root:x:0:\n",
        live: bool = True,
        privileged: bool = True,
        baking: bool = False,
        protected: Iterable[str] = (),
    ) -> None:
        self.tree = Node("directory", 0o755)
        self.commands = dict(commands or {})
        self.calls: list[tuple[str, ...]] = []
        self.touches: list[tuple[str, str]] = []
        self.flushed = 0
        self._content, self._digester = content, digester
        self._passwd, self._group = passwd, group
        self._live, self._privileged, self._protected = live, privileged, tuple(protected)
        self._baking = baking
        self._cache = Cache()
        self._held: dict[str, bytes] = {}
        self._staged: dict[str, str] = {}
        self._inodes = 0

    @property
    def root(self) -> str:
        """See ``Probe``."""
        return "/"

    @property
    def privileged(self) -> bool:
        """See ``Probe``."""
        return self._privileged

    @property
    def live(self) -> bool:
        """See ``Probe``."""
        return self._live

    @property
    def baking(self) -> bool:
        """See ``Probe``."""
        return self._baking

    @property
    def protected(self) -> tuple[str, ...]:
        """See ``Probe``."""
        return self._protected

    # Looking

    def _find(self, path: str, *, follow: bool, budget: int = 40) -> Node | None:
        """Return the node at ``path``; links on the way are followed, the last one if ``follow``."""
        node, stack, parts = self.tree, [self.tree], [part for part in path.split("/") if part not in {"", "."}]
        for at, part in enumerate(parts):
            if part == "..":
                stack = stack[:-1] or [self.tree]
                node = stack[-1]
                continue
            found = node.entries.get(part)
            if found is None or (found.kind == "link" and (follow or at + 1 < len(parts))):
                if found is None or budget == 0:
                    return None
                here = "" if found.data.startswith(b"/") else "/".join(["", *parts[:at]])
                rest = [here, found.data.decode(), *parts[at + 1 :]]
                return self._find("/".join(rest), follow=follow, budget=budget - 1)
            node = found
            stack.append(node)
        return node

    def _parent(self, action: str, path: str) -> tuple[Node, str]:
        """Return the directory of ``path`` and its name there. Raises ``MachineError``."""
        if any(path == place or path.startswith(place + "/") for place in self._protected):
            raise MachineError(f"cannot {action} '{path}': it belongs to Freehold itself")
        directory, name = os.path.split(path)
        found = self._find(directory, follow=True)
        if found is None:
            raise _no(action, path, errno.ENOENT)
        if found.kind != "directory":
            raise _no(action, path, errno.ENOTDIR)
        return found, name

    def lstat(self, path: str) -> Stat | None:
        """See ``Probe``."""
        node = self._find(path, follow=False)
        if node is None:
            return None
        return Stat(node.kind, node.mode, node.uid, node.gid, len(node.data), node.inode, node.inode, 1, 1)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """See ``Probe``."""
        node = self._find(path, follow=False)
        if node is None:
            raise _no("read", path, errno.ENOENT)
        if node.kind != "file":
            raise MachineError(f"cannot read '{path}': not a regular file")
        return node.data[:limit]

    def readlink(self, path: str) -> str:
        """See ``Probe``."""
        node = self._find(path, follow=False)
        if node is None or node.kind != "link":
            raise _no("read the link", path, errno.ENOENT if node is None else errno.EINVAL)
        return node.data.decode()

    def listdir(self, path: str) -> list[str]:
        """See ``Probe``."""
        node = self._find(path, follow=True)
        return sorted(node.entries) if node else []

    def digest(self, data: bytes) -> str:
        """See ``Probe``."""
        return self._digester(data, secret=False)

    def digest_file(self, path: str) -> str:
        """See ``Probe``."""
        return self.digest(self.read(path))

    def _accounts(self) -> Accounts:
        """Return the accounts this machine was made with."""
        return self.cached("accounts", lambda: of_files(self._passwd, self._group))

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

    def which(self, command: str) -> str | None:
        """See ``Probe``. A command is there if any of its invocations has an answer."""
        known = {os.path.basename(argv[0]) for argv in self.commands}
        return f"/usr/bin/{os.path.basename(command)}" if os.path.basename(command) in known else None

    def query(
        self,
        *argv: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,  # noqa: ARG002
        cwd: str | None = None,  # noqa: ARG002
        user: str | None = None,  # noqa: ARG002
        timeout: float | None = 60.0,  # noqa: ARG002
    ) -> Completed:
        """See ``Probe``."""
        if not (self._live or self._baking):
            raise MachineError(f"'{argv[0]}' would run on this machine and not in '{self.root}'")
        self.calls.append(argv)
        answer = self.commands.get(argv)
        if answer is None:
            raise MachineError(f"cannot run '{argv[0]}': {os.strerror(errno.ENOENT)}")
        return answer(argv, stdin) if callable(answer) else answer

    def cached(self, key: str, load: Callable[[], T]) -> T:
        """See ``Probe``."""
        return self._cache.get(key, load)

    # Touching

    def content(self, digest: str) -> bytes:
        """See ``System``."""
        found = self._held.get(digest, self._content(digest))
        if found is None and digest == self.digest(b""):
            return b""
        if found is None:
            raise MachineError("the content is not to be had any more")
        return found

    def hold(self, data: bytes) -> str:
        """See ``System``."""
        digest = self.digest(data)
        self._held[digest] = data
        return digest

    def _put(self, action: str, path: str, node: Node) -> None:
        """Let ``node`` stand at ``path``."""
        directory, name = self._parent(action, path)
        old = directory.entries.get(name)
        if old is not None and old.kind == "directory":
            raise _no(action, path, errno.EISDIR if node.kind == "file" else errno.EEXIST)
        self._inodes += 1
        node.inode = self._inodes
        directory.entries[name] = node
        self.touches.append((action, path))

    def stage(self, path: str, digest: str) -> str:
        """See ``System``. The temporary file itself is left out; its path leads nowhere."""
        self.content(digest)
        self._parent("write", path)
        self._staged[path] = digest
        return os.path.join(os.path.dirname(path), ".freehold-" + "0" * 16)

    def unstage(self, path: str) -> None:
        """See ``System``."""
        self._staged.pop(path, None)

    def write(
        self,
        path: str,
        digest: str,
        *,
        mode: int | None = None,
        uid: int | None = None,
        gid: int | None = None,
    ) -> None:
        """See ``System``."""
        self._staged.pop(path, None)
        data = self.content(digest)
        self._held.pop(digest, None)
        old = self._find(path, follow=False)
        kept = old if old is not None and old.kind == "file" else Node("file", 0o644)
        self._put("write", path, Node("file", _or(mode, kept.mode), _or(uid, kept.uid), _or(gid, kept.gid), data))

    def mkdir(self, path: str, *, mode: int = 0o755, uid: int | None = None, gid: int | None = None) -> None:
        """See ``System``."""
        if self._find(path, follow=False) is not None:
            raise _no("make the directory", path, errno.EEXIST)
        self._put("make the directory", path, Node("directory", mode, _or(uid, 0), _or(gid, 0)))

    def symlink(self, path: str, target: str, *, uid: int | None = None, gid: int | None = None) -> None:
        """See ``System``."""
        self._put("make the link", path, Node("link", 0o777, _or(uid, 0), _or(gid, 0), target.encode()))

    def _existing(self, action: str, path: str) -> Node:
        """Return the node at ``path`` to be changed. Raises ``MachineError`` if there is none."""
        directory, name = self._parent(action, path)
        if name not in directory.entries:
            raise _no(action, path, errno.ENOENT)
        self.touches.append((action, path))
        return directory.entries[name]

    def chmod(self, path: str, mode: int) -> None:
        """See ``System``."""
        node = self._existing("set the mode of", path)
        if node.kind == "link":
            raise MachineError(f"cannot set the mode of '{path}': a link has none")
        node.mode = mode

    def chown(self, path: str, uid: int | None, gid: int | None) -> None:
        """See ``System``."""
        node = self._existing("set the owner of", path)
        node.uid, node.gid = _or(uid, node.uid), _or(gid, node.gid)

    def remove(self, path: str) -> None:
        """See ``System``."""
        node = self._find(path, follow=False)
        if node is None:
            return
        if node.entries:
            raise _no("remove", path, errno.ENOTEMPTY)
        directory, name = self._parent("remove", path)
        del directory.entries[name]
        self.touches.append(("remove", path))

    def run(
        self,
        *argv: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        user: str | None = None,
        group: str | None = None,  # noqa: ARG002
        umask: int | None = None,  # noqa: ARG002
        timeout: float | None = 300.0,
        ok: Sequence[int] | None = (0,),
        outlives: bool = False,  # noqa: ARG002
    ) -> Completed:
        """See ``System``."""
        done = self.query(*argv, stdin=stdin, env=env, cwd=cwd, user=user, timeout=timeout)
        if done.timed_out:
            raise MachineError(f"'{argv[0]}' did not end within {timeout:g} seconds")
        if ok is not None and done.code not in ok:
            raise MachineError(f"'{argv[0]}' ended with exit status {done.code}")
        return done

    def invalidate(self, *keys: str) -> None:
        """See ``System``."""
        self._cache.forget(*keys)

    def flush(self) -> None:
        """See ``System``. Memory is as durable as it gets."""
        self.flushed += 1


def _or(number: int | None, instead: int) -> int:
    """Return ``number``, or ``instead`` if there is none."""
    return instead if number is None else number
