"""The trail of a lookup as data, and as text in the spirit of ``puppet lookup --explain``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from hiera.values import MISSING, Secret, Value

Kind = Literal["key", "options", "merge", "layer", "level", "path", "interpolation", "convert"]
Outcome = Literal["", "found", "not-found", "no-file"]


class Step(msgspec.Struct):
    """One thing the lookup looked at, with what it led to inside.

    ``name`` is the key, layer, level, path or expression; ``detail`` is the path before interpolation, the file of a
    layer's hierarchy. ``value`` is what was found here, secrets still wrapped.
    """

    kind: Kind
    name: str
    detail: str = ""
    outcome: Outcome = ""
    value: Value = MISSING
    steps: list[Step] = msgspec.field(default_factory=list)

    def add(self, kind: Kind, name: str, detail: str = "") -> Step:
        """Return a new step below this one."""
        step = Step(kind, name, detail)
        self.steps.append(step)
        return step

    def conceal(self) -> None:
        """Make a secret of every value found here and below: what they led to is one."""
        for step in self.steps:
            step.conceal()
        if self.value is not MISSING and not isinstance(self.value, Secret):
            self.value = Secret(self.value)

    def end(self, value: Value) -> None:
        """Note what was found here, ``MISSING`` for nothing."""
        self.outcome = "not-found" if value is MISSING else "found"
        self.value = value


class Answer(msgspec.Struct, frozen=True):
    """The value of a key (``MISSING`` if there is none) and the way to it."""

    value: Value
    trail: Step


_TITLES = {
    "key": 'Searching for "{}"',
    "options": 'Using merge options from "{}"',
    "merge": "Merge strategy {}",
    "layer": "{}",
    "level": 'Hierarchy entry "{}"',
    "path": 'Path "{}"',
    "interpolation": 'Interpolation on "{}"',
    "convert": "Converted to {}",
}
_DETAILS = {"path": 'Original path: "{}"', "layer": 'Using configuration "{}"'}


def render(trail: Step) -> str:
    """Return ``trail`` as indented text; secrets are shown as ``[redacted]``."""
    return "\n".join(_lines(trail, ""))


def _lines(step: Step, indent: str) -> Iterator[str]:
    """Yield the lines of ``step`` and of what is below it."""
    yield indent + _TITLES[step.kind].format(step.name)
    inner = indent + "  "
    if step.detail:
        yield inner + _DETAILS.get(step.kind, "{}").format(step.detail)
    for below in step.steps:
        yield from _lines(below, inner)
    if step.outcome == "no-file":
        yield inner + "Path not found"
    elif step.outcome == "not-found" and step.kind in ("path", "key"):
        yield inner + "No such key"
    elif step.outcome == "found" and step.kind in ("path", "key", "merge"):
        label = "Merged result" if step.kind == "merge" else "Found"
        yield f"{inner}{label}: {shown(step.value, inner)}"


def shown(value: Value, indent: str = "") -> str:
    """Return ``value`` as text for people, nested values on lines of their own."""
    inner = indent + "  "
    if isinstance(value, Secret):
        return "[redacted]"
    if isinstance(value, dict) and value:
        rows = ",\n".join(f"{inner}{shown(key)} => {shown(item, inner)}" for key, item in value.items())
        return f"{{\n{rows}\n{indent}}}"
    if isinstance(value, list) and value:
        rows = ",\n".join(inner + shown(item, inner) for item in value)
        return f"[\n{rows}\n{indent}]"
    if isinstance(value, str):
        return msgspec.json.encode(value).decode()
    if value is None:
        return "undef"
    return str(value).lower() if isinstance(value, bool) else str(value)
