"""Parameters as manifests in the Puppet language write them, brought to the data types of Freehold's resource types.

Puppet's own types take many spellings of a value and make one of them ("munge"): ``'3'`` is a number, ``'true'`` a
Boolean, one item is a list of it. Here the declared data type of the attribute decides which spelling counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from hiera.types.base import Type
from hiera.types.coerce import coerce_scalar
from hiera.types.data import Sensitive
from hiera.types.scalars import PatternType
from hiera.values import MISSING, Secret, Value
from manifests.datatypes import element_type, type_of
from manifests.spec import AttributeSpec


def munged(attribute: AttributeSpec, value: Value) -> Value:
    """Return ``value`` in the spelling that ``attribute`` wants; as it is if none fits, for the check to report.

    A Sensitive becomes the taint that the catalog keeps out of sight.
    """
    if isinstance(value, Sensitive):
        return Secret(munged(attribute, value.unwrap()))
    if isinstance(value, Secret):
        return value
    kind = type_of(attribute.type)
    return next((found for found in _spellings(kind, value) if kind.check(found) is None), value)


def _spellings(kind: Type, value: Value) -> Iterator[Value]:
    """Yield what ``value`` may stand for, itself first."""
    yield value
    if isinstance(value, str):
        found = coerce_scalar(kind, value)
        if found is not MISSING:
            yield found
    elif isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, int | float) and not _is_octal(kind):
        yield str(value)
    elif isinstance(value, list):
        yield from _of_list(kind, value)
    if not isinstance(value, list | dict):
        yield from _of_list(kind, [value])


def _of_list(kind: Type, value: list[Value]) -> Iterator[Value]:
    """Yield a list with the items in the spelling the type wants, and the only item of a list."""
    inner = element_type(kind, 0)
    if inner is not None:
        yield [next((found for found in _spellings(inner, item) if inner.check(found) is None), item) for item in value]
    if len(value) == 1:
        yield value[0]


def _is_octal(kind: Type) -> bool:
    """Say whether the type wants digits of a mode: a number that lost its leading zero must not become one."""
    return all(isinstance(part.resolved(), PatternType) for part in kind.spread() or (kind,))
