"""Nodes of literals and names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manifests.puppet.ast.base import Node

if TYPE_CHECKING:
    from manifests.puppet.ast.base import AnyNode


class Nop(Node, frozen=True):
    """Nothing at all: an empty file."""


class Undef(Node, frozen=True):
    """The word ``undef``."""


class Default(Node, frozen=True):
    """The word ``default``."""


class Boolean(Node, frozen=True):
    """``true`` or ``false``."""

    value: bool


class Integer(Node, frozen=True):
    """A whole number and the base it was written in: 8, 10 or 16."""

    value: int
    radix: int


class Float(Node, frozen=True):
    """A number with a fraction or an exponent."""

    value: float


class String(Node, frozen=True):
    """Text without interpolation."""

    value: str


class Regex(Node, frozen=True):
    """A regular expression in Ruby's notation."""

    source: str


class Concatenated(Node, frozen=True):
    """Text with interpolation: strings and :class:`Text` in turn."""

    segments: tuple[AnyNode, ...]


class Text(Node, frozen=True):
    """An expression whose value becomes part of a text."""

    expression: AnyNode


class Heredoc(Node, frozen=True):
    """A text that stands below its line; ``syntax`` is the language it claims, or ""."""

    syntax: str
    text: AnyNode


class Array(Node, frozen=True):
    """A list."""

    values: tuple[AnyNode, ...]


class KeyedEntry(Node, frozen=True):
    """One ``key => value`` of a hash."""

    key: AnyNode
    value: AnyNode


class Hash(Node, frozen=True):
    """A hash; ``bare`` when it was written without braces among arguments."""

    entries: tuple[KeyedEntry, ...]
    bare: bool = False


class Name(Node, frozen=True):
    """A lower-case name, bare word of a type, class or function."""

    value: str


class Reference(Node, frozen=True):
    """A capitalised name: a data or resource type, in the case it was written."""

    value: str


class Reserved(Node, frozen=True):
    """A word that the language keeps for itself."""

    word: str


class Variable(Node, frozen=True):
    """A variable; ``name`` is without the dollar."""

    name: str
