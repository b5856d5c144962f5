"""Puppet's notation of data types: the text, its tokens, and the tree that :mod:`hiera.types.construct` reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from hiera.errors import DataError, Location, Problem
from hiera.types.base import Type

Resolver: TypeAlias = Callable[[str], Type | None]


class TypeSyntaxError(DataError):
    """A notation that cannot be read; ``column`` counts characters of it from 0."""

    def __init__(
        self, message: str, notation: str, column: int, *, hint: str | None = None, location: Location | None = None
    ) -> None:
        self.message, self.notation, self.column, self.hint = message, notation, column, hint
        super().__init__(Problem("type-syntax", f"{message} in the type '{notation}'", location, hint))

    def at(self, location: Location) -> TypeSyntaxError:
        """Return the error placed in a file whose text at ``location`` is the notation."""
        place = Location(location.file, location.line, location.column + self.column if location.column else 0)
        return TypeSyntaxError(self.message, self.notation, self.column, hint=self.hint, location=place)


class Node(msgspec.Struct, frozen=True):
    """A part of a notation: ``kind`` is name, word, value, list or hash, and ``column`` where it stands."""

    kind: str
    value: Any
    column: int
    arguments: tuple[Node, ...] | None = None


_TOKEN = re.compile(
    r"""\s+
      | (?P<name>(?:::)?[A-Z]\w*(?:::[A-Z]\w*)*)
      | (?P<number>[-+]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?))
      | (?P<word>[a-z_0-9](?:[\w-]*\w)?(?:::[\w-]*\w)*)
      | (?P<single>'(?:[^'\\]|\\.)*')
      | (?P<double>"(?:[^"\\]|\\.)*")
      | (?P<regex>/(?:[^/\\\n]|\\.)*/)
      | (?P<mark>=>|[\[\]{},])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "s": " ", "0": "\0"}
_WORDS = {"true": True, "false": False, "undef": None}


def read(notation: str) -> Node:
    """Return the tree of ``notation``. Raises :class:`TypeSyntaxError`."""
    reader = _Reader(notation)
    node = reader.item()
    if reader.kind != "end":
        raise reader.error(f"unexpected '{reader.text}'")
    if node.kind != "name":
        raise TypeSyntaxError("a type begins with a capital letter", notation, node.column)
    return node


class _Reader:
    """Reads one notation by recursive descent; ``kind`` and ``text`` are the token at hand."""

    def __init__(self, notation: str) -> None:
        self.notation = notation
        self.place = self.column = 0
        self.depth = 0
        self.kind = self.text = ""
        self.advance()

    def error(self, message: str) -> TypeSyntaxError:
        """Return the error ``message`` at the token at hand."""
        return TypeSyntaxError(message, self.notation, self.column)

    def advance(self) -> None:
        """Go to the next token."""
        while self.place < len(self.notation):
            found = _TOKEN.match(self.notation, self.place)
            self.column = self.place
            if found is None:
                char = self.notation[self.place]
                unclosed = {"'": "a quote without its end", '"': "a quote without its end", "/": "a / without its end"}
                raise self.error(unclosed.get(char, f"unexpected '{char}'"))
            self.place = found.end()
            if found.lastgroup:
                self.kind, self.text = found.lastgroup, found[0]
                return
        self.kind, self.text, self.column = "end", "end of text", len(self.notation)

    def item(self) -> Node:
        """Read a type, a value, a list or a mapping."""
        self.depth += 1
        if self.depth > 100:
            raise self.error("nested too deep")
        column, kind, text = self.column, self.kind, self.text
        if kind == "end":
            raise self.error("unexpected end")
        self.advance()
        node = self._node(kind, text, column)
        self.depth -= 1
        return node

    def _node(self, kind: str, text: str, column: int) -> Node:
        if kind == "name":
            arguments = self._items("]") if self._take("[") else None
            return Node("name", text.removeprefix("::"), column, arguments)
        if text == "[":
            return Node("list", None, column, self._items("]"))
        if text == "{":
            return Node("hash", None, column, self._items("}"))
        if kind == "mark":
            raise TypeSyntaxError(f"unexpected '{text}'", self.notation, column)
        if kind == "regex":
            return Node("regex", text[1:-1].replace("\\/", "/"), column)
        if kind == "word":
            return Node("value", _WORDS[text], column) if text in _WORDS else Node("word", text, column)
        return Node("value", _literal(kind, text), column)

    def _take(self, mark: str) -> bool:
        """Go past ``mark`` if it is the token at hand."""
        if self.kind == "mark" and self.text == mark:
            self.advance()
            return True
        return False

    def _items(self, end: str) -> tuple[Node, ...]:
        """Read items up to the mark ``end``; in a mapping keys and values alternate."""
        items: list[Node] = []
        while not self._take(end):
            items.append(self.item())
            if end == "}":
                if not self._take("=>"):
                    raise self.error(f"expected '=>' before '{self.text}'")
                items.append(self.item())
            if not self._take(",") and self.text != end:
                raise self.error(f"expected ',' or '{end}' before '{self.text}'")
        return tuple(items)


def _literal(kind: str, text: str) -> str | int | float:
    """Return the value of a number or a quoted text."""
    if kind == "single":
        return re.sub(r"\\([\\'])", r"\1", text[1:-1])
    if kind == "double":
        return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1], flags=re.DOTALL)
    if "x" in text or "X" in text:
        return int(text, 16)
    if "." in text or "e" in text.lower():
        return float(text)
    return int(text, 8) if len(text) > 1 and text.startswith("0") and text.isdigit() and "8" not in text else int(text)
