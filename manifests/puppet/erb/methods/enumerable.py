"""Methods of everything that can be gone through."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from typing import Any

from manifests.puppet.erb.methods.base import Method, Table, lazily, renamed, required
from manifests.puppet.erb.objects import Failure, Hash, Lazy, Proc, Set, Value, key_of, truthy
from manifests.puppet.erb.running import Run, send
from manifests.puppet.erb.values import equal, members, ordered, sorted_values


def rounds(run: Run, value: Value) -> list[Value]:
    """Return the members of ``value``, counted as work."""
    found = members(value)
    run.steps -= len(found)
    if run.steps < 0:
        run.step()
    return found


def _test(run: Run, block: Proc | None, given: tuple[Value, ...]) -> Callable[[Value], bool]:
    """Return the test that a pattern, a block or neither of them stands for."""
    if given:
        return lambda item: truthy(send(run, given[0], "===", [item]))
    if block is None:
        return truthy
    call = block.call
    return lambda item: truthy(call(item))


def _each(run: Run, block: Proc | None, value: Value) -> Value:
    call = required(block)
    for item in rounds(run, value):
        call(item)
    return value


def _with_index(run: Run, block: Proc | None, value: Value, start: int = 0) -> Value:
    call = required(block)
    for index, item in enumerate(rounds(run, value), start or 0):
        call(item, index)
    return value


def _with_object(run: Run, block: Proc | None, value: Value, memo: Value) -> Value:
    call = required(block)
    for item in rounds(run, value):
        call(item, memo)
    return memo


def _map(run: Run, block: Proc | None, value: Value) -> Value:
    call = required(block)
    return [call(item) for item in rounds(run, value)]


def _flat_map(run: Run, block: Proc | None, value: Value) -> Value:
    call = required(block)
    found: list[Value] = []
    for item in rounds(run, value):
        result = call(item)
        found += result if isinstance(result, list) else [result]
        run.charge(len(found))
    return found


def _filter_map(run: Run, block: Proc | None, value: Value) -> Value:
    return [item for item in _map(run, block, value) if truthy(item)]


def _select(run: Run, block: Proc | None, value: Value) -> Value:
    call = required(block)
    return [item for item in rounds(run, value) if truthy(call(item))]


def _reject(run: Run, block: Proc | None, value: Value) -> Value:
    call = required(block)
    return [item for item in rounds(run, value) if not truthy(call(item))]


def _partition(run: Run, block: Proc | None, value: Value) -> Value:
    call = required(block)
    parts: tuple[list[Value], list[Value]] = ([], [])
    for item in rounds(run, value):
        parts[0 if truthy(call(item)) else 1].append(item)
    return list(parts)


def _grep(run: Run, block: Proc | None, value: Value, pattern: Value) -> Value:
    found = [item for item in rounds(run, value) if truthy(send(run, pattern, "===", [item]))]
    return [block.call(item) for item in found] if block else found


def _grep_v(run: Run, block: Proc | None, value: Value, pattern: Value) -> Value:
    found = [item for item in rounds(run, value) if not truthy(send(run, pattern, "===", [item]))]
    return [block.call(item) for item in found] if block else found


def _find(run: Run, block: Proc | None, value: Value) -> Value:
    call = required(block)
    return next((item for item in rounds(run, value) if truthy(call(item))), None)


def _find_index(run: Run, block: Proc | None, value: Value, *wanted: Value) -> Value:
    found = enumerate(rounds(run, value))
    if wanted:
        return next((index for index, item in found if equal(item, wanted[0])), None)
    required(block)
    test = _test(run, block, ())
    return next((index for index, item in found if test(item)), None)


def _all(run: Run, block: Proc | None, value: Value, *given: Value) -> bool:
    return all(map(_test(run, block, given), rounds(run, value)))


def _any(run: Run, block: Proc | None, value: Value, *given: Value) -> bool:
    return any(map(_test(run, block, given), rounds(run, value)))


def _none(run: Run, block: Proc | None, value: Value, *given: Value) -> bool:
    return not _any(run, block, value, *given)


def _one(run: Run, block: Proc | None, value: Value, *given: Value) -> bool:
    return sum(map(_test(run, block, given), rounds(run, value))) == 1


def _count(run: Run, block: Proc | None, value: Value, *wanted: Value) -> int:
    found = rounds(run, value)
    if wanted:
        return sum(equal(item, wanted[0]) for item in found)
    return len(found) if block is None else sum(map(_test(run, block, ()), found))


def _inject(run: Run, block: Proc | None, value: Value, *given: Value) -> Value:
    found = list(rounds(run, value))
    arguments = list(given)
    name = None
    if arguments and block is None:
        name = str(arguments.pop())
    if arguments:
        memo = arguments[0]
    elif found:
        memo = found.pop(0)
    else:
        return None
    for item in found:
        memo = send(run, memo, name, [item]) if name is not None else required(block)(memo, item)
    return memo


def _sum(run: Run, block: Proc | None, value: Value, start: Value = 0) -> Value:
    total = start
    found = rounds(run, value)
    if block is None and start == 0 and found and {item.__class__ for item in found} <= {int, float}:
        return sum(found) if all(item.__class__ is int for item in found) else math.fsum(found)
    for item in found:
        total = send(run, total, "+", [block.call(item) if block else item])
    return total


def _by(block: Proc | None) -> Callable[[Value, Value], int]:
    """Return the order that a block of two values gives."""
    call = required(block)

    def order(left: Value, right: Value) -> int:
        found = call(left, right)
        if not isinstance(found, int | float):
            raise Failure("ArgumentError", "comparison of values failed")
        return (found > 0) - (found < 0)

    return order


def _sort(run: Run, block: Proc | None, value: Value) -> Value:
    found = rounds(run, value)
    return sorted_values(found) if block is None else sorted(found, key=functools.cmp_to_key(_by(block)))


def _sort_by(run: Run, block: Proc | None, value: Value) -> Value:
    call = required(block)
    found = rounds(run, value)
    keys = [call(item) for item in found]
    kinds = {key.__class__ for key in keys}
    order: Any = (
        (lambda at: keys[at])
        if kinds <= {str} or kinds <= {int, float}
        else functools.cmp_to_key(lambda one, two: ordered(keys[one], keys[two]))
    )
    return [found[at] for at in sorted(range(len(found)), key=order)]


def _extreme(sign: int, *, by: bool) -> Method:
    def method(run: Run, block: Proc | None, value: Value, count: int | None = None) -> Value:
        if sign > 0:  # of several greatest the first, which a stable order of the reversed puts last
            value = members(value)[::-1]
        found = _sort_by(run, block, value) if by else _sort(run, block, value)
        if sign > 0:
            found = found[::-1]
        if count is not None:
            return found[:count]
        return found[0] if found else None

    return method


def _minmax(run: Run, block: Proc | None, value: Value) -> Value:
    found = _sort(run, block, value)
    return [found[0], found[-1]] if found else [None, None]


def _minmax_by(run: Run, block: Proc | None, value: Value) -> Value:
    return [_extreme(-1, by=True)(run, block, value), _extreme(1, by=True)(run, block, value)]


def _chunk(run: Run, block: Proc | None, value: Value) -> Value:
    call = required(block)
    found: list[Value] = []
    for item in rounds(run, value):
        key = call(item)
        if found and equal(found[-1][0], key):
            found[-1][1].append(item)
        else:
            found.append([key, [item]])
    return found


def _group_by(run: Run, block: Proc | None, value: Value) -> Value:
    call = required(block)
    groups = Hash()
    for item in rounds(run, value):
        groups.setdefault(key_of(call(item)), []).append(item)
    return groups


def _tally(run: Run, block: Proc | None, value: Value) -> Value:
    counts = Hash()
    for item in rounds(run, value):
        counts[key_of(item)] = counts.get(key_of(item), 0) + 1
    return counts


def _chunk_while(run: Run, block: Proc | None, value: Value, *, joins: bool = True) -> Value:
    call = required(block)
    parts: list[list[Value]] = []
    for item in rounds(run, value):
        if parts and truthy(call(parts[-1][-1], item)) is joins:
            parts[-1].append(item)
        else:
            parts.append([item])
    return Lazy(list(parts), "each", value)


def _slices(run: Run, block: Proc | None, value: Value, size: int) -> Value:
    found = rounds(run, value)
    if size < 1:
        raise Failure("ArgumentError", "invalid slice size")
    return _passed(block, [found[at : at + size] for at in range(0, len(found), size)], "each_slice", value)


def _cons(run: Run, block: Proc | None, value: Value, size: int) -> Value:
    found = rounds(run, value)
    if size < 1:
        raise Failure("ArgumentError", "invalid size")
    run.charge(max(0, len(found) - size + 1) * size)
    return _passed(block, [found[at : at + size] for at in range(len(found) - size + 1)], "each_cons", value)


def _passed(block: Proc | None, parts: list[Value], name: str, value: Value) -> Value:
    """Give ``parts`` to the block one by one, or back as an enumerator."""
    if block is None:
        return Lazy(parts, name, value)
    for part in parts:
        block.call(part)
    return value


def _zip(run: Run, block: Proc | None, value: Value, *others: Value) -> Value:
    lists = [members(other) for other in others]
    rows = [
        [item, *(other[at] if at < len(other) else None for other in lists)]
        for at, item in enumerate(rounds(run, value))
    ]
    if block is None:
        return rows
    for row in rows:
        block.call(row)
    return None


def _to_h(run: Run, block: Proc | None, value: Value) -> Value:
    found = Hash()
    for item in rounds(run, value):
        pair = block.call(item) if block else item
        if not isinstance(pair, list) or len(pair) != 2:
            raise Failure("TypeError", "wrong element type (expected array of two)")
        found[key_of(pair[0])] = pair[1]
    return found


def unique(run: Run, items: Iterable[Value], block: Proc | None = None) -> list[Value]:
    """Return ``items`` without those that occurred before."""
    found: dict[Value, Value] = {}
    for item in items:
        run.steps -= 1
        key = key_of(block.call(item) if block else item)
        found.setdefault((key.__class__, key), item)
    return list(found.values())


def _while(run: Run, block: Proc | None, value: Value, *, take: bool) -> Value:
    required(block)
    found = rounds(run, value)
    test = _test(run, block, ())
    at = next((index for index, item in enumerate(found) if not test(item)), len(found))
    return found[:at] if take else found[at:]


def _natural(count: Value) -> int:
    if not isinstance(count, int) or count < 0:
        raise Failure("ArgumentError", "attempt to take negative size")
    return count


def _first(run: Run, block: Proc | None, value: Value, count: Value = None) -> Value:
    found = members(value)
    return (found[0] if found else None) if count is None else found[: _natural(count)]


def _cycle(run: Run, block: Proc | None, value: Value, count: Value = None) -> Value:
    call = required(block)
    done = 0
    while count is None or done < count:
        done += 1
        run.step()
        for item in rounds(run, value):
            call(item)
    return None


def _includes(run: Run, block: Proc | None, value: Value, wanted: Value) -> bool:
    return any(equal(item, wanted) for item in rounds(run, value))


def _numbered(value: Value) -> list[Value]:
    return [[item, index] for index, item in enumerate(members(value))]


def _lazy(name: str, method: Method) -> Method:
    return lazily(name, method, members)


ENUMERABLE: Table = renamed(
    {
        "each": _lazy("each", _each),
        "each_with_index": lazily("each_with_index", _with_index, _numbered),
        "each_with_object": _with_object,
        "map": _lazy("map", _map),
        "flat_map": _lazy("flat_map", _flat_map),
        "filter_map": _lazy("filter_map", _filter_map),
        "select": _lazy("select", _select),
        "reject": _lazy("reject", _reject),
        "partition": _lazy("partition", _partition),
        "grep": _grep,
        "grep_v": _grep_v,
        "find": _lazy("find", _find),
        "find_index": _find_index,
        "all?": _all,
        "any?": _any,
        "none?": _none,
        "one?": _one,
        "count": _count,
        "inject": _inject,
        "sum": _sum,
        "sort": _sort,
        "sort_by": _lazy("sort_by", _sort_by),
        "min": _extreme(-1, by=False),
        "max": _extreme(1, by=False),
        "min_by": _lazy("min_by", _extreme(-1, by=True)),
        "max_by": _lazy("max_by", _extreme(1, by=True)),
        "minmax": _minmax,
        "minmax_by": _minmax_by,
        "chunk": _chunk,
        "group_by": _lazy("group_by", _group_by),
        "tally": _tally,
        "each_slice": _slices,
        "each_cons": _cons,
        "zip": _zip,
        "to_h": _to_h,
        "to_a": lambda run, block, value, *_: list(rounds(run, value)),
        "first": _first,
        "cycle": _cycle,
        "uniq": lambda run, block, value: unique(run, rounds(run, value), block),
        "include?": _includes,
        "take": lambda run, block, value, count: members(value)[: _natural(count)],
        "drop": lambda run, block, value, count: members(value)[_natural(count) :],
        "take_while": lambda run, block, value: _while(run, block, value, take=True),
        "drop_while": lambda run, block, value: _while(run, block, value, take=False),
        "slice_when": lambda run, block, value: _chunk_while(run, block, value, joins=False),
        "chunk_while": _chunk_while,
        "reverse_each": lazily(
            "reverse_each",
            lambda run, block, value: _each(run, block, members(value)[::-1]) and value,
            lambda value: members(value)[::-1],
        ),
        "to_set": lambda run, block, value: Set((key_of(item), None) for item in rounds(run, value)),
        "lazy": lambda run, block, value: value,
        "entries": lambda run, block, value: list(rounds(run, value)),
    },
    {
        "collect": "map",
        "collect_concat": "flat_map",
        "filter": "select",
        "find_all": "select",
        "detect": "find",
        "reduce": "inject",
        "member?": "include?",
        "each_entry": "each",
    },
)
