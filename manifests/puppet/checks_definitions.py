"""Checks of classes, defines, nodes, functions and type aliases."""

from __future__ import annotations

import re
from typing import Final

from manifests.puppet import ast
from manifests.puppet.checks import Checks, label, without_title
from manifests.puppet.walking import Path, children

_NAME: Final = re.compile(r"[a-z]\w*(?:::[a-z]\w*)*", re.ASCII)
_TYPE_NAME: Final = re.compile(r"[A-Z]\w*(?:::[A-Z]\w*)*", re.ASCII)
_PARAMETER: Final = re.compile(r"[a-z_]\w*", re.ASCII)
_HOST_STRANGER: Final = re.compile(r"[^-\w.]", re.ASCII)
_TYPES: Final = frozenset({
    "type", "any", "unit", "scalar", "boolean", "numeric", "integer", "float", "collection", "array", "hash", "tuple",
    "struct", "variant", "optional", "enum", "regexp", "pattern", "runtime", "init", "object", "sensitive", "semver",
    "semverrange", "string", "timestamp", "timespan", "typeset",
})  # fmt: skip
_FIXED: Final = frozenset({"name", "title"})
_ABSOLUTE: Final = (ast.Function, ast.TypeAlias, ast.TypeDefinition)


class DefinitionChecks(Checks):
    """Checks of definitions, one method for each kind of node."""

    def class_or_define(self, node: ast.Class | ast.Define, around: Path | None) -> None:
        """Check that a class or define stands at top level and ends with something that has an effect."""
        self._named(node, around)
        self._no_capture(node, node.parameters)
        self._unique(node.parameters)
        for item in node.parameters:
            if item.name in _FIXED:
                message = f"every {label(node)} has '${item.name}' already"
                self.error("reserved-parameter", message, item, "choose another name")
        self._effective_end(node, node.body)

    def function(self, node: ast.Function, around: Path | None) -> None:
        """Check that a function stands at top level."""
        self._named(node, around)
        self._return_type(node.returns)
        self._unique(node.parameters)

    def block_argument(self, node: ast.Lambda, _around: Path | None) -> None:
        """Check that only the last parameter of a lambda takes the rest."""
        for item in node.parameters[:-1]:
            if item.captures_rest:
                self.error("rest-not-last", f"'*${item.name}' has to be the last parameter", item)
        self._return_type(node.returns)

    def epp(self, node: ast.Epp, around: Path | None) -> None:
        """Check that a template's parameters have different names and take no rest."""
        if around is not None and isinstance(around.node, ast.Lambda):
            self._no_capture(node, around.node.parameters)
            self._unique(around.node.parameters)

    def node(self, node: ast.NodeDefinition, around: Path | None) -> None:
        """Check that a node is matched by names and regular expressions and inherits from none."""
        for item in node.matches:
            self._host(item)
        self._top(node, around)
        self._effective_end(node, node.body)
        if node.parent is not None:
            self.error("node-inherits", "nodes no longer inherit from one another", node.parent, "use classes")

    def type_alias(self, node: ast.TypeAlias, around: Path | None) -> None:
        """Check that an alias stands at top level for a type."""
        self._top(node, around)
        if not _TYPE_NAME.fullmatch(node.name):
            self.error("bad-name", f"'{node.name}' is not a name for a type", node)
        self._reference(node.type_expr)

    def type_mapping(self, node: ast.TypeMapping, around: Path | None) -> None:
        """Check that mappings to types of Ruby have no meaning without Ruby, but may stand there."""
        self._top(node, around)
        left = node.type_expr.left if isinstance(node.type_expr, ast.Access) else None
        if not (isinstance(left, ast.Reference) and left.value == "Runtime"):
            self.error("bad-type-mapping", "only a Runtime type can be mapped to another", node)
            return
        assert isinstance(node.type_expr, ast.Access)
        keys = node.type_expr.keys
        pattern = len(keys) == 2 and _replacement(keys[1])
        right = node.mapping.left if isinstance(node.mapping, ast.Access) else node.mapping
        good = _replacement(node.mapping) if pattern else isinstance(right, ast.Reference)
        if not good:
            wanted = "a regular expression and its replacement" if pattern else "a type"
            self.error("bad-type-mapping", f"this is mapped to {wanted}", node)

    def type_definition(self, node: ast.TypeDefinition, around: Path | None) -> None:
        """Check that types cannot be defined by statements yet."""
        self._top(node, around)
        self.error("no-type-definitions", "a type cannot be defined in this way", node, "write type Name = { ... }")

    def parameter(self, node: ast.Parameter, _around: Path | None) -> None:
        """Check that a parameter has a plain name, and its default assigns nothing."""
        if not _PARAMETER.fullmatch(node.name):
            self.error("bad-name", f"'${node.name}' is not a name for a parameter", node)
        waiting = [node.default] if node.default is not None else []
        while waiting:
            item = waiting.pop()
            if isinstance(item, ast.Assignment):
                self.error("bad-assignment", "nothing can be assigned here", item)
            elif not isinstance(item, ast.Lambda):
                waiting += children(item)

    def _named(self, node: ast.Class | ast.Define | ast.Function, around: Path | None) -> None:
        self._top(node, around)
        if not _NAME.fullmatch(node.name):
            hint = "its parts begin with small letters and have letters, digits and underscores"
            self.error("bad-name", f"'{node.name}' is not a name for a {label(node).strip(chr(39))}", node, hint)
        if node.name in _TYPES:
            self.error("reserved-name", f"'{node.name}' is the name of a data type", node)
        if node.name == "plan":
            self.warning("reserved-word", "'plan' is a word that Bolt keeps for itself", node)

    def _top(self, node: ast.Node, around: Path | None) -> None:
        """Check that ``node`` stands at top level or directly in a class."""
        while around is not None and isinstance(around.node, ast.Block):
            around = around.up
            if isinstance(node, _ABSOLUTE) and around is not None and not isinstance(around.node, ast.Program):
                self.error("not-top-level", f"a {label(node)} stands at the top level of a file", node)
                return
        if around is not None and not isinstance(around.node, ast.Class | ast.Program):
            self.error("not-top-level", f"a {label(node)} stands at top level or directly in a class", node)

    def _effective_end(self, node: ast.Node, body: ast.Block | None) -> None:
        last = body.statements[-1] if body else None
        if last is not None and self.without_effect(last) and not without_title(last):
            self.error("no-effect", f"this {label(last)} is the last in a {label(node)} and has no effect", last)

    def _no_capture(self, node: ast.Node, parameters: tuple[ast.Parameter, ...]) -> None:
        for item in parameters:
            if item.captures_rest:
                self.error("no-rest", f"a {label(node)} cannot take the rest in '*${item.name}'", item)

    def _unique(self, parameters: tuple[ast.Parameter, ...]) -> None:
        seen: set[str] = set()
        for item in parameters:
            if item.name in seen:
                self.error("duplicate-parameter", f"there is a parameter '${item.name}' already", item)
            seen.add(item.name)

    def _return_type(self, node: ast.Node | None) -> None:
        if node is not None:
            self._reference(node)

    def _reference(self, node: ast.Node) -> None:
        if not isinstance(node.left if isinstance(node, ast.Access) else node, ast.Reference):
            self.error("not-a-type", f"this {label(node)} is not a type", node)

    def _host(self, node: ast.Node) -> None:
        if isinstance(node, ast.String | ast.Name) and _HOST_STRANGER.search(node.value):
            self.error("bad-host-name", f"'{node.value}' is not the name of a host", node)
        if isinstance(node, ast.Concatenated) and any(isinstance(item, ast.Text) for item in node.segments):
            self.error("bad-host-name", "a node's name cannot be interpolated", node, "use a regular expression")
        if isinstance(node, ast.Heredoc):
            self.error("bad-host-name", "a heredoc is not the name of a host", node)


def _replacement(node: ast.Node) -> bool:
    """Return whether ``node`` is a list of a regular expression and a text."""
    if not isinstance(node, ast.Array) or len(node.values) != 2:
        return False
    return isinstance(node.values[0], ast.Regex) and isinstance(node.values[1], ast.String)
