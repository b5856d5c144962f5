"""Touching a real machine, or a directory tree that stands for one."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from manifests.catalog import Digester
from runner.system import commands, publish
from runner.system.base import Completed, MachineError
from runner.system.libc import syncfs
from runner.system.look import LocalProbe, plain, refusal

__all__ = ["LocalProbe", "LocalSystem"]

_OPEN_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class LocalSystem(LocalProbe):
    """Looks and touches; ``content`` finds the bytes behind a digest. See :class:`runner.system.base.System`.

    Each touching method opens the directory anew, inside the root, and works relative to it: what somebody else
    renames meanwhile cannot lead it astray.
    """

    def __init__(
        self,
        root: str = "/",
        digester: Digester = plain,
        *,
        content: Callable[[str], bytes | None],
        protected: Iterable[str] = (),
        baking: bool = False,
    ) -> None:
        super().__init__(root, digester, protected=protected, baking=baking)
        self._content = content
        self._held: dict[str, bytes] = {}
        self._staged: dict[str, tuple[str, publish.Temporary]] = {}
        self._unsynced: dict[int, str] = {}
        self._lock = threading.Lock()

    def content(self, digest: str) -> bytes:
        """See ``System``."""
        found = self._held.get(digest)
        if found is None:
            found = self._content(digest)
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

    @contextmanager
    def _place(self, action: str, path: str) -> Iterator[tuple[int, str]]:
        """Give the directory of ``path`` and its name there, to touch it. Raises ``MachineError``."""
        for place in self.protected:
            if path == place or path.startswith(place + "/"):
                raise MachineError(f"cannot {action} '{path}': it belongs to Freehold itself")
        with refusal(action, path), self._root.parent(path) as (directory, name):
            yield directory, name
            device = os.fstat(directory).st_dev
            with self._lock:
                self._unsynced.setdefault(device, os.path.dirname(path))

    def staging_directory(self, path: str) -> str:
        """Return the directory in which the temporary file for ``path`` will stand, to be recorded beforehand."""
        return os.path.dirname(path)

    def stage(self, path: str, digest: str) -> str:
        """See ``System``."""
        with self._lock:
            known = self._staged.get(path)
        if known is None or known[0] != digest:
            self.unstage(path)
            data = self.content(digest)
            with self._place("write", path) as (directory, _):
                known = (digest, publish.create(directory, data))
            with self._lock:
                self._staged[path] = known
        return os.path.join(self.staging_directory(path), known[1].name)

    def unstage(self, path: str) -> None:
        """See ``System``."""
        with self._lock:
            known = self._staged.pop(path, None)
        if known is not None:
            self._discard(path, known[1])

    def _discard(self, path: str, temporary: publish.Temporary) -> None:
        """Remove a temporary file beside ``path``; it may be gone with its directory."""
        with suppress(OSError), self._root.parent(path) as (directory, _):
            os.unlink(temporary.name, dir_fd=directory)

    def sweep(self, directories: Iterable[str]) -> int:
        """Remove the temporary files that a dead run left in ``directories``; return how many."""
        with self._lock:
            waiting = {temporary.name for _, temporary in self._staged.values()}
        count = 0
        for directory in directories:
            for name in self.listdir(directory):
                path = os.path.join(directory, name)
                found = self.lstat(path) if publish.TEMPORARY.fullmatch(name) and name not in waiting else None
                if found is not None and found.kind in {"file", "link"}:
                    self.remove(path)
                    count += 1
        return count

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
        self.stage(path, digest)
        self._held.pop(digest, None)
        with self._lock:
            _, temporary = self._staged.pop(path)
        try:
            with self._place("write", path) as (directory, name):
                publish.publish(directory, temporary, name, publish.Owner(mode, uid, gid))
        except MachineError:
            self._discard(path, temporary)
            raise

    def mkdir(self, path: str, *, mode: int = 0o755, uid: int | None = None, gid: int | None = None) -> None:
        """See ``System``."""
        with self._place("make the directory", path) as (directory, name):
            os.mkdir(name, 0o700, dir_fd=directory)
            descriptor = os.open(name, _OPEN_DIRECTORY, dir_fd=directory)
            try:
                if uid is not None or gid is not None:
                    os.fchown(descriptor, _or_same(uid), _or_same(gid))
                os.fchmod(descriptor, mode)
            finally:
                os.close(descriptor)

    def symlink(self, path: str, target: str, *, uid: int | None = None, gid: int | None = None) -> None:
        """See ``System``."""
        with self._place("make the link", path) as (directory, name):
            temporary = publish.new_name()
            os.symlink(target, temporary, dir_fd=directory)
            try:
                if uid is not None or gid is not None:
                    os.chown(temporary, _or_same(uid), _or_same(gid), dir_fd=directory, follow_symlinks=False)
                os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
            except OSError:
                os.unlink(temporary, dir_fd=directory)
                raise

    def chmod(self, path: str, mode: int) -> None:
        """See ``System``."""
        with self._place("set the mode of", path) as (directory, name):
            descriptor = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
            try:
                if stat.S_ISLNK(os.fstat(descriptor).st_mode):
                    raise MachineError(f"cannot set the mode of '{path}': a link has none")
                os.chmod(f"/proc/self/fd/{descriptor}", mode)
            finally:
                os.close(descriptor)

    def chown(self, path: str, uid: int | None, gid: int | None) -> None:
        """See ``System``."""
        with self._place("set the owner of", path) as (directory, name):
            os.chown(name, _or_same(uid), _or_same(gid), dir_fd=directory, follow_symlinks=False)

    def remove(self, path: str) -> None:
        """See ``System``."""
        if self.lstat(path) is None:
            return
        with self._place("remove", path) as (directory, name), suppress(FileNotFoundError):
            if stat.S_ISDIR(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
                os.rmdir(name, dir_fd=directory)
            else:
                os.unlink(name, dir_fd=directory)

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
        """See ``System``."""
        identity = self._identity(argv, user, group)
        call = self._call(argv, env, cwd, identity)
        done = commands.run(
            call.argv,
            env=call.env,
            stdin=stdin,
            cwd=call.cwd,
            identity=call.identity,
            umask=umask,
            timeout=timeout,
            outlives=outlives,
        )
        if done.timed_out:
            raise MachineError(f"'{argv[0]}' did not end within {timeout:g} seconds")
        if ok is not None and done.code not in ok:
            raise MachineError(f"'{argv[0]}' ended with exit status {done.code}{last_words(done)}")
        return done

    def invalidate(self, *keys: str) -> None:
        """See ``System``."""
        self._cache.forget(*keys)

    def flush(self) -> None:
        """See ``System``."""
        with self._lock:
            touched, self._unsynced = list(self._unsynced.values()), {}
        for directory in touched:
            try:
                descriptor = self._root.open(directory, os.O_RDONLY | os.O_DIRECTORY)
            except OSError:  # the directory has gone since, or may not be read
                os.sync()
                continue
            try:
                with refusal("flush", directory):
                    syncfs(descriptor)
            finally:
                os.close(descriptor)


def last_words(done: Completed) -> str:
    """Return ``: `` and the last line a failed command wrote, or ""."""
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return f": {lines[-1].strip()[:300]}" if lines else ""


def _or_same(number: int | None) -> int:
    """Return ``number``, or the -1 that leaves an owner alone."""
    return -1 if number is None else number
