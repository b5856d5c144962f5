"""Making a value of a type out of others: Puppet's ``new``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hiera.errors import DataError
from hiera.types import containers, scalars, wrappers
from hiera.types.base import Type
from hiera.types.data import DEFAULT, Binary, Deferred, Regexp, SemVer, SemVerRange, Sensitive, Timespan, Timestamp, Uri
from hiera.types.inference import infer, reduced
from hiera.types.objects import ObjectExtension, ObjectType, UriType, uri_of
from hiera.values import Secret, Value, holds_secret, revealed


def convert(kind: Type, *arguments: Value) -> Value:
    """Return the instance of ``kind`` that Puppet's ``new`` makes of ``arguments``.

    A secret among the arguments makes the result one. Raises ``DataError`` (``type-conversion``) in Puppet's words,
    which say nothing of a secret.
    """
    if any(map(holds_secret, arguments)):
        return Secret(_of_secret(kind, tuple(map(revealed, arguments))))
    try:
        made = _make(kind, arguments)
    except (ValueError, re.error) as error:
        raise DataError.of("type-conversion", str(error)) from None
    except _UNFIT:
        raise DataError.of("type-conversion", f"the arguments of {kind}.new() do not fit it") from None
    mismatch = kind.check(made)
    if mismatch is not None:
        raise DataError.of(
            "type-conversion", f"Converted value from {kind}.new() has wrong type, {mismatch.describe()}"
        )
    return made


_UNFIT = (TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)
"""What Python raises where a value of the wrong kind is used: here that is the author's value."""


def _of_secret(kind: Type, arguments: tuple[Value, ...]) -> Value:
    try:
        return convert(kind, *arguments)
    except DataError:
        raise DataError.of("type-conversion", f"the secret cannot be converted to {kind}") from None


def _make(kind: Type, arguments: tuple[Value, ...]) -> Value:
    """Return the new value, not yet checked. Raises ``ValueError``."""
    kind = kind.resolved()
    if isinstance(kind, wrappers.InitType):
        return _make(kind.inner, _given(kind, arguments))
    if isinstance(kind, wrappers.OptionalType) and arguments == (None,):
        return None
    if isinstance(kind, wrappers.OptionalType | wrappers.NotUndefType):
        return _make(kind.inner, arguments)
    if isinstance(kind, ObjectType):
        return kind.make(arguments)
    if isinstance(kind, ObjectExtension):
        return kind.base.make(arguments)
    maker, least, most = _maker(kind)
    if maker is None:
        if len(arguments) == 1 and kind.is_instance(arguments[0]):
            return arguments[0]
        raise ValueError(f"Creation of new instance of type '{kind}' is not supported")
    if len(arguments) == 1 and isinstance(arguments[0], dict) and _is_named(kind):
        arguments = _named(type(kind), arguments[0])
    if not least <= len(arguments) <= most:
        raise ValueError(f"'new' expects {_count(least, most)}, got {len(arguments) or 'none'}")
    return maker(*arguments)


def _is_named(kind: Type) -> bool:
    """Say whether a mapping may name the arguments of ``kind``."""
    return type(kind) in _NAMED and (not isinstance(kind, scalars.Kind) or kind == scalars.NUMERIC)


def _count(least: int, most: int) -> str:
    """Return the number of arguments in words."""
    if least == most:
        return f"{least} argument{'s' if least != 1 else ''}"
    return f"between {least} and {most} arguments"


_Maker = Callable[..., Value]
_NAMED: dict[type[Type], tuple[str, ...]] = {
    scalars.IntegerType: ("from", "radix", "abs"),
    scalars.FloatType: ("from", "abs"),
    scalars.Kind: ("from", "abs"),
}


