"""Methods of nil, booleans, symbols, ranges, patterns, matches, procs, sets, enumerators, errors and Sensitive."""

from __future__ import annotations

from typing import Any

from hiera.types import Sensitive
from manifests.puppet.erb import patterns
from manifests.puppet.erb.methods.base import Table, plain, renamed, required
from manifests.puppet.erb.methods.common import COMPARABLE, OBJECT
from manifests.puppet.erb.methods.enumerable import ENUMERABLE, rounds
from manifests.puppet.erb.methods.texts import TEXT
from manifests.puppet.erb.objects import (
    Class,
    Error,
    Failure,
    Hash,
    Lazy,
    Pattern,
    Proc,
    Range,
    Set,
    Symbol,
    Value,
    key_of,
    symbol,
    truthy,
    unkey,
)
from manifests.puppet.erb.running import Run, send
from manifests.puppet.erb.text import pattern_text
from manifests.puppet.erb.values import compare, inward, members, range_items

NIL: Table = {
    **OBJECT,
    **plain(
        {
            "to_a": lambda _: [],
            "to_i": lambda _: 0,
            "to_f": lambda _: 0.0,
            "to_h": lambda _: Hash(),
            "&": lambda _, other: False,
            "|": lambda _, other: truthy(other),
        }
    ),
}
TRUTH: Table = {
    **OBJECT,
    **plain(
        {
            "&": lambda value, other: value and truthy(other),
            "|": lambda value, other: value or truthy(other),
            "^": lambda value, other: value is not truthy(other),
        }
    ),
}


def _as_text(name: str) -> Any:
    """Return the method of texts ``name`` for symbols; what it makes is a symbol again."""

    def method(run: Run, block: Proc | None, value: Symbol, *arguments: Value) -> Value:
        found = TEXT[name](run, block, value.name, *arguments)
        return symbol(found) if isinstance(found, str) and name not in ("[]", "to_s") else found

    return method


SYMBOL: Table = renamed(
    {
        **OBJECT,
        **COMPARABLE,
        **{
            name: _as_text(name)
            for name in (
                "upcase",
                "downcase",
                "capitalize",
                "succ",
                "length",
                "empty?",
                "[]",
                "start_with?",
                "end_with?",
                "=~",
                "match",
                "match?",
                "casecmp?",
                "casecmp",
            )
        },
        **plain({"to_sym": lambda value: value}),
        "to_s": lambda run, block, value: value.name,
        "to_proc": lambda run, block, value: Proc(
            lambda first, *rest, block=None: send(run, first, value.name, list(rest), block), -2, strict=True
        ),
    },
    {"size": "length", "name": "to_s", "id2name": "to_s"},
)


def _covers(run: Run, block: Proc | None, value: Range, item: Value) -> bool:
    if isinstance(item, Range):
        return _covers(run, block, value, item.first) and _covers(run, block, value, item.last)
    if value.first is not None and compare(value.first, item) not in (-1, 0):
        return False
    return value.last is None or compare(item, value.last) in ((-1,) if value.open else (-1, 0))


def _range_step(run: Run, block: Proc | None, value: Range, by: int) -> Value:
    if not isinstance(by, int) or by < 1:
        raise Failure("ArgumentError", "step can't be 0 or negative")
    found = range_items(value)[::by]
    if block is None:
        return Lazy(found, "step", value)
    for item in found:
        run.step()
        block.call(item)
    return value


def _edge(run: Run, block: Proc | None, value: Range, count: Value = None, *, last: bool = False) -> Value:
    if count is None:
        return value.last if last else value.first
    found = range_items(value)
    return found[max(0, len(found) - count) :] if last else found[:count]


