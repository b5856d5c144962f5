"""Permission bits as people write them: octal, or symbolic as chmod(1) and Puppet read them."""

from __future__ import annotations

import re
from typing import Final

PATTERN: Final = (
    r"Pattern[/\A[0-7]{3,5}\z/, /\A[ugoa]*([-+=]([rwxXst]*|[ugo]))+(,[ugoa]*([-+=]([rwxXst]*|[ugo]))+)*\z/]"
)
"""The data type of a mode, in Puppet's notation."""

_OCTAL: Final = re.compile(r"[0-7]{3,5}")
_CLAUSE: Final = re.compile(r"([ugoa]*)((?:[-+=](?:[rwxXst]+|[ugo]|))+)")
_ACTION: Final = re.compile(r"([-+=])([rwxXst]+|[ugo]|)")
_SHIFT: Final = {"u": 6, "g": 3, "o": 0}
_BIT: Final = {"r": 4, "w": 2, "x": 1}
_SPECIAL: Final = {"u": 0o4000, "g": 0o2000, "o": 0}


def text(mode: int) -> str:
    """Return the bits as four octal digits, the form of a state."""
    return f"{mode:04o}"


def resolve(wish: str, current: int, *, directory: bool) -> int:
    """Return the bits that ``wish`` makes of ``current``. Raises ``ValueError`` for what is no mode.

    As in Puppet, an octal mode gives a directory the right to be searched wherever it gives the right to be read.
    """
    if _OCTAL.fullmatch(wish):
        bits = int(wish, 8) & 0o7777
        return bits | (bits & 0o444) >> 2 if directory else bits
    bits = current
    for clause in wish.split(","):
        parsed = _CLAUSE.fullmatch(clause)
        if parsed is None:
            raise ValueError(wish)
        who = "ugo" if not parsed[1] or "a" in parsed[1] else parsed[1]
        for sign, rights in _ACTION.findall(parsed[2]):
            bits = _apply(bits, who, sign, rights, directory=directory)
    return bits


def _apply(bits: int, who: str, sign: str, rights: str, *, directory: bool) -> int:
    """Return ``bits`` after one action such as ``g=rx``."""
    wanted = mask = 0
    for one in dict.fromkeys(who):
        wanted |= _rights(bits, one, rights, directory=directory)
        mask |= 7 << _SHIFT[one] | (0 if directory and "s" not in rights else _SPECIAL[one])
    if "t" in rights:
        wanted |= 0o1000
    if sign == "+":
        return bits | wanted
    if sign == "-":
        return bits & ~wanted
    if "o" in who and len(set(who)) == len("ugo"):
        mask |= 0o1000
    return (bits & ~mask) | wanted


def _rights(bits: int, who: str, rights: str, *, directory: bool) -> int:
    """Return the bits that ``rights`` mean for one of user, group, others."""
    shift = _SHIFT[who]
    if rights in _SHIFT:  # g=u copies
        return (bits >> _SHIFT[rights] & 7) << shift
    found = 0
    for right in rights:
        if right == "X":
            right = "x" if directory or bits & 0o111 else ""  # noqa: PLW2901  X is x where it makes sense
        found |= _BIT.get(right, 0) << shift
        if right == "s":
            found |= _SPECIAL[who]
    return found
