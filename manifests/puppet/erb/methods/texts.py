"""Methods of texts."""

from __future__ import annotations

import re
from typing import Any

from hiera.ruby_text import ruby_inspect
from manifests.functions.sprintf import sprintf
from manifests.puppet.erb import patterns
from manifests.puppet.erb.methods.base import Method, Table, lazily, plain, renamed, required
from manifests.puppet.erb.methods.common import COMPARABLE, OBJECT
from manifests.puppet.erb.mutation import TEXT_CHANGES
from manifests.puppet.erb.objects import Failure, Hash, Pattern, Proc, Range, Unsupported, Value, symbol
from manifests.puppet.erb.running import Run
from manifests.puppet.erb.text import inspect, to_s
from manifests.puppet.erb.text_tools import (
    capitalized,
    count_chars,
    delete_chars,
    float_of,
    integer_of,
    slice_text,
    squeeze,
    swapped,
    translate,
)
from manifests.puppet.erb.values import successor


def text_of(value: Value) -> str:
    """Return ``value`` that must be a text. Raises ``Failure``."""
    if isinstance(value, str):
        return value
    kind = "nil" if value is None else value.__class__.__name__
    raise Failure("TypeError", f"no implicit conversion of {kind} into String")


def format_text(run: Run, form: Value, values: list[Value]) -> str:
    """Return ``form`` filled with ``values`` as Ruby's ``format``."""
    filled = [_formattable(run, value) for value in values]
    run.step()
    try:
        return sprintf(text_of(form), *filled)
    except ValueError as error:
        raise Failure("ArgumentError", str(error)) from None


def _formattable(run: Run, value: Value) -> Value:
    if isinstance(value, Hash):
        return {str(key): _formattable(run, item) for key, item in value.items()}
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, bool)):
        return value
    return to_s(run, value)


def _times(run: Run, block: Proc | None, text: str, count: Value) -> str:
    if not isinstance(count, int) or count < 0:
        raise Failure("ArgumentError", "argument must be a natural number")
    run.charge(len(text) * count)
    return text * count


def _pad(  # noqa: PLR0917  the parts of one line
    run: Run, text: str, width: int, filling: str, left: int, right: int
) -> str:
    if not filling:
        raise Failure("ArgumentError", "zero width padding")
    run.charge(max(width, 0))
    return (filling * left)[:left] + text + (filling * right)[:right]


def _ljust(run: Run, block: Proc | None, text: str, width: int, filling: str = " ") -> str:
    return _pad(run, text, width, filling, 0, max(0, min(width, 10**9) - len(text)))


def _rjust(run: Run, block: Proc | None, text: str, width: int, filling: str = " ") -> str:
    run.charge(max(width, 0))
    return _pad(run, text, width, filling, max(0, width - len(text)), 0)


