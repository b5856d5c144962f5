"""What stdlib had before data types: ``is_x`` asks, ``validate_x`` ends the compilation."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any

from hiera.ruby_text import ruby_inspect, ruby_text
from hiera.types.convert import integer as to_integer
from hiera.types.regex import compiled
from hiera.values import Value
from manifests.functions.collections import dig, flatten
from manifests.puppet.functions.base import Invocation

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|[\\/][\\/][^\\/]+[\\/][^\\/]+|[\\/][\\/]\?[\\/][^\\/]+")
_NUMBER = re.compile(r"^-?(?:(?:[1-9]\d*)|0)(?:\.\d+)?(?:[eE]-?\d+)?$", re.MULTILINE)
_MAC = re.compile(
    r"^(?:[a-f0-9]{1,2}([:-])(?:[a-f0-9]{1,2}\1){4}|(?:[a-f0-9]{1,2}:){19})[a-f0-9]{1,2}$", re.IGNORECASE | re.MULTILINE
)
_LABEL = re.compile(r"[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?", re.IGNORECASE)
_EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*", re.IGNORECASE
)


def is_absolute_path(value: Value) -> bool:
    """Say whether a value is an absolute path of Unix or Windows."""
    return isinstance(value, str) and (value.startswith("/") or _WINDOWS.match(value) is not None)


def is_number(value: Value) -> bool:
    """Say whether a value is a number or the text of one."""
    if isinstance(value, str):
        return _NUMBER.search(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: Value) -> bool:
    """Say whether a value is a whole number or the text of one."""
    if isinstance(value, str):
        return re.search(r"^-?(?:[1-9]\d*|0)$", value, re.MULTILINE) is not None
    return isinstance(value, int) and not isinstance(value, bool)


def is_float(value: Value) -> bool:
    """Say whether a value is a number with a fraction or the text of one."""
    return isinstance(value, float) or (isinstance(value, str) and value == _float_of(value))


def _float_of(text: str) -> str:
    """Return what Ruby's ``to_f.to_s`` makes of a text."""
    found = re.match(r"\s*[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", text)
    return ruby_text(float(found[0]) if found else 0.0)


def is_string(value: Value) -> bool:
    """Say whether a value is text that is no number; undef counts as text."""
    if value is None:
        return True
    return isinstance(value, str) and value != _float_of(value) and not re.fullmatch(r"-?[1-9]\d*|0", value)


def _is_address(*versions: int) -> Callable[[Value], bool]:
    """Return what says whether a value is an address, or a network, of a version."""

    def check(value: Value) -> bool:
        """Say whether a value is an address."""
        try:
            return isinstance(value, str) and ipaddress.ip_interface(value).version in versions
        except ValueError:
            return False

    return check


def is_domain_name(value: Value) -> bool:
    """Say whether a value is the name of a host or domain."""
    if value == ".":
        return True
    plain = value.removesuffix(".") if isinstance(value, str) else ""
    if not plain or len(plain) > 255 or ("." in plain and not re.search(r"\.[A-Za-z]+$", plain)):
        return False
    return all(_LABEL.fullmatch(label) for label in plain.split("."))


_ASKED: dict[str, Callable[[Value], bool]] = {
    "is_absolute_path": is_absolute_path,
    "is_array": lambda value: isinstance(value, list | tuple),
    "is_bool": lambda value: isinstance(value, bool),
    "is_domain_name": is_domain_name,
    "is_email_address": lambda value: isinstance(value, str) and _EMAIL.fullmatch(value) is not None,
    "is_float": is_float,
    "is_hash": lambda value: isinstance(value, dict),
    "is_integer": is_integer,
    "is_ip_address": _is_address(4, 6),
    "is_ipv4_address": _is_address(4),
    "is_ipv6_address": _is_address(6),
    "is_mac_address": lambda value: isinstance(value, str) and _MAC.search(value) is not None,
    "is_numeric": is_number,
    "is_string": is_string,
}


def _all(name: str, what: str, check: Callable[[Value], bool], *, lists: bool = False) -> Callable[..., None]:
    """Return the function that ends the compilation unless all its arguments pass."""

    def validate(*values: Value) -> None:
        """End the compilation unless the values are of a kind."""
        for value in flatten(*values) if lists else values:
            if not check(value):
                raise ValueError(f"{ruby_inspect(value)} is not {what}")

    validate.__name__ = name
    return validate


_CHECKED: dict[str, tuple[str, Callable[[Value], bool], bool]] = {
    "validate_absolute_path": ("an absolute path", is_absolute_path, True),
    "validate_array": ("an Array", _ASKED["is_array"], False),
    "validate_bool": ("a boolean", _ASKED["is_bool"], False),
    "validate_hash": ("a Hash", _ASKED["is_hash"], False),
    "validate_ip_address": ("a valid IP address", _ASKED["is_ip_address"], False),
    "validate_ipv4_address": ("a valid IPv4 address", _ASKED["is_ipv4_address"], False),
    "validate_ipv6_address": ("a valid IPv6 address", _ASKED["is_ipv6_address"], False),
    "validate_string": ("a string", lambda value: value is None or isinstance(value, str), False),
}


