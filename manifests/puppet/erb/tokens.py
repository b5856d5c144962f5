"""The words of the Ruby in a template, and the mistakes found in reading it."""

from __future__ import annotations

from typing import Any, Final

from manifests.puppet.depth import MAX_DEPTH

KEYWORDS: Final = frozenset(
    [
        "alias",
        "and",
        "begin",
        "break",
        "case",
        "class",
        "def",
        "defined?",
        "do",
        "else",
        "elsif",
        "end",
        "ensure",
        "false",
        "for",
        "if",
        "in",
        "module",
        "next",
        "nil",
        "not",
        "or",
        "redo",
        "rescue",
        "retry",
        "return",
        "self",
        "super",
        "then",
        "true",
        "undef",
        "unless",
        "until",
        "when",
        "while",
        "yield",
        "__FILE__",
        "__LINE__",
        "BEGIN",
        "END",
    ]
)
VALUE_WORDS: Final = frozenset(["end", "self", "true", "false", "nil", "__FILE__", "__LINE__", "redo", "retry"])


class Token:
    """One word: its kind, its value, where it stands, and whether blanks stand before it."""

    __slots__ = ("at", "kind", "spaced", "value")

    def __init__(self, kind: str, value: Any, at: int, spaced: bool = False) -> None:  # noqa: FBT001, FBT002  made often
        self.kind = kind
        self.value = value
        self.at = at
        self.spaced = spaced

    def __repr__(self) -> str:
        return f"{self.kind}:{self.value!r}"


class Mistake(Exception):  # noqa: N818  it is the template's, and never leaves this package
    """What cannot be read or is beyond the Ruby that templates may use; ``at`` is an offset of the script."""

    def __init__(self, message: str, at: int, code: str = "erb-syntax") -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.code = code


__all__ = ["KEYWORDS", "MAX_DEPTH", "VALUE_WORDS", "Mistake", "Token"]
