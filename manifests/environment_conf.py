"""``environment.conf``: where an environment keeps its modules and its site manifest."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from hiera.errors import Location, Problem, did_you_mean
from hiera.tree import Tree, text_of

NAME: Final = "environment.conf"
_SETTING: Final = re.compile(r"\s*(\w+)\s*=\s*(.*?)\s*$")
_VARIABLE: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_IGNORED: Final = ("config_version", "environment_timeout", "environment_data_provider", "static_catalogs", "rich_data")
_KNOWN: Final = ("modulepath", "manifest", *_IGNORED)


@dataclass(frozen=True, slots=True)
class EnvironmentConf:
    """What an environment says of itself. ``manifest`` is a file or a directory of the tree, None for the usual place.

    ``modulepath`` holds directories of the tree, the first one winning.
    """

    modulepath: tuple[str, ...]
    manifest: str | None = None
    warnings: tuple[Problem, ...] = ()


def read_environment_conf(tree: Tree, directory: str, name: str, base: Sequence[str]) -> EnvironmentConf:
    """Return the settings of the environment ``name`` in ``directory``; ``base`` is what ``$basemodulepath`` means.

    Without the file, or without the setting, modules are looked for in ``modules`` and then in ``base``. Raises
    ``DataError`` for a file that is not UTF-8.
    """
    path = posixpath.join(directory, NAME)
    reader = _Reader(directory, name, tuple(base), path)
    if tree.is_file(path):
        for number, line in enumerate(text_of(tree, path).splitlines(), 1):
            reader.line(number, line)
    usual = (posixpath.join(directory, "modules"), *base)
    places = tuple(dict.fromkeys(usual if reader.modulepath is None else reader.modulepath))
    return EnvironmentConf(places, reader.manifest, tuple(reader.warnings))


class _Reader:
    """Takes the file line by line."""

    def __init__(self, directory: str, name: str, base: tuple[str, ...], path: str) -> None:
        self.modulepath: list[str] | None = None
        self.manifest: str | None = None
        self.warnings: list[Problem] = []
        self._directory = directory
        self._base = base
        self._path = path
        self._meanings = {"environment": name, "environmentpath": "/environments", "codedir": "", "confdir": ""}

    def line(self, number: int, text: str) -> None:
        """Take one line."""
        found = _SETTING.match(text)
        place = Location(self._path, number, 1)
        if found is None:
            if text.strip() and not text.lstrip().startswith(("#", ";", "[")):
                self._warn("bad-setting", "this line is no 'name = value' and is ignored", place)
            return
        name, value = found[1], found[2].strip("\"'")
        if name == "modulepath":
            self.modulepath = [path for item in value.split(":") for path in self._places(item.strip(), place)]
        elif name == "manifest":
            self.manifest = self._inside(value, place)
        elif name == "config_version":
            self._warn("ignored-setting", "'config_version' has no effect: a catalog carries its commit", place)
        elif name not in _KNOWN:
            self._warn("unknown-setting", f"there is no setting '{name}' here", place, did_you_mean(name, _KNOWN))

    def _places(self, item: str, place: Location) -> tuple[str, ...]:
        """Return the directories that one part of a modulepath means."""
        if item in ("$basemodulepath", "${basemodulepath}"):
            return self._base
        inside = self._inside(item, place) if item else None
        return () if inside is None else (inside,)

    def _inside(self, written: str, place: Location) -> str | None:
        """Return ``written`` as a path of the tree, None with a warning where it lies outside."""
        value = _VARIABLE.sub(lambda found: self._meanings.get(found[1] or found[2], found[0]), written)
        rooted = written.startswith("$") and value.startswith("/")
        path = posixpath.normpath(value.lstrip("/") if rooted else posixpath.join("/", self._directory, value))
        if "$" in value or (value.startswith("/") and not rooted) or _climbs(self._directory, value):
            message = f"'{written}' lies outside the control repository and is ignored"
            self._warn("path-escape", message, place, "keep every module in the repository")
            return None
        return path.lstrip("/")

    def _warn(self, code: str, message: str, place: Location, hint: str | None = None) -> None:
        severity: Literal["warning"] = "warning"
        self.warnings.append(Problem(code, message, place, hint, severity=severity))


def _climbs(directory: str, value: str) -> bool:
    """Say whether ``value`` below ``directory`` leads out of the tree."""
    path = posixpath.normpath(posixpath.join(directory, value))
    return path == ".." or path.startswith("../")
