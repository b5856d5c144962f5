"""The definitions that are known by now, each kind by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hiera.errors import DataError, Location, Note, Problem
from hiera.types.construct import CORE_ALIASES, SIMPLE
from manifests.puppet import ast
from manifests.puppet.loaders.parsing import Parsed
from manifests.puppet.names import plain_name
from manifests.puppet.source import Source

_WORDS: Final[dict[type[ast.Definition], str]] = {
    ast.Class: "class", ast.Define: "define", ast.Function: "function", ast.TypeAlias: "type alias",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A definition, the file it stands in and the module that file belongs to ("" for a site manifest)."""

    definition: ast.Class | ast.Define | ast.Function | ast.TypeAlias
    source: Source
    module: str

    @property
    def location(self) -> Location:
        """Where the definition stands."""
        return self.source.location(self.definition.offset, self.definition.length)


_CORE: Final = frozenset(name.lower() for name in (*SIMPLE, *CORE_ALIASES))


class Definitions:
    """Classes, defines, functions and type aliases by name."""

    def __init__(self) -> None:
        self._known: dict[tuple[type[ast.Definition], str], Found] = {}

    def get(self, kind: type[ast.Definition], key: str) -> Found | None:
        """Return the definition of that kind and key."""
        return self._known.get((kind, key))

    def names(self, kind: type[ast.Definition]) -> list[str]:
        """Return the names of that kind."""
        return [key for known, key in self._known if known is kind]

    def add(self, parsed: Parsed, module: str) -> None:
        """Take the definitions of a file. Raises ``DataError`` (``duplicate-definition``) for all that stand twice."""
        problems = []
        for node in parsed.program.definitions:
            if isinstance(node, ast.Class | ast.Define | ast.Function | ast.TypeAlias):
                problem = self._take(Found(node, parsed.source, module))
                if problem is not None:
                    problems.append(problem)
        if problems:
            raise DataError(*problems)

    def _take(self, found: Found) -> Problem | None:
        """Keep one definition, or tell that its name is taken: a class and a define share their names."""
        kind, key = type(found.definition), plain_name(found.definition.name)
        for other in (ast.Class, ast.Define) if kind in (ast.Class, ast.Define) else (kind,):
            first = self._known.get((other, key))
            if first is not None and first.location != found.location:
                message = f"{_WORDS[kind]} '{found.definition.name}' is already defined as a {_WORDS[other]}"
                note = Note("first defined here", first.location)
                return Problem("duplicate-definition", message, found.location, notes=(note,))
        if kind is ast.TypeAlias and key in _CORE:
            message = f"the type '{found.definition.name}' belongs to the language and cannot be defined anew"
            return Problem("duplicate-definition", message, found.location)
        self._known[kind, key] = found
        return None
