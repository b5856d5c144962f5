"""Where the encrypted blocks of a file stand, so that one can be replaced and the rest stays byte for byte."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from hiera.secrets import Ciphertext
from hiera.secrets.blocks import BLOCK, ciphertext_of

_KEY: Final = re.compile(r"""^(?:'([^'\n]+)'|"([^"\n]+)"|([^\s#'"{\[-][^\n]*?))\s*:(?:\s|$)""", re.MULTILINE)
_WIDTH: Final = 60


class Span(msgspec.Struct, frozen=True):
    """A block in a text: from ``start`` up to ``end`` in characters, on ``line``, below the top-level ``key``."""

    start: int
    end: int
    line: int
    key: str
    ciphertext: Ciphertext


def spans_of(text: str) -> list[Span]:
    """Return the blocks of ``text`` in their order; a garbled one is none."""
    keys = [(match.start(), match[1] or match[2] or match[3]) for match in _KEY.finditer(text)]
    found = []
    for match in BLOCK.finditer(text):
        ciphertext = ciphertext_of(match)
        if ciphertext is not None:
            above = [key for at, key in keys if at <= match.start()]
            line = text.count("\n", 0, match.start()) + 1
            found.append(Span(match.start(), match.end(), line, above[-1] if above else "", ciphertext))
    return found


def key_above(text: str) -> str:
    """Return the last top-level key in ``text``, "" where there is none."""
    keys = [match[1] or match[2] or match[3] for match in _KEY.finditer(text)]
    return keys[-1] if keys else ""


def replaced(text: str, spans: list[Span], instead: Callable[[int, Span], str | None]) -> str:
    """Return ``text`` with ``instead(number, span)`` in the place of each span; None leaves it as it is."""
    return "".join(_pieces(text, spans, instead))


def _pieces(text: str, spans: list[Span], instead: Callable[[int, Span], str | None]) -> Iterator[str]:
    """Yield what stays and what comes instead, in turn."""
    at = 0
    for number, span in enumerate(spans, 1):
        yield text[at : span.start]
        new = instead(number, span)
        yield text[span.start : span.end] if new is None else new
        at = span.end
    yield text[at:]


def block_of(ciphertext: Ciphertext, like: str = "") -> str:
    """Return the block of ``ciphertext``, on one line or folded and indented as ``like`` is."""
    text = f"ENC[{ciphertext.scheme},{base64.b64encode(ciphertext.data).decode()}]"
    folded = re.search(r"\n([ \t]*)", like)
    if folded is None:
        return text
    lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return f"\n{folded[1]}".join(lines)