RANGE: Table = renamed(
    {
        **OBJECT,
        **ENUMERABLE,
        "cover?": _covers,
        "step": _range_step,
        "first": _edge,
        "last": lambda run, block, value, count=None: _edge(run, block, value, count, last=True),
        **plain(
            {
                "begin": lambda value: value.first,
                "end": lambda value: value.last,
                "exclude_end?": lambda value: value.open,
                "size": lambda value: len(range_items(value)),
                "length": lambda value: len(range_items(value)),
            }
        ),
    },
    {"include?": "cover?", "===": "cover?", "member?": "cover?", "%": "step"},
)


def _accepts(run: Run, block: Proc | None, value: Pattern, item: Value) -> bool:
    if not isinstance(item, str | Symbol):
        run.match = None
        return False
    return patterns.search(run, value, item) is not None


def _at(run: Run, block: Proc | None, value: Pattern, text: Value) -> Value:
    found = patterns.search(run, value, text)
    return found.found.start() if found else None


def _matching(run: Run, block: Proc | None, value: Pattern, text: Value, start: int = 0) -> Value:
    found = patterns.search(run, value, text, start)
    return block.call(found) if block and found else found


PATTERN: Table = {
    **OBJECT,
    "===": _accepts,
    "=~": _at,
    "match": _matching,
    "to_s": lambda run, block, value: pattern_text(run, value),
    "match?": lambda run, block, value, text, start=0: (
        text is not None and patterns.compiled(value).search(str(text), start) is not None
    ),
    **plain(
        {
            "source": lambda value: value.source,
            "options": lambda value: ("i" in value.flags) + 2 * ("x" in value.flags) + 4 * ("m" in value.flags),
            "names": lambda value: list(patterns.compiled(value).groupindex),
        }
    ),
}
MATCH: Table = {
    **OBJECT,
    **plain(
        {
            "[]": patterns.matched,
            "captures": lambda match: list(match.found.groups()),
            "to_a": lambda match: [match.found[0], *match.found.groups()],
            "pre_match": lambda match: match.found.string[: match.found.start()],
            "post_match": lambda match: match.found.string[match.found.end() :],
            "named_captures": lambda match, *_: Hash(match.found.groupdict()),
            "names": lambda match: list(match.found.re.groupindex),
            "begin": lambda match, group=0: match.found.start(group),
            "end": lambda match, group=0: match.found.end(group),
            "string": lambda match: match.found.string,
            "size": lambda match: match.found.re.groups + 1,
            "length": lambda match: match.found.re.groups + 1,
            "values_at": lambda match, *keys: [patterns.matched(match, key) for key in keys],
            "regexp": lambda match: match.pattern,
        }
    ),
}


def _call(run: Run, block: Proc | None, value: Proc, *arguments: Value) -> Value:
    return value.call(*arguments, block=block) if block else value.call(*arguments)


def _curry(run: Run, block: Proc | None, value: Proc, *given: Value) -> Proc:
    count = abs(value.arity) if value.arity >= 0 else -value.arity - 1

    def collect(*arguments: Value) -> Value:
        return (
            value.call(*arguments)
            if len(arguments) >= count
            else Proc(lambda *more: collect(*arguments, *more), -1, strict=True)
        )

    return Proc(collect, -1, strict=True)


PROC: Table = renamed(
    {
        **OBJECT,
        "call": _call,
        "curry": _curry,
        **plain(
            {
                "arity": lambda value: value.arity,
                "lambda?": lambda value: value.strict,
                "to_proc": lambda value: value,
                ">>": lambda value, other: Proc(lambda *arguments: other.call(value.call(*arguments)), -1, strict=True),
                "<<": lambda value, other: Proc(lambda *arguments: value.call(other.call(*arguments)), -1, strict=True),
            }
        ),
    },
    {"[]": "call", "()": "call", "yield": "call", "===": "call"},
)


def set_of(items: list[Value]) -> Set:
    """Return the set of ``items``."""
    return Set((key_of(item), None) for item in items)


def _add(value: Set, item: Value) -> Set:
    value[key_of(item)] = None
    return value


