"""Trees of revisions as read-only directories, named by the commit, made whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import posixpath
import shutil
import stat
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from hiera.errors import DataError, Location, TrustError
from hiera.tree import DirectoryTree
from runner.source.address import check_object
from runner.source.layout import REASONS, Layout, lay_out, read_entries
from runner.source.mirror import Mirror

_LONGEST_LINK: Final = 4096
_NEW: Final = ".new-"
_SEALED: Final = 0o555  # an exported tree is changed by nobody, us included


class Record(msgspec.Struct, frozen=True):
    """What is kept beside an exported directory: written last, so it says that the export is whole.

    Exports are not flushed to the disk, which may take seconds: one of an earlier boot, which a power cut may have
    ended, is made anew from the mirror.
    """

    tree: str
    files: int
    refused: dict[str, str] = msgspec.field(default_factory=dict)
    boot: str = ""


class ExportedTree(DirectoryTree):
    """An exported revision; what could not be exported is a located error to whoever reads it."""

    def __init__(self, root: str, record: Record, lock: int) -> None:
        super().__init__(root, record.tree)
        self._refused = record.refused
        weakref.finalize(self, os.close, lock)

    def _absolute(self, path: str) -> str:
        """Return ``path`` below the root. Raises ``DataError`` if it, or a directory above it, was not exported."""
        if self._refused:
            self._refuse(posixpath.normpath(path))
        return super()._absolute(path)

    def _refuse(self, path: str) -> None:
        """Raise ``DataError`` (``escaping-link``, ``submodule``, ...) if ``path`` lies at or below a refused one."""
        above = path
        while above and above not in {".", "/", ".."}:
            code = self._refused.get(above)
            if code is not None:
                raise DataError.of(
                    code,
                    f"'{above}' {REASONS[code]}",
                    Location(above),
                    hint="put a copy of what is needed into the repository",
                )
            above = posixpath.dirname(above)

    def glob(self, pattern: str) -> list[str]:
        """See :class:`hiera.tree.Tree`; refused links are among the answers, so that reading them is an error."""
        import glob as globbing  # noqa: PLC0415  few hierarchies need it

        from hiera.tree import expand_braces  # noqa: PLC0415  belongs to the line above

        found: dict[str, None] = {}
        for plain in expand_braces(pattern):
            found |= dict.fromkeys(sorted(globbing.glob(plain, root_dir=self.root, recursive=True)))
        return [path for path in found if self._counts(path)]

    def _counts(self, path: str) -> bool:
        """Say whether a path is among the answers of a glob: a file, or a refused link."""
        refused = self._refused.get(path)
        return self.is_file(path) if refused is None else refused != "submodule"


class Exports:
    """The exported trees of a node in ``directory`` (0700): ``SHA/`` and beside it ``SHA.json``.

    The last ``keep`` stay; one that any process still holds is never removed.
    """

    def __init__(self, directory: str | os.PathLike[str], mirror: Mirror, keep: int = 3) -> None:
        self._directory = os.path.abspath(directory)
        self._mirror = mirror
        self._keep = max(1, keep)

    def export(self, sha: str) -> DirectoryTree:
        """Return the tree of the commit ``sha``; an existing export is used as it is.

        Raises ``DataError`` (``entry-name``) and ``TrustError`` (``tree-size``, ``missing-commit``).
        """
        check_object(sha)
        return self._open(sha) or self._export(sha)

    def _export(self, sha: str) -> DirectoryTree:
        """Make the export under the lock of the directory, then remove what is no longer kept."""
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        with self._locked():
            self._clean()
            made = self._open(sha)  # another process may have been quicker
            if made is None:
                self._make(sha)
                made = self._open(sha)
            if made is None:
                raise TrustError.of("export-lost", f"the export of {sha[:12]} vanished while it was made")
            self._prune(sha)
            return made

    def _open(self, sha: str) -> DirectoryTree | None:
        """Return the finished export of ``sha`` held open, or None."""
        root = os.path.join(self._directory, sha)
        try:
            lock = os.open(f"{root}.json", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_SH)
            with open(lock, "rb", closefd=False) as stream:
                record = msgspec.json.decode(stream.read(), type=Record)
            whole = os.path.isdir(root) and os.fstat(lock).st_nlink > 0 and record.boot == _boot()
        except msgspec.MsgspecError:
            whole = False
        if not whole:
            os.close(lock)
            return None
        return ExportedTree(root, record, lock)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the directory for one process."""
        handle = os.open(os.path.join(self._directory, ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _make(self, sha: str) -> None:
        """Write the tree to a new directory, give it its name, then write the record."""
        tree = self._mirror.tree_id(sha)
        entries = read_entries(self._mirror, tree)
        layout = lay_out(entries, self._read_links({p: e.oid for p, e in entries.items() if e.mode == "120000"}))
        new = tempfile.mkdtemp(dir=self._directory, prefix=_NEW)
        try:
            self._write(new, layout)
            os.rename(new, self._emptied(sha))
        except BaseException:
            _remove(new)
            raise
        self._write_record(sha, Record(tree, len(layout.files), layout.refused, _boot()))

    def _emptied(self, sha: str) -> str:
        """Return the path for the export of ``sha``, with nothing there."""
        path = os.path.join(self._directory, sha)
        if os.path.lexists(path):
            _remove(path)
        return path

    def _read_links(self, ids: Mapping[str, str]) -> dict[str, str]:
        """Return the target of each link in ``ids``, by path; one that is no text leads nowhere."""
        if not ids:
            return {}
        found = self._mirror.objects(list(ids.values()))
        targets = [blob.data[:_LONGEST_LINK].decode("utf-8", "replace").replace("\0", "\ufffd") for blob in found]
        return dict(zip(ids, targets, strict=True))

    def _write(self, root: str, layout: Layout) -> None:
        """Write directories, files and placeholders below ``root`` and make them read-only."""
        for path in sorted(layout.directories):
            os.mkdir(os.path.join(root, path), 0o700)
        places: dict[str, list[str]] = {}
        for path, entry in layout.files.items():
            places.setdefault(entry.oid, []).append(path)
        for blob in self._mirror.objects(list(places)):
            if blob.kind != "blob":
                raise TrustError.of("mirror-damaged", f"the mirror has lost the object {blob.id}")
            for path in places[blob.id]:
                mode = 0o555 if layout.files[path].mode == "100755" else 0o444
                _write_file(os.path.join(root, path), blob.data, mode)
        for path in layout.refused:  # a link to itself: listed like any name, readable to nobody
            os.symlink(posixpath.basename(path), os.path.join(root, path))
        for path in sorted(layout.directories, reverse=True):
            os.chmod(os.path.join(root, path), _SEALED)
        os.chmod(root, _SEALED)

    def _write_record(self, sha: str, record: Record) -> None:
        """Put the record in its place, durable and whole."""
        handle, new = tempfile.mkstemp(dir=self._directory, prefix=_NEW)
        with open(handle, "wb") as stream:
            stream.write(msgspec.json.encode(record))
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(new, os.path.join(self._directory, f"{sha}.json"))

    def _clean(self) -> None:
        """Remove what a crash left half made: new directories, and those without a record."""
        names = set(os.listdir(self._directory))
        for name in names:
            half = len(name) in {40, 64} and f"{name}.json" not in names
            if half or name.startswith(_NEW):
                _remove(os.path.join(self._directory, name))
            elif name.endswith(".json") and name.removesuffix(".json") not in names:
                os.unlink(os.path.join(self._directory, name))

    def _prune(self, newest: str) -> None:
        """Remove the oldest exports beyond ``keep`` unless somebody holds them."""
        records = [entry for entry in os.scandir(self._directory) if entry.name.endswith(".json")]
        records.sort(key=lambda entry: (entry.name == f"{newest}.json", entry.stat().st_mtime_ns), reverse=True)
        for entry in records[self._keep :]:
            lock = os.open(entry.path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(entry.path)
                _remove(entry.path.removesuffix(".json"))
            except BlockingIOError:
                continue
            finally:
                os.close(lock)


def _write_file(path: str, data: bytes, mode: int) -> None:
    """Write a new file of the given mode, whatever the umask says."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fchmod(handle, mode)
    finally:
        os.close(handle)


def _boot() -> str:
    """Return what names this boot of the machine, or "" where nothing does."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as stream:
            return stream.read().strip()
    except OSError:
        return ""


def _remove(path: str) -> None:
    """Remove a read-only directory, or a file."""
    if stat.S_ISDIR(os.lstat(path).st_mode):
        os.chmod(path, 0o700)
        for folder, names, _ in os.walk(path):
            for name in names:
                inner = os.path.join(folder, name)
                if not os.path.islink(inner):
                    os.chmod(inner, 0o700)
        shutil.rmtree(path)
    else:
        os.unlink(path)
