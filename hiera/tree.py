"""Files of one revision, read by relative path: the only way the lower packages see files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Protocol

from hiera.errors import DataError, Location


class Tree(Protocol):
    """The files of a revision. Paths are relative, ``/``-separated and never leave the tree."""

    @property
    def id(self) -> str:
        """What names this tree's contents (a git tree id), or "" when they may change at any time."""

    def read(self, path: str) -> bytes:
        """Return the bytes of the file ``path``. Raises ``DataError`` (``missing-file``, ``path-escape``)."""

    def is_file(self, path: str) -> bool:
        """Say whether ``path`` is a regular file."""

    def is_dir(self, path: str) -> bool:
        """Say whether ``path`` is a directory."""

    def names(self, path: str) -> list[str]:
        """Return the sorted names in the directory ``path``; [] where there is none."""

    def glob(self, pattern: str) -> list[str]:
        """Return the files that match ``pattern`` (``*``, ``**``, ``?``, ``[x]``, ``{a,b}``), sorted.

        Those of each alternative in braces come together, in the order of the alternatives, as from Ruby's.
        """

    def mode(self, path: str) -> int:
        """Return the permission bits of ``path`` as the repository keeps them (0o644 or 0o755)."""


class DirectoryTree:
    """A tree kept in a directory: an exported revision, or uncommitted work."""

    def __init__(self, root: Path | str, tree_id: str = "") -> None:
        self.root = os.path.realpath(root)
        self._below = self.root.rstrip(os.sep) + os.sep
        self._id = tree_id

    @property
    def id(self) -> str:
        """See :class:`Tree`."""
        return self._id

    def _absolute(self, path: str) -> str:
        """Return ``path`` below the root, links resolved. Raises ``DataError`` if it leaves the tree."""
        whole = os.path.realpath(os.path.join(self.root, path))
        if whole != self.root and not whole.startswith(self._below):
            raise DataError.of("path-escape", f"'{path}' leads out of the control repository", Location(path))
        return whole

    def read(self, path: str) -> bytes:
        """See :class:`Tree`."""
        try:
            with open(self._absolute(path), "rb") as stream:
                return stream.read()
        except OSError as error:
            raise DataError.of("missing-file", f"cannot read '{path}': {error.strerror}", Location(path)) from None

    def is_file(self, path: str) -> bool:
        """See :class:`Tree`."""
        return os.path.isfile(self._absolute(path))

    def is_dir(self, path: str) -> bool:
        """See :class:`Tree`."""
        return os.path.isdir(self._absolute(path))

    def names(self, path: str) -> list[str]:
        """See :class:`Tree`."""
        try:
            return sorted(os.listdir(self._absolute(path)))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def glob(self, pattern: str) -> list[str]:
        """See :class:`Tree`."""
        import glob as globbing  # noqa: PLC0415  few hierarchies need it

        found: dict[str, None] = {}
        for plain in expand_braces(pattern):
            found |= dict.fromkeys(sorted(globbing.glob(plain, root_dir=self.root, recursive=True)))
        return [path for path in found if self.is_file(path)]

    def mode(self, path: str) -> int:
        """See :class:`Tree`."""
        return 0o755 if os.stat(self._absolute(path)).st_mode & 0o100 else 0o644


def expand_braces(pattern: str) -> list[str]:
    """Return the patterns that ``{a,b}`` groups in ``pattern`` stand for; nesting is understood."""
    start = pattern.find("{")
    if start < 0:
        return [pattern]
    depth, parts, piece = 0, [], start + 1
    for at in range(start, len(pattern)):
        char = pattern[at]
        if char == "{":
            depth += 1
        elif char == "," and depth == 1:
            parts.append(pattern[piece:at])
            piece = at + 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                parts.append(pattern[piece:at])
                tails = expand_braces(pattern[at + 1 :])
                return [
                    pattern[:start] + middle + tail
                    for part in parts
                    for middle in expand_braces(part)
                    for tail in tails
                ]
    return [pattern]


def text_of(tree: Tree, path: str) -> str:
    """Return the file ``path`` as text. Raises ``DataError`` (``encoding``) with the byte offset if not UTF-8."""
    data = tree.read(path)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        raise DataError.of(
            "encoding",
            f"'{path}' is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}",
            Location(path, line, column),
            hint="save the file as UTF-8",
        ) from None


def digest_of(data: bytes) -> str:
    """Return the plain digest of ``data``: ``sha256:`` and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
