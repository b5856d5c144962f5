"""YAML as Ruby's Psych and libyaml write it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from hiera.ruby_text import ruby_text
from hiera.types import DEFAULT
from hiera.values import Value
from manifests.functions.yaml_scalars import Scalar, block, choose, plain_like

_LONGEST_KEY: Final = 128


class Writer:
    """Writes one document. What scalars are, and which values they stand for, is told by :meth:`scalar`."""

    def __init__(self, *, width: int | None = 80, step: int = 2) -> None:
        self.width = width
        self.step = step
        self._parts: list[str] = []
        self._open = False  # whether the last block keeps its line breaks, so that the document has to tell its end

    def scalar(self, value: Value) -> Scalar:
        """Return ``value``, which is no list and no mapping, as a scalar."""
        raise NotImplementedError

    def key(self, key: Value) -> Value:
        """Return the value that a key of a mapping stands for."""
        return key

    def mark(self, value: Value) -> str:  # noqa: ARG002  as nothing is known twice here
        """Return what stands before a list or mapping: an anchor if it occurs again, an alias if it has occurred."""
        return ""

    def document(self, value: Value) -> str:
        """Return ``value`` as a whole document."""
        self._parts = ["---"]
        self.node(value, indent=-self.step, column=3)
        ending = "" if self._parts[-1].endswith("\n") else "\n"
        return "".join([*self._parts, ending, "...\n" * self._open])

    def node(self, value: Value, indent: int, column: int, *, in_map: bool = False, in_list: bool = False) -> None:
        """Write ``value`` behind ``---``, ``key:`` or ``-``; ``indent`` is that of the container around it."""
        if not isinstance(value, list | tuple | Mapping):
            self._write_scalar(self.scalar(value), indent, column)
            return
        mark = self.mark(value)
        if mark.startswith(" *"):
            self._parts.append(mark + "\n")
        elif not value:
            self._parts.append(mark + (" {}\n" if isinstance(value, Mapping) else " []\n"))
        else:
            self._parts.append(mark)
            inner = max(indent if in_map and not isinstance(value, Mapping) else indent + self.step, 0)
            ahead = inner - column if in_list and not mark else None
            if isinstance(value, Mapping):
                self._mapping(value, inner, ahead)
            else:
                self._sequence(value, inner, ahead)

    def _begin(self, indent: int, ahead: int | None) -> None:
        """Begin an item on a line of its own, or ``ahead`` columns further on the line that stands."""
        if ahead is not None:
            self._parts.append(" " * ahead)
        else:
            self._parts.append(("" if self._parts[-1].endswith("\n") else "\n") + " " * indent)

    def _sequence(self, items: list[Value] | tuple[Value, ...], indent: int, ahead: int | None) -> None:
        """Write the members of a list, each behind a ``-`` in the column ``indent``."""
        for index, item in enumerate(items):
            self._begin(indent, ahead if index == 0 else None)
            self._parts.append("-")
            self.node(item, indent, indent + 1, in_list=True)

    def _mapping(self, items: Mapping[Value, Value], indent: int, ahead: int | None) -> None:
        """Write the pairs of a mapping, each in the column ``indent``."""
        for index, (key, item) in enumerate(items.items()):
            self._begin(indent, ahead if index == 0 else None)
            text = self._simple_key(self.key(key))
            if text is not None:
                self._parts.append(f"{text}:")
                self.node(item, indent, indent + len(text) + 1, in_map=True)
            else:
                self._parts.append("?")
                self.node(self.key(key), indent, indent + 1, in_list=True)
                self._begin(indent, None)
                self._parts.append(":")
                self.node(item, indent, indent + 1, in_list=True)

    def _simple_key(self, key: Value) -> str | None:
        """Return a key that stands before its colon, None for one that is too long, has lines or members."""
        if isinstance(key, list | tuple | Mapping):
            return None if key else "{}" if isinstance(key, Mapping) else "[]"
        shown = choose(self.scalar(key), key=True)
        tag = "!" if key is None else shown.tag
        if "\n" in shown.text or len(tag) + len(shown.text.encode()) > _LONGEST_KEY:
            return None
        return f"{tag} " * bool(tag) + plain_like(shown, 0, 0, None)

    def _write_scalar(self, scalar: Scalar, indent: int, column: int) -> None:
        scalar = choose(scalar)
        inner = max(indent + self.step, self.step) if indent < 0 else indent + self.step
        if scalar.tag:
            self._parts.append(f" {scalar.tag}")
        if scalar.style in ("|", ">"):
            text = block(scalar, inner, self.step, self.width)
            self._open = text.partition("\n")[0].endswith("+")
            self._parts.append(text)
            return
        text = plain_like(scalar, column + 1, inner, self.width)
        self._parts.append(f" {text}\n" if text or scalar.style else "\n")


class YamlOfData(Writer):
    """Writes the values of the Puppet language. ``width`` folds longer texts; a negative one never breaks a line."""

    def __init__(self, width: int | None, step: int) -> None:
        best = 80 if width is None or 0 <= width <= step * 2 else None if width < 0 else width
        super().__init__(width=best, step=step)
        self._folded = None if width is None or width < 0 else width

    def scalar(self, value: Value) -> Scalar:
        """See :class:`Writer`."""
        if isinstance(value, str):
            return Scalar.of_text(value, self._folded)
        if value is None:
            return Scalar("")
        if value is DEFAULT:
            return Scalar(":default")
        if isinstance(value, float) and not math.isfinite(value):
            return Scalar({math.inf: ".inf", -math.inf: "-.inf"}.get(value, ".nan"))
        if isinstance(value, int | float):
            return Scalar(ruby_text(value))
        return Scalar.of_text(str(value), self._folded)