def _discard(value: Set, item: Value) -> Set:
    value.pop(key_of(item), None)
    return value


def _extend(value: Set, *others: Value) -> Set:
    for other in others:
        value.update(set_of(members(other)))
    return value


SET: Table = renamed(
    {
        **OBJECT,
        **ENUMERABLE,
        **plain(
            {
                "add": _add,
                "delete": _discard,
                "merge": _extend,
                "include?": lambda value, item: key_of(item) in value,
                "length": len,
                "empty?": lambda value: not value,
                "|": lambda value, other: Set([*value.items(), *set_of(members(other)).items()]),
                "&": lambda value, other: Set((key, None) for key in set_of(members(other)) if key in value),
                "-": lambda value, other: Set((key, None) for key in value if key not in set_of(members(other))),
                "dup": Set,
                "disjoint?": lambda value, other: not any(key in other for key in value),
                "intersect?": lambda value, other: any(key in other for key in value),
                "subset?": lambda value, other: all(key in other for key in value),
                "superset?": lambda value, other: all(key in value for key in other),
                "to_set": lambda value: value,
                "join": lambda value, glue="": glue.join(str(unkey(key)) for key in value),
            }
        ),
    },
    {
        "<<": "add",
        "size": "length",
        "member?": "include?",
        "===": "include?",
        "+": "|",
        "union": "|",
        "intersection": "&",
        "difference": "-",
        "add?": "add",
    },
)


def _repeat(run: Run, block: Proc | None, value: Lazy, start: Value = 0) -> Value:
    """Answer ``with_index``: the method that made the enumerator, its block with an index."""
    if block is None:
        return Lazy([[item, index] for index, item in enumerate(value.items, start or 0)], "each", value)
    call = block.call
    offset = (start or 0) - 1
    count = [offset]

    def numbered(*arguments: Value) -> Value:
        count[0] += 1
        return call(arguments[0] if len(arguments) == 1 else list(arguments), count[0])

    return _resumed(run, value, numbered)


def _resumed(run: Run, value: Lazy, call: Any) -> Value:
    """Call the method that made the enumerator, with a block this time."""
    block = Proc(call, -1)
    if value.name in (
        "each_slice",
        "each_cons",
        "each_char",
        "each_line",
        "times",
        "upto",
        "downto",
        "step",
        "each_byte",
    ):
        for item in value.items:
            run.step()
            block.call(item)
        return value.receiver
    return send(run, value.receiver, value.name, [], block)


def _with_object(run: Run, block: Proc | None, value: Lazy, memo: Value) -> Value:
    call = required(block)
    _resumed(run, value, lambda *arguments: call(arguments[0] if len(arguments) == 1 else list(arguments), memo))
    return memo


def _next(run: Run, block: Proc | None, value: Lazy) -> Value:
    raise Failure("StopIteration", "external iteration is not supported")


LAZY: Table = {
    **OBJECT,
    **ENUMERABLE,
    "with_index": _repeat,
    "each_with_index": _repeat,
    "with_object": _with_object,
    "next": _next,
    "size": lambda run, block, value: len(rounds(run, value)),
    "rewind": lambda run, block, value: value,
    "force": ENUMERABLE["to_a"],
}
ERROR: Table = {
    **OBJECT,
    **plain(
        {
            "message": lambda error: error.message,
            "full_message": lambda error, *_: f"{error.message} ({error.kind})",
            "backtrace": lambda _: [],
            "cause": lambda _: None,
            "class": lambda error: Class(error.kind),
            "exception": lambda error, message=None: Error(error.kind, message or error.message),
        }
    ),
}


def _unwrapped(run: Run, block: Proc | None, value: Sensitive) -> Value:
    found = run.take(value.value) if isinstance(value, Sensitive) else inward(value)
    return block.call(found) if block else found


SENSITIVE: Table = {
    **OBJECT,
    "unwrap": _unwrapped,
}
