"""Variables, and where they are looked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hiera.errors import DataError, Location, Problem
from hiera.values import MISSING, Secret, Value
from manifests.puppet import ast
from manifests.puppet.source import Source

if TYPE_CHECKING:
    from manifests.puppet.evaluator.ports import Compilation, Resource

RESERVED: Final = frozenset({"trusted", "facts", "server_facts"})
"""Variables that only the compilation sets."""

Match = tuple[Value, ...]


class Scope:
    """The variables of a body and what the code in it must know of its surroundings.

    ``kind`` is top, node, class, define, function, local or template. A variable that is not here is looked for in
    ``enclosing``: for a class its parent class's scope or else that of the node or the top, for defines and functions
    node or top. ``caller`` is the scope in which the body was asked for; only resource defaults are looked for there.
    ``module`` is the module of the code, "" for a site manifest. ``defaults`` is for whoever keeps resource defaults.
    """

    __slots__ = (
        "caller", "compilation", "defaults", "enclosing", "kind", "match", "module", "name", "parameters", "resource",
        "source", "variables", "written",
    )  # fmt: skip

    def __init__(
        self,
        kind: str,
        compilation: Compilation,
        source: Source,
        *,
        module: str = "",
        name: str = "",
        resource: Resource | None = None,
        enclosing: Scope | None = None,
        caller: Scope | None = None,
    ) -> None:
        self.kind = kind
        self.name = name
        self.compilation = compilation
        self.source = source
        self.module = module
        self.resource = resource
        self.enclosing = enclosing
        self.caller = caller
        self.variables: dict[str, Value] = {}
        self.match: Match | None = None
        self.defaults: dict[str, dict[str, Value]] | None = None
        self.parameters: frozenset[str] | None = None
        self.written: list[Value] | None = None

    def local(self) -> Scope:
        """Return a scope inside of this one: a lambda's, a template's, a branch's with matches of its own."""
        inner = Scope.__new__(Scope)
        inner.kind = "local"
        inner.name = self.name
        inner.compilation = self.compilation
        inner.source = self.source
        inner.module = self.module
        inner.resource = self.resource
        inner.enclosing = self
        inner.caller = self
        inner.variables = {}
        inner.match = None
        inner.defaults = None
        inner.parameters = None
        inner.written = self.written
        return inner

    def place(self, node: ast.Node) -> Location:
        """Return where ``node``, which is of this scope's file, stands."""
        return self.source.location(node.offset, node.length)

    def get(self, name: str) -> Value:
        """Return the variable ``name`` (``x``, ``::x``, ``a::b``, ``0``), or ``MISSING``."""
        scope: Scope | None = self
        while scope is not None:
            value = scope.variables.get(name, MISSING)
            if value is not MISSING:
                return value
            scope = scope.enclosing
        if "::" in name:
            return self._qualified(name.removeprefix("::"))
        return self._matched(int(name)) if name.isdecimal() else MISSING

    def _qualified(self, name: str) -> Value:
        """Return a variable of the top scope, or of the class that ``name`` begins with or of one that it inherits."""
        owner, _, last = name.rpartition("::")
        scope = self.compilation.class_scope(owner)
        while scope is not None:
            value = scope.variables.get(last, MISSING)
            if value is not MISSING or scope.kind != "class":
                return value
            scope = scope.enclosing
            if scope is not None and scope.kind != "class":
                return MISSING
        return MISSING

    def _matched(self, index: int) -> Value:
        """Return what the group ``index`` of the match in force caught."""
        scope: Scope | None = self
        while scope is not None:
            if scope.match is not None:
                return scope.match[index] if index < len(scope.match) else None
            if scope.kind != "local":
                return MISSING
            scope = scope.enclosing
        return MISSING

    def set(self, name: str, value: Value, node: ast.Node | None = None) -> None:
        """Set a variable of this scope. Raises ``DataError`` for one that is set already or is not to be set."""
        if name in self.variables or name in RESERVED:
            raise DataError(self._not_set(name, node))
        self.variables[name] = value

    def _not_set(self, name: str, node: ast.Node | None) -> Problem:
        """Return why the variable ``name`` is not set."""
        place = self.place(node) if node is not None else None
        if name in RESERVED:
            return Problem("reserved-variable", f"attempt to assign to a reserved variable name: '${name}'", place)
        kept = "built in (or already assigned) " if name in {"title", "name"} else ""
        return Problem("reassignment", f"cannot reassign {kept}variable '${name}'", place, "choose another name")

    def caught(self, found: re.Match[str], *, secret: bool = False) -> None:
        """Make ``found`` the match that ``$0`` and following speak of."""
        groups: tuple[Value, ...] = (found[0], *found.groups())
        self.match = tuple(Secret(group) for group in groups) if secret else groups

    def outermost(self) -> Scope:
        """Return the scope of the node, or the top scope, around this one."""
        scope = self
        while scope.enclosing is not None and scope.kind not in {"top", "node"}:
            scope = scope.enclosing
        return scope

    def names(self) -> dict[str, Value]:
        """Return all variables that are visible under their plain names."""
        chain: list[Scope] = []
        scope: Scope | None = self
        while scope is not None:
            chain.append(scope)
            scope = scope.enclosing
        visible: dict[str, Value] = {}
        for outer in reversed(chain):
            visible.update(outer.variables)
        return visible
