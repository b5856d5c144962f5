"""The functions of expressions: the shared table, and the few that belong to this language."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from hiera.errors import DataError, Location
from hiera.values import MISSING, Secret, Value
from manifests.compiler import Request
from manifests.yaml_jinja.evaluation import Evaluator
from manifests.yaml_jinja.lookups import Lookups
from manifests.yaml_jinja.taint import unguarded

_NOWHERE = Location("")


def function_table(
    request: Request, lookups: Lookups, evaluator: Evaluator, param: Callable[[str], Value]
) -> dict[str, Any]:
    """Return the functions by name; ``param`` gives the parameter of a class."""
    from manifests.yaml_jinja.shared import shared_functions  # noqa: PLC0415  with the first expression

    taint = evaluator.taint

    def give(value: Value) -> Value:
        """Return the answer of a function to the expression that called it."""
        return taint.open(value) if isinstance(value, Secret) else taint.guard(value)

    def lookup(key: str, default: Value = MISSING, merge: Value = None) -> Value:
        """Return the value of a Hiera key, or the default. Raises ``DataError`` (``missing-key``)."""
        found = lookups.find(key, _NOWHERE, merge)
        if found is not MISSING:
            return give(found)
        if default is MISSING:
            message = f"Hiera has no value for the key '{key}'"
            raise DataError.of("missing-key", message, hint=f"give a default: lookup('{key}', '...')")
        return default

    own = {"lookup": lookup, "param": lambda name: give(param(name))}
    table: dict[str, Any] = {}
    for name, function in shared_functions(request, evaluator).items():
        table[name] = _in_expressions(function, give)
    return table | {name: _not_folded(function) for name, function in own.items()}


def _in_expressions(function: Callable[..., Value], give: Callable[[Value], Value]) -> Callable[..., Value]:
    """Return a function of the table for values of expressions."""

    def called(*arguments: Value) -> Value:
        return give(function(*(unguarded(item) if _is_container(item) else item for item in arguments)))

    return _not_folded(functools.wraps(function)(called))


def _not_folded(function: Callable[..., Value]) -> Callable[..., Value]:
    """Return ``function`` so that Jinja never calls it while it compiles."""
    from jinja2 import pass_context  # noqa: PLC0415  loaded by now

    @pass_context
    def called(_: Any, *arguments: Value, **named: Value) -> Value:
        return function(*arguments, **named)

    return called


def _is_container(value: Value) -> bool:
    """Say whether there may be guards in ``value``."""
    return not isinstance(value, str | int | float | bool | None)
