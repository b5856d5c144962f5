"""Manifest files: found by the name of what they define, read once, their keys checked."""

from __future__ import annotations

from dataclasses import dataclass, field

from hiera.errors import Collector, Location, Problem, did_you_mean
from hiera.tree import Tree
from hiera.yaml.nodes import Mapping, Node, Scalar
from manifests.environment import Environment
from manifests.spec import METAPARAMETERS
from manifests.yaml_jinja.structure import NAME, VARIABLE, Field, fields, is_null, scalars

RELATIONS = tuple(name + mark for name in ("require", "before", "notify", "subscribe") for mark in ("", "?"))
"""The keys that relate, and their forms that may lead nowhere."""

RESERVED = frozenset({"facts", "trusted", "node", "environment", "role", "title", "name"})
"""Variables that are always there, or mean one thing only."""

_BODY = ("doc", "parameters", "vars", "include", "contain", *RELATIONS, "order", "defaults", "resources")
_TOP = ("doc", "vars", "include", "contain", "order", "defaults", "resources")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a class or define as it is written."""

    name: str
    location: Location
    type: Scalar | None
    default: Node | None
    doc: str = ""


@dataclass(slots=True)
class Manifest:
    """One file. ``name`` is the class or define, "" for the site manifest and for one applied alone."""

    path: str
    name: str
    location: Location
    define: bool = False
    parameters: dict[str, Parameter] = field(default_factory=dict)
    variables: list[tuple[Scalar, Node]] = field(default_factory=list)
    include: list[Scalar] = field(default_factory=list)
    contain: list[Scalar] = field(default_factory=list)
    relations: list[Field] = field(default_factory=list)
    order: list[Scalar] = field(default_factory=list)
    defaults: dict[str, tuple[Scalar, Mapping]] = field(default_factory=dict)
    resources: Node | None = None
    nodes: Node | None = None


class Library:
    """The manifests of one environment, each read when first named."""

    def __init__(self, tree: Tree, environment: Environment, problems: Collector) -> None:
        self._tree = tree
        self._environment = environment
        self._problems = problems
        self._known: dict[str, Manifest | None] = {}

    def site(self, path: str) -> Manifest:
        """Return the site manifest, or one that is applied alone. Raises ``DataError`` if it cannot be read."""
        node = self._read(path)
        manifest = Manifest(path, "", node.location)
        self._fill(manifest, fields(node, (*_TOP, "nodes"), f"'{path}'", self._problems))
        return manifest

    def find(self, name: str) -> Manifest | None:
        """Return the manifest of the class or define ``name``, or None.

        Raises ``DataError`` the first time if the file is there and cannot be read; afterwards it is None.
        """
        if name not in self._known:
            self._known[name] = None
            path = self.path(name)
            if path is not None and self._tree.is_file(path):
                self._known[name] = self._module_manifest(path, name)
        return self._known[name]

    def path(self, name: str) -> str | None:
        """Return where the class or define ``name`` must stand, None if there is no such module."""
        module, _, rest = name.partition("::")
        directory = self._environment.modules.get(module)
        if directory is None or not NAME.fullmatch(name):
            return None
        return f"{directory}/manifests/{rest.replace('::', '/') or 'init'}.yaml"

    def missing(self, name: str, location: Location, word: str = "class") -> Problem:
        """Return the problem of ``name``, which nothing defines."""
        path = self.path(name)
        if path is not None and self._tree.is_file(path.removesuffix(".yaml") + ".pp"):
            message = f"{word} '{name}' is written in the Puppet language, which is not built yet"
            return Problem("puppet-language", message, location)
        hint = did_you_mean(name, self.names())
        if hint is None and path is not None:
            hint = f"it would stand in '{path}'"
        elif hint is None and name.partition("::")[0] not in self._environment.modules:
            hint = f"there is no module '{name.partition('::')[0]}'"
        return Problem(f"missing-{word}", f"there is no {word} '{name}'", location, hint)

    def names(self) -> list[str]:
        """Return the names of all classes and defines there are."""
        found: list[str] = []
        for module, directory in self._environment.modules.items():
            waiting = [(f"{directory}/manifests", module)]
            while waiting:
                place, prefix = waiting.pop()
                for name in self._tree.names(place):
                    if name == "init.yaml" and prefix == module:
                        found.append(module)
                    elif name.endswith(".yaml"):
                        found.append(f"{prefix}::{name.removesuffix('.yaml')}")
                    elif "." not in name:
                        waiting.append((f"{place}/{name}", f"{prefix}::{name}"))
        return found

    def _read(self, path: str) -> Node:
        """Return the tree of a file. Raises ``DataError``."""
        from hiera.yaml.strict import read  # noqa: PLC0415  a run with nothing to do reads no manifest

        return read(self._tree.read(path), path)

    def _module_manifest(self, path: str, name: str) -> Manifest | None:
        """Return the class or define in the file ``path``, whose name must be ``name``."""
        node = self._read(path)
        found = fields(node, ("class", "define", *_BODY), f"'{path}'", self._problems)
        if not isinstance(node, Mapping):
            return None
        heads = [found[key] for key in ("class", "define") if key in found]
        if len(heads) != 1:
            hint = f"start it with 'class: {name}' or 'define: {name}'"
            message = f"'{path}' must hold one class or one define"
            self._problems.add(Problem("bad-structure", message, node.location, hint))
            return None
        head = heads[0]
        written = head.node.text if isinstance(head.node, Scalar) else ""
        if written.removeprefix("::") != name:
            message = f"the name '{written}' does not match the file's place"
            self._problems.add(Problem("wrong-place", message, head.node.location, f"here it must be '{name}'"))
        manifest = Manifest(path, name, head.node.location, define="define" in found)
        if manifest.define:
            for key in RELATIONS:
                if key in found:
                    message = f"a define has no '{key}' of its own"
                    hint = "write it where the define is used"
                    self._problems.add(Problem("unknown-key", message, found.pop(key).key.location, hint))
        self._fill(manifest, found)
        return manifest

    def _fill(self, manifest: Manifest, found: dict[str, Field]) -> None:
        """Take the fields of a file into ``manifest``."""
        given = {key: entry.node for key, entry in found.items() if not is_null(entry.node)}
        manifest.resources, manifest.nodes = given.get("resources"), given.get("nodes")
        manifest.include, manifest.contain, manifest.order = (
            scalars(given[key], f"'{key}'", self._problems) if key in given else []
            for key in ("include", "contain", "order")
        )
        manifest.relations = [entry for key, entry in found.items() if key in RELATIONS]
        if "parameters" in given:
            manifest.parameters = self._parameters(given["parameters"])
        if "defaults" in given:
            manifest.defaults = self._defaults(given["defaults"])
        if "vars" in given:
            entries = self._entries(given["vars"], "'vars'")
            manifest.variables = [entry for entry in entries if self._check_variable(entry[0], "variable", ())]

    def _entries(self, node: Node, what: str) -> tuple[tuple[Scalar, Node], ...]:
        """Return the entries of a mapping; reports anything else."""
        if isinstance(node, Mapping):
            return node.entries
        self._problems.add(Problem("bad-structure", f"{what} must be a mapping", node.location))
        return ()

    def _parameters(self, node: Node) -> dict[str, Parameter]:
        """Return the parameters of a class or define."""
        found: dict[str, Parameter] = {}
        for key, value in self._entries(node, "'parameters'"):
            if self._check_variable(key, "parameter", METAPARAMETERS):
                found[key.text] = self._parameter(key, value)
        return found

    def _parameter(self, key: Scalar, node: Node) -> Parameter:
        """Return one parameter: its type alone, or a mapping."""
        if isinstance(node, Scalar):
            return Parameter(key.text, key.location, None if is_null(node) else node, None)
        if not isinstance(node, Mapping):
            message = f"the type of the parameter '{key.text}' was read as a list"
            self._problems.add(Problem("bad-structure", message, node.location, "quote it"))
            return Parameter(key.text, key.location, None, None)
        parts = fields(node, ("type", "default", "doc"), f"the parameter '{key.text}'", self._problems)
        notation = parts["type"].node if "type" in parts else None
        if notation is not None and not isinstance(notation, Scalar):
            message = f"the type of the parameter '{key.text}' must be a text"
            self._problems.add(Problem("bad-structure", message, notation.location, "quote it"))
            notation = None
        default = parts["default"].node if "default" in parts else None
        return Parameter(key.text, key.location, notation, default)

    def _check_variable(self, key: Scalar, word: str, taken: tuple[str, ...]) -> bool:
        """Say whether ``key`` may name a variable or parameter; reports what may not."""
        if not VARIABLE.fullmatch(key.text):
            message, hint = f"'{key.text}' cannot name a {word}", "use lower case letters, digits and _"
        elif key.text in RESERVED or key.text in taken:
            message, hint = f"the name '{key.text}' is taken", "choose another one"
        else:
            return True
        self._problems.add(Problem("bad-name", message, key.location, hint))
        return False

    def _defaults(self, node: Node) -> dict[str, tuple[Scalar, Mapping]]:
        """Return the defaults by resource type."""
        found: dict[str, tuple[Scalar, Mapping]] = {}
        for key, value in self._entries(node, "'defaults'"):
            if isinstance(value, Mapping):
                found[key.text] = (key, value)
            elif not is_null(value):
                message = f"the defaults of '{key.text}' must be a mapping"
                self._problems.add(Problem("bad-structure", message, value.location))
        return found
