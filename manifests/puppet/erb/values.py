"""Values on their way into a template and out of it, their classes, and how Ruby compares them."""

from __future__ import annotations

import re
from functools import cmp_to_key
from typing import Any, Final

from hiera.types import DEFAULT, Regexp, Sensitive
from manifests.puppet.erb.objects import (
    Class,
    Error,
    Failure,
    Hash,
    Lazy,
    Main,
    Match,
    Pattern,
    Proc,
    Range,
    ScopeObject,
    Set,
    Symbol,
    SymbolText,
    Unsupported,
    Value,
    key_of,
    symbol,
    unkey,
)

_PLAIN: Final = frozenset((str, int, float, bool, type(None)))
_FLAGS: Final = re.compile(r"\A\(\?([imx]*)(?:-[imx]+)?:(.*)\)\Z", re.DOTALL)
_NAMES: Final[dict[type, str]] = {
    str: "String",
    int: "Integer",
    float: "Float",
    bool: "TrueClass",
    type(None): "NilClass",
    bytes: "String",
    list: "Array",
    Hash: "Hash",
    Symbol: "Symbol",
    Range: "Range",
    Pattern: "Regexp",
    Match: "MatchData",
    Proc: "Proc",
    Class: "Class",
    Set: "Set",
    Lazy: "Enumerator",
    ScopeObject: "Puppet::Parser::Scope",
    Main: "Puppet::Parser::TemplateWrapper",
    Sensitive: "Puppet::Pops::Types::PSensitiveType::Sensitive",
}
_ABOVE: Final = {
    "String": ("Comparable",),
    "Symbol": ("Comparable",),
    "Integer": ("Numeric", "Comparable", "Fixnum"),
    "Float": ("Numeric", "Comparable"),
    "Array": ("Enumerable",),
    "Hash": ("Enumerable",),
    "Set": ("Enumerable",),
    "Range": ("Enumerable",),
    "Enumerator": ("Enumerable",),
    "Class": ("Module",),
    "Gem::Version": ("Comparable",),
    "IPAddr": ("Comparable",),
    "URI::HTTPS": ("URI::HTTP", "URI::Generic"),
    **dict.fromkeys(("URI::HTTP", "URI::FTP", "URI::LDAP", "URI::LDAPS", "URI::WS", "URI::WSS"), ("URI::Generic",)),
}
_ERRORS: Final = {
    "NoMethodError": "NameError",
    "KeyError": "IndexError",
    "StopIteration": "IndexError",
    "FloatDomainError": "RangeError",
    "FrozenError": "RuntimeError",
    "Puppet::ParseError": "Puppet::Error",
    "JSON::ParserError": "JSON::JSONError",
    "URI::InvalidURIError": "URI::Error",
    "IPAddr::InvalidAddressError": "IPAddr::Error",
    "IPAddr::Error": "ArgumentError",
    "UncaughtThrowError": "ArgumentError",
    "NotImplementedError": "ScriptError",
    "ScriptError": "Exception",
    "NoMemoryError": "Exception",
    "SystemExit": "Exception",
    "StandardError": "Exception",
}


