"""Work on texts that Ruby does in its own way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from manifests.puppet.erb import patterns
from manifests.puppet.erb.objects import Failure, Pattern, Range, Value

if TYPE_CHECKING:
    from manifests.puppet.erb.running import Run

_FLOAT: Final = re.compile(r"\s*([-+]?\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][-+]?\d+)?)")
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_PREFIXES: Final = {2: "0b", 8: "0o?", 16: "0x"}


def capitalized(text: str) -> str:
    """Return ``text`` with a capital first and small letters behind."""
    return text[:1].upper() + text[1:].lower()


def swapped(text: str) -> str:
    """Return ``text`` with capitals and small letters exchanged."""
    return text.swapcase()


def integer_of(text: str, base: int = 10) -> int:
    """Return the number that ``text`` begins with, or 0."""
    if base == 0:
        base = {"0x": 16, "0b": 2}.get(text.strip().lstrip("+-")[:2].lower(), 10)
    if not 2 <= base <= 36:
        raise Failure("ArgumentError", f"invalid radix {base}")
    prefix = f"(?:{_PREFIXES[base]})?" if base in _PREFIXES else ""
    found = re.match(rf"\s*([-+]?){prefix}([{_DIGITS[:base]}](?:_?[{_DIGITS[:base]}])*)", text, re.IGNORECASE)
    if found is None or len(found[2]) > 4000:
        return 0
    number = int(found[2].replace("_", ""), base)
    return -number if found[1] == "-" else number


def float_of(text: str) -> float:
    """Return the float that ``text`` begins with, or 0.0."""
    found = _FLOAT.match(text)
    return float(found[1].replace("_", "")) if found else 0.0


def _set_of(marks: str) -> tuple[str, bool]:
    """Return the characters that a set such as ``a-z`` stands for, and whether it is negated."""
    negated = len(marks) > 1 and marks[0] == "^"
    marks = marks[1:] if negated else marks
    chars: list[str] = []
    at = 0
    while at < len(marks):
        char = marks[at]
        if char == "\\" and at + 1 < len(marks):
            chars.append(marks[at + 1])
            at += 2
        elif at + 2 < len(marks) and marks[at + 1] == "-":
            first, last = ord(char), ord(marks[at + 2])
            if first > last:
                raise Failure("ArgumentError", f'invalid range "{char}-{marks[at + 2]}" in string transliteration')
            if last - first > 70_000:
                raise Failure("ArgumentError", "the range is too long")
            chars += map(chr, range(first, last + 1))
            at += 3
        else:
            chars.append(char)
            at += 1
    return "".join(chars), negated


def translate(text: str, old: str, new: str, *, squeezed: bool = False) -> str:
    """Return ``text`` with characters exchanged as ``tr`` does."""
    if not new:
        return delete_chars(text, old)
    wanted, negated = _set_of(old)
    given, _ = _set_of("\\" + new if new[0] == "^" else new)
    table = {char: given[min(index, len(given) - 1)] for index, char in reversed(list(enumerate(wanted)))}
    parts: list[str] = []
    last = ""
    for char in text:
        other = (char if char in table else given[-1]) if negated else table.get(char, "")
        hit = (char not in table) if negated else char in table
        if not hit:
            parts.append(char)
            last = ""
        elif not (squeezed and other == last):
            parts.append(other)
            last = other
    return "".join(parts)


def _within(sets: tuple[str, ...]) -> list[tuple[frozenset[str], bool]]:
    return [(frozenset(chars), negated) for chars, negated in map(_set_of, sets)]


def _in_all(char: str, sets: list[tuple[frozenset[str], bool]]) -> bool:
    return all((char in chars) is not negated for chars, negated in sets)


def delete_chars(text: str, *marks: str) -> str:
    """Return ``text`` without the characters in all the sets."""
    sets = _within(marks)
    return "".join(char for char in text if not _in_all(char, sets))


def count_chars(text: str, *marks: str) -> int:
    """Return how many characters are in all the sets."""
    if not marks:
        raise Failure("ArgumentError", "wrong number of arguments (given 0, expected 1+)")
    sets = _within(marks)
    return sum(_in_all(char, sets) for char in text)


def squeeze(text: str, *marks: str) -> str:
    """Return ``text`` with each run of a character as one."""
    sets = _within(marks)
    return "".join(
        char for index, char in enumerate(text) if not (index and text[index - 1] == char and _in_all(char, sets))
    )


def bounds(value: Range, length: int) -> tuple[int, int] | None:
    """Return where a range of places begins and ends in something of ``length``; None if it lies outside."""
    first = value.first or 0
    last = -1 if value.last is None else value.last
    if not isinstance(first, int) or not isinstance(last, int):
        raise Failure("TypeError", "no implicit conversion into Integer")
    start = first + length if first < 0 else first
    if not 0 <= start <= length:
        return None
    end = last + length if last < 0 else last
    end = end if value.open and value.last is not None else end + 1
    return start, max(start, min(end, length))


def slice_text(run: Run, text: str, key: Value, size: Value = None) -> Value:
    """Return what ``text[...]`` gives."""
    if isinstance(key, Pattern):
        found = patterns.search(run, key, text)
        return patterns.matched(found, 0 if size is None else size) if found else None
    if isinstance(key, str):
        return key if key in text else None
    if isinstance(key, Range):
        place = bounds(key, len(text))
        return text[place[0] : place[1]] if place else None
    if isinstance(key, float):
        key = int(key)
    if not isinstance(key, int):
        raise Failure("TypeError", "no implicit conversion into Integer")
    start = key + len(text) if key < 0 else key
    if size is None:
        return text[start] if 0 <= start < len(text) else None
    return text[start : start + size] if 0 <= start <= len(text) and size >= 0 else None
