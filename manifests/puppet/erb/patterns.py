"""Regular expressions at work: searching, replacing, splitting as Ruby does."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from hiera.types import regex
from manifests.puppet.erb.objects import Failure, Hash, Limit, Match, Pattern, Proc, Range, Value
from manifests.puppet.erb.text import to_s

if TYPE_CHECKING:
    from manifests.puppet.erb.running import Run

_REFERENCE: Final = re.compile(r"\\(?:(\d)|k<(\w+)>|([&0`'\\]))")
_LONGEST: Final = 5000


@lru_cache(maxsize=1024)
def _compiled(source: str, flags: str) -> re.Pattern[str]:
    """Return a pattern of Ruby ready for use."""
    if len(source) > _LONGEST:
        raise Limit(f"a regular expression is longer than {_LONGEST} characters")
    on = flags.replace("m", "s")
    try:
        return regex.compiled(f"(?{flags}:{source})" if on else source)
    except (re.error, RecursionError, OverflowError) as error:
        raise Failure("RegexpError", f"invalid regular expression: {error}") from None


def compiled(pattern: Value) -> re.Pattern[str]:
    """Return a pattern, or a text taken literally, ready for use."""
    if isinstance(pattern, Pattern):
        return _compiled(pattern.source, pattern.flags)
    if isinstance(pattern, str):
        return re.compile(re.escape(pattern))
    raise Failure("TypeError", "wrong argument type (expected Regexp)")


def search(run: Run, pattern: Value, text: Value, start: int = 0) -> Match | None:
    """Return the first match in ``text``, which is kept as ``$~``."""
    if text is None or not isinstance(text, str):
        if text is not None and not hasattr(text, "name"):
            raise Failure("TypeError", "no implicit conversion into String")
        text = to_s(run, text) if text is not None else None
    found = compiled(pattern).search(text, start) if text is not None else None
    run.match = Match(found, pattern) if found else None
    return run.match  # type: ignore[no-any-return]  # what was just put there


def substitute(run: Run, block: Proc | None, text: str, arguments: tuple[Value, ...], *, count: int) -> str:
    """Return ``text`` with ``count`` matches replaced, 0 for all."""
    if not arguments or len(arguments) > 2:
        raise Failure("ArgumentError", f"wrong number of arguments (given {len(arguments)}, expected 1..2)")
    pattern = arguments[0]
    if len(arguments) == 1 and block is None:
        raise Failure("ArgumentError", "wrong number of arguments (given 1, expected 2)")
    replace = _replacer(run, block, pattern, arguments)
    size = [0]

    def counted(found: re.Match[str]) -> str:
        run.steps -= 1
        new = replace(found)
        size[0] += len(new)
        if size[0] > 65536:
            run.charge(len(new))
        return new

    if run.steps < 0:
        run.step()
    return compiled(pattern).sub(counted, text, count=count)


def _replacer(
    run: Run, block: Proc | None, pattern: Value, arguments: tuple[Value, ...]
) -> Callable[[re.Match[str]], str]:
    """Return what a match is replaced with."""
    if len(arguments) == 1:
        assert block is not None  # its absence was an error
        call = block.call

        def ask(found: re.Match[str]) -> str:
            run.match = Match(found, pattern)
            return to_s(run, call(found[0]))

        return ask
    new = arguments[1]
    if isinstance(new, Hash):
        return lambda found: to_s(run, new.get(found[0]))
    if not isinstance(new, str):
        raise Failure("TypeError", "no implicit conversion into String")
    if "\\" not in new:
        return lambda found: new
    return lambda found: _REFERENCE.sub(lambda mark: _referred(mark, found), new)


def _referred(mark: re.Match[str], found: re.Match[str]) -> str:
    """Return what a reference in the new text stands for."""
    if mark[1]:
        number = int(mark[1])
        return (found[number] or "") if number <= found.re.groups else ""
    if mark[2]:
        return found[mark[2]] or ""
    if mark[3] == "\\":
        return "\\"
    return {"&": found[0], "0": found[0], "`": found.string[: found.start()], "'": found.string[found.end() :]}[mark[3]]


def scan(run: Run, block: Proc | None, text: str, pattern: Value) -> Value:
    """Return all matches; with groups the groups of each."""
    results: list[Value] = []
    for found in compiled(pattern).finditer(text):
        run.step()
        value: Value = list(found.groups()) if found.re.groups else found[0]
        run.match = Match(found, pattern)
        if block is not None:
            block.call(value)
        else:
            results.append(value)
    return text if block is not None else results


def split(run: Run, text: str, separator: Value = None, limit: int = 0) -> list[Value]:
    """Return the pieces of ``text`` as Ruby's ``split``."""
    if limit == 1:
        return [text] if text else []
    if separator is None or separator == " ":
        pieces: list[Value] = _split_blanks(text, limit)
    elif isinstance(separator, str) and separator:
        pieces = list(text.split(separator, limit - 1 if limit > 0 else -1)) if text else []
    else:
        pieces = _split_pattern(text, separator, limit)
    if limit == 0:
        while pieces and pieces[-1] == "":
            pieces.pop()
    run.charge(len(pieces))
    return pieces


def _split_blanks(text: str, limit: int) -> list[Value]:
    blanks = " \t\n\v\f\r\0"
    if limit <= 0:
        pieces: list[Value] = [piece for piece in re.split(r"[ \t\n\v\f\r\0]+", text) if piece]
        return [*pieces, ""] if limit < 0 and text and text[-1] in blanks else pieces
    pieces, rest = [], text.lstrip(blanks)
    while rest and len(pieces) < limit - 1:
        found = re.search(r"[ \t\n\v\f\r\0]+", rest)
        if found is None:
            break
        pieces.append(rest[: found.start()])
        rest = rest[found.end() :]
        if not rest:
            return [*pieces, ""]
    return [*pieces, rest] if rest else pieces


def _split_pattern(text: str, separator: Value, limit: int) -> list[Value]:
    pieces: list[Value] = []
    at = 0
    if not text:
        return pieces
    for found in compiled(separator).finditer(text):
        if limit > 0 and len(pieces) >= limit - 1:
            break
        if found.end() == found.start() and (found.start() == at or found.start() >= len(text)):
            continue
        pieces.append(text[at : found.start()])
        pieces += [group for group in found.groups() if group is not None]
        at = found.end()
    pieces.append(text[at:])
    return pieces


def matched(match: Match, key: Value, count: Value = None) -> Any:
    """Return a group of a match by number or name, or several."""
    if isinstance(key, int) and isinstance(count, int):
        return [match.found[0], *match.found.groups()][key:][:count]
    if isinstance(key, int):
        count = match.found.re.groups
        number = key + count + 1 if key < 0 else key
        return match.found[number] if 0 <= number <= count else None
    if isinstance(key, Range) and isinstance(key.first, int) and isinstance(key.last, int | None):
        groups = [match.found[0], *match.found.groups()]
        last = len(groups) if key.last is None else key.last % len(groups) if key.last < 0 else key.last
        return groups[key.first : last + (not key.open)]
    name = str(key)
    if name not in match.found.re.groupindex:
        raise Failure("IndexError", f"undefined group name reference: {name}")
    return match.found[name]
