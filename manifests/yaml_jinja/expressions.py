"""Values with expressions in them, compiled once for each distinct text.

What is only text, or text around plain variables (``{{ account.login }}``), needs no Jinja: that is most of what
manifests say, and it spares the import. Such a variable is handed on as it is, so that a secret stays closed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from hiera.errors import DataError, Location
from hiera.values import MISSING, Secret, Value
from manifests.yaml_jinja.filters import NullInTextError, text
from manifests.yaml_jinja.taint import Guarded

Variables: TypeAlias = dict[str, Value]

_MARKS: Final = ("{{", "{%", "{#")
_PATH: Final = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}\}", re.ASCII)
_WORDS: Final = frozenset({"true", "false", "none", "True", "False", "None", "not", "loop", "self", "caller"})


@dataclass(frozen=True, slots=True)
class Path:
    """A variable and keys below it."""

    names: tuple[str, ...]

    def find(self, variables: Variables) -> Value:
        """Return the value, a secret closed, or ``MISSING`` where only Jinja can tell."""
        value: Value = variables.get(self.names[0], MISSING)
        for name in self.names[1:]:
            if isinstance(value, Guarded):
                value = value.raw
            if isinstance(value, Secret) or not isinstance(value, Mapping):
                return MISSING
            try:
                value = value[name]
            except KeyError:
                return MISSING
        return value.raw if isinstance(value, Guarded) else value


@dataclass(frozen=True, slots=True)
class Literal:
    """Text without any expression."""

    source: str


@dataclass(frozen=True, slots=True)
class Parts:
    """Text around variables."""

    parts: tuple[str | Path, ...]

    def join(self, variables: Variables, place: Location) -> Value:
        """Return the text, a secret one if a secret is part of it, or ``MISSING`` where only Jinja can tell.

        ``place`` is where a secret that fits in no text is reported, once it is opened.
        """
        found: list[Value] = []
        secret: Secret | None = None
        for part in self.parts:
            value = part if isinstance(part, str) else part.find(variables)
            if value is MISSING:
                return MISSING
            if secret is None and isinstance(value, Secret):
                secret = value
            found.append(value)
        if secret is None:
            return "".join([text(value) for value in found])
        return Secret(reveal=lambda: _revealed_text(found, place), origin=secret.origin, location=secret.location)


@dataclass(frozen=True, slots=True)
class Formula:
    """What needs Jinja; ``whole`` if the text is exactly one expression, whose value keeps its type."""

    whole: bool
    template: Any


Compiled: TypeAlias = Literal | Path | Parts


def is_plain(source: str) -> bool:
    """Say whether ``source`` has no expression in it."""
    return not any(mark in source for mark in _MARKS)


def without_jinja(source: str) -> Compiled | None:
    """Return the compiled ``source`` if it needs no Jinja, else None."""
    if is_plain(source):
        return Literal(source)
    pieces = _PATH.split(source)
    if not is_plain("".join(pieces[::2])) or any(_is_word(name) for name in pieces[1::2]):
        return None
    paths = [Path(tuple(name.split("."))) for name in pieces[1::2]]
    if len(paths) == 1 and not pieces[0] and not pieces[2]:
        return paths[0]
    parts: list[str | Path] = [pieces[0]]
    for path, after in zip(paths, pieces[2::2], strict=True):
        parts += [path, after]
    return Parts(tuple(part for part in parts if part != ""))


def _is_word(name: str) -> bool:
    """Say whether the path ``name`` starts with a word that means something to Jinja itself."""
    return name.partition(".")[0] in _WORDS


def _revealed_text(parts: list[Value], place: Location) -> str:
    """Return ``parts`` as one text, in the clear. Raises ``DataError`` (``not-text``)."""
    try:
        return "".join([text(part.reveal() if isinstance(part, Secret) else part) for part in parts])
    except NullInTextError as error:
        message, hint = error.args
        raise DataError.of("not-text", str(message), place, hint=hint) from None