def inward(value: Value) -> Value:
    """Return a value of Puppet's as Ruby's, copied wherever it could change."""
    kind = value.__class__
    if kind in _PLAIN:
        return value
    if kind is SymbolText:
        return symbol(str(value))
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return Hash((key_of(inward(key)), inward(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return [inward(item) for item in value]
    if value is DEFAULT:
        return symbol("default")
    if isinstance(value, Regexp):
        found = _FLAGS.match(value.source)
        return Pattern(found[2], found[1]) if found else Pattern(value.source)
    return value


def outward(value: Value) -> Value:
    """Return a value of a template as Puppet's. Raises ``Failure`` for what is none."""
    kind = value.__class__
    if kind in _PLAIN:
        return value
    if kind is Hash:
        return {_outward_key(key): outward(item) for key, item in value.items()}
    if isinstance(value, list | Lazy | Set):
        return [outward(item) for item in members(value)]
    if kind is Symbol:
        return {"undef": None, "default": DEFAULT}.get(value.name, value.name)
    if kind is Pattern:
        flags = "".join(sorted(value.flags))
        return Regexp(f"(?{flags}:{value.source})" if flags else value.source)
    if kind is Sensitive:
        return Sensitive(outward(value.value))
    if kind is bytes:
        raise Unsupported("bytes that are no text cannot be given to Puppet")
    if kind in _NAMES or hasattr(kind, "ruby_name"):
        raise Failure("ArgumentError", f"a {class_name(value)} cannot be given to a function of Puppet")
    return value


def passed(value: Value) -> Value:
    """Return an argument of a function that may give it back, so that a symbol comes back as one."""
    if value.__class__ is Symbol:
        return outward(value) if value.name in ("undef", "default") else SymbolText(value.name)
    if value.__class__ is Hash:
        return {_outward_key(key): passed(item) for key, item in value.items()}
    return [passed(item) for item in value] if value.__class__ is list else outward(value)


def _outward_key(key: Value) -> Value:
    return tuple(map(_outward_key, key)) if key.__class__ is tuple else outward(key)


def members(value: Value) -> list[Value]:
    """Return the members of what can be gone through; of a hash its pairs."""
    if isinstance(value, list):
        return value
    if isinstance(value, Set):
        return [unkey(key) for key in value]
    if isinstance(value, dict):
        return [[unkey(key), item] for key, item in value.items()]
    if isinstance(value, Lazy):
        return value.items
    if isinstance(value, Range):
        return range_items(value)
    raise Failure("NoMethodError", f"{shown_kind(value)} has no members")


def range_items(value: Range) -> list[Value]:
    """Return the members of a range. Raises ``Failure`` if it is endless or too long."""
    first, last = value.first, value.last
    if isinstance(first, int) and isinstance(last, int | float):
        end = int(last // 1) + (0 if value.open and last == last // 1 else 1)
        if end - first > 1_000_000:
            raise Failure("RangeError", "the range is too long to go through")
        return list(range(first, end))
    if isinstance(first, str) and isinstance(last, str):
        return _text_range(first, last, open_=value.open)
    if hasattr(first, "to") and hasattr(first, "number"):
        if last.number - first.number > 1_000_000:
            raise Failure("RangeError", "the range is too long to go through")
        return list(first.to(last))[: -1 if value.open else None]
    if last is None and isinstance(first, int):
        raise Failure("RangeError", "cannot convert endless range to an array")
    raise Failure("TypeError", f"can't iterate from {class_name(first)}")


def _text_range(first: str, last: str, *, open_: bool) -> list[Value]:
    """Return the texts from ``first`` to ``last`` as Ruby counts on."""
    if (
        first.isdigit()
        and last.isdigit()
        and not (first[0] == "0" and len(first) == 1 and len(last) > 1 and last[0] == "0")
    ):
        end = int(last) + (not open_)
        if end - int(first) > 1_000_000:
            raise Failure("RangeError", "the range is too long to go through")
        return [f"{number:0{len(first)}d}" for number in range(int(first), end)]
    found: list[Value] = []
    text = first
    while len(text) <= len(last) and len(found) < 1_000_000:
        if text == last:
            return found if open_ else [*found, text]
        found.append(text)
        text = successor(text)
    return found


def successor(text: str) -> str:
    """Return the text behind ``text`` as Ruby's ``succ`` counts."""
    if not text:
        return ""
    places = [index for index, char in enumerate(text) if char.isascii() and char.isalnum()]
    if not places:
        return text[:-1] + chr(ord(text[-1]) + 1)
    chars = list(text)
    last = len(chars)
    for place in reversed(places):
        char = chars[place]
        last = place
        if char not in "9zZ":
            chars[place] = chr(ord(char) + 1)
            return "".join(chars)
        chars[place] = {"9": "0", "z": "a", "Z": "A"}[char]
    chars.insert(last, {"0": "1", "a": "a", "A": "A"}[chars[last]])
    return "".join(chars)


def class_name(value: Value) -> str:
    """Return the name of the class of ``value``."""
    if value is False:
        return "FalseClass"
    if isinstance(value, Error):
        return value.kind
    name: str = _NAMES.get(value.__class__) or getattr(value, "ruby_name", value.__class__.__name__)
    return name


def shown_kind(value: Value) -> str:
    """Return how an error of Ruby names the receiver: its class only, for its value may be secret."""
    if value is None:
        return "nil:NilClass"
    if value is True or value is False:
        return "true:TrueClass" if value else "false:FalseClass"
    if isinstance(value, Class):
        return f"{value.name}:Class"
    return f"an instance of {class_name(value)}"


def is_a(value: Value, kind: Value) -> bool:
    """Say whether ``value`` belongs to the class or module ``kind``."""
    if not isinstance(kind, Class):
        raise Failure("TypeError", "class or module required")
    name = class_name(value)
    wanted = kind.name
    if wanted in (name, "Object", "BasicObject", "Kernel"):
        return True
    if isinstance(value, Error):
        return error_is(name, wanted)
    if wanted.startswith("Puppet::Pops::Types::") and name == wanted.rsplit("::", 1)[-1]:
        return True
    return wanted in _ABOVE.get(name, ())


def error_is(name: str, wanted: str) -> bool:
    """Say whether the exception class ``name`` is ``wanted`` or derives from it."""
    while name != wanted:
        if name == "Exception":
            return False
        name = _ERRORS.get(name, "StandardError")
    return True


def equal(left: Value, right: Value) -> bool:
    """Say whether Ruby's ``==`` holds."""
    kind, other = left.__class__, right.__class__
    if kind is bool or other is bool or left is None or right is None:
        return left is right
    if kind is list or other is list:
        return kind is other and len(left) == len(right) and all(map(equal, left, right))
    if kind is Hash and other is Hash:
        return len(left) == len(right) and all(key in right and equal(item, right[key]) for key, item in left.items())
    return bool(left == right)


def compare(left: Value, right: Value) -> int | None:
    """Return what Ruby's ``<=>`` gives: -1, 0, 1, or None for what cannot be compared."""
    kind, other = left.__class__, right.__class__
    if kind in (int, float) and other in (int, float):
        return int(left > right) - int(left < right)
    if kind is not other:
        return None
    if kind is str:
        return int(left > right) - int(left < right)
    if kind is Symbol:
        return int(left.name > right.name) - int(left.name < right.name)
    if kind is list:
        for one, two in zip(left, right, strict=False):
            order = compare(one, two)
            if order != 0:
                return order
        return (len(left) > len(right)) - (len(left) < len(right))
    if kind is bool or left is None or kind is Hash:
        return 0 if equal(left, right) else None
    return _other_order(left, right)


def _other_order(left: Any, right: Any) -> int | None:
    try:
        return int(left > right) - int(left < right)
    except TypeError:
        return None


def ordered(left: Value, right: Value) -> int:
    """Return the order of two values. Raises ``Failure`` if they have none."""
    order = compare(left, right)
    if order is None:
        shown = "nil" if right is None else class_name(right)
        raise Failure("ArgumentError", f"comparison of {class_name(left)} with {shown} failed")
    return order


ORDER: Final = cmp_to_key(ordered)


def sorted_values(values: list[Value]) -> list[Value]:
    """Return ``values`` in Ruby's order."""
    kinds = {value.__class__ for value in values}
    if kinds <= {str} or kinds <= {int, float}:
        return sorted(values)
    return sorted(values, key=ORDER)