def _given(kind: wrappers.InitType, arguments: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return the arguments for what ``kind`` makes: the only one that it takes, and its own."""
    if len(arguments) != 1:
        raise ValueError(f"'new_Init' expects 1 argument, got {len(arguments) or 'none'}")
    return (*arguments, *kind.extra)


def _named(kind: type[Type], given: dict[str, Value]) -> tuple[Value, ...]:
    """Return the arguments that a mapping names, in order."""
    names = _NAMED[kind]
    if "from" not in given or not set(given) <= set(names):
        raise ValueError(f"expects the keys {', '.join(names)}")
    defaults: dict[str, Any] = {"radix": DEFAULT, "abs": None}
    return tuple(given.get(name, defaults.get(name)) for name in names)


def _maker(kind: Type) -> tuple[_Maker | None, int, int]:
    """Return what makes instances of ``kind``, and the least and the most arguments it takes."""
    from hiera.types import moments  # noqa: PLC0415  the modules know each other

    if isinstance(kind, scalars.TimeType):
        return (moments.timespan, 1, 7) if kind.of is Timespan else (moments.timestamp, 0, 3)
    if isinstance(kind, scalars.Kind):
        named: dict[str, tuple[_Maker | None, int, int]] = {
            "Numeric": (numeric, 1, 2), "Binary": (_binary, 1, 2), "SemVerRange": (_range, 1, 4), "URI": (_uri, 1, 1),
            "Deferred": (_deferred, 1, 2),
        }  # fmt: skip
        return named.get(kind.label, (None, 0, 0))
    table: dict[type[Type], tuple[_Maker, int, int]] = {
        scalars.IntegerType: (integer, 1, 3), scalars.FloatType: (floating, 1, 2), scalars.BooleanType: (boolean, 1, 1),
        scalars.StringType: (string, 1, 2), scalars.SemVerType: (_semver, 1, 5), scalars.RegexpType: (_regexp, 1, 2),
        containers.ArrayType: (array, 1, 2), containers.TupleType: (array, 1, 2), containers.HashType: (mapping, 1, 2),
        containers.StructType: (mapping, 1, 2), wrappers.SensitiveType: (_sensitive, 1, 1),
        wrappers.TypeType: (_type, 1, 1), UriType: (_uri, 1, 1),
    }  # fmt: skip
    return table.get(type(kind), (None, 0, 0))


def _unfit(value: Value, name: str) -> ValueError:
    """Return the error of a value that cannot become an instance of ``name``."""
    if isinstance(value, str):
        return ValueError(f"The string '{value}' cannot be converted to {name}")
    return ValueError(f"Value of type {reduced(infer(value)).generalized()} cannot be converted to {name}")


_MOST = 1_000_000
_INTEGER = re.compile(r"([+-]?)\s*(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)")
_FLOAT = re.compile(r"[+-]?\s*(?:0|[1-9]\d*)\.\d+(?:[eE][+-]?\d+)?|[+-]?\s*(?:0|[1-9]\d*)[eE][+-]?\d+")


def integer(value: Value, radix: Value = DEFAULT, absolute: Value = None) -> int:
    """Return ``value`` as a whole number; a text is read in ``radix`` (2, 8, 10, 16). Raises ``ValueError``."""
    if radix is not DEFAULT and radix not in {2, 8, 10, 16}:
        raise ValueError(f"Illegal radix: {radix}, expected 2, 8, 10, 16, or default")
    if isinstance(value, Timespan | Timestamp):
        number = value.nanoseconds // 10**9
    elif isinstance(value, bool | int | float):
        number = int(value)
    elif isinstance(value, str):
        number = _read_integer(value, radix)
    else:
        raise _unfit(value, "Integer")
    return abs(number) if absolute is True else number


def _read_integer(text: str, radix: Value) -> int:
    """Return the number that ``text`` names; its prefix tells the radix unless one is given."""
    found = _INTEGER.fullmatch(text.strip())
    if found is None:
        raise _unfit(text, "Integer")
    sign, number = found[1], found[2].lower()
    prefix = {"0x": 16, "0b": 2}.get(number[:2], 8 if number.startswith("0") and len(number) > 1 else 10)
    base = prefix if radix is DEFAULT else int(radix)
    body = number[2:] if number[:2] in {"0x", "0b"} else number
    if prefix in {2, 16} and base != prefix:
        raise ValueError(f'invalid value for Integer(): "{text}"')
    try:
        return int(sign + body, base)
    except ValueError:
        raise ValueError(f'invalid value for Integer(): "{text}"') from None


def numeric(value: Value, absolute: Value = None, name: str = "Numeric") -> float:
    """Return ``value`` as a number, whole if it is written so. Raises ``ValueError``."""
    if isinstance(value, Timespan | Timestamp):
        number: float = value.nanoseconds / 10**9
    elif isinstance(value, bool):
        number = int(value)
    elif isinstance(value, int | float):
        number = value
    elif not isinstance(value, str):
        raise _unfit(value, name)
    elif _INTEGER.fullmatch(value.strip()):
        number = _read_integer(value, DEFAULT)
    elif _FLOAT.fullmatch(value.strip()):
        number = float(value.replace(" ", ""))
    else:
        raise _unfit(value, name)
    return abs(number) if absolute is True else number


def floating(value: Value, absolute: Value = None) -> float:
    """Return ``value`` as a floating point number. Raises ``ValueError``."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?0\d+", value):
        return abs(float(value)) if absolute is True else float(value)
    return float(numeric(value, absolute, "Float"))


def boolean(value: Value) -> bool:
    """Return ``value`` as a boolean; the words are true, false, yes, no, y and n. Raises ``ValueError``."""
    if isinstance(value, bool | int | float):
        return value != 0
    word = {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}
    if isinstance(value, str) and value.lower() in word:
        return word[value.lower()]
    raise _unfit(value, "Boolean")


def string(value: Value, given: Value = DEFAULT) -> str:
    """Return ``value`` as text, under the format or the mapping of formats ``given``. Raises ``ValueError``."""
    from hiera.types.formats import formats_of, text_of  # noqa: PLC0415  heavy, and few need it

    return text_of(value, formats_of(value, given))