def _center(run: Run, block: Proc | None, text: str, width: int, filling: str = " ") -> str:
    run.charge(max(width, 0))
    space = max(0, width - len(text))
    return _pad(run, text, width, filling, space // 2, space - space // 2)


def _percent(run: Run, block: Proc | None, text: str, values: Value) -> str:
    return format_text(run, text, values if isinstance(values, list) else [values])


def _match_at(run: Run, block: Proc | None, text: str, pattern: Value) -> Value:
    if isinstance(pattern, str):
        raise Failure("TypeError", "type mismatch: String given")
    found = patterns.search(run, pattern, text)
    return found.found.start() if found else None


def _match(run: Run, block: Proc | None, text: str, pattern: Value, start: int = 0) -> Value:
    found = patterns.search(run, Pattern(pattern) if isinstance(pattern, str) else pattern, text, start)
    return block.call(found) if block is not None and found else found


def _is_match(run: Run, block: Proc | None, text: str, pattern: Value, start: int = 0) -> bool:
    return patterns.compiled(Pattern(pattern) if isinstance(pattern, str) else pattern).search(text, start) is not None


def _starts(run: Run, block: Proc | None, text: str, *heads: Value) -> bool:
    return any(
        patterns.compiled(head).match(text) is not None if isinstance(head, Pattern) else text.startswith(text_of(head))
        for head in heads
    )


def _index(run: Run, block: Proc | None, text: str, wanted: Value, start: int = 0) -> Value:
    if isinstance(wanted, Pattern):
        found = patterns.search(run, wanted, text, start)
        return found.found.start() if found else None
    place = text.find(text_of(wanted), start + len(text) if start < 0 else start)
    return place if place >= 0 else None


def _rindex(text: str, wanted: Value, start: int | None = None) -> Value:
    if isinstance(wanted, Pattern):
        places = [at for at in range(len(text) + 1) if patterns.compiled(wanted).match(text, at)]
        return places[-1] if places else None
    place = text.rfind(wanted) if start is None else text.rfind(wanted, 0, start + len(wanted))
    return place if place >= 0 else None


def _partition(run: Run, block: Proc | None, text: str, wanted: Value) -> list[Value]:
    if isinstance(wanted, Pattern):
        found = patterns.search(run, wanted, text)
        return [text[: found.found.start()], found.found[0], text[found.found.end() :]] if found else [text, "", ""]
    return list(text.partition(wanted))


def _split(run: Run, block: Proc | None, text: str, *arguments: Value) -> Value:
    pieces = patterns.split(run, text, *arguments)
    if block is None:
        return pieces
    for piece in pieces:
        block.call(piece)
    return text


def lines(text: str, chomp: Value = None) -> list[Value]:
    """Return the lines of ``text``, each with its line break unless ``chomp``."""
    found: list[Value] = re.findall(r"[^\n]*\n|[^\n]+", text)
    return [chomped(line) for line in found] if isinstance(chomp, Hash) and chomp.get(symbol("chomp")) else found


def chomped(text: str, end: str | None = None) -> str:
    """Return ``text`` without the line break at its end, or without ``end``."""
    if end is not None:
        return text.rstrip("\n") if end == "" else text.removesuffix(end)
    return text[:-2] if text.endswith("\r\n") else text[:-1] if text.endswith(("\n", "\r")) else text


def _each(name: str, items: Any) -> Any:
    def each(run: Run, block: Proc | None, text: str, *arguments: Value) -> Value:
        call = required(block)
        for item in items(text, *arguments):
            call(item)
        return text

    return lazily(name, each, items)


def _slice(run: Run, block: Proc | None, text: str, *keys: Value) -> Value:
    return slice_text(run, text, *keys)


def _plus(text: str, other: Value) -> str:
    return text + text_of(other)


def _to_i(text: str, base: int = 10) -> int:
    return integer_of(text, base)


def _casecmp(text: str, other: Value) -> Value:
    if not isinstance(other, str):
        return None
    left, right = text.lower(), other.lower()
    return (left > right) - (left < right)


def _store_slice(run: Run, block: Proc | None, text: str, *keys: Value) -> str:
    *places, new = keys
    old = slice_text(run, text, *places)
    if isinstance(places[0], str | Pattern):
        if old is None:
            raise Failure("IndexError", "string not matched")
        found = patterns.compiled(places[0]).search(text)
        assert found is not None  # the slice was found
        start, end = found.span()
    elif isinstance(places[0], Range):
        first = places[0].first or 0
        start = first + len(text) if first < 0 else first
        end = start + len(old or "")
    else:
        start = places[0] + len(text) if places[0] < 0 else places[0]
        end = start + (places[1] if len(places) > 1 else 1)
    return text[:start] + text_of(new) + text[end:]


def _upto(run: Run, block: Proc | None, text: str, last: str) -> Value:
    from manifests.puppet.erb.values import range_items  # noqa: PLC0415  rarely used

    call = required(block)
    for item in range_items(Range(text, last, open=False)):
        run.step()
        call(item)
    return text


def _unpack(*_: Value) -> Value:
    raise Unsupported("method 'String#unpack' is not supported")


def _answer(change: Any) -> Method:
    """Return what the call of a change answers where there is no place for the new text."""
    return lambda run, block, text, *arguments: change(run, block, text, *arguments)[1]


_BLANKS = " \t\n\v\f\r\0"
_METHODS: Table = {
    **plain(
        {
            "+": _plus,
            "length": len,
            "empty?": lambda text: not text,
            "upcase": lambda text, *_: text.upper(),
            "downcase": lambda text, *_: text.lower(),
            "capitalize": lambda text, *_: capitalized(text),
            "swapcase": swapped,
            "strip": lambda text: text.lstrip(_BLANKS[:-1]).rstrip(_BLANKS),
            "lstrip": lambda text: text.lstrip(_BLANKS[:-1]),
            "rstrip": lambda text: text.rstrip(_BLANKS),
            "chomp": chomped,
            "chop": lambda text: text[:-2] if text.endswith("\r\n") else text[:-1],
            "reverse": lambda text: text[::-1],
            "include?": lambda text, part: text_of(part) in text,
            "end_with?": lambda text, *ends: text.endswith(tuple(map(text_of, ends))),
            "chars": list,
            "lines": lines,
            "bytes": lambda text: list(text.encode("utf-8", "surrogateescape")),
            "bytesize": lambda text: len(text.encode("utf-8", "surrogateescape")),
            "to_i": _to_i,
            "to_f": float_of,
            "to_sym": symbol,
            "to_str": lambda text: text,
            "hex": lambda text: integer_of(text, 16),
            "oct": lambda text: integer_of(text, 8 if text[:2].lower() not in ("0x", "0b") else 0),
            "chr": lambda text: text[:1],
            "ord": lambda text: ord(text[0]),
            "succ": successor,
            "tr": translate,
            "tr_s": lambda text, old, new: translate(text, old, new, squeezed=True),
            "delete": delete_chars,
            "squeeze": squeeze,
            "count": count_chars,
            "rindex": _rindex,
            "casecmp": _casecmp,
            "casecmp?": lambda text, other: text.casefold() == other.casefold() if isinstance(other, str) else None,
            "delete_prefix": lambda text, head: text.removeprefix(head),
            "delete_suffix": lambda text, tail: text.removesuffix(tail),
            "rpartition": lambda text, part: list(text.rpartition(part)),
            "encoding": lambda text: "UTF-8",
            "force_encoding": lambda text, *_: text,
            "encode": lambda text, *_, **__: text,
            "unicode_normalize": lambda text, *_: text,
            "valid_encoding?": lambda text: True,
            "ascii_only?": str.isascii,
            "scrub": lambda text, *_: text,
            "b": lambda text: text,
            "-@": lambda text: text,
            "+@": lambda text: text,
            "sum": lambda text: sum(text.encode()),
            "codepoints": lambda text: [ord(char) for char in text],
            "dump": ruby_inspect,
            "unpack": _unpack,
            "insert": lambda text, place, new: (
                text[: place if place >= 0 else len(text) + place + 1]
                + new
                + text[place if place >= 0 else len(text) + place + 1 :]
            ),
            "concat": lambda text, *more: text + "".join(map(text_of, more)),
            "prepend": lambda text, *more: "".join(more) + text,
            "replace": lambda text, new: text_of(new),
        }
    ),
    "*": _times,
    "%": _percent,
    "=~": _match_at,
    "match": _match,
    "match?": _is_match,
    "start_with?": _starts,
    "index": _index,
    "partition": _partition,
    "split": _split,
    "ljust": _ljust,
    "rjust": _rjust,
    "center": _center,
    "[]": _slice,
    "[]=": _store_slice,
    "scan": patterns.scan,
    "sub": lambda run, block, text, *arguments: patterns.substitute(run, block, text, arguments, count=1),
    "gsub": lambda run, block, text, *arguments: patterns.substitute(run, block, text, arguments, count=0),
    "each_line": _each("each_line", lines),
    "each_char": _each("each_char", list),
    "each_byte": _each("each_byte", lambda text: list(text.encode())),
    "upto": _upto,
    "inspect": lambda run, block, text: inspect(run, text),
}
_CHANGES: Table = {name: _answer(change) for name, change in TEXT_CHANGES.items() if name not in _METHODS}


def _compared(sign: str) -> Any:
    def compare(left: str, right: Value) -> bool:
        if not isinstance(right, str):
            shown = "nil" if right is None else right.__class__.__name__
            raise Failure("ArgumentError", f"comparison of String with {shown} failed")
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign]

    return compare


TEXT: Table = {
    **OBJECT,
    **COMPARABLE,
    **plain({sign: _compared(sign) for sign in ("<", "<=", ">", ">=")}),
    **_CHANGES,
    **renamed(_METHODS, {"size": "length", "intern": "to_sym", "slice": "[]", "next": "succ"}),
}
