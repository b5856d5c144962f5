"""A type, the keys in its brackets, and what may be wrong with them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hiera.errors import DataError
from hiera.types import DEFAULT, Type, scalars
from hiera.values import Value
from manifests.puppet import ast
from manifests.puppet.evaluator.failures import article, failure, general, label, type_name

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope


@dataclass(slots=True)
class Brackets:
    """A type, the keys in its brackets, and where they stand."""

    evaluator: Evaluator
    kind: Type
    keys: list[Value]
    node: ast.Access
    scope: Scope

    def wrong(self, message: str, index: int | None = None) -> DataError:
        """Return the error ``message`` at the key ``index``, or at the whole."""
        at: ast.Node = self.node
        if index is not None and self.node.keys:
            at = self.node.keys[min(index, len(self.node.keys) - 1)]
        return failure("bad-type-argument", message, self.scope, at)

    def count(self, least: int, most: float, given: int | None = None) -> None:
        """Check how many keys there are, or ``given`` where not all of them count. Raises ``DataError``."""
        given = len(self.keys) if given is None else given
        if least <= given <= most:
            return
        name = type_name(self.kind)
        if most == math.inf:
            wanted = f"{least} or more arguments"
        elif most != least:
            wanted = f"{least} to {most} arguments"
        else:
            wanted = f"{least} {'argument' if least == 1 else 'arguments'}"
        raise self.wrong(f"{article(name).capitalize()} {name}-Type[] accepts {wanted}. Got {given}")

    def types(self, keys: list[Value], start: int = 0) -> tuple[Type, ...]:
        """Return ``keys``, which must be types."""
        for index, key in enumerate(keys):
            self.type(key, start + index)
        return tuple(keys)

    def type(self, key: Value, index: int) -> Type:
        """Return ``key``, which must be a type."""
        if not isinstance(key, Type):
            name = type_name(self.kind)
            raise self.wrong(f"{name}-Type[] arguments must be types. Got {label(key).partition(' ')[2]}", index)
        return key

    def texts(self, keys: list[Value]) -> tuple[str, ...]:
        """Return ``keys``, which must be texts."""
        for index, key in enumerate(keys):
            if not isinstance(key, str):
                raise self.unusable(key, "String", index)
        return tuple(keys)

    def unusable(self, key: Value, wanted: str, index: int) -> DataError:
        """Return the error of a key of the wrong kind."""
        name = type_name(self.kind)
        message = f"error creating type specialization of {article(name)} {name}-Type, "
        return self.wrong(f"{message}Cannot use {general(key)} where {wanted} is expected", index)

    def size(self, keys: list[Value], start: int) -> tuple[int, int | None]:
        """Return the least and the greatest size that ``keys`` give."""
        if len(keys) == 1 and isinstance(keys[0], scalars.IntegerType):
            return keys[0].low or 0, keys[0].high
        for index, key in enumerate(keys):
            if key.__class__ is not int and key is not DEFAULT:
                message = "a Type's size constraint arguments must be a single Integer type, or 1-2 integers"
                raise self.wrong(f"{message} (or default). Got {label(key)}", start + index)
        low, high = self.ends(keys)
        if low is not None and low < 0:
            raise self.wrong("a size is not negative", start)
        return low or 0, high

    def ends(self, keys: list[Value]) -> tuple[Any, Any]:
        """Return the lower and the upper end of a range; None for ``default`` and what is not given."""
        low, high = ([None if key is DEFAULT else key for key in keys] + [None, None])[:2]
        if low is not None and high is not None and low > high:
            raise self.wrong(f"'from' must be less or equal to 'to'. Got ({low}, {high})")
        return low, high


def flat(keys: list[Value]) -> list[Value]:
    """Return ``keys`` with the lists among them opened."""
    if not any(isinstance(key, list | tuple) for key in keys):
        return keys
    found: list[Value] = []
    for key in keys:
        found += flat(list(key)) if isinstance(key, list | tuple) else [key]
    return found
