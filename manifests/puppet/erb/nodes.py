"""The syntax tree of the Ruby in a template. ``at`` is an offset of the script."""

from __future__ import annotations

from typing import Any

import msgspec


class Node(msgspec.Struct, frozen=True):
    """Anything that has a value."""

    at: int


class Literal(Node, frozen=True):
    """A number, a symbol, ``nil``, ``true``, ``false`` or a text without interpolation."""

    value: Any


class Text(Node, frozen=True):
    """A piece of the template that is shown as it stands."""

    index: int


class Output(Node, frozen=True):
    """What ``<%=`` shows."""

    value: Node


class Interpolated(Node, frozen=True):
    """A text with code in it; ``kind`` is ``text``, ``symbol`` or ``regex``."""

    parts: tuple[Node, ...]
    kind: str = "text"
    flags: str = ""


class Local(Node, frozen=True):
    """A local variable, ``depth`` blocks further out."""

    name: str
    depth: int


class Instance(Node, frozen=True):
    """``@name``, kept without its mark."""

    name: str


class Global(Node, frozen=True):
    """``$name``, with its mark."""

    name: str


class Constant(Node, frozen=True):
    """A name with a capital, ``::`` inside."""

    name: str


class Itself(Node, frozen=True):
    """``self``."""


class Splat(Node, frozen=True):
    """``*value`` or, in a hash or a call, ``**value``."""

    value: Node
    double: bool = False


class ArrayNode(Node, frozen=True):
    """``[...]``."""

    items: tuple[Node, ...]


class HashNode(Node, frozen=True):
    """``{...}``, or the named arguments of a call; a key of None stands before ``**value``."""

    pairs: tuple[tuple[Node | None, Node], ...]
    bare: bool = False


class RangeNode(Node, frozen=True):
    """``first..last`` or, without the last, ``first...last``."""

    first: Node | None
    last: Node | None
    open: bool


class Parameter(msgspec.Struct, frozen=True):
    """A parameter; ``kind`` is ``plain``, ``optional``, ``rest``, ``parts``, ``key``, ``keys`` or ``block``."""

    kind: str
    name: str = ""
    default: Node | None = None
    parts: tuple[Parameter, ...] = ()


class Block(Node, frozen=True):
    """A block or a lambda. ``spreads``: a single array is taken apart for the parameters."""

    parameters: tuple[Parameter, ...]
    body: Node
    strict: bool = False
    spreads: bool = False


class Call(Node, frozen=True):
    """A call of a method; ``receiver`` is None for a function."""

    receiver: Node | None
    name: str
    arguments: tuple[Node, ...] = ()
    block: Node | None = None
    safe: bool = False
    bare: bool = False


class Captures(Node, frozen=True):
    """``/(?<name>...)/ =~ text``, whose groups become variables."""

    test: Node
    targets: tuple[Local, ...]


class Assign(Node, frozen=True):
    """``target = value``."""

    target: Node
    value: Node


class Update(Node, frozen=True):
    """``target op= value``."""

    target: Node
    operator: str
    value: Node


class Targets(Node, frozen=True):
    """The left side of an assignment to many, and the variables of ``for``."""

    items: tuple[Node, ...]


class And(Node, frozen=True):
    """``left && right``."""

    left: Node
    right: Node


class Or(Node, frozen=True):
    """``left || right``."""

    left: Node
    right: Node


class Not(Node, frozen=True):
    """``!value``."""

    value: Node


class Defined(Node, frozen=True):
    """``defined?(value)``."""

    value: Node


class If(Node, frozen=True):
    """``if``, ``unless`` (branches exchanged), the ternary and the modifiers."""

    test: Node
    then: Node
    other: Node


class Case(Node, frozen=True):
    """``case``; without a subject the tests are conditions."""

    subject: Node | None
    branches: tuple[tuple[tuple[Node, ...], Node], ...]
    other: Node


class While(Node, frozen=True):
    """``while``, ``until`` (the test negated); ``first``: the body runs once before the test."""

    test: Node
    body: Node
    first: bool = False


class For(Node, frozen=True):
    """``for target in value``."""

    target: Node
    value: Node
    body: Node


class Rescue(msgspec.Struct, frozen=True):
    """One ``rescue`` branch."""

    kinds: tuple[Node, ...]
    target: Node | None
    body: Node


class Begin(Node, frozen=True):
    """``begin`` with its branches."""

    body: Node
    rescues: tuple[Rescue, ...]
    other: Node | None
    ensure: Node | None


class Jump(Node, frozen=True):
    """``next``, ``break``, ``return`` (``kind``) with a value."""

    kind: str
    value: Node


class Yield(Node, frozen=True):
    """``yield``."""

    arguments: tuple[Node, ...]


class Definition(Node, frozen=True):
    """``def name(...)``; ``own`` if it begins with ``self.``."""

    name: str
    function: Block
    own: bool = False


class Space(Node, frozen=True):
    """``module Name``, ``class Name`` or, with the empty name, ``class << self``; only methods of its own count."""

    name: str
    body: Node


class Sequence(Node, frozen=True):
    """Statements; the value is that of the last."""

    statements: tuple[Node, ...]
