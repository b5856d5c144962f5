"""Ruby's values that Python has no like of.

nil, true, false, numbers and texts are Python's; an array is a list, a hash a :class:`Hash`. A text never changes:
what changes one in Ruby gives a new one, which is kept where the old one stood. As key of a hash an array is a tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

import msgspec

Value = Any


class Symbol:
    """A symbol; there is one object for each name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name


class SymbolText(str):
    """A symbol given to a function of Puppet that may give it back."""

    __slots__ = ()


_SYMBOLS: Final[dict[str, Symbol]] = {}
_MOST_SYMBOLS: Final = 20_000


def symbol(name: str) -> Symbol:
    """Return the symbol ``name``."""
    found = _SYMBOLS.get(name)
    if found is None:
        if len(_SYMBOLS) >= _MOST_SYMBOLS:
            raise Failure("NoMemoryError", "too many symbols")
        found = _SYMBOLS[name] = Symbol(name)
    return found


class Hash(dict[Value, Value]):
    """A hash with what it gives for a key it does not have."""

    __slots__ = ("default", "maker")

    def __init__(self, items: Any = ()) -> None:
        super().__init__(items)
        self.default: Value = None
        self.maker: Proc | None = None


class Set(dict[Value, None]):
    """A set, in the order in which its members came."""

    __slots__ = ()


class Range(msgspec.Struct, frozen=True):
    """``first..last``; ``open`` leaves the last out."""

    first: Value
    last: Value
    open: bool


class Pattern(msgspec.Struct, frozen=True):
    """A regular expression with its flags (``i``, ``m``, ``x``)."""

    source: str
    flags: str = ""


class Match(msgspec.Struct, frozen=True, eq=False):
    """What a regular expression found."""

    found: Any
    pattern: Pattern


class Proc:
    """A block as a value. ``call`` takes the arguments; ``arity`` as Ruby counts it."""

    __slots__ = ("arity", "call", "strict")

    def __init__(self, call: Callable[..., Value], arity: int = -1, *, strict: bool = False) -> None:
        self.call = call
        self.arity = arity
        self.strict = strict


class Class(msgspec.Struct, frozen=True):
    """A class or module by its name."""

    name: str


class Lazy:
    """What a method gives that was called without the block it wants."""

    __slots__ = ("items", "name", "receiver")

    def __init__(self, items: list[Value], name: str, receiver: Value) -> None:
        self.items = items
        self.name = name
        self.receiver = receiver

    def __iter__(self) -> Iterator[Value]:
        return iter(self.items)


class ScopeObject:
    """The ``scope`` of a template; ``part`` is empty or one of its objects, such as ``catalog``.

    ``view`` is what it shows if that is not the scope of the rendering.
    """

    __slots__ = ("part", "view")

    def __init__(self, part: str = "", view: Any = None) -> None:
        self.part = part
        self.view = view


class Resource(msgspec.Struct, frozen=True, eq=False):
    """A resource of the catalog; ``parameters`` are values of Puppet."""

    type: str
    title: str
    parameters: Mapping[str, Value]
    tags: Sequence[str] = ()
    ruby_name: ClassVar[str] = "Puppet::Parser::Resource"

    def __str__(self) -> str:
        return f"{self.type}[{self.title}]"


class Main:
    """``self``."""

    __slots__ = ()


class Error(msgspec.Struct, frozen=True, eq=False):
    """An exception as a value."""

    kind: str
    message: str


class Failure(Exception):  # noqa: N818  Ruby's exceptions are told by their kind
    """A Ruby exception on its way; ``kind`` is the name of its class."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.at = -1


class Unsupported(Exception):  # noqa: N818  no mistake of the template as such
    """What Ruby has and templates here have not."""


class Limit(Exception):  # noqa: N818  no mistake of the template as such
    """A bound on work or memory was reached."""


class Jump(BaseException):
    """``next``, ``break`` or ``return`` under way; ``home`` is what a ``break`` or ``return`` leaves."""

    def __init__(self, kind: str, value: Value, home: object) -> None:
        self.kind = kind
        self.value = value
        self.home = home


def truthy(value: Value) -> bool:
    """Say whether Ruby takes ``value`` for true."""
    return value is not None and value is not False


def key_of(value: Value) -> Value:
    """Return ``value`` as the key of a hash."""
    if isinstance(value, list):
        return tuple(key_of(item) for item in value)
    if isinstance(value, dict):
        return tuple((key_of(key), key_of(item)) for key, item in value.items())
    return value


def unkey(key: Value) -> Value:
    """Return the value that a key of a hash stands for."""
    return [unkey(item) for item in key] if key.__class__ is tuple else key