def array(value: Value, wrap: Value = None) -> list[Value]:
    """Return ``value`` as a list; with ``wrap`` what is none becomes the only item. Raises ``ValueError``."""
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, wrappers.Iterated):
        return list(value.items)
    if wrap is True:
        return [value]
    if isinstance(value, dict):
        return [[key, item] for key, item in value.items()]
    if isinstance(value, str):
        return list(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        if value > _MOST:
            raise ValueError(f"an Array of more than {_MOST} numbers is too big")
        return list(range(value))
    if isinstance(value, Binary):
        return list(value.data)
    raise _unfit(value, "Array")


def mapping(value: Value, form: Value = DEFAULT) -> dict[Value, Value]:
    """Return ``value`` (pairs, or keys and values in turn) as a mapping. Raises ``ValueError``."""
    if isinstance(value, dict):
        return dict(value)
    if form in ("tree", "hash_tree"):
        return _tree(value, all_hashes=form == "hash_tree")
    if value is None:
        raise _unfit(value, "Hash")
    items = array(value)
    if items and all(isinstance(item, list | tuple) and len(item) == 2 for item in items):
        return {_key(key): item for key, item in items}
    if len(items) % 2:
        raise ValueError("odd number of arguments for Hash")
    return {_key(key): item for key, item in zip(items[::2], items[1::2], strict=True)}


def _key(key: Value) -> Value:
    """Return ``key`` as Python can look it up: a list as a tuple."""
    return tuple(map(_key, key)) if isinstance(key, list) else key


def _tree(pairs: Value, *, all_hashes: bool) -> dict[Value, Value]:
    """Return the nested mapping that pairs of path and value describe; lists in it stay lists, or become mappings."""
    root: dict[Value, Value] = {}
    for path, value in array(pairs):
        if not path:
            root.update(value if isinstance(value, dict) else enumerate(value))
            continue
        node: Any = root
        for step in path[:-1]:
            node = node.setdefault(step, {}) if isinstance(node, dict) else node[step]
        _put(node, path[-1], _hashes(value) if all_hashes else list(value) if isinstance(value, list) else value)
    return root


def _put(node: Any, step: Value, value: Value) -> None:
    """Set what stands at ``step``; a list grows as far as it has to."""
    if isinstance(node, list):
        node.extend([None] * (step + 1 - len(node)))
    node[step] = value


def _hashes(value: Value) -> Value:
    """Return ``value`` with mappings by index in the place of lists."""
    if isinstance(value, list):
        return {index: _hashes(item) for index, item in enumerate(value)}
    return value


def _sensitive(value: Value) -> Sensitive:
    return value if isinstance(value, Sensitive) else Sensitive(value)


def _binary(value: Value, form: Value = "%B") -> Binary:
    if isinstance(value, dict):
        return _binary(value.get("value"), value.get("format", "%B"))
    if isinstance(value, str):
        if form not in {"%b", "%B", "%r", "%s", "%u"}:
            raise ValueError(f"parameter 'format' expects a match for Enum['%B', '%b', '%r', '%s', '%u'], got '{form}'")
        return Binary.of(value, form)
    if isinstance(value, list) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in value):
        return Binary(bytes(value))
    raise _unfit(value, "Binary")


def _uri(value: Value) -> Uri:
    if isinstance(value, dict):
        return uri_of(value)
    if not isinstance(value, str | Uri):
        raise _unfit(value, "URI")
    return Uri(str(value))


def _deferred(name: Value, arguments: Value = None) -> Deferred:
    if isinstance(name, dict):
        return _deferred(name.get("name"), name.get("arguments"))
    if not isinstance(name, str):
        raise _unfit(name, "Deferred")
    return Deferred(name, tuple(arguments or ()))


def _semver(*parts: Value) -> SemVer:
    if len(parts) == 1 and isinstance(parts[0], str):
        return SemVer.of(parts[0])
    if len(parts) == 1 and isinstance(parts[0], dict):
        given = parts[0]
        return SemVer(*(given.get(name, 0) for name in ("major", "minor", "patch")),
                      *(given.get(name) or "" for name in ("prerelease", "build")))  # fmt: skip
    if len(parts) >= 3 and all(isinstance(part, int) for part in parts[:3]):
        return SemVer(*parts)
    raise _unfit(parts[0], "a SemVer")


def _range(*parts: Value) -> SemVerRange:
    if len(parts) == 1 and isinstance(parts[0], str):
        made = SemVerRange(parts[0])
    elif len(parts) in {2, 3} and all(isinstance(part, SemVer) for part in parts[:2]):
        made = SemVerRange(f">={parts[0]} {'<' if parts[2:] == (True,) else '<='}{parts[1]}")
    else:
        raise _unfit(parts[0], "SemVerRange")
    made.alternatives()
    return made


def _regexp(value: Value, plain: Value = None) -> Regexp:
    if plain is True and isinstance(value, str):
        return Regexp(re.escape(value))
    if isinstance(value, Regexp):
        return value
    if not isinstance(value, str):
        raise _unfit(value, "Regexp")
    made = Regexp(value)
    _ = made.compiled
    return made


def _type(value: Value) -> Type:
    from hiera.types.construct import parse  # noqa: PLC0415  the modules know each other

    return value if isinstance(value, Type) else parse(str(value))
