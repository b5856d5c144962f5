"""YAML as Ruby's Psych and libyaml write it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from manifests.functions.yaml_scalars import Scalar
from manifests.functions.yaml_text import Writer
from manifests.puppet.erb.objects import Failure, Hash, Symbol, Value, key_of, unkey
from manifests.puppet.erb.text import to_s
from manifests.puppet.erb.values import class_name

if TYPE_CHECKING:
    from manifests.puppet.erb.running import Run

_NEVER: Final = frozenset({
    "Set", "Lazy", "Range", "Pattern", "Proc", "Match", "ScopeObject", "Main", "Class", "Error",
})  # fmt: skip
"""Kinds of values that are no data."""


def to_yaml(run: Run, value: Value) -> str:
    """Return ``value`` as a document."""
    writer = _Writer(run)
    writer.count(value)
    text = writer.document(value)
    run.charge(len(text))
    return text


class _Writer(Writer):
    """Writes the values of a template; what occurs more than once gets an anchor."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run
        self._seen: dict[int, int] = {}
        self._anchors: dict[int, int] = {}

    def count(self, value: Value) -> None:
        """Find the containers that occur more than once."""
        if not isinstance(value, list | Hash):
            return
        self._run.step()
        self._seen[id(value)] = self._seen.get(id(value), 0) + 1
        if self._seen[id(value)] == 1:
            for item in value.values() if isinstance(value, dict) else value:
                self.count(item)

    def mark(self, value: Value) -> str:
        """See :class:`Writer`."""
        if self._seen.get(id(value), 0) < 2:
            return ""
        known = self._anchors.get(id(value))
        if known:
            return f" *{known}"
        self._anchors[id(value)] = len(self._anchors) + 1
        return f" &{len(self._anchors)}"

    def key(self, key: Value) -> Value:
        """See :class:`Writer`. Raises ``Failure`` for a list or hash."""
        name = unkey(key)
        if isinstance(name, list | Hash):
            raise Failure("TypeError", "a list as key cannot be written as YAML here")
        return name

    def scalar(self, value: Value) -> Scalar:
        """See :class:`Writer`. Raises ``Failure`` for what has no text."""
        self._run.step()
        if isinstance(value, str):
            return Scalar.of_text(value)
        if value is None:
            return Scalar("")
        if isinstance(value, float) and not math.isfinite(value):
            return Scalar({math.inf: ".inf", -math.inf: "-.inf"}.get(value, ".nan"))
        if isinstance(value, Symbol):
            return Scalar(f":{value.name}")
        if isinstance(value, bool | int | float):
            return Scalar(to_s(self._run, value))
        if value.__class__.__name__ in _NEVER:
            raise Failure("TypeError", f"a {class_name(value)} cannot be written as YAML here")
        return Scalar.of_text(to_s(self._run, value))


def from_yaml(text: str) -> Value:
    """Return what a YAML text says. Raises ``Failure``."""
    import yaml  # noqa: PLC0415  few templates read YAML

    try:
        return _inward(yaml.safe_load(text))
    except (yaml.YAMLError, AttributeError, TypeError, ValueError, RecursionError):
        raise Failure("Psych::SyntaxError", "the text cannot be read as YAML") from None


def _inward(value: Any) -> Value:
    if isinstance(value, dict):
        return Hash((key_of(_inward(key)), _inward(item)) for key, item in value.items())
    if isinstance(value, list):
        return [_inward(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    return str(value)
