"""Names of resources: ``File[/etc/motd]``, as references and titles are written, compared and printed."""

from __future__ import annotations

import re
from typing import Final

from hiera.types import ClassType, ResourceType, Type
from hiera.types.wrappers import TypeType
from hiera.values import Value
from manifests.puppet.names import capitalized, plain_name, type_and_title

CLASS: Final = "Class"
_TAG: Final = re.compile(r"[^\W_]|[\w][\w:.\-]*")


def key_of(kind: str, title: str) -> tuple[str, str]:
    """Return what identifies a resource: its type as printed, and its title, which for classes knows no case."""
    kind = capitalized(plain_name(kind))
    if kind == CLASS:
        return CLASS, "main" if title == "" else capitalized(plain_name(title))
    return kind, title


def split_reference(text: str) -> tuple[str, str] | None:
    """Return the key of the resource that ``File[/x]`` names, None if ``text`` is no reference."""
    found = type_and_title(text)
    if found is None:
        return None
    kind, title = found
    if len(title) > 1 and title[0] == title[-1] and title[0] in "'\"":
        title = title[1:-1]
    return key_of(kind, title)


def reference(value: Value) -> tuple[str, str] | None:
    """Return the key of the resource or class that the type ``value`` refers to, None if it is no reference."""
    if isinstance(value, TypeType):
        value = value.inner
    if isinstance(value, ResourceType) and value.kind and value.title:
        return key_of(value.kind, value.title)
    if isinstance(value, ClassType) and value.title:
        return key_of(CLASS, value.title)
    return None


def shown(key: tuple[str, str]) -> str:
    """Return ``Type[title]``."""
    return f"{key[0]}[{key[1]}]"


def type_of(key: tuple[str, str]) -> Type:
    """Return the reference to the resource ``key`` as a value of the language."""
    if key[0] == CLASS:
        return ClassType(key[1].lower())
    return ResourceType(key[0].lower(), key[1])


def is_tag(text: str) -> bool:
    """Say whether ``text`` may be a tag: letters and digits of any language, then also ``:``, ``.`` and ``-``."""
    return _TAG.fullmatch(text) is not None
