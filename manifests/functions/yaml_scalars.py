"""How Psych and libyaml write one scalar: its style, its quotes, where its lines break."""

from __future__ import annotations

import re
from typing import Final

import msgspec

_INNER_BREAK: Final = re.compile(r"\n(?!\n?\Z)")
_ODD: Final = re.compile(r'^\W[^"]*$', re.MULTILINE)
_WORDY: Final = re.compile(r"^[^\d.:-]?(?:[^\W\d]|[_\s!@#$%^&*(){}<>|/\\~;=])+", re.MULTILINE)
_WORDS: Final = re.compile(r"^(?:~|null|yes|true|on|no|false|off)$", re.IGNORECASE | re.MULTILINE)
_TIME: Final = re.compile(
    r"^-?\d{4}-(\d{1,2})-(\d{1,2})(?:[Tt]|\s+)(\d{1,2}):(\d\d):(\d\d)(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?$",
    re.ASCII,
)
_DATE: Final = re.compile(r"^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$", re.ASCII)
_NUMBERS: Final = re.compile(
    r"""^(?:[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][-+][0-9]+)?
      | [-+]?0b[0-1_,]+ | [-+]?0[0-7_,]+ | [-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*) | [-+]?0x[0-9a-fA-F_,]+
      | [-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}(?:\.[0-9_]*)? | :.+
      | \+?\.[iI][nN][fF] | -\.[iI][nN][fF] | \.[nN][aA][nN])$""",
    re.VERBOSE,
)
_NO_NUMBER: Final = frozenset((".", "-.", "+."))
_OCTAL_LIKE: Final = re.compile(r"\A0[0-7]*[89]")
_FIRST: Final = frozenset("#,[]{}&*!|>'\"%@`")
_SPECIAL: Final = re.compile(r"[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_ESCAPES: Final = {
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
    "\x1b": "\\e",
    '"': '\\"',
    "\\": "\\\\",
    "\x85": "\\N",
    "\xa0": "\\_",
    "\u2028": "\\L",
    "\u2029": "\\P",
}


class Scalar(msgspec.Struct, frozen=True):
    """A scalar with the style wanted for it: plain (empty), ``'``, ``"``, ``|`` or ``>``."""

    text: str
    style: str = ""
    tag: str = ""

    @classmethod
    def of_text(cls, text: str, width: int | None = None) -> Scalar:
        """Return a text with the style that Psych wants for it; one that is longer than ``width`` is folded."""
        if _INNER_BREAK.search(text):
            return cls(text, "|")
        if text == "<<":
            return cls(text, "'", "!!str")
        if text in ("y", "n"):
            return cls(text, '"')
        if width is not None and len(text) > width:
            return cls(text, ">")
        if _ODD.search(text):
            return cls(text, '"')
        return cls(text, "'" if _reads_otherwise(text) or _OCTAL_LIKE.match(text) else "")


def _reads_otherwise(text: str) -> bool:
    """Say whether a plain ``text`` would be read as something else than a text."""
    if not text:
        return True
    if _WORDY.search(text) or "\n" in text:
        return len(text) <= 5 and bool(_WORDS.search(text))
    found = _TIME.match(text)
    if found:
        month, day, hour, minute, second = map(int, found.groups())
        return 0 < month < 13 and 0 < day < 32 and hour < 25 and minute < 60 and second < 61
    if _DATE.match(text):
        return _is_date(text)
    return bool(_NUMBERS.match(text)) and text not in _NO_NUMBER


def _is_date(text: str) -> bool:
    from datetime import date  # noqa: PLC0415  few texts look like dates

    try:
        date(*map(int, text.split("-")))
    except ValueError:
        return False
    return True


def choose(scalar: Scalar, *, key: bool = False) -> Scalar:
    """Return ``scalar`` with the style that libyaml allows."""
    text, style = scalar.text, scalar.style
    if key and "\n" in text:
        style = '"'
    plain, single, block = _allowed(text)
    if style == "" and (not plain or (key and not text)):
        style = "'"
    if style == "'" and not single:
        style = '"'
    if style in ("|", ">") and (not block or key):
        style = '"'
    return Scalar(text, style, scalar.tag)