def validate_re(value: str, patterns: Value, message: Value = None) -> None:
    """End the compilation unless one of some regular expressions matches a text."""
    sources = flatten(patterns)
    if not any(compiled(source).search(value) for source in sources):
        raise ValueError(message or f"{ruby_inspect(value)} does not match {ruby_inspect(patterns)}")


def validate_slength(value: Value, most: Value, least: Value = None) -> None:
    """End the compilation unless texts have a length within bounds."""
    high, low = to_integer(most), 0 if least is None else to_integer(least)
    if high <= 0 or low < 0 or high < low:
        raise ValueError("expects a length above zero, then one that is not greater")
    for one in value if isinstance(value, list | tuple) else [value]:
        if not isinstance(one, str):
            raise ValueError("expects texts")  # noqa: TRY004  the author's mistake
        if not low <= len(one) <= high:
            raise ValueError(
                f"Expected length of {ruby_inspect(value)} to be between {low} and {high}, was {len(value)}"
            )


def _within(read: Callable[[str], float], what: str) -> Callable[..., None]:
    """Return the function that ends the compilation unless its arguments are numbers within bounds."""

    def validate(value: Value, most: Value = None, least: Value = None) -> None:
        """End the compilation unless values are numbers within bounds."""
        high = None if most is None or most == "" else read(ruby_text(most))
        low = None if least is None else read(ruby_text(least))
        for one in value if isinstance(value, list | tuple) else [value]:
            try:
                number = read(ruby_text(one))
            except ValueError:
                raise ValueError(f"Expected {ruby_inspect(one)} to be {what}") from None
            if high is not None and number > high:
                raise ValueError(f"Expected {ruby_inspect(value)} to be smaller or equal to {high}")
            if low is not None and number < low:
                raise ValueError(f"Expected {ruby_inspect(value)} to be greater or equal to {low}")

    return validate


def _whole(text: str) -> int:
    """Return a whole number as Ruby's ``Integer()`` reads it."""
    return int(to_integer(text))


def is_function_available(call: Invocation, name: Value) -> bool:
    """Say whether there is a function of a name."""
    from manifests.puppet.functions.resolving import resolve  # noqa: PLC0415  it asks the table that names this file

    return isinstance(name, str) and resolve(name, call.compilation) is not None


def private(call: Invocation, message: Value = None) -> Value:
    """End the compilation if the class or define is declared from another module."""
    return call.call("assert_private", *([] if message is None else [message]))


def type3x(value: Value) -> str:
    """Return the kind of a value in the words of Puppet 3."""
    if isinstance(value, str):
        return "integer" if re.fullmatch(r"-?[1-9]\d*|0", value) else "float" if is_float(value) else "string"
    kinds = {bool: "boolean", int: "integer", float: "float", list: "array", tuple: "array", dict: "hash"}
    if type(value) not in kinds:
        raise ValueError("does not know the type")
    return kinds[type(value)]


def dig44(data: Value, path: list[Value], default: Value = None) -> Value:
    """Return what a list of keys and indices leads to, or the default."""
    for step in path:
        if isinstance(data, list | tuple):
            try:
                data = dig(data, to_integer(step))
            except ValueError:
                return default
        else:
            data = data.get(step) if isinstance(data, dict) else None
    return default if data is None else data


def try_get_value(data: Value, path: Value = "", default: Value = None, separator: str = "/") -> Value:
    """Return what a path of keys and indices leads to, or the default."""
    if not isinstance(data, list | tuple | dict) or path == "":
        return data if default is None else default
    return dig44(data, [int(part) if part.isdigit() else part for part in path.split(separator)], default)


TABLE: dict[str, Any] = {
    **{name: (check, "Any value") for name, check in _ASKED.items()},
    **{name: (_all(name, what, check, lists=lists), "Any values+") for name, (what, check, lists) in _CHECKED.items()},
    "validate_re": (validate_re, "String value, Variant[String, Array] patterns, Any message?"),
    "validate_slength": (validate_slength, "Variant[String, Array] value, Any most, Any least?"),
    "validate_integer": (_within(_whole, "an Integer"), "Any value, Any most?, Any least?"),
    "validate_numeric": (_within(float, "a Numeric"), "Any value, Any most?, Any least?"),
    "is_function_available": (is_function_available, "Any name", "call"),
    "private": (private, "Any message?", "call"),
    "type3x": (type3x, "Any value"),
    "dig44": (dig44, "Variant[Hash, Array] data, Array path, Any default?"),
    "try_get_value": (try_get_value, "Any data, Any path?, Any default?, String separator?"),
}
