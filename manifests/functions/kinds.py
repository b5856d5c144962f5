"""Functions on data types: what a value is, that it is one, and making one of another."""

from __future__ import annotations

from collections.abc import Callable

from hiera import types
from hiera.errors import DataError
from hiera.types import Type, infer, parse, reduced
from hiera.types.convert import convert
from hiera.values import Value
from manifests.functions.base import Block


def _kind(given: Value) -> Type:
    return given if isinstance(given, Type) else parse(given)


def type_(value: Value, quality: str = "detailed") -> Type:
    """Return the data type of a value."""
    kind = infer(value)
    if quality == "detailed":
        return kind
    return reduced(kind) if quality == "reduced" else reduced(kind).generalized()


def type_of(value: Value) -> Type:
    """Return the data type of a value."""
    return infer(value)


def assert_type(kind: Value, value: Value, *, block: Block | None = None) -> Value:
    """Return a value that is of a type; one that is not is an error, or goes to the block with both types."""
    kind = _kind(kind)
    mismatch = kind.check(value)
    if mismatch is None:
        return value
    if block is not None:
        return block(kind, infer(value))
    raise ValueError(mismatch.describe())


def is_a(value: Value, kind: Type) -> bool:
    """Say whether a value is of a type."""
    return kind.is_instance(value)


def new(kind: Value, *values: Value) -> Value:
    """Return the value of a type made of others."""
    return _converted(_kind(kind), values)


def _converted(kind: Type, values: tuple[Value, ...]) -> Value:
    try:
        return convert(kind, *values)
    except DataError as error:
        raise ValueError(error.problems[0].message.removeprefix("'new' ")) from None


def convert_to(value: Value, kind: Type, *values: Value) -> Value:
    """Return a value made one of a type."""
    return _converted(kind, (value, *values))


def unwrap(value: Value, *, block: Block | None = None) -> Value:
    """Return what is inside of a Sensitive."""
    inner = value.unwrap() if isinstance(value, types.Sensitive) else value
    return inner if block is None else block(inner)


def rewrap_sensitive_data(data: Value, *, block: Block | None = None) -> Value:
    """Return data with all in it unwrapped, as the block changes it; wrapped as a whole if anything was."""
    held: list[bool] = []
    plain = unwrapped(data, held)
    answer = plain if block is None else block(plain)
    return types.Sensitive(answer) if held else answer


def unwrapped(value: Value, held: list[bool]) -> Value:
    """Return ``value`` with no Sensitive in it, and tell ``held`` of each."""
    if isinstance(value, types.Sensitive):
        held.append(True)
        return unwrapped(value.unwrap(), held)
    if isinstance(value, dict):
        return {unwrapped(key, held): unwrapped(item, held) for key, item in value.items()}
    return [unwrapped(item, held) for item in value] if isinstance(value, list) else value


def _passed(*values: Value) -> None:
    """Do nothing: the types of the arguments are all that is asked."""
    del values


validate_domain_name = _passed
validate_email_address = _passed


def ensure(wanted: Value, kind: str = "") -> str:
    """Return the value of ``ensure`` that a boolean, or present and absent, means for a type of resource."""
    present = wanted in (True, "present", "latest") or (isinstance(wanted, str) and wanted not in {"absent", "false"})
    words = {"directory": ("directory", "absent"), "file": ("file", "absent"), "link": ("link", "absent"),
             "mounted": ("mounted", "absent"), "service": ("running", "stopped"),
             "package": ("installed", "absent")}  # fmt: skip
    if kind and kind not in words:
        raise ValueError(f"does not know the resource '{kind}'")
    if kind == "package" and isinstance(wanted, str) and wanted not in {"present", "absent"}:
        return wanted
    return words.get(kind, ("present", "absent"))[0 if present else 1]


def _constructor(name: str) -> Callable[..., Value]:
    """Return the function that makes values of the type ``name``."""

    def construct(*values: Value) -> Value:
        return _converted(parse(name), values)

    construct.__doc__ = f"Return a {name} made of other values."
    return construct


Integer = _constructor("Integer")
Float = _constructor("Float")
Numeric = _constructor("Numeric")
String = _constructor("String")
Boolean = _constructor("Boolean")
Array = _constructor("Array")
Hash = _constructor("Hash")
Sensitive = _constructor("Sensitive")
Binary = _constructor("Binary")
SemVer = _constructor("SemVer")
SemVerRange = _constructor("SemVerRange")
Timespan = _constructor("Timespan")
Timestamp = _constructor("Timestamp")
Regexp = _constructor("Regexp")
Struct = _constructor("Struct")
Tuple = _constructor("Tuple")
URI = _constructor("URI")
