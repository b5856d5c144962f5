"""Conditions and repetitions of blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hiera.errors import DataError, Location
from hiera.values import Secret, Value
from hiera.yaml.nodes import Scalar
from manifests.yaml_jinja.blocks import Loop
from manifests.yaml_jinja.body import kind_of
from manifests.yaml_jinja.evaluation import Evaluator
from manifests.yaml_jinja.expressions import Variables
from manifests.yaml_jinja.written import written


class Loops:
    """Evaluates ``when`` and ``for_each``."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def holds(self, when: Scalar, variables: Variables) -> bool:
        """Return what a condition says. Raises ``DataError`` unless that is true or false."""
        value = self._evaluator.bare(when, variables)
        if isinstance(value, Secret):
            value = value.reveal()
        if isinstance(value, bool):
            return value
        hint = "compare it, such as: x == 'a', x | length > 0, x is defined"
        raise DataError.of(
            "when-not-boolean", f"'when' gives {kind_of(value)}, not true or false", when.location, hint=hint
        )

    def rounds(self, loop: Loop, variables: Variables) -> Iterator[Variables]:
        """Yield the variables for each round of a loop; once where there is none. Raises ``DataError``."""
        node = loop.for_each
        if node is None:
            yield variables
            return
        value = self._evaluator.bare(node, variables) if isinstance(node, Scalar) else None
        if not isinstance(node, Scalar):
            value = written(node).get(self._evaluator, variables)
        secret = value if isinstance(value, Secret) else None
        many: Value = secret.reveal() if secret is not None else value
        names = self._names(loop, many, node.location)
        for name in names:
            if name in variables:
                message, hint = f"'{name}' shadows another variable", "rename it with 'as:'"
                raise DataError.of("shadowed-variable", message, node.location, hint=hint)
        guard = self._evaluator.taint.guard
        for item in many.items() if isinstance(many, Mapping) else ((item,) for item in many):
            found = [Secret(part, origin=secret.origin) for part in item] if secret is not None else item
            yield variables | dict(zip(names, map(guard, found), strict=True))

    def _names(self, loop: Loop, many: Value, location: Location) -> tuple[str, ...]:
        """Return the names of the loop's variables. Raises ``DataError`` if they do not fit ``many``."""
        standard: tuple[str, ...]
        if isinstance(many, Mapping):
            standard, form = ("key", "value"), "a mapping takes two: as: [name, entry]"
        elif isinstance(many, list):
            standard, form = ("item",), "a list takes one: as: name"
        else:
            message = f"'for_each' needs a list or a mapping, not {kind_of(many)}"
            raise DataError.of("type-mismatch", message, location)
        if loop.names and len(loop.names) != len(standard):
            raise DataError.of("bad-structure", "'as' does not fit what it names", location, hint=form)
        return loop.names or standard
