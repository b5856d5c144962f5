"""What the compiler of the Puppet language knows of a resource type."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from hiera.types.regex import compiled
from hiera.values import Value

METAPARAMETERS: Final = frozenset((
    "alias", "audit", "before", "loglevel", "noop", "notify", "require", "schedule", "stage", "subscribe", "tag",
))  # fmt: skip
"""What every resource may be given."""


class Kind(msgspec.Struct, frozen=True):
    """A resource type: the names of its attributes.

    ``certain`` is False where a Ruby source could not be understood wholly: then every attribute is accepted.
    ``title_patterns`` are regular expressions in Ruby's notation with the attributes that their groups fill, in order.
    """

    name: str
    namevars: tuple[str, ...] = ("name",)
    parameters: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()
    ensurable: bool = False
    title_patterns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    certain: bool = True
    isomorphic: bool = True  # False: two resources may share a namevar (exec, tidy)
    source: str = ""  # the Ruby file it was read from, "" for a built-in table

    @property
    def namevar(self) -> str | None:
        """The only attribute that the title stands for, None where several or none do."""
        return self.namevars[0] if len(self.namevars) == 1 else None

    def read_title(self, title: str) -> dict[str, Value] | None:
        """Return the attributes that ``title`` stands for, None where no title pattern matches it."""
        for pattern, names in self.title_patterns:
            found = compiled(pattern).search(title)
            if found is not None:
                return dict(zip(names, found.groups(), strict=False))
        return None if self.title_patterns else {self.namevars[0] if self.namevars else "name": title}

    def accepts(self, attribute: str) -> bool:
        """Say whether a resource of this type may be given ``attribute``."""
        return (
            attribute in self.parameters
            or attribute in self.properties
            or attribute in METAPARAMETERS
            or attribute == "name"
            or not self.certain
        )

    def attributes(self) -> frozenset[str]:
        """Return every name that :meth:`accepts` knows of, for a hint."""
        return self.parameters | self.properties | METAPARAMETERS


def usable(pattern: str) -> bool:
    """Say whether a title pattern can be used here: some of what Ruby understands has no like."""
    try:
        compiled(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True
