"""The text between the tags of an EPP template."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

_TAG: Final = re.compile(r"<%|\Z")
_FIRST_BLANKS: Final = re.compile(r"^[ \t]*\r?(?:\n|\Z)?", re.MULTILINE)
_COMMENT_END: Final = re.compile(r"[^%]%>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Text:
    """Text up to ``end``, which stands behind the next tag's start; None where the template has ended.

    ``mode`` is what follows: nothing more (``text``), statements (``code``) or an ``expression``.
    """

    text: str | None
    end: int
    mode: Literal["text", "code", "expression"]
    mistake: str | None = None


def scan_text(source: str, start: int, *, trim: bool) -> Text:
    """Return the text from ``start`` to the next tag; ``trim`` drops blanks and the line break it begins with."""
    if start >= len(source):
        return Text(None, start, "text")
    parts: list[str] = []
    while start < len(source):
        found = _TAG.search(source, start)
        assert found is not None
        part, start = source[start : found.start()], found.end()
        if trim:
            part = _FIRST_BLANKS.sub("", part, count=1)
        parts.append(part.replace("%%>", "%>"))
        trim = False
        if not found[0]:
            return Text("".join(parts), start, "text")
        mark = source[start : start + 1]
        if not mark:
            return Text("".join(parts), start, "text", "this tag is never closed")
        if mark not in "%#":
            return _before_tag("".join(parts), start, mark)
        if mark == "%":
            parts.append("<%")
            start += 1
            continue
        close = _COMMENT_END.search(source, start)
        if close is None:
            return Text("".join(parts), len(source), "text", "this comment is never closed")
        if source[start + 1] == "-":
            _strip_last(parts)
        trim = source[close.start()] == "-"
        start = close.end()
    return Text(None, len(source), "text")  # as in Puppet, what stands before a comment that ends the template is lost


def _before_tag(text: str, start: int, mark: str) -> Text:
    """Return the text before a tag that goes on with ``mark``."""
    if mark == "-":
        text = text.rstrip(" \t")
    return Text(text, start + (mark in "-="), "expression" if mark == "=" else "code")


def _strip_last(parts: list[str]) -> None:
    """Drop the blanks at the end of all ``parts`` together."""
    while parts:
        parts[-1] = parts[-1].rstrip(" \t")
        if parts[-1]:
            return
        parts.pop()
