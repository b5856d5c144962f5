"""Texts in Ruby: escapes, interpolation, percent literals, regular expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from manifests.puppet.erb.tokens import MAX_DEPTH, Mistake, Token

if TYPE_CHECKING:
    from manifests.puppet.erb.lexer import Lexer

PAIRS: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}
_SIMPLE: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "s": " ",
    "e": "\x1b",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "0": "\0",
}
_ESCAPE: Final = re.compile(
    r"u\{([0-9a-fA-F ]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{1,2})|([0-7]{1,3})|(\n)|(.)", re.DOTALL
)
_VARIABLE: Final = re.compile(r"@@?[A-Za-z_]\w*|\$(?:[A-Za-z_]\w*|[~&0-9!])")

Parts = list[Any]
"""Texts and lists of tokens (the code of ``#{...}``)."""


def escape(text: str, at: int) -> tuple[str, int]:
    """Return the character that the escape at ``at`` (behind the backslash) stands for, and where it ends."""
    found = _ESCAPE.match(text, at)
    if found is None:
        raise Mistake("the template ends inside a text", at)
    try:
        if found[1]:
            return "".join(chr(int(code, 16)) for code in found[1].split()), found.end()
        number = int(found[2] or found[3] or "0", 16) if found[2] or found[3] else int(found[4], 8) if found[4] else -1
        if number >= 0:
            return chr(number), found.end()
    except (ValueError, OverflowError):
        raise Mistake("invalid Unicode escape", at) from None
    if found[5]:
        return "", found.end()
    return _SIMPLE.get(found[6], found[6]), found.end()


def read_text(
    lexer: Lexer, at: int, close: str, *, opening: str = "", plain: bool = False, regex: bool = False
) -> tuple[Parts, int]:
    """Return the parts of the text whose inside begins at ``at`` and the place behind its end ``close``."""
    code, parts, piece, depth = lexer.code, [], [], 0
    start = at
    while True:
        if at >= len(code):
            raise Mistake("this text is never closed", start - 1)
        char = code[at]
        if char == close and depth == 0:
            break
        if char == "\\":
            text, at = _backslash(code, at, opening + close, plain=plain, regex=regex)
            piece.append(text)
            continue
        if char == "#" and not plain:
            found = _interpolation(lexer, at)
            if found:
                parts += ["".join(piece), found[0]]
                piece, at = [], found[1]
                continue
        depth += (char == opening) - (char == close)
        piece.append(char)
        at += 1
    parts.append("".join(piece))
    return [part for part in parts if part != ""], at + 1


def _backslash(code: str, at: int, marks: str, *, plain: bool, regex: bool) -> tuple[str, int]:
    """Return what the backslash at ``at`` makes, and where the text goes on."""
    following = code[at + 1 : at + 2]
    if regex:
        return (following if following == "/" else "\\" + following), at + 2
    if plain:
        return (following if following in marks + "\\" else "\\" + following), at + 2
    return escape(code, at + 1)


def _interpolation(lexer: Lexer, at: int) -> tuple[list[Token], int] | None:
    """Return the tokens of the ``#{...}`` or ``#@x`` at ``at`` and where it ends; None if there is none."""
    following = lexer.code[at + 1 : at + 2]
    if following == "{":
        if lexer.depth > MAX_DEPTH // 10:
            raise Mistake("interpolations nest too deeply", at)
        inner = lexer.nested(at + 2)
        return inner.until_brace()
    if following in ("@", "$"):
        found = _VARIABLE.match(lexer.code, at + 1)
        if found:
            kind = "ivar" if following == "@" else "gvar"
            return [Token(kind, found[0], at + 1), Token("eof", "", found.end())], found.end()
    return None


def words(lexer: Lexer, at: int, opening: str, close: str, *, plain: bool) -> tuple[list[Parts], int]:
    """Return the words of a ``%w``; each as its parts."""
    parts, end = (
        read_text(lexer, at, close, opening=opening, plain=True)
        if plain
        else read_text(lexer, at, close, opening=opening)
    )
    if plain:
        return [[word] for word in "".join(parts).split()], end
    found: list[Parts] = [[]]
    for part in parts:
        if not isinstance(part, str):
            found[-1].append(part)
            continue
        pieces = re.split(r"\s+", part)
        for index, piece in enumerate(pieces):
            if index:
                found.append([])
            if piece:
                found[-1].append(piece)
    return [word for word in found if word], end
