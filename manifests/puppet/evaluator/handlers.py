"""The handlers of expressions, by kind of node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hiera.values import Value
from manifests.puppet import ast
from manifests.puppet.evaluator import (
    accessing,
    assigning,
    calling,
    choices,
    literals,
    operators,
    templates,
    typing,
)

EXPRESSIONS: Final[dict[type[ast.Node], Callable[[Any, Any, Any], Value]]] = {
    ast.Access: accessing.access, ast.And: choices.both, ast.Arithmetic: operators.arithmetic,
    ast.Array: literals.array, ast.Assignment: assigning.assignment, ast.Block: choices.block,
    ast.Boolean: literals.plain, ast.Call: calling.named, ast.Case: choices.case, ast.Comparison: operators.comparison,
    ast.Concatenated: literals.concatenated, ast.Default: literals.default, ast.Epp: templates.epp,
    ast.Float: literals.plain, ast.Hash: literals.mapping, ast.Heredoc: literals.heredoc, ast.If: choices.choose,
    ast.In: operators.contained, ast.Integer: literals.plain, ast.Match: operators.match,
    ast.MethodCall: calling.method, ast.Minus: operators.minus, ast.Name: literals.plain, ast.Nop: literals.undef,
    ast.Not: choices.negation, ast.Or: choices.either, ast.Parenthesized: literals.inner, ast.Program: literals.program,
    ast.Reference: typing.reference, ast.Regex: literals.regex, ast.Render: templates.expression,
    ast.RenderString: templates.literal, ast.Reserved: literals.reserved, ast.Selector: choices.selector,
    ast.String: literals.plain, ast.Text: literals.inner, ast.Undef: literals.undef, ast.Unfold: literals.unfold,
    ast.Unless: choices.unless, ast.Variable: literals.variable, ast.TypeAlias: literals.undef,
    ast.Function: literals.undef, ast.TypeMapping: literals.undef, ast.TypeDefinition: literals.undef,
}  # fmt: skip
"""What evaluates each kind of expression; definitions, found by name, are undef where they stand."""
