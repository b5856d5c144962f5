"""What the lexer hands to the parser."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

Token: TypeAlias = tuple[str, str, int, int]
"""A token's kind, its text, and where it begins and ends.

Keywords and punctuation are kinds by themselves (``"if"``, ``"=>"``); the others are upper case."""

KEYWORDS: Final = {
    word: word
    for word in (
        "case", "class", "default", "define", "if", "elsif", "else", "inherits", "node", "and", "or", "undef", "in",
        "unless", "function", "type", "attr", "private",
    )
} | {"true": "BOOLEAN", "false": "BOOLEAN"}  # fmt: skip
"""The kind of each reserved word."""

ATTRIBUTE_WORDS: Final = frozenset(KEYWORDS) - {"true", "false"}
"""The reserved words that may name an attribute."""

AFTER_OPERAND: Final = frozenset({
    ")", "]", "|>", "|>>", "NAME", "CLASSREF", "NUMBER", "STRING", "BOOLEAN", "DQPOST", "REGEX", "VARIABLE", "WORD",
})  # fmt: skip
"""The kinds after which a slash divides; after all others it begins a regular expression."""

BLANK: Final = " \t\r\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""Blanks within a line, as the inside of a character class."""
BLANKS: Final = " \t\r\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
"""The same one by one."""


class Mistake(NamedTuple):
    """Something wrong in the text, before it is known where in the file that is."""

    code: str
    message: str
    start: int
    end: int
    hint: str | None = None
    warning: bool = False
