"""Names of classes and resources as functions take them: texts, references and lists of both."""

from __future__ import annotations

from hiera.types import ClassType, ResourceType, Type, infer
from hiera.values import Secret, Value, holds_secret
from manifests.functions.collections import flatten
from manifests.puppet.functions.base import Invocation
from manifests.puppet.names import plain_name, type_and_title


def class_names(call: Invocation, given: tuple[Value, ...]) -> list[str]:
    """Return the classes that the arguments name. Raises ``DataError``."""
    return [_class_name(call, one) for one in opened(call, given)]


def _class_name(call: Invocation, one: Value) -> str:
    if isinstance(one, str) and one:
        return plain_name(one)
    if isinstance(one, ClassType) and one.title:
        return plain_name(one.title)
    if isinstance(one, ResourceType) and one.kind == "class" and one.title:
        return plain_name(one.title)
    if one is None or one == "":
        word = "undef" if one is None else "an empty text"
        raise call.fault("bad-class-name", f"cannot use {word} as the name of a class")
    if isinstance(one, ClassType | ResourceType):
        raise call.fault("bad-class-name", f"cannot use {one} as the name of a class: it names none")
    raise call.fault("bad-class-name", f"cannot use a value of type {infer(one)} as the name of a class")


def opened(call: Invocation, given: tuple[Value, ...]) -> list[Value]:
    """Return all values, nested lists opened; names out of encrypted data are read. Raises ``DataError``."""
    values = [one.reveal() if isinstance(one, Secret) else one for one in given]
    flat = flatten(*values)
    if holds_secret(flat):
        raise call.wrong("cannot use the secret it was given as a name")
    return flat


def file_names(call: Invocation, given: tuple[Value, ...]) -> list[str]:
    """Return all values as :func:`opened` does; each must be a text. Raises ``DataError``."""
    names = opened(call, given)
    for one in names:
        if not isinstance(one, str):
            raise call.wrong(f"expects the name of a file, got {infer(one).generalized()}")
    return names


def reference(call: Invocation, given: Value) -> tuple[str, str]:
    """Return type and title that a reference or its text names, "" for no title. Raises ``DataError``."""
    if isinstance(given, ClassType):
        return "class", plain_name(given.title)
    if isinstance(given, ResourceType):
        return given.kind, plain_name(given.title) if given.kind == "class" else given.title
    if isinstance(given, str):
        written, named = type_and_title(given) or (given, "")
        return plain_name(written), named
    if isinstance(given, Type) or given is None:
        raise call.wrong("expects a reference such as File['/etc/motd']")
    kind, title = getattr(given, "type", None), getattr(given, "title", None)
    if isinstance(kind, str) and isinstance(title, str):
        return plain_name(kind), title
    raise call.wrong("expects a reference such as File['/etc/motd']")
