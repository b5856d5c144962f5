"""Trees read back from MessagePack, in one step and far faster than they are parsed."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, TypeVar

import msgspec

from manifests.puppet.ast import declarations, expressions, values
from manifests.puppet.ast.base import Node

_Whole = TypeVar("_Whole")


def decoder(kind: type[_Whole]) -> msgspec.msgpack.Decoder[_Whole]:
    """Return what reads a ``kind`` that holds trees."""
    modules = (values, expressions, declarations)
    nodes: set[Any] = {
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, Node) and found is not Node
    }
    for module in modules:
        # msgspec evaluates the annotations of fields here when it first meets a class.
        vars(module)["AnyNode"] = reduce(or_, nodes)
    return msgspec.msgpack.Decoder(kind)
