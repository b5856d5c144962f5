"""What blocks and splats stand for."""

from __future__ import annotations

from manifests.puppet.erb import nodes
from manifests.puppet.erb.objects import Failure, Limit, Proc, Symbol, Value
from manifests.puppet.erb.running import MAX_CALLS, Run, items_of, send


def spread(value: Value) -> list[Value]:
    """Return what ``*value`` stands for."""
    if value is None:
        return []
    if isinstance(value, list):
        return list(value)
    try:
        return list(items_of(value))
    except Failure:
        return [value]


def as_proc(run: Run, value: Value) -> Proc | None:
    """Return what ``&value`` stands for."""
    if value is None or isinstance(value, Proc):
        return value
    if isinstance(value, Symbol):
        name = value.name
        return Proc(lambda first, *rest, block=None: send(run, first, name, list(rest), block), -2, strict=True)
    if isinstance(value, dict):
        return Proc(lambda key, block=None: send(run, value, "[]", [key], block), 1, strict=True)
    raise Failure("TypeError", "wrong argument type (expected Proc)")


def arity_of(node: nodes.Block) -> int:
    """Return Ruby's count of the parameters."""
    needed = sum(one.kind in ("plain", "parts") for one in node.parameters)
    optional = any(one.kind == "rest" or (one.kind == "optional" and node.strict) for one in node.parameters)
    return -needed - 1 if optional else needed


def too_deep(run: Run) -> None:
    """Raise what is due when a block may not run any more."""
    if run.steps < 0:
        run.step()
    raise Limit(f"blocks and functions call each other deeper than {MAX_CALLS} levels")
