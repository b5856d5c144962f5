"""One layer of data: a hierarchy, and for a scope the files its levels mean."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import msgspec

from hiera.backends.own import Context, OwnBackend
from hiera.config import Config, Level
from hiera.digging import Key
from hiera.errors import DataError, Location, Problem
from hiera.files import Files
from hiera.interpolation import Interpolator
from hiera.ruby_text import ruby_text
from hiera.values import MISSING, Value, holds_secret
from hiera.yaml.data import DataFile

LOOKUP_OPTIONS: Final = "lookup_options"
"""The key whose value says how other keys are merged and converted; it is no key to ask for."""


class Place(msgspec.Struct, frozen=True):
    """A file that a level means in some scope: its path, how the hierarchy wrote it, whether it is there."""

    path: str
    original: str
    exists: bool


class Resolved(msgspec.Struct, frozen=True):
    """A level with the files it means."""

    level: Level
    places: tuple[Place, ...]


class Layer:
    """The data of an environment, or of one module, whose keys then all start with its name."""

    def __init__(
        self, name: str, config: Config, files: Files, module: str | None = None, *, environment: str = ""
    ) -> None:
        self.environment = environment
        self.name = name
        self.config = config
        self.module = module
        self._files = files
        self._resolved: dict[bool, tuple[dict[str, Value], tuple[Resolved, ...]]] = {}
        self._own: dict[str, DataFile] = {}
        self._contexts: dict[str, Context] = {}

    def levels(self, scope: Mapping[str, Value], *, default: bool = False) -> tuple[Resolved, ...]:
        """Return the levels as they are for ``scope``; ``default`` asks for the ``default_hierarchy``.

        They are worked out again only when one of the variables they used has changed.
        """
        known = self._resolved.get(default)
        if known is not None and self._unchanged(known[0], scope):
            return known[1]
        reads: dict[str, Value] = {}
        levels = self.config.default_levels if default else self.config.levels
        resolved = tuple(Resolved(level, tuple(self._places(level, scope, reads))) for level in levels)
        self._resolved[default] = (reads, resolved)
        return resolved

    def _unchanged(self, reads: Mapping[str, Value], scope: Mapping[str, Value]) -> bool:
        """Say whether the variables that were used are still the same."""
        interpolator = Interpolator(scope, None, None)
        return all(interpolator.variable(name) == value for name, value in reads.items())

    def _places(self, level: Level, scope: Mapping[str, Value], reads: dict[str, Value]) -> Iterator[Place]:
        """Yield the files that ``level`` means."""
        if level.kind in ("uri", "uris", ""):
            yield from self._addresses(level, scope, reads)
            return
        if level.kind == "mapped_paths":
            yield from self._mapped(level, scope, reads)
            return
        for pattern in level.patterns:
            if pattern.startswith("/"):
                yield self._outside(level, pattern)
                continue
            path = self._path(level, pattern, scope, reads)
            if path.startswith("/"):
                yield self._outside(level, path)
            elif level.kind in ("glob", "globs"):
                yield from (Place(found, pattern, exists=True) for found in self._files.matching(path))
            else:
                yield Place(path, pattern, self._files.exists(path))

    def _outside(self, level: Level, pattern: str) -> Place:
        """Return the place of an absolute path, as a fact that is not there makes it, too: no file, and a warning."""
        message = f"the path '{pattern}' lies outside the control repository and counts as a file that is not there"
        self._files.warn(Problem("path-outside", message, level.location, severity="warning"))
        return Place(pattern, pattern, exists=False)

    def _addresses(self, level: Level, scope: Mapping[str, Value], reads: dict[str, Value]) -> Iterator[Place]:
        """Yield the URIs of a level of a site's own back end, or the one place of a level that names none."""
        if not level.kind:
            yield Place("", "", exists=True)
        interpolator = Interpolator(scope, None, level.location, reads)
        for pattern in level.patterns:
            address = interpolator.value(pattern)
            if holds_secret(address):
                raise DataError.of("secret-in-path", f"the URI '{pattern}' holds a secret", level.location)
            yield Place(ruby_text(address), pattern, exists=True)

    def _mapped(self, level: Level, scope: Mapping[str, Value], reads: dict[str, Value]) -> Iterator[Place]:
        """Yield one file for each item of the variable that ``mapped_paths`` names."""
        variable, name, pattern = level.patterns
        items = Interpolator(scope, None, level.location, reads).variable(variable)
        for item in _items(items, variable, level.location):
            path = self._path(level, pattern, _Overlay(scope, name, item), {})
            if path.startswith("/"):
                yield self._outside(level, path)
            else:
                yield Place(path, pattern, self._files.exists(path))

    def _path(self, level: Level, pattern: str, scope: Mapping[str, Value], reads: dict[str, Value]) -> str:
        """Return the path of the tree that ``pattern`` means. Raises ``DataError`` (``path-escape``)."""
        interpolator = Interpolator(scope, None, level.location, reads)
        texts = [interpolator.value(level.datadir), interpolator.value(pattern)]
        if holds_secret(texts):
            raise DataError.of("secret-in-path", f"the path '{pattern}' holds a secret", level.location)
        path = posixpath.normpath(posixpath.join(*(ruby_text(text) for text in texts)))
        if not path.isprintable():
            message = f"the path '{pattern}' holds a control character"
            raise DataError.of("path-character", message, level.location)
        if path.startswith(".."):
            message = f"the path '{pattern}' leads out of the control repository"
            raise DataError(Problem("path-escape", message, level.location))
        return path

    def data(self, place: Place, level: Level) -> DataFile:
        """Return the data of a file; in a module only keys that start with its name count. Raises ``DataError``."""
        if isinstance(level.backend, OwnBackend):
            raise TypeError("a back end of the repository is asked, not loaded; this is a bug in Freehold")
        loaded = self._files.load(place.path, level.backend)
        if self.module is None:
            return loaded
        own = self._own.get(place.path)
        if own is None:
            own = self._own[place.path] = self._of_module(place.path, loaded)
        return own

    def asked(self, place: Place, level: Level, key: Key, interpolate: Callable[[Value], Value]) -> Value:
        """Return what a site's own back end has for the root of ``key``, or ``MISSING``. Raises ``DataError``."""
        backend = level.backend
        if not isinstance(backend, OwnBackend) or (self.module is not None and key.module != self.module):
            return MISSING
        context = self._contexts.setdefault(level.name, self._files.own.context(self.environment, self.module))
        options = {name: interpolate(value) for name, value in level.options}
        if level.kind:
            options["uri" if level.kind in ("uri", "uris") else "path"] = place.path

        def call(*arguments: Value) -> Value:
            function = self._files.own.function(backend)
            return context.called(function, arguments, interpolate, Location(backend.file))

        if backend.function == "lookup_key":
            return call(key.root, options)
        if backend.function == "data_hash":
            return self._hash_of(call(options), backend).get(key.root, MISSING)
        value = call([key.root, *key.segments], options)
        for segment in () if value is MISSING else reversed(key.segments):
            value = {segment: value}
        return value

    def _hash_of(self, value: Value, backend: OwnBackend) -> Mapping[str, Value]:
        """Return all data of a back end. Raises ``DataError`` (``backend-failed``)."""
        if value is MISSING or value is None:
            return {}
        if not isinstance(value, Mapping):
            message = f"the back end '{backend.name}' must return a mapping"
            raise DataError.of("backend-failed", message, Location(backend.file))
        return value

    def _of_module(self, path: str, loaded: DataFile) -> DataFile:
        """Return ``loaded`` without keys that are not the module's, each with a warning."""
        prefix = f"{self.module}::"
        own: dict[str, Value] = {}
        for key, value in loaded.value.items():
            if key == LOOKUP_OPTIONS or (isinstance(key, str) and key.startswith(prefix)):
                own[key] = value
                continue
            message = f"the key '{key}' is left out: data of the module '{self.module}' starts with '{prefix}'"
            place = loaded.keys.get(str(key), Location(path))
            self._files.warn(Problem("module-data-key", message, place, severity="warning"))
        return DataFile(own, loaded.keys, loaded.wrong)


def _items(value: Value, name: str, place: Location) -> list[Value]:
    """Return the items of the variable that ``mapped_paths`` names, a hash's as pairs. Raises ``DataError``."""
    if value is None or isinstance(value, str):
        return [value] if value else []
    if isinstance(value, Mapping):
        return [[key, value[key]] for key in value]
    if isinstance(value, list | tuple):
        return list(value)
    message = f"'mapped_paths' wants a text, an array or a hash, and '{name}' is none of them"
    raise DataError.of("mapped-paths", message, place)


class _Overlay(Mapping[str, Value]):
    """A scope with one variable more, which does not count as read of the scope."""

    def __init__(self, scope: Mapping[str, Value], name: str, value: Value) -> None:
        self._scope = scope
        self._name = name
        self._value = value

    def __getitem__(self, key: str) -> Value:
        return self._value if key == self._name else self._scope[key]

    def __iter__(self) -> Iterator[str]:
        yield self._name
        yield from (key for key in self._scope if key != self._name)

    def __len__(self) -> int:
        return sum(1 for _ in self)
