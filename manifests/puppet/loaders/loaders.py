"""Autoloading: which file of the tree a name is found in."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

from hiera.errors import DataError, Problem
from hiera.tree import Tree
from manifests.puppet import ast
from manifests.puppet.kinds import Kind, Kinds, usual
from manifests.puppet.loaders.definitions import Definitions, Found
from manifests.puppet.loaders.modules import Module, Modules
from manifests.puppet.loaders.parsing import ParseCache, Parsed
from manifests.puppet.names import plain_name

if TYPE_CHECKING:
    from manifests.puppet.loaders.puppetfile import Puppetfile

ENVIRONMENT: Final = "environment"
"""The first part of the names of functions and type aliases that the environment itself holds."""

_NAME: Final = re.compile(r"\w+(?:::\w+)*\Z")
"""What a definition may be called; anything else could name a file outside of its module."""
_Definition = TypeVar("_Definition", bound=ast.Definition)


class Loaders:
    """Finds what a name stands for. Names are compared in lower case, and ``::x`` is ``x``.

    ``modulepath`` are directories of ``tree``, the first module of a name wins; ``directory`` is the environment's own
    one, whose ``functions`` and ``types`` are named ``environment::...``. A ``cache`` may be shared by many loaders.
    """

    def __init__(
        self,
        tree: Tree,
        modulepath: Sequence[str],
        *,
        puppet_version: int,
        cache: ParseCache | None = None,
        directory: str = "",
    ) -> None:
        self.tree = tree
        self.puppet_version = puppet_version
        self.modules: Mapping[str, Module] = Modules(tree, modulepath)
        self.directory = directory
        self._cache = cache or ParseCache()
        self._definitions = Definitions()
        self._missing: set[tuple[type[ast.Definition], str]] = set()
        self._loaded: dict[str, Parsed] = {}
        self._kinds = Kinds(tree, self.modules, directory)

    def parse(self, path: str, *, autoloaded: str | None = None) -> Parsed:
        """Return the manifest or template ``path``, checked. Raises ``DataError`` with all its problems.

        ``autoloaded`` is the name that its place in a module promises.
        """
        data = self.tree.read(path)
        return self._cache.parsed(data, path, puppet_version=self.puppet_version, autoloaded=autoloaded)

    def add_program(self, parsed: Parsed, module: str = "") -> None:
        """Know the definitions of a site manifest from now on. Raises ``DataError`` (``duplicate-definition``)."""
        self._missing.clear()
        self._definitions.add(parsed, module)

    def find_class(self, name: str) -> Found | None:
        """Return the class ``name``. Raises ``DataError`` if the file it would stand in is wrong."""
        return self._find(ast.Class, name)

    def find_define(self, name: str) -> Found | None:
        """Return the define ``name``. Raises ``DataError`` if the file it would stand in is wrong."""
        return self._find(ast.Define, name)

    def find_function(self, name: str) -> Found | None:
        """Return the function ``name`` written in Puppet. Raises ``DataError`` if its file does not define it."""
        return self._find(ast.Function, name)

    def find_alias(self, name: str) -> Found | None:
        """Return the type alias ``name``. Raises ``DataError`` if its file does not define it."""
        return self._find(ast.TypeAlias, name)

    def kind(self, name: str) -> Kind | None:
        """Return the resource type ``name``, which is no define: built in, or read from a module's Ruby source."""
        return self._kinds.find(plain_name(name))

    def template(self, name: str) -> str | None:
        """Return the path of the template ``module/path``, None if there is none."""
        return self._inside("templates", name)

    def file(self, name: str) -> str | None:
        """Return the path of the file ``module/path``, None if there is none."""
        return self._inside("files", name)

    def ruby_function(self, name: str) -> str | None:
        """Return the path of the Ruby source that defines the function ``name``, for a hint that names it."""
        relative = plain_name(name).replace("::", "/")
        for module in self.modules.values():
            for place in ("functions", "parser/functions"):
                path = f"{module.path}/lib/puppet/{place}/{relative}.rb"
                if self.tree.is_file(path):
                    return path
        return None

    def hint_for(self, name: str) -> str | None:
        """Return why the class, define, function, alias or resource type ``name`` is not found, if it can be told."""
        key = plain_name(name)
        if usual(key) is not None:
            return f"the type '{key}' comes with a module that is not in the repository"
        module = key.partition("::")[0]
        if module not in self.modules:
            wanted = self._puppetfile.wants(module) if self._puppetfile is not None else None
            if wanted is None:
                return None
            place = f"{wanted.location.file}:{wanted.location.line}"
            return f"module '{module}' is named in {place} but not in the repository: run `freehold vendor`"
        for path, _ in self._manifests(key):
            if path in self._loaded and not path.endswith("/manifests/init.pp"):
                inside = path.partition(f"/{module}/")[2]
                return f"{inside} of the module '{module}' is where '{key}' should stand, but does not define it"
        return None

    def named_like(self, kind: type[ast.Definition], name: str) -> list[str]:
        """Return the names among which ``name`` may have been meant: loaded ones, and those its module's files have."""
        module = self.modules.get(plain_name(name).partition("::")[0])
        promised = [] if module is None else list(self._promised(f"{module.path}/manifests", module.name))
        return [*self._definitions.names(kind), *promised]

    def _promised(self, directory: str, name: str) -> Iterator[str]:
        """Yield the names that the files below ``directory`` have by their places."""
        for entry in self.tree.names(directory):
            if entry == "init.pp":
                yield name
            elif entry.endswith(".pp"):
                yield f"{name}::{entry.removesuffix('.pp')}"
            elif self.tree.is_dir(f"{directory}/{entry}"):
                yield from self._promised(f"{directory}/{entry}", f"{name}::{entry}")

    @cached_property
    def _puppetfile(self) -> Puppetfile | None:
        from manifests.puppet.loaders.puppetfile import find_puppetfile  # noqa: PLC0415  only a hint asks

        return find_puppetfile(self.tree, self.directory)

    def _find(self, kind: type[_Definition], name: str) -> Found | None:
        """Return the definition, loading files until it is there."""
        key = plain_name(name)
        found = self._definitions.get(kind, key)
        if found is not None or (kind, key) in self._missing:
            return found
        if _NAME.match(key) is None:
            return None
        load = self._load_alone if kind in (ast.Function, ast.TypeAlias) else self._load_manifests
        found = load(kind, key)
        if found is None:
            self._missing.add((kind, key))
        return found

    def _load_manifests(self, kind: type[ast.Definition], key: str) -> Found | None:
        """Read the files that may define a class or a define, the nearest first."""
        for path, autoloaded in self._manifests(key):
            if path not in self._loaded and self.tree.is_file(path):
                self._loaded[path] = parsed = self.parse(path, autoloaded=autoloaded)
                self._definitions.add(parsed, autoloaded.partition("::")[0])
            found = self._definitions.get(kind, key)
            if found is not None:
                return found
        return None

    def _manifests(self, key: str) -> Iterator[tuple[str, str]]:
        """Yield the manifests that may define ``key``, each with the name it is read for."""
        parts = key.split("::")
        module = self.modules.get(parts[0])
        if module is None:
            return
        for length in range(len(parts), 1, -1):
            yield f"{module.path}/manifests/{'/'.join(parts[1:length])}.pp", "::".join(parts[:length])
        yield f"{module.path}/manifests/init.pp", parts[0]

    def _load_alone(self, kind: type[ast.Definition], key: str) -> Found | None:
        """Read the file that a function or an alias has for itself."""
        first, _, rest = key.partition("::")
        room = "functions" if kind is ast.Function else "types"
        module = self.modules.get(first)
        root = self.directory if first == ENVIRONMENT else module.path if module is not None else None
        if root is None or not rest:
            return None
        path = posixpath.join(root, room, *rest.split("::")) + ".pp"
        if path in self._loaded or not self.tree.is_file(path):
            return None
        self._loaded[path] = parsed = self.parse(path)
        _check_alone(parsed, kind, key)
        self._definitions.add(parsed, "" if first == ENVIRONMENT else first)
        return self._definitions.get(kind, key)

    def _inside(self, room: str, name: str) -> str | None:
        """Return the path of ``module/path`` in a room of the module; it cannot leave that room."""
        first, _, rest = name.removeprefix("/").partition("/")
        module = self.modules.get(first)
        if module is None or not rest or name.startswith("/"):
            return None
        directory = f"{module.path}/{room}"
        path = posixpath.normpath(posixpath.join(directory, rest))
        inside = path.startswith(directory + "/")
        return path if inside and self.tree.is_file(path) else None


def _check_alone(parsed: Parsed, kind: type[ast.Definition], key: str) -> None:
    """Refuse a file that holds anything but the one definition its place promises."""
    word = "function" if kind is ast.Function else "type"
    program, source = parsed.program, parsed.source
    place = source.location(0)
    if not program.definitions:
        raise DataError.of("missing-definition", f"the file does not define the {word} '{key}': it is empty", place)
    node = program.definitions[0]
    name = node.name if isinstance(node, ast.Definition) else ""
    if not isinstance(node, kind):
        raise DataError.of("missing-definition", f"the file does not define the {word} '{key}'", place)
    if plain_name(name) != key:
        raise DataError(
            Problem(
                "misplaced-definition",
                f"the file defines the {word} '{name}', but its place means '{key}'",
                source.location(node.offset, node.length),
            )
        )
    body = program.body
    if len(program.definitions) > 1 or not (body is node or body == node or _only(body, node)):
        message = f"the file holds more than the {word} '{key}'"
        raise DataError.of("misplaced-definition", message, source.location(node.offset, node.length))


def _only(body: ast.Node, node: ast.Node) -> bool:
    """Say whether ``body`` is a block of ``node`` alone."""
    return isinstance(body, ast.Block) and body.statements == (node,)
