"""Ruby's regular expressions, in which manifests and data are written, as Python's."""

from __future__ import annotations

import re
from functools import lru_cache

_POSIX = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\s",
    "blank": r" \t", "punct": r"!-/:-@\[-`{-~", "xdigit": "0-9a-fA-F", "word": r"\w", "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e", "graph": r"\x21-\x7e",
}  # fmt: skip
_NEGATED = {"space": r"\S", "digit": r"\D", "word": r"\W"}
_ESCAPES = {
    "A": r"\A", "z": r"\Z", "Z": r"(?=\n?\Z)", "h": "[0-9a-fA-F]", "H": "[^0-9a-fA-F]", "e": r"\x1b",
    "R": r"(?:\r\n|[\n\v\f\r])", "X": "(?s:.)", "G": "",
}  # fmt: skip
_INSIDE = {"h": "0-9a-fA-F", "e": r"\x1b"}
_NAMED_GROUP = re.compile(r"\(\?<[A-Za-z_]")
_TOKEN = re.compile(
    r"""(?P<property>\\p\{(?P<caret>\^?)(?P<name>\w+)\})
      | (?P<backref>\\k<(?P<ref>\w+)>)
      | (?P<escape>\\(?P<char>.))
      | (?P<named>\(\?<(?P<group>[A-Za-z_]\w*)>)
      | (?P<flags>\(\?(?P<on>[imx]*)(?P<off>-[imx]+)?(?P<end>[:)]))
      | (?P<class>\[\^?\]?)
      | (?P<plain>.)""",
    re.VERBOSE | re.DOTALL,
)

_LITERALLY = {
    **str.maketrans({char: f"\\{char}" for char in " []{}()|-*.\\?+^$#"}),
    **str.maketrans({"\n": "\\n", "\t": "\\t", "\r": "\\r", "\f": "\\f", "\v": "\\v"}),
}


@lru_cache(maxsize=2048)
def compiled(source: str) -> re.Pattern[str]:
    """Return Ruby's expression ``source`` ready for use. Raises ``re.error``."""
    return re.compile(translate(source), re.MULTILINE | re.ASCII)


def translate(source: str) -> str:
    """Return the Ruby expression ``source`` in Python's notation (compile it with ``MULTILINE`` and ``ASCII``)."""
    parts: list[str] = []
    tail = ""
    at = 0
    named = _NAMED_GROUP.search(source) is not None
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            raise re.error("cannot be read", source, at)
        at = found.end()
        if found["class"]:
            text, at = _bracket(source, found.start())
            parts.append(text)
        elif found["flags"] and found["end"] == ")":
            parts.append(_open_flags(found))
            tail += ")"
        elif named and found["plain"] == "(" and source[at : at + 1] != "?":
            parts.append("(?:")  # where groups have names those without catch nothing
        else:
            parts.append(_outside(found))
    return "".join(parts) + tail


def escaped(text: str) -> str:
    """Return the Ruby expression that matches ``text`` and nothing else."""
    return text.translate(_LITERALLY)


def _open_flags(found: re.Match[str]) -> str:
    """Return the group that ``(?i)`` opens: Python wants flags in the middle to be a group of their own."""
    on, off = found["on"].replace("m", "s"), (found["off"] or "").replace("m", "s")
    return f"(?{on}{off}:" if on or off else "(?:"


def _outside(found: re.Match[str]) -> str:
    """Return what one token outside of brackets becomes."""
    if found["property"]:
        return f"[{found['caret']}{_POSIX.get(found['name'].lower(), '')}]"
    if found["backref"]:
        return f"(?P={found['ref']})"
    if found["escape"]:
        char = found["char"]
        if char in _ESCAPES:
            return _ESCAPES[char]
        return found["escape"] if char.isdigit() or char in "wWdDsSbBnrtfvaxu" else re.escape(char)
    if found["named"]:
        return f"(?P<{found['group']}>"
    if found["flags"]:
        return _open_flags(found)
    return found["plain"]


def _bracket(source: str, start: int) -> tuple[str, int]:
    """Return the bracket expression that begins at ``start`` in Python's notation, and the place after it."""
    at = start + 1
    parts = ["["]
    if source.startswith("^", at):
        parts.append("^")
        at += 1
    first = True
    while at < len(source):
        if source[at] == "]" and not first:
            return "".join(parts) + "]", at + 1
        text, at = _bracket_item(source, at)
        parts.append(text)
        first = False
    raise re.error("premature end of char-class", source, start)


def _bracket_item(source: str, at: int) -> tuple[str, int]:
    """Return one item inside brackets in Python's notation, and the place after it."""
    char = source[at]
    posix = re.compile(r"\[:(\^?)(\w+):\]|\\p\{(\^?)(\w+)\}").match(source, at)
    if posix:
        name = (posix[2] or posix[4]).lower()
        negated = posix[1] or posix[3]
        return (_NEGATED if negated else _POSIX).get(name, ""), posix.end()
    if char == "\\" and at + 1 < len(source):
        following = source[at + 1]
        return _INSIDE.get(following, char + following if not following.isalpha() or following in "wWdDsSbnrtfvaxu"
                           else following), at + 2  # fmt: skip
    if char == "[":
        inner, end = _bracket(source, at)
        return inner[1:-1], end
    return ("\\" + char if char in "[&~|" else char), at + 1
