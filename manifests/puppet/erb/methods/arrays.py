"""Methods of arrays."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from manifests.puppet.erb.methods.base import Method, Table, lazily, plain, renamed, required
from manifests.puppet.erb.methods.common import OBJECT
from manifests.puppet.erb.methods.enumerable import ENUMERABLE, rounds, unique
from manifests.puppet.erb.objects import Failure, Limit, Proc, Range, Unsupported, Value, key_of, truthy
from manifests.puppet.erb.running import Run
from manifests.puppet.erb.text import to_s
from manifests.puppet.erb.text_tools import bounds
from manifests.puppet.erb.values import equal, members


def array_of(value: Value) -> list[Value]:
    """Return ``value`` that must be an array. Raises ``Failure``."""
    if isinstance(value, list):
        return value
    kind = "nil" if value is None else value.__class__.__name__
    raise Failure("TypeError", f"no implicit conversion of {kind} into Array")


def _get(run: Run, block: Proc | None, items: list[Value], key: Value, size: Value = None) -> Value:
    if isinstance(key, Range):
        place = bounds(key, len(items))
        return items[place[0] : place[1]] if place else None
    if isinstance(key, float):
        key = int(key)
    if not isinstance(key, int):
        kind = "nil" if key is None else key.__class__.__name__
        raise Failure("TypeError", f"no implicit conversion of {kind} into Integer")
    start = key + len(items) if key < 0 else key
    if size is not None:
        return items[start : start + size] if 0 <= start <= len(items) and size >= 0 else None
    return items[start] if 0 <= start < len(items) else None


def _taken_out(run: Run, block: Proc | None, items: list[Value], key: Value, size: Value = None) -> Value:
    found = _get(run, block, items, key, size)
    if isinstance(key, Range):
        place = bounds(key, len(items))
    elif isinstance(key, int):
        start = key + len(items) if key < 0 else key
        place = (start, start + (1 if size is None else size))
    else:
        place = None
    if place is not None and (found is not None or size is None):
        del items[place[0] : place[1]]
    return found


def _set(run: Run, block: Proc | None, items: list[Value], *arguments: Value) -> Value:
    *places, value = arguments
    if len(places) == 2 or isinstance(places[0], Range):
        place = bounds(places[0], len(items)) if isinstance(places[0], Range) else (places[0], places[0] + places[1])
        if place is None:
            raise Failure("RangeError", "the range lies outside")
        items[place[0] : place[1]] = value if isinstance(value, list) else [value]
        return value
    at = places[0] + len(items) if places[0] < 0 else places[0]
    if at < 0:
        raise Failure("IndexError", "the index is too small")
    run.charge(at)
    while len(items) <= at:
        items.append(None)
    items[at] = value
    return value


def join(run: Run, items: list[Value], glue: Value = None) -> str:
    """Return the texts of ``items`` with ``glue`` between them; arrays inside are joined too."""
    separator = "" if glue is None else to_s(run, glue)
    text = separator.join(
        item if item.__class__ is str else join(run, item, separator) if isinstance(item, list) else to_s(run, item)
        for item in items
    )
    run.charge(len(text))
    return text


def _flat(run: Run, items: list[Value], depth: Value = None) -> list[Value]:
    found: list[Value] = []
    for item in items:
        if isinstance(item, list) and depth != 0:
            found += _flat(run, item, None if depth is None else depth - 1)
        else:
            found.append(item)
    run.charge(len(found))
    return found


def _push(items: list[Value], *more: Value) -> list[Value]:
    items.extend(more)
    return items


def _concat(run: Run, block: Proc | None, items: list[Value], *others: Value) -> list[Value]:
    for other in others:
        more = list(array_of(other))
        run.charge(len(items) + len(more))
        items += more
    return items


def _unshift(items: list[Value], *more: Value) -> list[Value]:
    items[:0] = more
    return items


def _shift(items: list[Value], count: Value = None) -> Value:
    if count is None:
        return items.pop(0) if items else None
    taken = items[:count]
    del items[:count]
    return taken


def _pop(items: list[Value], count: Value = None) -> Value:
    if count is None:
        return items.pop() if items else None
    taken = items[max(0, len(items) - count) :]
    del items[max(0, len(items) - count) :]
    return taken


def _delete(items: list[Value], wanted: Value) -> Value:
    kept = [item for item in items if not equal(item, wanted)]
    gone = len(kept) != len(items)
    items[:] = kept
    return wanted if gone else None


def _delete_at(items: list[Value], at: int) -> Value:
    return items.pop(at) if -len(items) <= at < len(items) else None


def _insert(items: list[Value], at: int, *more: Value) -> list[Value]:
    place = at if at >= 0 else len(items) + at + 1
    items[place:place] = more
    return items


def _replace(items: list[Value], others: Value) -> list[Value]:
    items[:] = array_of(others)
    return items


def _clear(items: list[Value]) -> list[Value]:
    items.clear()
    return items


def _times(run: Run, block: Proc | None, items: list[Value], count: Value) -> Value:
    if isinstance(count, str):
        return join(run, items, count)
    run.charge(len(items) * max(0, count))
    return items * count


def _minus(run: Run, block: Proc | None, items: list[Value], *others: Value) -> list[Value]:
    gone = {key_of(item) for other in others for item in array_of(other)}
    return [item for item in items if key_of(item) not in gone]


def _and(run: Run, block: Proc | None, items: list[Value], other: Value) -> list[Value]:
    kept = {key_of(item) for item in array_of(other)}
    return unique(run, [item for item in items if key_of(item) in kept])


def _or(run: Run, block: Proc | None, items: list[Value], *others: Value) -> list[Value]:
    return unique(run, [*items, *(item for other in others for item in array_of(other))])


def _changed(name: str, *, always: bool = False) -> Method:
    """Return ``name!``: the same as ``name``, but in the array itself; nil if nothing changed, unless ``always``."""

    def method(run: Run, block: Proc | None, items: list[Value], *arguments: Value) -> Value:
        new = ARRAY[name](run, block, items, *arguments)
        if not always and len(new) == len(items) and all(map(equal, new, items)):
            return None
        items[:] = new
        return items

    return method


def _many(make: Callable[..., Any]) -> Method:
    """Return a method that gives all combinations that ``make`` makes."""

    def method(run: Run, block: Proc | None, items: list[Value], *arguments: Value) -> Value:
        found = []
        for row in make(items, *arguments):
            run.step()
            run.charge(len(row))
            found.append(list(row))
            if len(found) > 200_000:
                raise Limit("there are too many combinations")
        if block is None:
            return found
        for row in found:
            block.call(row)
        return items

    return method


def _transpose(items: list[Value]) -> list[Value]:
    if any(len(array_of(row)) != len(items[0]) for row in items):
        raise Failure("IndexError", "element size differs")
    return [list(row) for row in zip(*items, strict=True)]


def _each_index(run: Run, block: Proc | None, items: list[Value]) -> Value:
    call = required(block)
    for index in range(len(rounds(run, items))):
        call(index)
    return items


def _each(run: Run, block: Proc | None, items: list[Value]) -> Value:
    call = required(block)
    index = 0
    while index < len(items):  # the block may change the array
        run.steps -= 1
        call(items[index])
        index += 1
    return items


def _fetch(run: Run, block: Proc | None, items: list[Value], at: int, *default: Value) -> Value:
    if -len(items) <= at < len(items):
        return items[at]
    if block is not None:
        return block.call(at)
    if default:
        return default[0]
    raise Failure("IndexError", f"index {at} outside of array bounds: {-len(items)}...{len(items)}")


def dig(run: Run, block: Proc | None, value: Value, key: Value, *rest: Value) -> Value:
    """Return what lies at the end of a path of keys."""
    from manifests.puppet.erb.running import send  # noqa: PLC0415  only here

    found = send(run, value, "[]", [key])
    return found if not rest or found is None else send(run, found, "dig", list(rest))


def _last(items: list[Value], count: Value = None) -> Value:
    if count is None:
        return items[-1] if items else None
    return items[max(0, len(items) - count) :]


def _assoc(items: list[Value], key: Value) -> Value:
    return next((row for row in items if isinstance(row, list) and row and equal(row[0], key)), None)


def _rotate(items: list[Value], count: int = 1) -> list[Value]:
    at = count % len(items) if items else 0
    return items[at:] + items[:at]


def _pack(*_: Value) -> Value:
    raise Unsupported("method 'Array#pack' is not supported")


def _kept(items: list[Value], block: Proc | None, run: Run, *, when: bool) -> list[Value]:
    call = required(block)
    items[:] = [item for item in rounds(run, items) if truthy(call(item)) is when]
    return items


def _fill(items: list[Value], value: Value) -> list[Value]:
    items[:] = [value] * len(items)
    return items


def _rindex(items: list[Value], wanted: Value) -> Value:
    return next((at for at in range(len(items) - 1, -1, -1) if equal(items[at], wanted)), None)


_METHODS: Table = {
    **plain(
        {
            "length": len,
            "empty?": lambda items: not items,
            "last": _last,
            "push": _push,
            "<<": _push,
            "pop": _pop,
            "shift": _shift,
            "unshift": _unshift,
            "reverse": lambda items: items[::-1],
            "compact": lambda items: [item for item in items if item is not None],
            "+": lambda items, other: items + array_of(other),
            "delete": _delete,
            "delete_at": _delete_at,
            "insert": _insert,
            "clear": _clear,
            "replace": _replace,
            "transpose": _transpose,
            "to_a": lambda items: items,
            "to_ary": lambda items: items,
            "at": lambda items, at: items[at] if -len(items) <= at < len(items) else None,
            "values_at": lambda items, *places: [
                items[at] if -len(items) <= at < len(items) else None for at in places
            ],
            "assoc": _assoc,
            "rotate": _rotate,
            "pack": _pack,
            "fill": _fill,
            "rindex": _rindex,
        }
    ),
    "[]": _get,
    "[]=": _set,
    "join": lambda run, block, items, glue=None: join(run, items, glue),
    "concat": _concat,
    "flatten": lambda run, block, items, depth=None: _flat(run, items, depth),
    "*": _times,
    "-": _minus,
    "&": _and,
    "|": _or,
    "each": lazily("each", _each, members),
    "each_index": lazily("each_index", _each_index, lambda items: list(range(len(items)))),
    "fetch": _fetch,
    "dig": dig,
    "product": _many(itertools.product),
    "combination": _many(itertools.combinations),
    "permutation": _many(itertools.permutations),
    "delete_if": lambda run, block, items: _kept(items, block, run, when=False),
    "keep_if": lambda run, block, items: _kept(items, block, run, when=True),
    "bsearch": ENUMERABLE["find"],
    "index": ENUMERABLE["find_index"],
    "slice!": _taken_out,
    "intersect?": lambda run, block, items, other: bool(_and(run, block, items, other)),
}
_CHANGED = {
    "sort": True,
    "sort_by": True,
    "map": True,
    "reverse": True,
    "rotate": True,
    "uniq": False,
    "compact": False,
    "flatten": False,
    "reject": False,
    "select": False,
}
ARRAY: Table = renamed(
    {
        **OBJECT,
        **ENUMERABLE,
        **_METHODS,
        **{f"{name}!": _changed(name, always=always) for name, always in _CHANGED.items()},
    },
    {
        "size": "length",
        "append": "push",
        "prepend": "unshift",
        "slice": "[]",
        "difference": "-",
        "union": "|",
        "intersection": "&",
        "collect!": "map!",
        "filter!": "select!",
    },
)
