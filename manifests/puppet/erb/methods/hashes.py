"""Methods of hashes."""

from __future__ import annotations

from collections.abc import Callable

from manifests.puppet.erb.methods.arrays import dig
from manifests.puppet.erb.methods.base import Method, Table, lazily, plain, renamed, required
from manifests.puppet.erb.methods.common import OBJECT
from manifests.puppet.erb.methods.enumerable import ENUMERABLE, rounds
from manifests.puppet.erb.objects import Failure, Hash, Proc, Value, key_of, truthy, unkey
from manifests.puppet.erb.running import Run
from manifests.puppet.erb.text import inspect
from manifests.puppet.erb.values import equal, members


def _inside(items: Hash, other: Hash) -> bool:
    """Say whether ``other`` has all pairs of ``items``."""
    return all(key in other and equal(item, other[key]) for key, item in items.items())


def hash_of(value: Value) -> Hash:
    """Return ``value`` that must be a hash. Raises ``Failure``."""
    if isinstance(value, Hash):
        return value
    kind = "nil" if value is None else value.__class__.__name__
    raise Failure("TypeError", f"no implicit conversion of {kind} into Hash")


def _get(run: Run, block: Proc | None, items: Hash, key: Value) -> Value:
    name = key if key.__class__ is str else key_of(key)
    if name in items:
        return items[name]
    return items.maker.call(items, key) if items.maker else items.default


def _set(items: Hash, key: Value, value: Value) -> Value:
    items[key_of(key)] = value
    return value


def _fetch(run: Run, block: Proc | None, items: Hash, key: Value, *default: Value) -> Value:
    name = key_of(key)
    if name in items:
        return items[name]
    if block is not None:
        return block.call(key)
    if default:
        return default[0]
    raise Failure("KeyError", f"key not found: {inspect(run, key)}")


def _delete(run: Run, block: Proc | None, items: Hash, key: Value) -> Value:
    name = key_of(key)
    if name in items:
        return items.pop(name)
    return block.call(key) if block else None


def merged(run: Run, block: Proc | None, items: Hash, *others: Value) -> Hash:
    """Return ``items`` with ``others`` over it; the block decides between two values of a key."""
    new = Hash(items)
    new.default, new.maker = items.default, items.maker
    for other in others:
        run.charge(len(hash_of(other)))
        for key, value in hash_of(other).items():
            new[key] = block.call(unkey(key), new[key], value) if block and key in new else value
    return new


def _kept(run: Run, block: Proc | None, items: Hash, *, when: bool) -> Hash:
    call = required(block)
    rounds(run, items)
    return Hash((key, value) for key, value in list(items.items()) if truthy(call(unkey(key), value)) is when)


def _in_place(make: Callable[..., Hash], *, nil: bool = False) -> Method:
    """Return the method that puts what ``make`` makes in the place of what was; nil if nothing changed (``nil``)."""

    def method(run: Run, block: Proc | None, items: Hash, *arguments: Value) -> Value:
        new = make(run, block, items, *arguments)
        same = nil and len(new) == len(items)
        items.clear()
        items.update(new)
        return None if same else items

    return method


def _each(run: Run, block: Proc | None, items: Hash) -> Value:
    call = required(block)
    for pair in rounds(run, items):
        call(pair)
    return items


def _each_key(run: Run, block: Proc | None, items: Hash) -> Value:
    call = required(block)
    for pair in rounds(run, items):
        call(pair[0])
    return items


def _each_value(run: Run, block: Proc | None, items: Hash) -> Value:
    call = required(block)
    for pair in rounds(run, items):
        call(pair[1])
    return items


def _find_all(run: Run, block: Proc | None, items: Hash) -> Value:
    call = required(block)
    return [pair for pair in rounds(run, items) if truthy(call(pair))]


def _values(run: Run, block: Proc | None, items: Hash) -> Hash:
    call = required(block)
    return Hash((key, call(value)) for key, value in list(items.items()))


def _keys(run: Run, block: Proc | None, items: Hash, names: Value = None) -> Hash:
    if isinstance(names, Hash):
        return Hash(
            (names.get(key, key_of(block.call(unkey(key))) if block else key), value) for key, value in items.items()
        )
    call = required(block)
    return Hash((key_of(call(unkey(key))), value) for key, value in list(items.items()))


def _any(run: Run, block: Proc | None, items: Hash, *given: Value) -> bool:
    if block is None:
        return bool(items) if not given else ENUMERABLE["any?"](run, block, items, *given)
    return any(truthy(block.call(pair)) for pair in rounds(run, items))


def _to_h(run: Run, block: Proc | None, items: Hash) -> Value:
    return ENUMERABLE["to_h"](run, block, items) if block else items


