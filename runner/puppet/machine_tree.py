"""The whole machine as a tree, for modules that lie anywhere and may be links."""

from __future__ import annotations

import os
from collections.abc import Mapping

from hiera.errors import DataError, Location
from hiera.tree import expand_braces


class MachineTree:
    """Every file of this machine by its absolute path without the leading slash. Links are followed.

    ``stand_ins`` maps paths to other ones that are read in their place. What was looked for is remembered.
    """

    id = ""
    root = "/"

    def __init__(self, stand_ins: Mapping[str, str] | None = None) -> None:
        self._stand_ins = dict(stand_ins or {})
        self._names: dict[str, list[str]] = {}
        self._kinds: dict[str, str] = {}

    def _absolute(self, path: str) -> str:
        return "/" + self._stand_ins.get(path, path).lstrip("/")

    def read(self, path: str) -> bytes:
        """See :class:`hiera.tree.Tree`."""
        try:
            with open(self._absolute(path), "rb") as stream:
                return stream.read()
        except OSError as error:
            message = f"cannot read '{path}': {error.strerror}"
            raise DataError.of("missing-file", message, Location(path)) from None

    def is_file(self, path: str) -> bool:
        """See :class:`hiera.tree.Tree`."""
        return self._kind(path) == "file"

    def is_dir(self, path: str) -> bool:
        """See :class:`hiera.tree.Tree`."""
        return self._kind(path) == "directory"

    def _kind(self, path: str) -> str:
        """Return what stands at ``path``: file, directory or nothing."""
        known = self._kinds.get(path)
        if known is None:
            whole = self._absolute(path)
            known = "file" if os.path.isfile(whole) else "directory" if os.path.isdir(whole) else ""
            self._kinds[path] = known
        return known

    def names(self, path: str) -> list[str]:
        """See :class:`hiera.tree.Tree`."""
        known = self._names.get(path)
        if known is None:
            try:
                known = sorted(os.listdir(self._absolute(path)))
            except OSError:
                known = []
            self._names[path] = known
        return known

    def glob(self, pattern: str) -> list[str]:
        """See :class:`hiera.tree.Tree`."""
        import glob as globbing  # noqa: PLC0415  few hierarchies need it

        found: set[str] = set()
        for plain in expand_braces(pattern):
            found.update(globbing.glob(plain, root_dir="/", recursive=True))
        return sorted(path for path in found if self.is_file(path))

    def mode(self, path: str) -> int:
        """See :class:`hiera.tree.Tree`."""
        return 0o755 if os.stat(self._absolute(path)).st_mode & 0o100 else 0o644


def on_machine(path: str) -> str:
    """Return the path ``path`` of the tree as people write it: relative to the working directory where it is below."""
    whole = f"/{path}"
    if not os.path.exists(whole):
        return path
    here = os.getcwd().rstrip("/") + "/"
    return whole.removeprefix(here)


def in_tree(path: str) -> str:
    """Return ``path``, relative to the working directory or absolute, as a path of the tree."""
    return os.path.abspath(path).lstrip("/")
