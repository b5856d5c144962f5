"""Functions on text."""

from __future__ import annotations

import re
from collections.abc import Callable

from hiera.ruby_text import ruby_text
from hiera.types import Regexp, Type
from hiera.types.regex import compiled, escaped
from hiera.types.scalars import PatternType, RegexpType
from hiera.values import Value
from manifests.functions.base import Block
from manifests.functions.numbers import order
from manifests.functions.sprintf import sprintf

__all__ = ["sprintf"]


def _over(value: Value, change: Callable[[str], str]) -> Value:
    """Return ``value`` with ``change`` made to it, or to each text of a list; numbers stay."""
    if isinstance(value, list | tuple):
        return [_over(item, change) for item in value]
    if isinstance(value, dict):
        return {_over(key, change): _over(item, change) for key, item in value.items()}
    return change(value) if isinstance(value, str) else value


def _pattern(given: Value, flags: int = 0) -> re.Pattern[str]:
    """Return the expression that a text, a Regexp or a type of one stands for."""
    if isinstance(given, RegexpType):
        given = given.source or ""
    source = given.source if isinstance(given, Regexp) else given
    if isinstance(source, Type):
        raise ValueError(f"expects a regular expression, got {source}")  # noqa: TRY004  the author's mistake
    found = compiled(source)
    return re.compile(found.pattern, found.flags | flags) if flags else found


def join(items: list[Value], separator: str | None = None) -> str:
    """Return the items, nested lists included, as one text with ``separator`` between them."""
    flat: list[str] = []
    todo = list(reversed(items))
    while todo:
        item = todo.pop()
        if isinstance(item, list | tuple) and item:
            todo.extend(reversed(item))
        elif isinstance(item, list | tuple):
            flat.append("")
        else:
            flat.append(ruby_text(item))
    return (separator or "").join(flat)


def split(text: str, pattern: Value) -> list[str]:
    """Return the pieces of ``text`` between matches of a regular expression; empty ones at the end are dropped."""
    if not text:
        return []
    found = _pattern(pattern)
    if found.pattern == "":
        return list(text)
    pieces = [piece for piece in _pieces(found, text) if piece is not None]
    while pieces and not pieces[-1]:
        pieces.pop()
    return pieces


def _pieces(pattern: re.Pattern[str], text: str) -> list[str | None]:
    """Return the pieces and the groups between them; an empty match splits between characters."""
    pieces: list[str | None] = []
    start = 0
    for match in pattern.finditer(text):
        if match.end() == match.start() and (match.start() == 0 or match.start() == len(text)):
            continue
        pieces.append(text[start : match.start()])
        pieces.extend(match.groups())
        start = match.end()
    return [*pieces, text[start:]]


def regsubst(
    target: Value,
    pattern: Value,
    replacement: str | dict[str, str],
    flags: str | None = None,
    encoding: str | None = None,
) -> Value:
    """Return ``target`` with the first match (flag G: every match) replaced; flags E, I, M as in Ruby."""
    del encoding
    flags = flags or ""
    extra = (re.IGNORECASE if "I" in flags else 0) | (re.DOTALL if "M" in flags else 0)
    found = _pattern(pattern, extra)
    change = _lookup(replacement) if isinstance(replacement, dict) else _template(replacement)
    return _over(target, lambda text: found.sub(change, text, count=0 if "G" in flags else 1))


