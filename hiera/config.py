"""``hiera.yaml`` version 5, read and checked."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

import msgspec

from hiera.backends import BACKENDS, Backend
from hiera.backends.own import FOLDER, OwnBackend, find_own
from hiera.errors import Collector, DataError, Location, Note, Problem, did_you_mean
from hiera.tree import Tree
from hiera.values import Value
from hiera.version3 import converted
from hiera.yaml import nodes
from hiera.yaml.strict import plain, read

FILE_NAME: Final = "hiera.yaml"

PathKind: TypeAlias = Literal["path", "paths", "glob", "globs", "mapped_paths", "uri", "uris", ""]

_FUNCTIONS: Final = ("data_hash", "lookup_key", "data_dig", "hiera3_backend")
_PLACES: Final = ("path", "paths", "glob", "globs", "mapped_paths", "uri", "uris")
_KINDS: Final[tuple[PathKind, ...]] = ("path", "paths", "glob", "globs", "mapped_paths", "uri", "uris")
_TOP: Final = ("version", "defaults", "hierarchy", "default_hierarchy", "plan_hierarchy")
_DEFAULTS: Final = (*_FUNCTIONS[:3], "datadir", "options")
_LEVEL: Final = ("name", "options", "datadir", *_FUNCTIONS, *_PLACES)
_RESERVED: Final = ("path", "uri")


class Level(msgspec.Struct, frozen=True):
    """One entry of a hierarchy. ``datadir`` is a path of the tree, ``patterns`` still hold their expressions.

    Only a back end of the repository has ``options``; it may go without files, ``kind`` then being "".
    """

    name: str
    backend: Backend | OwnBackend
    datadir: str
    kind: PathKind
    patterns: tuple[str, ...]
    location: Location
    options: tuple[tuple[str, Value], ...] = ()


class Config(msgspec.Struct, frozen=True):
    """A layer's hierarchy. ``file`` is "" where there is no ``hiera.yaml``."""

    file: str
    levels: tuple[Level, ...]
    default_levels: tuple[Level, ...] = ()


NO_CONFIG: Final = Config("", ())
"""The hierarchy of an environment in Puppet's language without a ``hiera.yaml``: no level."""


def common_config(root: str) -> Config:
    """Return the hierarchy that a ``hiera.yaml`` without one has below ``root``: ``data/common.yaml``."""
    place, datadir = Location(posixpath.join(root, FILE_NAME)), posixpath.join(root, "data")
    return Config("", (Level("Common", BACKENDS["data_hash", "yaml_data"], datadir, "path", ("common.yaml",), place),))


def read_config(
    tree: Tree, root: str, *, module: bool, warn: Callable[[Problem], None] = lambda _: None
) -> Config | None:
    """Return the hierarchy of the directory ``root``, or None if it has no ``hiera.yaml``.

    One of version 3 is read as what it is in version 5, with a warning.
    Raises ``DataError`` with every problem of the file (``hiera-config``, ``hiera-version``, ``unknown-backend``, ...).
    """
    path = posixpath.join(root, FILE_NAME)
    if not tree.is_file(path):
        return None
    reader, node = _Reader(tree, path, root, module=module), read(tree.read(path), path)
    if not isinstance(node, nodes.Mapping) or version_of(node) != 3:
        return reader.config(node)
    import yaml  # noqa: PLC0415  hardly any file is of version 3

    hint = "`freehold hiera convert` writes it in version 5"
    message = "hiera.yaml has version 3, which is read as far as version 5 can say it"
    warn(Problem("hiera-version", message, node.location, hint, severity="warning"))
    text = yaml.safe_dump(converted(plain(node)).document, sort_keys=False)
    try:
        return reader.config(read(text.encode(), path))
    except DataError as error:
        place = Location(path)
        raise DataError(*(msgspec.structs.replace(problem, location=place) for problem in error.problems)) from None


def version_of(node: nodes.Mapping) -> Value:
    """Return the version that a ``hiera.yaml`` says, 3 where it says none."""
    found = next((item for key, item in node.entries if key.text in ("version", ":version")), None)
    return 3 if found is None else plain(found)


