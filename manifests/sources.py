"""Files and templates of modules: from the name in a manifest to the path in the tree."""

from __future__ import annotations

import posixpath

from hiera.errors import DataError, Location, did_you_mean
from hiera.tree import Tree
from manifests.environment import Environment

_PREFIX = "puppet:///modules/"


class Sources:
    """Finds what ``source`` and ``template`` name: ``nginx/a.conf`` is ``a.conf`` in a room of the module ``nginx``.

    A room is ``files`` or ``templates``. ``./a.conf`` is beside the manifest when a single one is applied.
    """

    def __init__(self, tree: Tree, environment: Environment, manifest: str | None = None) -> None:
        self._tree = tree
        self._environment = environment
        self._manifest = manifest
        self._known: dict[tuple[str, str], str] = {}

    def path(self, room: str, name: str, location: Location | None = None) -> str:
        """Return the path of ``name`` in the tree. Raises ``DataError`` (``missing-source``, ``missing-template``)."""
        known = self._known.get((room, name))
        if known is not None:
            return known
        path = self.candidate(room, name, location)
        if not (self._tree.is_file(path) or (room == "files" and self._tree.is_dir(path))):
            code, word = ("missing-source", "file") if room == "files" else ("missing-template", "template")
            raise DataError.of(code, f"there is no {word} '{path}'", location, hint=self._near(path))
        self._known[room, name] = path
        return path

    def candidate(self, room: str, name: str, location: Location | None = None) -> str:
        """Return the path that ``name`` means, whether it exists or not. Raises ``DataError`` (``bad-source``)."""
        plain = name.removeprefix(_PREFIX) if room == "files" else name
        if "://" in plain or plain.startswith("/"):
            raise DataError.of(
                "bad-source",
                f"'{name}' is not in the control repository",
                location,
                hint="write module/path, such as nginx/nginx.conf",
            )
        if plain.startswith("./") and self._manifest is not None:
            return self._inside(posixpath.dirname(self._manifest), plain[2:], name, location)
        module, _, rest = plain.partition("/")
        directory = self._environment.modules.get(module)
        if directory is None or not rest:
            hint = did_you_mean(module, self._environment.modules) or f"write module/path in the {room} of a module"
            raise DataError.of("missing-module", f"'{name}' names no module: '{module}'", location, hint=hint)
        return self._inside(f"{directory}/{room}", rest, name, location)

    def _inside(self, directory: str, rest: str, name: str, location: Location | None) -> str:
        """Return ``rest`` below ``directory``, refusing to climb out."""
        path = posixpath.normpath(posixpath.join(directory, rest))
        if path.startswith("../") or (directory and not path.startswith(directory + "/")):
            raise DataError.of("path-escape", f"'{name}' leads out of '{directory}'", location)
        return path

    def _near(self, path: str) -> str | None:
        """Return a hint with the name nearest to the last part of ``path``."""
        directory, _, last = path.rpartition("/")
        return did_you_mean(last, self._tree.names(directory))


def walk(tree: Tree, root: str) -> tuple[dict[str, str], list[str]]:
    """Return the files below ``root`` (relative path -> path in the tree) and the directories (relative)."""
    files: dict[str, str] = {}
    directories: list[str] = []
    waiting = [""]
    while waiting:
        relative = waiting.pop()
        for name in tree.names(f"{root}/{relative}" if relative else root):
            inner = f"{relative}/{name}" if relative else name
            if tree.is_dir(f"{root}/{inner}"):
                directories.append(inner)
                waiting.append(inner)
            else:
                files[inner] = f"{root}/{inner}"
    return dict(sorted(files.items())), sorted(directories)
