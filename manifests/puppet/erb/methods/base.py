"""What the tables of methods are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from manifests.puppet.erb.objects import Lazy, Proc, Unsupported, Value
from manifests.puppet.erb.running import Run

Method: TypeAlias = Callable[..., Value]
"""Takes the rendering, the block (or None), the receiver and the arguments."""
Table: TypeAlias = dict[str, Method]


def plain(table: Mapping[str, Callable[..., Value]]) -> Table:
    """Return methods that need neither the rendering nor a block."""
    return {name: _without(function) for name, function in table.items()}


def _without(function: Callable[..., Value]) -> Method:
    def method(run: Run, block: Proc | None, receiver: Value, *arguments: Value) -> Value:
        return function(receiver, *arguments)

    return method


def renamed(table: Table, names: Mapping[str, str]) -> Table:
    """Return ``table`` with its methods also under other names (new name to old)."""
    return {**table, **{new: table[old] for new, old in names.items()}}


def required(block: Proc | None) -> Callable[..., Any]:
    """Return what the block does. Raises ``Failure`` if there is none."""
    if block is None:
        raise Unsupported("a method that wants a block is called without one; enumerators of it are not supported")
    return block.call


def lazily(name: str, method: Method, items: Callable[[Value], list[Value]]) -> Method:
    """Return ``method`` such that without a block it gives an enumerator of the members."""

    def call(run: Run, block: Proc | None, receiver: Value, *arguments: Value) -> Value:
        if block is None:
            return Lazy(list(items(receiver)), name, receiver)
        return method(run, block, receiver, *arguments)

    return call
