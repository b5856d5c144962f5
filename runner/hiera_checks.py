"""Checks of an environment's data over all its nodes: keys nobody reads, hidden values, wrong parameters and types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from hiera.digging import parse_key
from hiera.errors import Collector, DataError, Location, Problem, did_you_mean
from hiera.layers import LOOKUP_OPTIONS
from hiera.tree import DirectoryTree
from hiera.values import MISSING, Secret, Value, holds_secret
from manifests.environment import Environment
from runner.hiera_manifests import Manifests

if TYPE_CHECKING:
    from hiera.lookup import Hiera
    from hiera.types import Type
    from manifests.yaml_jinja.loading import Library

_READ: Final = re.compile(
    r"""(?:lookup|hiera|hiera_array|hiera_hash|hiera_include|alias|data)\s*\(?\s*(?:\{\s*)?["']([\w:.-]+)["']"""
)
_SOURCES: Final = (".yaml", ".yml", ".eyaml", ".json", ".j2", ".epp", ".erb", ".py", ".conf")
_ALWAYS: Final = frozenset((LOOKUP_OPTIONS, "classes"))


@dataclass(frozen=True, slots=True)
class NodeCase:
    """A node and the variables its data is looked up with."""

    node: str
    scope: Mapping[str, Value]


@dataclass(slots=True)
class _Seen:
    """One key of one file: on how many nodes the file counts, and on how many something stronger hides the key."""

    place: Location
    nodes: int = 0
    hidden: int = 0


@dataclass
class Lint:
    """One environment on its way through the checks; what is found goes to ``problems``."""

    tree: DirectoryTree
    environment: Environment
    hiera: Hiera
    problems: Collector
    _seen: dict[tuple[str, str], _Seen] = field(default_factory=dict)
    _types: dict[str, dict[str, Type | None] | None] = field(default_factory=dict)
    _library: Library | None = None

    def run(self, cases: Iterable[NodeCase]) -> None:
        """Look at the data as each node sees it, then at each key."""
        for case in cases:
            for key in self._keys(case):
                self._value(key, case)
        read = self._read_somewhere()
        for (key, _), seen in sorted(self._seen.items()):
            if seen.hidden == seen.nodes and key not in _ALWAYS:
                message = f"'{key}' here never counts: on every node a stronger level has it"
                self._warn("shadowed-key", message, seen.place)
        for key, seen in self._first_places().items():
            self._reader(key, seen.place, read)

    def _keys(self, case: NodeCase) -> list[str]:
        """Return the keys that the node's files hold, and note which of them stronger files hide."""
        found: dict[str, None] = {}
        modules = [self.hiera.module_layer(name) for name in self.environment.modules]
        for layer in (*self.hiera.layers_of(parse_key("x")), *(layer for layer in modules if layer is not None)):
            for path, data in self._files_of(layer, case):
                for key, place in data.items():
                    seen = self._seen.setdefault((key, path), _Seen(place))
                    seen.nodes += 1
                    seen.hidden += key in found and self._is_first(key, case)
                for key in data:
                    found.setdefault(key)
        return [key for key in found if key != LOOKUP_OPTIONS]

    def _is_first(self, key: str, case: NodeCase) -> bool:
        """Say whether only the strongest value of ``key`` counts."""
        merge = self.hiera.options(parse_key(f"'{key}'"), case.scope).of_key(key).merge
        return merge is None or merge == "first"

    def _files_of(self, layer: Value, case: NodeCase) -> Iterator[tuple[str, dict[str, Location]]]:
        """Yield each file of a layer that the node reads, strongest first, with the places of its keys."""
        from hiera.backends.own import OwnBackend  # noqa: PLC0415  the checks are rare

        for resolved in layer.levels(case.scope):
            if isinstance(resolved.level.backend, OwnBackend):
                continue
            for place in resolved.places:
                if not place.exists:
                    continue
                try:
                    data = layer.data(place, resolved.level)
                except DataError as error:
                    self.problems.take(error)
                    continue
                yield place.path, {str(key): data.keys.get(str(key), Location(place.path)) for key in data.value}

    def _value(self, key: str, case: NodeCase) -> None:
        """Look ``key`` up as the node would, and hold it against the type of the parameter it is for."""
        quoted = f"'{key}'" if "." in key else key
        try:
            value = self.hiera.lookup(quoted, case.scope)
            place = self.hiera.place(quoted, case.scope)
        except DataError as error:
            self.problems.take(error)
            return
        owner, separator, name = key.rpartition("::")
        types = self._parameters(owner) if separator else None
        kind = types.get(name) if types else None
        if kind is None or value is MISSING or value is None or holds_secret(value) or isinstance(value, Secret):
            return
        mismatch = kind.check(value)
        if mismatch is not None:
            message = f"'{key}' has the wrong type for the parameter '{name}' of '{owner}': {mismatch.describe()}"
            self.problems.add(Problem("type-mismatch", message, place))

    def _first_places(self) -> dict[str, _Seen]:
        """Return each key with the first place it stands at."""
        found: dict[str, _Seen] = {}
        for (key, _), seen in sorted(self._seen.items(), key=lambda item: item[1].place):
            found.setdefault(key, seen)
        return found

    def _reader(self, key: str, place: Location, read: frozenset[str]) -> None:
        """Note a key that is for no parameter and that nothing looks up."""
        if key in read or key in _ALWAYS or self._puppet.reads(key):
            return
        owner, separator, name = key.rpartition("::")
        types = self._parameters(owner) if separator else None
        if types is not None:
            if name not in types:
                hint = did_you_mean(name, types)
                self._warn("unknown-parameter", f"the class '{owner}' has no parameter '{name}'", place, hint)
            return
        words = f", and there is no class '{owner}'" if separator else ""
        self._warn("unread-key", f"nothing reads '{key}'{words}", place)

    def _parameters(self, name: str) -> dict[str, Type | None] | None:
        """Return the parameters of the class ``name`` with their types as far as known, None if there is no class."""
        if name not in self._types:
            found = self._of_yaml(name)
            self._types[name] = self._of_puppet(name) if found is None else found
        return self._types[name]

    def _of_yaml(self, name: str) -> dict[str, Type | None] | None:
        """Return the parameters of a class written in YAML."""
        from hiera.types import parse  # noqa: PLC0415  the checks are rare
        from manifests.yaml_jinja.loading import Library  # noqa: PLC0415  as above

        self._library = self._library or Library(self.tree, self.environment, Collector())
        try:
            manifest = self._library.find(name)
            if manifest is None:
                return None
            found = manifest.parameters.items()
            return {key: parse(item.type.text) if item.type else None for key, item in found}
        except (DataError, ValueError):
            return None

    def _of_puppet(self, name: str) -> dict[str, Type | None] | None:
        """Return the parameters of a class written in the Puppet language."""
        return self._puppet.parameters(name, (self.environment.directory, *self.environment.modules.values()))

    @cached_property
    def _puppet(self) -> Manifests:
        """The manifests in the Puppet language."""
        return Manifests(self.tree)

    def _read_somewhere(self) -> frozenset[str]:
        """Return the root keys that a template, data or a manifest, unless it could be parsed, looks up by name."""
        found: set[str] = set()
        for path in self.tree.glob("**/*"):
            if path.endswith(_SOURCES) or path in self._puppet.unreadable:
                text = self.tree.read(path).decode("utf-8", "replace")
                found.update(name for key in _READ.findall(text) for name in (key, key.partition(".")[0]))
        return frozenset(found)

    def _warn(self, code: str, message: str, place: Location, hint: str | None = None) -> None:
        self.problems.add(Problem(code, message, place, hint, severity="warning"))
