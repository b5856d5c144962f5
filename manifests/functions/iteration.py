"""Functions that call a block for each item. A block is a Python callable that takes one argument or more."""

from __future__ import annotations

import functools
import inspect
from collections import deque
from collections.abc import Iterable, Iterator

from hiera.types.data import Regexp
from hiera.types.scalars import EnumType, IntegerType
from hiera.types.wrappers import Iterated
from hiera.values import Secret, Value, holds_secret, revealed
from manifests.functions.base import Block, Break
from manifests.functions.collections import counted, distinct, same

_UNSET = object()
Call = tuple[Value, ...]


def items_of(values: Value) -> list[Value]:
    """Return what going through ``values`` gives; a mapping gives pairs, a secret list secrets."""
    if isinstance(values, Secret):
        inside = values.reveal()
        if not isinstance(inside, list | tuple):
            raise ValueError("cannot go through a secret that is no list")  # noqa: TRY004  the author's mistake
        return [Secret(item, origin=values.origin, location=values.location) for item in inside]
    if isinstance(values, dict):
        return [[key, value] for key, value in values.items()]
    if isinstance(values, Iterated):
        return values.items
    if isinstance(values, list | tuple | str):
        return list(values)
    if isinstance(values, int) and not isinstance(values, bool) and values >= 0:
        return counted(0, values)
    if isinstance(values, IntegerType) and values.low is not None and values.high is not None:
        return counted(values.low, values.high + 1)
    if isinstance(values, EnumType):
        return list(values.values)
    raise ValueError("expects something to go through, such as a list, a mapping or a text")


def width_of(block: Block) -> int:
    """Return how many arguments a block takes; one that takes any number counts as one."""
    known = getattr(block, "width", None)
    if known is not None:
        return int(known)
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        found = sum(one.kind in kinds for one in inspect.signature(block).parameters.values())
    except (TypeError, ValueError):
        return 1
    return max(found, 1)


def _calls(values: Value, block: Block) -> Iterable[Call]:
    """Return the arguments for each call: a block of two gets key and value, or index and item."""
    return calls(values, width_of(block))


def calls(values: Value, width: int) -> Iterable[Call]:
    """Return for each item the one or two arguments that tell of it."""
    items = items_of(values)
    if width == 1:
        return ((item,) for item in items)
    if isinstance(values, dict):
        return ((key, value) for key, value in items)
    return enumerate(items)


def _answers(values: Value, block: Block) -> Iterator[tuple[Value, Value]]:
    """Yield each item with what the block answers for it, until the block says that it is enough."""
    for item, call in zip(items_of(values), _calls(values, block), strict=True):
        try:
            answer = block(*call)
        except Break:
            return
        yield item, answer


def _true(value: Value) -> bool:
    """Say whether a value counts as true: all but undef and false."""
    value = clear(value)
    return value is not None and value is not False


def clear(value: Value) -> Value:
    """Return what a block answered in the clear, to decide by it."""
    return revealed(value) if holds_secret(value) else value


def each(values: Value, *, block: Block) -> Value:
    """Call the block for each item and return the values unchanged."""
    for _ in _answers(values, block):
        pass
    return values


def map_(values: Value, *, block: Block) -> list[Value]:
    """Return what the block makes of each item."""
    return [answer for _, answer in _answers(values, block)]


def filter_(values: Value, *, block: Block) -> Value:
    """Return the items for which the block answers true; of a mapping the entries."""
    kept = [item for item, answer in _answers(values, block) if _true(answer)]
    return dict(kept) if isinstance(values, dict) else kept


def partition(values: Value, *, block: Block) -> list[list[Value]]:
    """Return two lists: the items for which the block answers true, and the others."""
    pairs = [(item, _true(answer)) for item, answer in _answers(values, block)]
    return [[item for item, yes in pairs if yes], [item for item, yes in pairs if not yes]]


