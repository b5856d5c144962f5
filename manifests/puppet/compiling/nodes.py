"""Node definitions: which one is a node's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hiera.errors import DataError, Location
from hiera.types import Regexp
from manifests.puppet import ast
from manifests.puppet.source import Source

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope
    from manifests.puppet.loaders.parsing import Parsed

_NOT_IN_NAMES = re.compile(r"[^-\w:.]")


@dataclass(frozen=True, slots=True)
class FoundNode:
    """The node definition of a node; ``match`` holds the groups if a regular expression found it."""

    name: str
    definition: ast.NodeDefinition
    source: Source
    place: Location
    match: tuple[Any, ...] | None = None


class Nodes:
    """The node definitions of a site manifest, in order."""

    def __init__(self, definitions: Sequence[tuple[ast.NodeDefinition, Source]]) -> None:
        self._definitions = definitions

    @classmethod
    def of(cls, programs: Sequence[Parsed]) -> Nodes:
        """Return the node definitions in ``programs``."""
        return cls(
            [
                (node, parsed.source)
                for parsed in programs
                for node in parsed.program.definitions
                if isinstance(node, ast.NodeDefinition)
            ]
        )

    def __bool__(self) -> bool:
        return bool(self._definitions)

    def find(self, name: str, scope: Scope, evaluator: Evaluator) -> FoundNode:
        """Return the definition for the node ``name``: by name, else the first expression, else default.

        Raises ``DataError`` (``unclassified-node``).
        """
        known: dict[str, FoundNode] = {}
        matched: FoundNode | None = None
        for definition, source in self._definitions:
            _refuse_parent(definition, source)
            for match in definition.matches:
                found = _node(match, definition, source, scope, evaluator)
                if found.name in known:
                    message = f"node '{found.name}' is already defined at {known[found.name].place}; cannot redefine"
                    raise DataError.of("duplicate-definition", message, found.place)
                known[found.name] = found
                if matched is None and isinstance(match, ast.Regex):
                    matched = _matched(match.source, found, name.lower())
        best = known.get(name.lower()) or matched or known.get("default")
        if best is None:
            message = f"could not find node statement with name 'default' or '{name}'"
            place = self._definitions[0][1].location(self._definitions[0][0].offset)
            raise DataError.of("unclassified-node", message, place, hint="add 'node default { }'")
        return best


def _refuse_parent(definition: ast.NodeDefinition, source: Source) -> None:
    """Raise ``DataError`` for a node that inherits."""
    if definition.parent is not None:
        place = source.location(definition.offset, definition.length)
        raise DataError.of("node-inheritance", "node inheritance is not supported", place)


def _node(
    match: ast.Node, definition: ast.NodeDefinition, source: Source, scope: Scope, evaluator: Evaluator
) -> FoundNode:
    """Return what one name, expression or ``default`` of a definition stands for."""
    place = source.location(match.offset, match.length)
    if isinstance(match, ast.Regex):
        return FoundNode(_regex_name(match.source), definition, source, place)
    text = "default" if isinstance(match, ast.Default) else _text(match, scope, evaluator)
    return FoundNode(text, definition, source, place)


def _matched(source: str, found: FoundNode, name: str) -> FoundNode | None:
    """Return ``found`` with what the expression caught in ``name``, None if it does not match."""
    groups = Regexp(source).compiled.search(name)
    return None if groups is None else replace(found, match=(groups[0], *groups.groups()))


def _text(match: ast.Node, scope: Scope, evaluator: Evaluator) -> str:
    """Return the name that a node definition gives."""
    if isinstance(match, ast.String | ast.Name):
        return match.value.lower()
    return str(evaluator.text(evaluator.evaluate(match, scope))).lower()


def _regex_name(source: str) -> str:
    """Return the name under which the catalog has a node that was found by an expression."""
    return "__node_regexp__" + _NOT_IN_NAMES.sub("", source.lower()).lstrip(".")
