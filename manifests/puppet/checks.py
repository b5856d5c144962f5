"""What all checks share: telling of a problem, and asking what an expression is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from hiera.errors import Problem
from manifests.puppet import ast
from manifests.puppet.source import Source

DEFINITIONS: Final = (ast.Definition, ast.NodeDefinition, ast.TypeMapping)

_WITHOUT_EFFECT: Final = (
    ast.Nop, ast.Undef, ast.Default, ast.Boolean, ast.Integer, ast.Float, ast.String, ast.Regex, ast.Name,
    ast.Reference, ast.Variable, ast.Array, ast.Hash, ast.Access, ast.NamedAccess, ast.And, ast.Or, ast.In,
    ast.Arithmetic, ast.Comparison, ast.Not, ast.Minus, ast.Unfold, ast.Text, ast.Concatenated, ast.Heredoc,
    ast.Selector,
)  # fmt: skip
_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")
_LABELS: Final = {
    ast.Name: "name", ast.Reference: "type reference", ast.String: "text", ast.Concatenated: "text",
    ast.Array: "list", ast.Hash: "hash", ast.Integer: "number", ast.Float: "number", ast.If: "'if' statement",
    ast.Unless: "'unless' statement", ast.Case: "'case' statement", ast.Access: "index expression",
    ast.Call: "function call", ast.MethodCall: "function call", ast.Define: "'define'", ast.Class: "class",
    ast.NodeDefinition: "node definition", ast.Function: "function definition", ast.Text: "interpolation",
    ast.Collect: "collector", ast.Render: "template tag", ast.RenderString: "template text",
}  # fmt: skip


def label(node: ast.Node) -> str:
    """Return what people call ``node``."""
    return _LABELS.get(type(node)) or _WORD.sub(" ", type(node).__name__).lower()


class Checks:
    """Tells of problems in one file. ``strict`` makes errors of what Puppet 7 only warns of."""

    def __init__(self, source: Source, tell: Callable[[Problem], None], *, strict: bool) -> None:
        self.source = source
        self.tell = tell
        self.strict = strict
        self._effects: dict[int, bool] = {}

    def error(self, code: str, message: str, node: ast.Node, hint: str | None = None) -> None:
        """Tell of an error at ``node``."""
        self.tell(Problem(code, message, self.source.location(node.offset, node.length), hint))

    def warning(self, code: str, message: str, node: ast.Node, hint: str | None = None) -> None:
        """Tell of a warning at ``node``."""
        location = self.source.location(node.offset, node.length)
        self.tell(Problem(code, message, location, hint, severity="warning"))

    def rvalue(self, node: ast.Node | None) -> None:
        """Check that ``node`` has a value."""
        while isinstance(node, ast.Unary | ast.Text):
            node = node.expression
        if isinstance(node, (ast.Collect, *DEFINITIONS)):
            self.error("no-value", f"this {label(node)} has no value that could be used here", node)

    def without_effect(self, node: ast.Node | None) -> bool:
        """Return whether evaluating ``node`` certainly changes nothing."""
        if node is None or isinstance(node, _WITHOUT_EFFECT):
            return True
        if isinstance(node, ast.Parenthesized):
            return self.without_effect(node.expression)
        if not isinstance(node, ast.Block | ast.If | ast.Unless | ast.Case):
            return False
        known = self._effects.get(id(node))
        if known is None:
            known = self._compound_without_effect(node)
            self._effects[id(node)] = known
        return known

    def _compound_without_effect(self, node: ast.Block | ast.If | ast.Unless | ast.Case) -> bool:
        if isinstance(node, ast.Block):
            parts: tuple[ast.Node | None, ...] = node.statements
        elif isinstance(node, ast.Case):
            parts = (node.test, *(part for option in node.options for part in (*option.values, option.body)))
        else:
            parts = (node.test, node.then, node.otherwise)
        for part in parts:  # noqa: SIM110  a generator in any() would recurse through C
            if not self.without_effect(part):
                return False
        return True


def without_title(node: ast.Node) -> bool:
    """Return whether ``node`` is a resource whose title was forgotten."""
    if not isinstance(node, ast.Block) or len(node.statements) != 2:
        return False
    return type(node.statements[0]) is ast.Name and type(node.statements[1]) is ast.Hash