def reduce(values: Value, start: Value = _UNSET, *, block: Block) -> Value:
    """Return what is left when the block has joined the items one after the other."""
    items = items_of(values)
    if start is _UNSET:
        if not items:
            return None
        start, *items = items
    memory = start
    for item in items:
        try:
            memory = block(memory, item)
        except Break:
            break
    return memory


def any_(values: Value, *, block: Block | None = None) -> bool:
    """Say whether the block answers true for some item, or some item is true."""
    if block is None:
        return any(map(_true, items_of(values)))
    return any(_true(answer) for _, answer in _answers(values, block))


def all_(values: Value, *, block: Block | None = None) -> bool:
    """Say whether the block answers true for every item, or every item is true."""
    if block is None:
        return all(map(_true, items_of(values)))
    return all(_true(answer) for _, answer in _answers(values, block))


def group_by(values: Value, *, block: Block) -> dict[Value, list[Value]]:
    """Return the items in lists under what the block answers for them."""
    groups: dict[Value, list[Value]] = {}
    for item, answer in _answers(values, block):
        if holds_secret(answer):
            raise ValueError("cannot group by a secret")
        groups.setdefault(tuple(answer) if isinstance(answer, list) else answer, []).append(item)
    return groups


def index(values: Value, value: Value = _UNSET, *, block: Block | None = None) -> Value:
    """Return the index or key of the first item that equals a value, or for which the block answers true."""
    items = items_of(values)
    places = list(values) if isinstance(values, dict) else list(range(len(items)))
    if block is None:
        if isinstance(values, str) and isinstance(value, Regexp):
            match = value.compiled.search(values)
            return match.start() if match else None
        if isinstance(values, str) and isinstance(value, str):
            found = values.find(value)
            return None if found < 0 else found
        if isinstance(values, str) and isinstance(value, Regexp):
            match = value.compiled.search(values)
            return None if match is None else match.start()
        wanted = [item[1] for item in items] if isinstance(values, dict) else items
        return next((place for place, item in zip(places, wanted, strict=True) if same(item, value)), None)
    if isinstance(values, dict) and width_of(block) == 1:
        values = list(values.values())
    pairs = zip(places, _answers(values, block), strict=False)
    return next((place for place, (_, answer) in pairs if _true(answer)), None)


def _go(calls: Iterable[Call], block: Block) -> None:
    """Call the block for each of ``calls``, until it says that it is enough."""
    try:
        for call in calls:
            block(*call)
    except Break:
        return


def _filled(group: list[Value], count: int, filler: Value) -> Call:
    """Return the arguments for a block of ``count`` parameters: a group at the end may be too small for it."""
    return (*group, *[filler] * (count - len(group)))


def slice_(values: Value, size: int, *, block: Block | None = None) -> Value:
    """Return the items in groups of ``size``, or call the block for each group."""
    items = items_of(values)
    groups = [items[at : at + size] for at in range(0, len(items), size)]
    if block is None:
        return groups
    count = getattr(block, "count", 0) or width_of(block)
    filler: Value = [] if isinstance(values, dict) else None
    _go((_filled(group, count, filler) if count > 1 else (group,) for group in groups), block)
    return values


def step(values: Value, size: int, *, block: Block | None = None) -> Value:
    """Return every item that is ``size`` after the one before, or call the block for each and return undef."""
    chosen = items_of(values)[::size]
    if block is None:
        return chosen
    _go(((item,) for item in chosen), block)
    return None


def reverse_each(values: Value, *, block: Block | None = None) -> Value:
    """Return the items backwards, or call the block for each and return undef."""
    items = items_of(values)[::-1]
    if block is None:
        return items
    _go(((item,) for item in items), block)
    return None


def sort(values: Value, *, block: Block | None = None) -> Value:
    """Return the items, or the characters of a text, in order; the block compares two items."""
    items = list(values)
    if block is not None:
        items.sort(key=functools.cmp_to_key(lambda first, second: int(clear(block(first, second)))))
    else:
        if len({isinstance(item, str) for item in items}) > 1 or any(isinstance(item, bool | dict) for item in items):
            raise ValueError("compares only items of the same kind")
        items.sort()
    return "".join(items) if isinstance(values, str) else items


