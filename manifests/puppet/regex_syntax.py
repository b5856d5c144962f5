"""Whether a regular expression in Ruby's notation can be read at all."""

from __future__ import annotations

import re
from typing import Final

_PIECE: Final = re.compile(
    r"""\\[\s\S] | \(\?\#[^)\\]*(?:\\[\s\S][^)\\]*)*\) | \(\?[a-z]*(?:-[a-z]*)?\)  # escapes, comments, flags
      | \((?:\?(?:[=!>:~|] | <[=!] | <\w+> | '\w+' | [imxadu]*(?:-[imx]*)?: | \())?   # groups
      | \) | \[ | [*+?] | \{\d*,?\d*\} | [\s\S]""",
    re.VERBOSE,
)
_BOUNDS: Final = re.compile(r"\{(\d+),(\d+)\}")
_BAD_ESCAPE: Final = re.compile(
    r"\\(?:u(?!\{[0-9a-fA-F ]+\}|[0-9a-fA-F]{4})|[pP](?=\{)(?!\{\^?[\w -]+\})|x(?![0-9a-fA-F{]))"
)
_CLASS_PIECE: Final = re.compile(r"\\[\s\S]|\[:\^?\w+:\]|\[|\]|[^\[\]\\]+")


def mistake_in_regex(source: str) -> str | None:
    """Return why Ruby would not take ``source``, or None: brackets that do not match, or nothing to repeat."""
    depth, at, repeatable = 0, 0, False
    while found := _PIECE.match(source, at):
        piece, at = found[0], found.end()
        if piece == "[":
            end = _class_end(source, at)
            if end is None:
                return "a '[' is never closed"
            at = end
        elif piece.startswith("(") and not piece.endswith(")"):
            depth += 1
        elif piece == ")":
            depth -= 1
            if depth < 0:
                return "a ')' closes nothing"
        elif mistake := _mistake_at(source, found, repeatable=repeatable):
            return mistake
        repeatable = not (piece == "|" or (piece.startswith("(") and not piece.startswith("(?#")))
    return "a '(' is never closed" if depth else None


def _mistake_at(source: str, found: re.Match[str], *, repeatable: bool) -> str | None:
    """Return what is wrong with one piece that is no bracket."""
    piece = found[0]
    if _BAD_ESCAPE.match(source, found.start()):
        return f"'{piece}' is no complete escape"
    if (piece in "*+?" or piece[0] == "{" != piece) and not repeatable:
        return f"there is nothing before '{piece}' to repeat"
    bounds = _BOUNDS.fullmatch(piece)
    return f"'{piece}' ends below where it begins" if bounds and int(bounds[1]) > int(bounds[2]) else None


def _class_end(source: str, at: int) -> int | None:
    """Return where the character class ends whose inside begins at ``at``."""
    depth = 1
    at += source.startswith("^", at)
    at += source.startswith("]", at)
    while found := _CLASS_PIECE.match(source, at):
        at = found.end()
        depth += (found[0] == "[") - (found[0] == "]")
        if depth == 0:
            return at
    return None
