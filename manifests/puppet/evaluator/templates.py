"""EPP templates."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING

from hiera.errors import DataError, Problem
from hiera.types import Sensitive
from hiera.values import Secret, Value, holds_secret, joined
from manifests.puppet import ast
from manifests.puppet.evaluator import closures
from manifests.puppet.evaluator.control import Next, Return
from manifests.puppet.evaluator.failures import failure, label
from manifests.puppet.evaluator.text import interpolated
from manifests.puppet.source import Source

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope


def render(
    evaluator: Evaluator, source: Source, program: ast.Program, parameters: Mapping[str, Value] | None, scope: Scope
) -> Value:
    """Return the text of a template; a sensitive value in it makes the text Sensitive, a secret a secret."""
    body = program.body
    if not isinstance(body, ast.Lambda) or not isinstance(body.body, ast.Epp) or program.definitions:
        raise DataError(Problem("not-a-template", "the text is no EPP template", source.location(0)))
    inside = scope.local()
    inside.kind, inside.source, inside.written = "template", source, []
    given = {name: value for name, value in (parameters or {}).items() if "::" not in name}
    if body.body.parameters_specified or not given:
        closures.bind(evaluator, body.parameters, given, inside, f"template '{posixpath.basename(source.file)}'")
    else:
        inside.variables.update(given)
    try:
        return evaluator.evaluate(body.body, inside)
    except Return as way:
        return way.value
    except Next as way:
        if not isinstance(way.value, str | Secret | Sensitive):
            message = (
                "value returned from a template has wrong type, expects a value of type String or Sensitive[String], "
                f"got {label(way.value)}"
            )
            raise DataError(Problem("type-mismatch", message, way.location)) from None
        return way.value


def epp(evaluator: Evaluator, node: ast.Epp, scope: Scope) -> Value:
    """Return all that the body writes."""
    written: list[Value] = []
    scope.written = written
    evaluator.evaluate(node.body, scope)
    sensitive = any(isinstance(part, Sensitive) for part in written)
    if not sensitive:
        return joined(written)
    plain = [interpolated(part.value) if isinstance(part, Sensitive) else part for part in written]
    whole = joined([part.reveal() if isinstance(part, Secret) else part for part in plain])
    return Sensitive(Secret(whole) if any(map(holds_secret, plain)) else whole)


def _page(node: ast.Node, scope: Scope) -> list[Value]:
    if scope.written is None:
        raise failure("misplaced-expression", "only a template writes text", scope, node)
    return scope.written


def literal(_evaluator: Evaluator, node: ast.RenderString, scope: Scope) -> None:
    """Write text of the template."""
    _page(node, scope).append(node.value)


def expression(evaluator: Evaluator, node: ast.Render, scope: Scope) -> None:
    """Write the value of an expression."""
    value = evaluator.evaluate(node.expression, scope)
    _page(node, scope).append(value if isinstance(value, Sensitive) else interpolated(value))
