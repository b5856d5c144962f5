"""Puppet's data types: notation, checks, messages, inference and conversion, for both languages and for lookups.

``parse("Integer[1, 5]").check(7)`` answers with what is wrong, or None. Conversion (:mod:`hiera.types.convert`),
the reading of plain YAML scalars (:mod:`hiera.types.coerce`) and messages are imported by whoever needs them.
"""

from hiera.types.base import Type
from hiera.types.construct import alias, builtin, builtin_names, parse
from hiera.types.data import (
    DEFAULT,
    Binary,
    Deferred,
    Regexp,
    SemVer,
    SemVerRange,
    Sensitive,
    Timespan,
    Timestamp,
    Uri,
)
from hiera.types.inference import infer, reduced
from hiera.types.notation import TypeSyntaxError
from hiera.types.wrappers import ClassType, ResourceType

__all__ = [
    "DEFAULT", "Binary", "ClassType", "Deferred", "Regexp", "ResourceType", "SemVer", "SemVerRange", "Sensitive",
    "Timespan", "Timestamp", "Type", "TypeSyntaxError", "Uri", "alias", "builtin", "builtin_names", "infer", "parse",
    "reduced",
]  # fmt: skip
