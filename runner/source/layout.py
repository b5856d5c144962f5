"""What an exported tree will look like: entries checked, links resolved to copies, everything else refused by path."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping
from typing import Final

import msgspec

from hiera.errors import DataError, Location, TrustError
from runner.source.mirror import Mirror

MOST_ENTRIES: Final = 200_000
MOST_BYTES: Final = 2 * 1024 * 1024 * 1024
_MOST_HOPS: Final = 40
_DOT_GIT: Final = re.compile(r"\.git|git~[0-9]+", re.IGNORECASE)
_IGNORED: Final = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")  # what HFS+ leaves out of names

REASONS: Final = {
    "escaping-link": "is a symbolic link that leads out of the control repository",
    "dangling-link": "is a symbolic link to something that is not in the control repository",
    "link-loop": "is a symbolic link that leads back to itself or to a directory it lies in",
    "submodule": "is a submodule, which Freehold does not fetch",
}


class Entry(msgspec.Struct, frozen=True):
    """One entry of a git tree: its mode (``100644``, ``100755``, ``120000``, ``160000``, ``040000``), id and size."""

    mode: str
    oid: str
    size: int = 0


class Layout(msgspec.Struct):
    """Directories and files to be written, and the paths that are refused with their codes."""

    directories: list[str] = msgspec.field(default_factory=list)
    files: dict[str, Entry] = msgspec.field(default_factory=dict)
    refused: dict[str, str] = msgspec.field(default_factory=dict)


def read_entries(mirror: Mirror, tree: str) -> dict[str, Entry]:
    """Return every entry of ``tree`` by path.

    Raises ``DataError`` (``entry-name``) and ``TrustError`` (``tree-size``).
    """
    result = mirror.git.run("ls-tree", "-r", "-t", "-z", "-l", "--full-tree", tree)
    if result.code != 0:
        raise TrustError.of("mirror-damaged", f"the mirror cannot list the tree {tree[:12]}: {result.err[:200]}")
    entries: dict[str, Entry] = {}
    for row in result.out.split(b"\0"):
        if row:
            meta, _, name = row.partition(b"\t")
            mode, _, oid, size = meta.decode("ascii").split()
            entries[_checked(name)] = Entry(mode, oid, 0 if size == "-" else int(size))
    if len(entries) > MOST_ENTRIES:
        raise TrustError.of("tree-size", f"the tree {tree[:12]} has more than {MOST_ENTRIES} entries")
    return entries


def _checked(raw: bytes) -> str:
    """Return the path ``raw`` if every part of it may be a name on disk. Raises ``DataError`` (``entry-name``)."""
    try:
        path = raw.decode("utf-8")
    except UnicodeDecodeError:
        name = ascii(os.fsdecode(raw))[1:-1]
        raise DataError.of("entry-name", f"the name '{name}' in the repository is not UTF-8", Location(name)) from None
    for part in path.split("/"):
        plain = _IGNORED.sub("", part).rstrip(" .")
        if part in {"", ".", ".."} or _DOT_GIT.fullmatch(plain) or len(part.encode()) > 255 or "\0" in part:
            raise DataError.of(
                "entry-name",
                f"the name {path!a:.200} in the repository may not be used",
                Location(ascii(path)[1:-1][:200]),
            )
    if len(raw) > 3000:
        raise DataError.of(
            "entry-name", f"the path {path!a:.80} in the repository is too long", Location(ascii(path)[1:-1][:200])
        )
    return path


def lay_out(entries: Mapping[str, Entry], links: Mapping[str, str]) -> Layout:
    """Return the layout of ``entries``; ``links`` holds the target of each symbolic link by path.

    Raises ``TrustError`` (``tree-size``) if links multiply the tree beyond its bounds.
    """
    return _Planner(entries, links).run()


class _Planner:
    """Walks a tree once, following links to what they stand for."""

    def __init__(self, entries: Mapping[str, Entry], links: Mapping[str, str]) -> None:
        self._entries = entries
        self._links = links
        self._layout = Layout()
        self._bytes = 0
        self._children: dict[str, list[str]] = {}
        for path in entries if links else ():
            self._children.setdefault(posixpath.dirname(path), []).append(path)

    def run(self) -> Layout:
        """Return the finished layout."""
        for path in self._entries:
            self._place(path, path, ())
        return self._layout

    def _place(self, path: str, source: str, stack: tuple[str, ...]) -> None:
        """Put what stands at ``source`` to ``path``; ``stack`` holds the directories being copied around it."""
        entry = self._entries[source]
        layout = self._layout
        if entry.mode == "120000":
            self._follow(path, source, stack)
        elif entry.mode == "160000":
            layout.refused[path] = "submodule"
        elif entry.mode == "040000":
            layout.directories.append(path)
        else:
            layout.files[path] = entry
            self._bytes += entry.size
        if len(layout.files) + len(layout.directories) > MOST_ENTRIES or self._bytes > MOST_BYTES:
            raise TrustError.of("tree-size", "the tree is larger than Freehold exports, links counted as copies")

    def _follow(self, path: str, source: str, stack: tuple[str, ...]) -> None:
        """Put a copy of what the link ``source`` stands for to ``path``, or refuse it."""
        target, code = self._resolve(source)
        if not code and (target == "" or any(inner == target or inner.startswith(f"{target}/") for inner in stack)):
            code = "link-loop"
        if not code and source.startswith(f"{target}/"):
            code = "link-loop"
        if code:
            self._layout.refused[path] = code
            return
        self._place(path, target, stack)
        if self._entries[target].mode == "040000":
            self._copy(path, target, (*stack, target))

    def _copy(self, path: str, directory: str, stack: tuple[str, ...]) -> None:
        """Put everything below ``directory`` below ``path``."""
        for child in self._children.get(directory, ()):
            place = f"{path}/{posixpath.basename(child)}"
            self._place(place, child, stack)
            if self._entries[child].mode == "040000":
                self._copy(place, child, stack)

    def _resolve(self, link: str) -> tuple[str, str]:
        """Return the path ``link`` stands for, no link itself, and ""; or anything and the code of the refusal."""
        done: list[str] = posixpath.dirname(link).split("/") if "/" in link else []
        todo = self._links[link].split("/")[::-1]
        if self._links[link].startswith("/"):
            return "", "escaping-link"
        hops = 1
        while todo:
            part = todo.pop()
            if part in {"", "."}:
                continue
            if part == "..":
                if not done:
                    return "", "escaping-link"
                done.pop()
                continue
            here = "/".join([*done, part])
            if here not in self._links:
                if here not in self._entries or (todo and self._entries[here].mode != "040000"):
                    return here, "submodule" if self._inside_submodule(here) else "dangling-link"
                done.append(part)
                continue
            hops += 1
            if hops > _MOST_HOPS:
                return here, "link-loop"
            if self._links[here].startswith("/"):
                return here, "escaping-link"
            todo += self._links[here].split("/")[::-1]
        return "/".join(done), ""

    def _inside_submodule(self, path: str) -> bool:
        """Say whether ``path`` is a submodule or would lie in one."""
        while path:
            entry = self._entries.get(path)
            if entry is not None:
                return entry.mode == "160000"
            path = posixpath.dirname(path)
        return False
