"""The functions of expressions: the shared table, and the few that belong to this language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hiera.errors import DataError
from hiera.values import MISSING, Secret, Value
from manifests.yaml_jinja.taint import Taint

if TYPE_CHECKING:
    from manifests.functions import Context


def function_table(context: Context, taint: Taint, param: Callable[[str], Value]) -> dict[str, Any]:
    """Return the functions by name; ``param`` gives the parameter of a class."""
    from manifests.yaml_jinja.shared import shared_functions  # noqa: PLC0415  with the first expression

    table = shared_functions(context)
    puppets_lookup = table["lookup"]

    def lookup(key: Value, *rest: Value, default: Value = MISSING, merge: Value = None) -> Value:
        """Return the value of a Hiera key, or the default. Raises ``DataError`` (``missing-key``)."""
        if len(rest) > 1 or not isinstance(key, str) or (rest and isinstance(rest[0], dict)):
            return puppets_lookup(key, *rest)
        if rest:
            default = rest[0]
        found = context.lookup(key, default=default, merge=merge)
        if found is MISSING:
            found = context.stand_in(key)
        if found is MISSING:
            message = f"Hiera has no value for the key '{key}'"
            raise DataError.of("missing-key", message, hint=f"give a default: lookup('{key}', '...')")
        return found

    table |= {"lookup": lookup, "param": param}
    return {name: _in_expressions(function, taint) for name, function in table.items()}


def _in_expressions(function: Callable[..., Value], taint: Taint) -> Callable[..., Value]:
    """Return ``function`` for values of expressions; Jinja never calls it while it compiles."""
    from jinja2 import pass_context  # noqa: PLC0415  loaded by now

    from manifests.yaml_jinja.sandbox import settled  # noqa: PLC0415  loaded by now

    @pass_context
    def called(_: Any, *arguments: Value, **named: Value) -> Value:
        plain = [settled(item, taint) for item in arguments]
        answer = function(*plain, **{key: settled(item, taint) for key, item in named.items()})
        return taint.open(answer) if isinstance(answer, Secret) else taint.guard(answer)

    return called
