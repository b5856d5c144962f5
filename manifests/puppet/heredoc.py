"""Heredocs: ``@("END":json/tn$)`` and the text below the line it stands in."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from manifests.puppet import tokens

_BLANK: Final = tokens.BLANK.replace("\r", "")
_BLANKS: Final = tokens.BLANKS.replace("\r", "")
_TAG: Final = re.compile(
    rf"@\(([^:/\r\n)]+)(?::[{_BLANK}]*([a-z][a-zA-Z0-9_+]+)[{_BLANK}]*)?(?:/((?:\w|[$])*)[{_BLANK}]*)?\)", re.ASCII
)
_LINE: Final = re.compile(r"[^\n]*+\n")
_ALL_ESCAPES: Final = "trnsuL$"


@dataclass(frozen=True, slots=True)
class Malformed:
    """Why there is no heredoc at a place, which goes on to ``end``."""

    code: str
    message: str
    end: int
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Heredoc:
    """One heredoc: its text without the margin, and where everything stands in the file."""

    syntax: str
    interpolates: bool
    escapes: frozenset[str]
    text: str
    tag_end: int
    after: int
    _places: tuple[tuple[int, ...], tuple[int, ...]]

    def origin(self, offset: int) -> int:
        """Return where in the file the character at ``offset`` of the text stands."""
        inside, outside = self._places
        line = bisect_right(inside, offset) - 1
        return outside[line] + offset - inside[line]


def find(text: str, start: int, resume: int) -> Heredoc | Malformed:
    """Return the heredoc whose tag begins at ``start``; ``resume`` is where the one before it ends, or -1."""
    close = text.find(")", start)
    if close < 0:
        return Malformed("bad-heredoc", "this heredoc tag is never closed", start + 2, "end it with )")
    tag = _TAG.fullmatch(text, start, close + 1)
    name, quoted = _name(tag[1]) if tag else ("", False)
    if tag is None or not name:
        return Malformed(
            "bad-heredoc", "this is no heredoc tag", close + 1, 'write @(END), @("END":json/tn) or the like'
        )
    escapes = _escapes(tag[3])
    if isinstance(escapes, str):
        return Malformed("bad-heredoc", escapes, close + 1, f"the escapes are {', '.join(_ALL_ESCAPES)}, each once")
    begin = resume if resume >= 0 else text.find("\n", close + 1) + 1
    if begin == 0:
        return Malformed("bad-heredoc", "this heredoc has no text", close + 1, "its text begins in the next line")
    last = re.compile(rf"{re.escape(name)}[{_BLANK}]*+\r?(?:\n|\Z)").search(text, begin)
    if last is None:
        return Malformed("unclosed-heredoc", f"this heredoc is never closed by '{name}'", close + 1)
    body, places = _body(text, begin, last.start())
    return Heredoc(tag[2] or "", quoted, escapes, body, close + 1, last.end(), places)


def _name(tag: str) -> tuple[str, bool]:
    """Return the end tag and whether it was quoted, which is to say whether the text interpolates."""
    name = _strip(tag)
    if len(name) > 1 and name[0] == name[-1] == '"':
        return _strip(name[1:-1]), True
    return name, False


def _strip(text: str) -> str:
    return text.strip(" \t\r\n\v\f\0")


def _escapes(flags: str | None) -> frozenset[str] | str:
    """Return the escapes that ``flags`` turns on, or what is wrong with them."""
    if flags is None:
        return frozenset()
    flags = flags or _ALL_ESCAPES
    if len(set(flags)) < len(flags):
        return "an escape is given twice"
    if strange := set(flags) - set(_ALL_ESCAPES):
        return f"there is no escape '{min(strange)}' for a heredoc"
    return frozenset({"\\", *flags.replace("L", ""), *(("\n", "\r\n") if "L" in flags else ())})


def _body(text: str, begin: int, tag: int) -> tuple[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return the text between ``begin`` and the line of the end tag, and where its lines stood."""
    end = max(text.rfind("\n", begin, tag) + 1, begin)
    margin, chop = _margin(text[end:tag])
    lines, inside, outside, size = [], [], [], 0
    for line in _LINE.findall(text, begin, end):
        cut = len(margin) if margin and line.startswith(margin) else 0
        inside.append(size)
        outside.append(begin + cut)
        begin += len(line)
        size += len(line) - cut
        lines.append(line[cut:])
    body = "".join(lines)
    if chop and body.endswith("\n"):
        body = body[: -2 if body.endswith("\r\n") else -1]
    return body, (tuple(inside) or (0,), tuple(outside) or (begin,))


def _margin(prefix: str) -> tuple[str, bool]:
    """Return the margin that ``prefix``, which stands before an end tag, marks, and whether the last break goes."""
    rest = prefix.rstrip(_BLANKS)
    chop = rest.endswith("-")
    if chop:
        rest = rest[:-1].rstrip(_BLANKS)
    if not rest.endswith("|"):
        return "", chop
    rest = rest[:-1]
    return rest[len(rest.rstrip(_BLANKS)) :], chop