def _allowed(text: str) -> tuple[bool, bool, bool]:
    """Say whether ``text`` may be plain, in single quotes, and a block."""
    if not text:
        return True, True, False
    special = bool(_SPECIAL.search(text))
    space_break, break_space = " \n" in text, "\n " in text
    edges = text[0] in " \n" or text[-1] in " \n"
    plain = not (edges or "\n" in text or special or _indicates(text))
    single = not (space_break or break_space or special)
    block = not (text[-1] == " " or space_break or special)
    return plain, single, block


def _indicates(text: str) -> bool:
    """Say whether ``text`` has a sign that means something in YAML."""
    first, second = text[0], text[1:2]
    if text.startswith(("---", "...")) or first in _FIRST:
        return True
    if first in "?:-" and (not second or second in " \t\n"):
        return True
    return bool(re.search(r":(?:[ \t\n]|\Z)|[ \t\n]#", text))


def block(scalar: Scalar, indent: int, step: int, width: int | None) -> str:
    """Return a block with its head; the lines stand at ``indent``, and a folded one breaks beyond ``width``."""
    text = scalar.text
    hint = str(step) if text[0] in " \n" else ""
    chomp = "-" if not text.endswith("\n") else "+" if text == "\n" or text.endswith("\n\n") else ""
    lines = text.removesuffix("\n").split("\n")
    if scalar.style == ">" and width is not None:
        lines = [_broken(line, indent, indent, width, ">") for line in lines]
    rows = "".join((" " * indent + line if line else "") + "\n" for line in lines)
    return f" {scalar.style}{hint}{chomp}\n{rows}"


def plain_like(scalar: Scalar, column: int, indent: int, width: int | None) -> str:
    """Return a scalar on one line, or on lines at ``indent`` beyond ``width``; None: never broken."""
    if scalar.style == '"':
        return _double(scalar.text, column + 1, indent, width)
    if scalar.style == "'":
        return "'" + _broken(scalar.text.replace("'", "''"), column + 1, indent, width, "'") + "'"
    return _broken(scalar.text, column, indent, width, "")


def _broken(text: str, column: int, indent: int, width: int | None, style: str) -> str:
    """Return ``text`` with a line break in the place of a single blank wherever the line is too wide."""
    if "\n" not in text and (width is None or column + len(text) <= width):
        return text
    parts: list[str] = []
    last = len(text) - 1
    was_space = was_break = False
    for index, char in enumerate(text):
        if char == " ":
            if (
                width is not None
                and column > width
                and not (was_space and style != ">")
                and not (style and index == 0)
                and not (style == "'" and index == last)
                and text[index + 1 : index + 2] != " "
            ):
                parts.append("\n" + " " * indent)
                column = indent
            else:
                parts.append(char)
                column += 1
            was_space = True
        elif char == "\n":
            parts.append("\n" if was_break else "\n\n")
            was_break, column = True, 0
            continue
        else:
            if was_break:
                parts.append(" " * indent)
                column = indent
            parts.append(char)
            column += 1
            was_space = False
        was_break = False
    if was_break:
        parts.append(" " * indent)
    return "".join(parts)


def _double(text: str, column: int, indent: int, width: int | None) -> str:
    """Return ``text`` in double quotes."""
    parts: list[str] = []
    last = len(text) - 1
    was_space = False
    for index, char in enumerate(text):
        if char == " " and width is not None and not was_space and column > width and 0 < index < last:
            mark = "\\" * (text[index + 1] == " ")
            parts.append("\n" + " " * indent + mark)
            column = indent + len(mark)
            was_space = True
            continue
        shown = _escape(char)
        parts.append(shown)
        column += len(shown)
        was_space = char == " "
    return '"' + "".join(parts) + '"'


def _escape(char: str) -> str:
    """Return one character as it stands in double quotes."""
    if char in _ESCAPES and char != "\xa0":
        return _ESCAPES[char]
    if not _SPECIAL.match(char):
        return char
    code = ord(char)
    return f"\\x{code:02X}" if code < 256 else f"\\u{code:04X}" if code < 65536 else f"\\U{code:08X}"