def _key(items: Hash, wanted: Value) -> Value:
    return next((unkey(key) for key, value in items.items() if equal(value, wanted)), None)


def _shift(items: Hash) -> Value:
    if not items:
        return None
    key = next(iter(items))
    return [unkey(key), items.pop(key)]


def _default(items: Hash, value: Value) -> Value:
    items.default = value
    return value


def _clear(items: Hash) -> Hash:
    items.clear()
    return items


def _sort_with(run: Run, block: Proc | None, items: Hash) -> Value:
    return ENUMERABLE["sort"](run, block, items)


def _count(run: Run, block: Proc | None, items: Hash, *given: Value) -> Value:
    return len(items) if block is None and not given else ENUMERABLE["count"](run, block, items, *given)


def _slice(items: Hash, *keys: Value) -> Hash:
    return Hash((key_of(key), items[key_of(key)]) for key in keys if key_of(key) in items)


def _except(items: Hash, *keys: Value) -> Hash:
    gone = {key_of(key) for key in keys}
    return Hash((key, value) for key, value in items.items() if key not in gone)


_METHODS: Table = {
    **plain(
        {
            "[]=": _set,
            "keys": lambda items: [unkey(key) for key in items],
            "values": lambda items: list(items.values()),
            "length": len,
            "empty?": lambda items: not items,
            "key?": lambda items, key: key_of(key) in items,
            "to_a": members,
            "value?": lambda items, wanted: any(equal(value, wanted) for value in items.values()),
            "key": _key,
            "shift": _shift,
            "invert": lambda items: Hash((key_of(value), unkey(key)) for key, value in items.items()),
            "clear": _clear,
            "default=": _default,
            "default": lambda items, *_: items.default,
            "compact": lambda items: Hash((key, value) for key, value in items.items() if value is not None),
            "slice": _slice,
            "except": _except,
            "to_hash": lambda items: items,
            "compare_by_identity": lambda items: items,
            "assoc": lambda items, key: [key, items[key_of(key)]] if key_of(key) in items else None,
        }
    ),
    "[]": _get,
    "fetch": _fetch,
    "delete": _delete,
    "merge": merged,
    "dig": dig,
    "to_h": _to_h,
    "any?": _any,
    "count": _count,
    "sort": _sort_with,
    "merge!": _in_place(merged),
    "replace": _in_place(lambda run, block, items, other: Hash(hash_of(other))),
    "select": lazily("select", lambda run, block, items: _kept(run, block, items, when=True), members),
    "reject": lazily("reject", lambda run, block, items: _kept(run, block, items, when=False), members),
    "select!": _in_place(lambda run, block, items: _kept(run, block, items, when=True), nil=True),
    "reject!": _in_place(lambda run, block, items: _kept(run, block, items, when=False), nil=True),
    "keep_if": _in_place(lambda run, block, items: _kept(run, block, items, when=True)),
    "delete_if": _in_place(lambda run, block, items: _kept(run, block, items, when=False)),
    "compact!": _in_place(
        lambda run, block, items: Hash((key, value) for key, value in items.items() if value is not None), nil=True
    ),
    "each": lazily("each", _each, members),
    "each_key": lazily("each_key", _each_key, lambda items: [unkey(key) for key in items]),
    "each_value": lazily("each_value", _each_value, lambda items: list(items.values())),
    "find_all": _find_all,
    "transform_values": _values,
    "transform_keys": _keys,
    "transform_values!": _in_place(_values),
    "transform_keys!": _in_place(_keys),
    "values_at": lambda run, block, items, *keys: [_get(run, block, items, key) for key in keys],
    "fetch_values": lambda run, block, items, *keys: [_fetch(run, block, items, key) for key in keys],
    "flatten": lambda run, block, items, *_: [part for pair in members(items) for part in pair],
    "sum": ENUMERABLE["sum"],
    "filter_map": ENUMERABLE["filter_map"],
    "<=": lambda run, block, items, other: _inside(items, hash_of(other)),
    ">=": lambda run, block, items, other: _inside(hash_of(other), items),
    "<": lambda run, block, items, other: len(items) < len(hash_of(other)) and _inside(items, other),
    ">": lambda run, block, items, other: len(items) > len(hash_of(other)) and _inside(other, items),
    "to_proc": lambda run, block, items: Proc(lambda key, block=None: _get(run, block, items, key), 1, strict=True),
}
HASH: Table = renamed(
    {**OBJECT, **ENUMERABLE, **_METHODS},
    {
        "size": "length",
        "has_key?": "key?",
        "include?": "key?",
        "member?": "key?",
        "has_value?": "value?",
        "each_pair": "each",
        "store": "[]=",
        "update": "merge!",
        "filter": "select",
        "filter!": "select!",
    },
)