class _Reader:
    """Checks one ``hiera.yaml`` and gathers what is wrong with it."""

    def __init__(self, tree: Tree, path: str, root: str, *, module: bool) -> None:
        self._tree = tree
        self._path = path
        self._root = root
        self._module = module
        self._problems = Collector()

    def config(self, node: nodes.Node) -> Config:
        """Return the checked configuration of ``node``. Raises ``DataError``."""
        if not isinstance(node, nodes.Mapping):
            raise DataError.of("hiera-config", "hiera.yaml must be a mapping", node.location)
        self._check_version(node)
        entries = self._entries(node, _TOP, "hiera.yaml")
        if "default_hierarchy" in entries and not self._module:
            self._wrong("only a module's hiera.yaml may have a 'default_hierarchy'", entries["default_hierarchy"])
        defaults = self._defaults(entries.get("defaults"))
        levels = self._levels(entries["hierarchy"], defaults) if "hierarchy" in entries else None
        others = self._levels(entries["default_hierarchy"], defaults) if "default_hierarchy" in entries else []
        if levels is None:
            common = common_config(self._root).levels[0]
            levels = [msgspec.structs.replace(common, datadir=self._datadir(None, defaults))]
        self._problems.check()
        return Config(self._path, tuple(levels), tuple(others))

    def _check_version(self, node: nodes.Mapping) -> None:
        """Raise ``DataError`` (``hiera-version``) unless the file says version 5."""
        version = version_of(node)
        if version != 5:
            hint = "write 'version: 5' and the hierarchy in its form"
            message = f"hiera.yaml has version {version}, only 5 and 3 are read"
            places = [value.location for key, value in node.entries if key.text == "version"]
            raise DataError.of("hiera-version", message, places[0] if places else node.location, hint=hint)

    def _entries(self, node: nodes.Mapping, known: tuple[str, ...], what: str) -> dict[str, nodes.Node]:
        """Return the entries of ``node`` by key; unknown keys are problems."""
        for key, _ in node.entries:
            if key.text not in known:
                message = f"{what} has no key '{key.text}'"
                self._problems.add(Problem("hiera-config", message, key.location, did_you_mean(key.text, known)))
        return {key.text: item for key, item in node.entries if key.text in known}

    def _defaults(self, node: nodes.Node | None) -> dict[str, nodes.Node]:
        """Return the ``defaults``; without any, Puppet's are YAML in ``data``."""
        if node is None or (isinstance(node, nodes.Scalar) and plain(node) is None):
            place = Location(self._path)
            return {"data_hash": nodes.Scalar("yaml_data", "", None, place)}
        if not isinstance(node, nodes.Mapping):
            self._wrong("'defaults' must be a mapping", node)
            return {}
        entries = self._entries(node, _DEFAULTS, "'defaults'")
        self._check_options(entries.get("options"))
        return entries

    def _levels(self, node: nodes.Node, defaults: dict[str, nodes.Node]) -> list[Level]:
        """Return the levels of the hierarchy ``node``."""
        if not isinstance(node, nodes.Sequence):
            self._wrong("a hierarchy must be a list of levels", node)
            return []
        levels: dict[str, Level] = {}
        for item in node.items:
            level = self._level(item, defaults)
            if level is None:
                continue
            first = levels.setdefault(level.name, level)
            if first is not level:
                note = (Note("first here", first.location),)
                message = f"the hierarchy has two levels named '{level.name}'"
                self._problems.add(Problem("hiera-config", message, level.location, notes=note))
        return list(levels.values())

    def _level(self, node: nodes.Node, defaults: dict[str, nodes.Node]) -> Level | None:
        """Return one level, or None if it is wrong."""
        if not isinstance(node, nodes.Mapping):
            self._wrong("a level must be a mapping with a 'name'", node)
            return None
        entries = self._entries(node, _LEVEL, "a level")
        self._check_options(entries.get("options"))
        name = self._text(entries["name"], "name") if "name" in entries else None
        if name is None:
            self._wrong("a level needs a 'name'", node)
            return None
        backend = self._backend(node, entries, defaults, name)
        own = isinstance(backend, OwnBackend)
        place = self._place(node, entries, name, own=own)
        if backend is None or place is None:
            return None
        kind, patterns = place
        options = _options(entries.get("options") or defaults.get("options")) if own else ()
        datadir = self._datadir(entries.get("datadir"), defaults)
        return Level(name, backend, datadir, kind, patterns, node.location, options)

    def _backend(
        self, node: nodes.Mapping, entries: Mapping[str, nodes.Node], defaults: Mapping[str, nodes.Node], name: str
    ) -> Backend | OwnBackend | None:
        """Return the backend of a level: its own, or the one of ``defaults``."""
        given = [key for key in _FUNCTIONS if key in entries]
        source = entries if given else defaults
        keys = given or [key for key in _FUNCTIONS if key in defaults]
        if len(keys) != 1:
            wrong = "names more than one backend" if keys else "names no backend"
            self._wrong(f"the level '{name}' {wrong}", node, "give it one, such as 'data_hash: yaml_data'")
            return None
        function = self._text(source[keys[0]], keys[0])
        if function is None:
            return None
        backend = BACKENDS.get((keys[0], function)) or find_own(self._tree, self._root, keys[0], function)
        if backend is None:
            known = [which for _, which in BACKENDS]
            there = ", ".join(f"{key}: {it}" for key, it in BACKENDS)
            hint = did_you_mean(function, known) or f"there are {there}, and what stands in '{FOLDER}/'"
            message = f"there is no backend '{keys[0]}: {function}'"
            self._problems.add(Problem("unknown-backend", message, source[keys[0]].location, hint))
        return backend

    def _place(
        self, node: nodes.Mapping, entries: Mapping[str, nodes.Node], name: str, *, own: bool
    ) -> tuple[PathKind, tuple[str, ...]] | None:
        """Return where the files of a level are: how they are named, and the names."""
        given = [key for key in _PLACES if key in entries]
        if own and not given:
            return "", ()
        if len(given) != 1:
            wrong = "names its files in more than one way" if given else "names no files"
            self._wrong(f"the level '{name}' {wrong}", node, "give it one of path, paths, glob, globs, mapped_paths")
            return None
        key = given[0]
        if key in ("uri", "uris") and not own:
            message = f"the level '{name}' reads an URI, which only a back end of the repository can"
            self._wrong(message, entries[key], f"write one in Python: '{FOLDER}/NAME.py'")
            return None
        texts = self._texts(entries[key], key, single=key in ("path", "glob", "uri"))
        if texts is not None and key == "mapped_paths" and len(texts) != 3:
            self._wrong("'mapped_paths' takes a variable, a name for its items, and a path", entries[key])
            return None
        kinds: dict[str, PathKind] = {kind: kind for kind in _KINDS}
        return None if texts is None else (kinds[key], texts)

    def _texts(self, node: nodes.Node, key: str, *, single: bool) -> tuple[str, ...] | None:
        """Return one text, or a list of texts that is not empty."""
        if single:
            text = self._text(node, key)
            return None if text is None else (text,)
        if not isinstance(node, nodes.Sequence) or not node.items:
            self._wrong(f"'{key}' must be a list of texts", node)
            return None
        texts = [self._text(item, key) for item in node.items]
        return None if None in texts else tuple(text for text in texts if text is not None)

    def _text(self, node: nodes.Node, key: str) -> str | None:
        """Return a text that is not empty."""
        value: Value = node.text if isinstance(node, nodes.Scalar) else None
        if not value:
            self._wrong(f"'{key}' must be a text", node)
            return None
        return str(value)

    def _datadir(self, node: nodes.Node | None, defaults: Mapping[str, nodes.Node]) -> str:
        """Return the directory of a level as a path of the tree, its expressions still in it."""
        node = node or defaults.get("datadir")
        text = (self._text(node, "datadir") if node else None) or "data"
        path = posixpath.normpath(posixpath.join(self._root, text))
        if path.startswith(("/", "..")):
            place = node.location if node else Location(self._path)
            message = f"the datadir '{text}' leads out of the control repository"
            self._problems.add(Problem("path-escape", message, place))
        return "" if path == "." else path

    def _check_options(self, node: nodes.Node | None) -> None:
        """Note what is wrong with ``options``; what they say of keyrings is not followed.

        The keys of a node are the node's own business: were the repository to say which directory holds them, a
        commit could point a node at keys it was not given.
        """
        if node is None:
            return
        if not isinstance(node, nodes.Mapping):
            self._wrong("'options' must be a mapping", node)
            return
        for key, _ in node.entries:
            if key.text in _RESERVED:
                self._wrong(f"the option '{key.text}' is reserved", key)

    def _wrong(self, message: str, node: nodes.Node, hint: str | None = None) -> None:
        """Note a problem at ``node``."""
        self._problems.add(Problem("hiera-config", message, node.location, hint))


def _options(node: nodes.Node | None) -> tuple[tuple[str, Value], ...]:
    """Return the options that a level gives its back end."""
    return tuple(plain(node).items()) if isinstance(node, nodes.Mapping) else ()