def sort_by(values: Value, *, block: Block) -> Value:
    """Return the items in the order of what the block answers for them."""
    pairs = list(zip(items_of(values), _calls(values, block), strict=True))
    ordered = [item for item, _ in sorted(pairs, key=lambda pair: clear(block(*pair[1])))]
    return dict(ordered) if isinstance(values, dict) else ordered


def unique(values: Value, *, block: Block | None = None) -> Value:
    """Return the items, or the characters of a text, each once; the block says what to compare."""
    if isinstance(values, dict):
        return _unique_values(values, block)
    items = items_of(values)
    if block is not None:
        keyed = [(clear(block(*call)), item) for item, call in zip(items, _calls(values, block), strict=True)]
        kept: list[tuple[Value, Value]] = []
        for key, item in keyed:
            if not any(same(key, other) for other, _ in kept):
                kept.append((key, item))
        found = [item for _, item in kept]
        return "".join(found) if isinstance(values, str) else found
    return "".join(distinct(items)) if isinstance(values, str) else distinct(items)


def _unique_values(values: dict[Value, Value], block: Block | None) -> dict[Value, Value]:
    """Return the distinct values of a mapping in lists, each under the list of the keys that have it."""
    groups: list[tuple[Value, list[Value], list[Value]]] = []
    for key, value in values.items():
        wanted = clear(value if block is None else block(value))
        group = next((group for group in groups if same(group[0], wanted)), None)
        if group is None:
            groups.append((wanted, [key], [value]))
        else:
            group[1].append(key)
            group[2].extend([] if any(same(clear(value), clear(other)) for other in group[2]) else [value])
    return {tuple(keys): kept for _, keys, kept in groups}


def with_(*values: Value, block: Block) -> Value:
    """Return what the block makes of the values."""
    return block(*values)


def then(value: Value, *, block: Block) -> Value:
    """Return what the block makes of a value, or undef for undef."""
    return None if value is None else block(value)


def lest(value: Value, *, block: Block) -> Value:
    """Return a value, or what the block answers if it is undef."""
    return block() if value is None else value


def tree_each(value: Value, options: Value = None, *, block: Block | None = None) -> Value:
    """Go through all that is in a value: pairs of the path and what stands there, the containers first.

    A block of one parameter gets only what stands there.
    """
    rows = list(_tree(value, options or {}))
    if block is None:
        return rows
    whole = width_of(block) > 1
    _go((tuple(row) if whole else (row[1],) for row in rows), block)
    return value


def _tree(root: Value, options: dict[str, Value]) -> Iterator[list[Value]]:
    """Yield path and value of all in ``root`` that the options want, in their order."""
    containers, leaves = options.get("include_containers", True), options.get("include_values", True)
    if not containers and not leaves:
        raise ValueError("nothing is left to walk: one of include_containers and include_values has to be true")
    kind = options.get("container_type")
    waiting: deque[tuple[list[Value], Value]] = deque([([], root)])
    while waiting:
        path, value = waiting.popleft()
        inside = _inside(value, kind)
        if inside is None:
            if leaves:
                yield [path, value]
            continue
        if containers and (path or options.get("include_root", True)):
            yield [path, value]
        below = [([*path, key], item) for key, item in inside]
        if options.get("order") == "breadth_first":
            waiting.extend(below)
        else:
            waiting.extendleft(reversed(below))


def _inside(value: Value, kind: Value) -> Iterable[tuple[Value, Value]] | None:
    """Return keys and items of a container, None for anything else."""
    if not isinstance(value, dict | list | tuple) or (kind is not None and not kind.is_instance(value)):
        return None
    return value.items() if isinstance(value, dict) else enumerate(value)