def _lookup(table: dict[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda match: ruby_text(table.get(match[0]))


def _template(template: str) -> Callable[[re.Match[str]], str]:
    r"""Return what Ruby's replacement text (``\1``, ``\0``, ``\k<name>``, ``\\``) makes of a match."""

    def expand(match: re.Match[str]) -> str:
        def one(reference: re.Match[str]) -> str:
            name = reference[1]
            if name in {"&", "0"}:
                return match[0]
            if name == "\\":
                return "\\"
            if name in {"`", "'"}:
                return match.string[: match.start()] if name == "`" else match.string[match.end() :]
            if name.startswith("k"):
                return match[name[2:-1]] or ""
            return (match[int(name)] or "") if int(name) <= match.re.groups else ""

        return re.sub(r"\\(\d|[&`'\\]|k<\w+>)", one, template)

    return expand


def match(text: Value, pattern: Value) -> Value:
    """Return the match and its groups as a list, or undef; for a list of texts a list of those."""
    if isinstance(text, list | tuple):
        return [match(item, pattern) for item in text]
    if isinstance(pattern, PatternType):
        pattern = list(pattern.sources)
    for one in pattern if isinstance(pattern, list | tuple) else [pattern]:
        found = _pattern(one).search(text)
        if found is not None:
            return [found[0], *found.groups()]
    return None


def upcase(value: Value) -> Value:
    """Return the text in capitals."""
    return _over(value, str.upper)


def downcase(value: Value) -> Value:
    """Return the text in small letters."""
    return _over(value, str.lower)


def capitalize(value: Value) -> Value:
    """Return the text with a capital first letter and the others small."""
    return _over(value, str.capitalize)


def camelcase(value: Value) -> Value:
    """Return the words between underscores capitalised and joined."""
    return _over(value, lambda text: "".join(word[:1].upper() + word[1:].lower() for word in text.split("_")))


def swapcase(value: Value) -> Value:
    """Return the text with capitals made small and the reverse."""
    return _over(value, str.swapcase)


_BLANK = " \t\n\v\f\r\0"


def strip(value: Value) -> Value:
    """Return the text without white space at both ends."""
    return _over(value, lambda text: text.strip(_BLANK))


def lstrip(value: Value) -> Value:
    """Return the text without white space at its start."""
    return _over(value, lambda text: text.lstrip(_BLANK))


def rstrip(value: Value) -> Value:
    """Return the text without white space at its end."""
    return _over(value, lambda text: text.rstrip(_BLANK))


def chomp(value: Value) -> Value:
    """Return the text without one line end at its end."""
    return _over(value, lambda text: text[:-2] if text.endswith("\r\n") else text[:-1] if text[-1:] in "\r\n" else text)


def chop(value: Value) -> Value:
    """Return the text without its last character."""
    return _over(value, lambda text: text[: -2 if text.endswith("\r\n") else -1])


def squeeze(value: Value, characters: str | None = None) -> Value:
    """Return the text with runs of the same character (of ``characters``) made one."""
    if characters == "":
        return value
    wanted = f"[{re.escape(characters)}]" if characters else "."
    return _over(value, lambda text: re.sub(rf"({wanted})\1+", r"\1", text, flags=re.DOTALL))


def start_with(text: str, starts: str | list[str]) -> bool:
    """Say whether the text begins with one of ``starts``."""
    return text.startswith(starts if isinstance(starts, str) else tuple(starts))


def end_with(text: str, ends: str | list[str]) -> bool:
    """Say whether the text ends with one of ``ends``."""
    return text.endswith(ends if isinstance(ends, str) else tuple(ends))


_VERSION_PART = re.compile(r"[-.]|\d+|[^-.\d]+")


def versioncmp(first: str, second: str, ignore_trailing_zeroes: Value = None) -> int:
    """Return -1, 0 or 1 as version ``first`` is older than, the same as, or newer than ``second``."""
    if ignore_trailing_zeroes:
        first, second = _without_zeroes(first), _without_zeroes(second)
    for one, two in zip(_VERSION_PART.findall(first), _VERSION_PART.findall(second), strict=False):
        if one == two:
            continue
        for mark in "-.":
            if mark in (one, two):
                return -1 if one == mark else 1
        if one.isdigit() and two.isdigit() and not one.startswith("0") and not two.startswith("0"):
            return order(int(one), int(two))
        return order(one.upper(), two.upper())
    return order(first, second)


def _without_zeroes(version: str) -> str:
    """Return ``version`` without the zeros that end its numbers, before any prerelease."""
    numbers, dash, rest = version.partition("-")
    return re.sub(r"([^.0]?)(?:\.0)+$", r"\1", numbers) + dash + rest


def compare(first: Value, second: Value, ignore_case: Value = None) -> int:
    """Return -1, 0 or 1 by the order of two values of one kind; texts ignore case unless told otherwise."""
    if isinstance(first, str) and isinstance(second, str):
        if ignore_case is not False:
            first, second = first.lower(), second.lower()
    elif isinstance(first, str) or isinstance(second, str) or type(first) is bool or type(second) is bool:
        raise ValueError("compares only values of the same kind")
    return int(first > second) - int(first < second)


def scanf(text: str, form: str, *, block: Block | None = None) -> Value:
    """Return what the directives of ``form`` (``%d``, ``%s``, ``%x``, ``%[a-z]``) read from ``text``, in order."""
    from manifests.functions.scanning import scanned  # noqa: PLC0415  few need it

    found = scanned(text, form)
    return found if block is None else block(found)


def regexpescape(value: Value) -> Value:
    """Return the text so that a regular expression finds it literally."""
    return _over(value, escaped)


_URI = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'();/?:@&=+$,[]")


def uriescape(value: Value) -> Value:
    """Return the text with what may not stand in a URI as percent codes."""

    def encoded(text: str) -> str:
        return "".join(chr(byte) if byte in _URI else f"%{byte:02X}" for byte in text.encode())

    return _over(value, encoded)


def dos2unix(text: str) -> str:
    """Return the text with Unix line ends."""
    return text.replace("\r\n", "\n")


def unix2dos(text: str) -> str:
    """Return the text with the line ends of DOS."""
    return dos2unix(text).replace("\n", "\r\n")


def xml_encode(text: str, kind: str = "text") -> str:
    """Return the text safe for XML, as an attribute in quotes if ``kind`` is attr."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return '"' + text.replace('"', "&quot;") + '"' if kind == "attr" else text


_TRUE = frozenset({"1", "t", "y", "true", "yes"})
_FALSE = frozenset({"", "0", "f", "n", "false", "no", "undef", "undefined"})


def str2bool(value: Value) -> bool:
    """Return the boolean that a word such as yes, true, 1, no, false or 0 means."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    raise ValueError("knows only words such as true, yes, 1, false, no and 0")


def bool2str(value: bool, *words: str) -> str:  # noqa: FBT001  the value is what is asked
    """Return the word for a boolean: true and false, or the two that are given."""
    if len(words) not in {0, 2}:
        raise ValueError("expects both words or none")
    return (words or ("true", "false"))[not value]


def bool2num(value: Value) -> int:
    """Return 1 for true and 0 for false."""
    return int(str2bool(value))


def num2bool(value: Value) -> bool:
    """Return whether a number is above zero."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    return int(float(value)) > 0


def any2bool(value: Value) -> bool:
    """Return whether a value means yes: numbers above zero, words of yes, any list or mapping."""
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str):
        try:
            return str2bool(value)
        except ValueError:
            if not re.fullmatch(r"-?\d+(\.\d+)?", value):
                raise
            return float(value) > 0
    return value > 0 if isinstance(value, int | float) else True


def to_bytes(text: Value) -> Value:
    """Return the number of bytes that a size such as ``4 kB`` means."""
    if not isinstance(text, str):
        return text
    found = re.match(r"([0-9.eE+-]*)\s*([^bB]?)", text)
    number, unit = (found[1], found[2]) if found else ("", "")
    if unit and unit not in "kMGTPE":
        raise ValueError(f"Unknown prefix {unit}")
    value = float(number) if number else 0.0
    return int(value * 1024 ** ("kMGTPE".index(unit) + 1 if unit else 0))
