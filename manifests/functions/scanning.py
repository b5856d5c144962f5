"""Reading text by the directives of C's ``scanf``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from hiera.types.convert import integer as to_integer
from hiera.values import Value

_DIRECTIVE: Final = re.compile(
    r"\s+|%(?P<skip>\*)?(?P<width>\d*)(?P<letter>[a-zA-Z%]|\[\^?\]?[^\]]*\])|(?P<plain>[^%\s])"
)
_READERS: Final[dict[str, tuple[str, Callable[[str], Value]]]] = {
    "d": (r"[-+]?\d+", int),
    "u": (r"[-+]?\d+", int),
    "i": (r"[-+]?(?:0[xX][0-9a-fA-F]+|\d+)", to_integer),
    "x": (r"[-+]?(?:0[xX])?[0-9a-fA-F]+", lambda text: int(text, 16)),
    "X": (r"[-+]?(?:0[xX])?[0-9a-fA-F]+", lambda text: int(text, 16)),
    "o": (r"[-+]?[0-7]+", lambda text: int(text, 8)),
    "f": (r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", float),
    "s": (r"\S+", str),
    "c": (r"(?s:.)", str),
}


def scanned(text: str, form: str) -> list[Value]:
    """Return what the directives of ``form`` read from ``text``, up to the first that finds nothing."""
    found: list[Value] = []
    place = 0
    for part in _DIRECTIVE.finditer(form):
        match = re.compile(_pattern(part)).match(text, place)
        if match is None:
            break
        place = match.end()
        letter = part["letter"]
        if letter and letter != "%" and not part["skip"]:
            found.append(_READERS.get(letter, ("", str))[1](match[1]))
    return found


def _pattern(part: re.Match[str]) -> str:
    """Return the expression for one directive, or for text that must stand there."""
    letter = part["letter"]
    if part["plain"]:
        return re.escape(part["plain"])
    if not letter:
        return r"\s*"
    if letter == "%":
        return r"\s*%"
    width = int(part["width"] or 0)
    if letter.startswith("["):
        return f"({letter}{{1,{width or ''}}})"
    source = _READERS.get(letter.replace("g", "f").replace("e", "f"), (None, str))[0]
    if source is None:
        raise ValueError(f"does not know the directive %{letter}")
    before = "" if letter == "c" else r"\s*"
    if not width:
        return f"{before}({source})"
    single = source if letter == "c" else rf"(?={source})\S"
    return f"{before}({single}{{1,{width}}})" if letter in "sc" else f"{before}((?=\\S{{0,{width}}}){source})"
