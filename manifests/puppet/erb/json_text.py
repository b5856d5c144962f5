"""JSON as Ruby's library writes and reads it."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from manifests.puppet.erb.objects import Failure, Hash, Value, symbol, unkey
from manifests.puppet.erb.text import to_s

if TYPE_CHECKING:
    from manifests.puppet.erb.running import Run


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _scalar(run: Run, value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, float) and not math.isfinite(value):
        raise Failure("JSON::GeneratorError", f"{to_s(run, value)} not allowed in JSON")
    if isinstance(value, bool | int | float):
        return to_s(run, value)
    return _quoted(to_s(run, value))


def compact(run: Run, value: Value) -> str:
    """Return JSON on one line."""
    if isinstance(value, Hash):
        text = (
            "{"
            + ",".join(f"{_quoted(to_s(run, unkey(key)))}:{compact(run, item)}" for key, item in value.items())
            + "}"
        )
    elif isinstance(value, list):
        text = "[" + ",".join(compact(run, item) for item in value) + "]"
    else:
        text = _scalar(run, value)
    run.charge(len(text))
    return text


def pretty(run: Run, value: Value, indent: str = "  ", before: str = "") -> str:
    """Return JSON with one member a line."""
    inner = before + indent
    if isinstance(value, Hash):
        rows = [
            f"{inner}{_quoted(to_s(run, unkey(key)))}: {pretty(run, item, indent, inner)}"
            for key, item in value.items()
        ]
        text = "{\n" + ",\n".join(rows) + ("\n" if rows else "") + before + "}"
    elif isinstance(value, list):
        text = "[\n" + ",\n".join(inner + pretty(run, item, indent, inner) for item in value) + f"\n{before}]"
    else:
        text = _scalar(run, value)
    run.charge(len(text))
    return text


def parse(text: str, *, symbols: bool = False) -> Value:
    """Return what a JSON text says. Raises ``Failure``."""
    try:
        return _inward(json.loads(text), symbols=symbols)
    except (ValueError, RecursionError):
        raise Failure("JSON::ParserError", "unexpected token in JSON") from None


def _inward(value: Any, *, symbols: bool) -> Value:
    if isinstance(value, dict):
        return Hash((symbol(key) if symbols else key, _inward(item, symbols=symbols)) for key, item in value.items())
    return [_inward(item, symbols=symbols) for item in value] if isinstance(value, list) else value
