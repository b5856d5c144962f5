"""What blocks and splats stand for."""

from __future__ import annotations

from manifests.puppet.erb import nodes
from manifests.puppet.erb.mutation import TEXT_CHANGES
from manifests.puppet.erb.objects import Failure, Limit, Proc, Symbol, Unsupported, Value
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
        if run.file and name in TEXT_CHANGES:
            return Proc(lambda first, block=None: _changed(run, first, name, block), -2, strict=True)
        return Proc(lambda first, *rest, block=None: send(run, first, name, list(rest), block), -2, strict=True)
    if isinstance(value, dict):
        return Proc(lambda key, block=None: send(run, value, "[]", [key], block), 1, strict=True)
    raise Failure("TypeError", "wrong argument type (expected Proc)")


def _changed(run: Run, text: Value, name: str, block: Proc | None) -> Value:
    """Answer a method that changes a text, if there is nothing to change: others may hold the text."""
    if not isinstance(text, str):
        return send(run, text, name, [], block)
    new, result = TEXT_CHANGES[name](run, block, text)
    if new != text:
        raise Unsupported(f"'{name}' that changes a text which others may hold is not supported")
    return result


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
