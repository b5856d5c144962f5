"""YAML as Ruby's Psych and libyaml write it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from manifests.puppet.erb.objects import Failure, Hash, Lazy, Pattern, Range, Set, Symbol, Value, key_of, unkey
from manifests.puppet.erb.text import to_s
from manifests.puppet.erb.values import class_name
from manifests.puppet.erb.yaml_scalars import Scalar, choose, literal, plain_like

if TYPE_CHECKING:
    from manifests.puppet.erb.running import Run

_INDENT: Final = 2
_LONGEST_KEY: Final = 128


def to_yaml(run: Run, value: Value) -> str:
    """Return ``value`` as a document."""
    writer = _Writer(run)
    writer.count(value)
    writer.document(value)
    text = "".join(writer.parts)
    run.charge(len(text))
    return text


class _Writer:
    """Writes one document; ``column`` is where the next character goes."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.parts: list[str] = []
        self.seen: dict[int, int] = {}
        self.anchors: dict[int, int] = {}

    def count(self, value: Value) -> None:
        """Find the containers that occur more than once."""
        if not isinstance(value, list | Hash):
            return
        self.run.step()
        self.seen[id(value)] = self.seen.get(id(value), 0) + 1
        if self.seen[id(value)] == 1:
            for item in value.values() if isinstance(value, dict) else value:
                self.count(item)

    def document(self, value: Value) -> None:
        """Write a whole document."""
        self.parts.append("---")
        self.node(value, indent=-_INDENT, column=3)
        last = self.parts[-1]
        if not last.endswith("\n"):
            self.parts.append("\n")

    def node(self, value: Value, indent: int, column: int, *, in_map: bool = False, in_list: bool = False) -> None:
        """Write ``value`` behind ``---``, ``key:`` or ``-``; ``indent`` is that of the container around it."""
        self.run.step()
        if isinstance(value, Set | Lazy | Range | Pattern):
            raise Failure("TypeError", f"a {class_name(value)} cannot be written as YAML here")
        if not isinstance(value, list | Hash):
            self._write_scalar(self.scalar(value), indent, column)
            return
        mark = self._anchor(value)
        if mark.startswith(" *"):
            self.parts.append(mark + "\n")
            return
        if not value:
            self.parts.append(mark + (" {}\n" if isinstance(value, Hash) else " []\n"))
            return
        self.parts.append(mark)
        compact = in_list and not mark
        if isinstance(value, Hash):
            self._mapping(value, indent + _INDENT, compact=compact)
        else:
            self._sequence(value, indent if in_map else indent + _INDENT, compact=compact)

    def _anchor(self, value: Value) -> str:
        """Return the anchor of a container that occurs again, or the alias of one that has."""
        if self.seen.get(id(value), 0) < 2:
            return ""
        known = self.anchors.get(id(value))
        if known:
            return f" *{known}"
        self.anchors[id(value)] = len(self.anchors) + 1
        return f" &{len(self.anchors)}"

    def _sequence(self, items: list[Value], indent: int, *, compact: bool) -> None:
        """Write the members of a list; a ``compact`` one begins on the line that stands."""
        indent = max(indent, 0)
        for index, item in enumerate(items):
            self.parts.append(" -" if compact and index == 0 else self._line(indent) + "-")
            self.node(item, indent, indent + 1, in_list=True)

    def _line(self, indent: int) -> str:
        """Return what begins a line."""
        fresh = self.parts[-1].endswith("\n")
        return ("" if fresh else "\n") + " " * indent

    def _mapping(self, items: Hash, indent: int, *, compact: bool) -> None:
        """Write the pairs of a hash."""
        indent = max(indent, 0)
        for index, (key, item) in enumerate(items.items()):
            self.parts.append(" " if compact and index == 0 else self._line(indent))
            name = unkey(key)
            if isinstance(name, list | Hash):
                raise Failure("TypeError", "a list as key cannot be written as YAML here")
            shown = choose(self.scalar(name), key=True)
            text = plain_like(shown, 0, None)
            tag = "!" if name is None else shown.tag
            text = f"{tag} {text}" if tag else text
            if len(text) > _LONGEST_KEY:
                self.parts.append(f"? {text}\n{' ' * indent}:")
            else:
                self.parts.append(text + ":")
            self.node(item, indent, indent + len(text) + 1, in_map=True)

    def _write_scalar(self, scalar: Scalar, indent: int, column: int) -> None:
        scalar = choose(scalar)
        inner = max(indent, -_INDENT) + _INDENT
        if indent < 0:
            inner = _INDENT
        if scalar.tag:
            self.parts.append(f" {scalar.tag}")
        if scalar.style in ("|", ">"):
            self.parts.append(literal(scalar, inner))
            return
        text = plain_like(scalar, column + 1, inner)
        self.parts.append(f" {text}\n" if text or scalar.style else "\n")

    def scalar(self, value: Value) -> Scalar:
        """Return ``value`` as a scalar."""
        if isinstance(value, str):
            return Scalar.of_text(value)
        if value is None:
            return Scalar("")
        if isinstance(value, float) and not math.isfinite(value):
            return Scalar({math.inf: ".inf", -math.inf: "-.inf"}.get(value, ".nan"))
        if isinstance(value, Symbol):
            return Scalar(f":{value.name}")
        if isinstance(value, bool | int | float):
            return Scalar(to_s(self.run, value))
        if value.__class__.__name__ in ("Proc", "Match", "ScopeObject", "Main", "Class", "Error"):
            raise Failure("TypeError", f"a {class_name(value)} cannot be written as YAML")
        return Scalar.of_text(to_s(self.run, value))


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
