"""Functions on lists and mappings."""

from __future__ import annotations

import re

from hiera.ruby_text import ruby_text
from hiera.types.data import Binary
from hiera.types.regex import compiled
from hiera.values import Value
from manifests.functions.base import Block

_UNSET = object()


def same(first: Value, second: Value) -> bool:
    """Say whether two values are equal in kind and content: true is not 1, though 1 is 1.0."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(item, second[key]) for key, item in first.items())
    return bool(first == second)


def _holds(items: list[Value], value: Value) -> bool:
    return any(same(item, value) for item in items)


def distinct(items: list[Value]) -> list[Value]:
    """Return the items without those that came before."""
    seen: set[tuple[type, Value]] = set()
    kept: list[Value] = []
    for item in items:
        if isinstance(item, list | dict | tuple):
            if not _holds(kept, item):
                kept.append(item)
        elif (type(item), item) not in seen:
            seen.add((type(item), item))
            kept.append(item)
    return kept


MOST = 1_000_000
"""How many items a function makes at most: more is a mistake, and would eat the machine."""


def counted(start: int, stop: int, step: int = 1) -> list[int]:
    """Return the numbers from ``start`` to before ``stop``. Raises ``ValueError`` if there are too many."""
    numbers = range(start, stop, step)
    if len(numbers) > MOST:
        raise ValueError(f"makes more than {MOST} items")
    return list(numbers)


def flatten(*values: Value) -> list[Value]:
    """Return all values with nested lists opened."""
    flat: list[Value] = []
    for value in values:
        if isinstance(value, list | tuple):
            flat += flatten(*value)
        else:
            flat.append(value)
    return flat


def keys(table: dict[Value, Value]) -> list[Value]:
    """Return the keys of a mapping."""
    return list(table)


def values(table: dict[Value, Value]) -> list[Value]:
    """Return the values of a mapping."""
    return list(table.values())


def _tables(given: tuple[Value, ...]) -> list[dict[Value, Value]]:
    """Return the mappings among ``given``; undef and the empty text stand for an empty one."""
    tables: list[dict[Value, Value]] = []
    for value in given:
        if isinstance(value, dict):
            tables.append(value)
        elif value is not None and value != "":
            raise ValueError("expects only hashes")
    return tables


def merge(*hashes: Value, block: Block | None = None) -> dict[Value, Value]:
    """Return the mappings as one; of equal keys the last counts. A block makes a mapping of each item of one value."""
    if block is not None:
        return _merged_by(hashes, block)
    merged: dict[Value, Value] = {}
    for table in _tables(hashes):
        merged.update(table)
    return merged


def _merged_by(given: tuple[Value, ...], block: Block) -> dict[Value, Value]:
    """Return what the block makes, as one; it gets what there is so far, and the item, or key or index and item."""
    from manifests.functions.iteration import calls, width_of  # noqa: PLC0415  the modules know each other

    if len(given) != 1:
        raise ValueError("expects one value to go through for its block")
    merged: dict[Value, Value] = {}
    for call in calls(given[0], width_of(block) - 1):
        made = block(dict(merged), *call)
        if isinstance(made, dict):
            merged.update(made)
    return merged


def deep_merge(*hashes: Value) -> dict[Value, Value]:
    """Return the mappings as one; mappings under equal keys are merged in turn, else the last counts."""
    merged: dict[Value, Value] = {}
    for table in _tables(hashes):
        for key, value in table.items():
            mine = merged.get(key)
            merged[key] = deep_merge(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
    return merged


def has_key(table: dict[Value, Value], key: Value) -> bool:
    """Say whether a mapping has a key."""
    return key in table


def member(items: list[Value], value: Value) -> bool:
    """Say whether a list holds a value, or all of a list of values."""
    wanted = value if isinstance(value, list | tuple) else [value]
    return all(_holds(items, one) for one in wanted)


def size(value: Value) -> int:
    """Return how many characters, items or keys there are."""
    return len(value.data if isinstance(value, Binary) else value)


length = size


def count(items: Value, value: Value = _UNSET) -> int:
    """Return how many items equal ``value``, or without it how many are neither undef nor the empty text."""
    if isinstance(items, str):
        return len(items) if value is _UNSET else sum(char in str(value) for char in items)
    if isinstance(items, dict):
        items = list(items.values()) if value is _UNSET else [list(pair) for pair in items.items()]
    if value is _UNSET:
        return sum(item is not None and item != "" for item in items)
    return sum(same(item, value) for item in items)


def empty(value: Value) -> bool:
    """Say whether a text, list or mapping has nothing in it; undef is empty, a number is not."""
    if isinstance(value, Binary):
        return not value.data
    return value is None or (not isinstance(value, int | float) and hasattr(value, "__len__") and len(value) == 0)


def pick(*candidates: Value) -> Value:
    """Return the first value that is neither undef nor the empty text; there must be one."""
    for value in candidates:
        if value is not None and value != "":
            return value
    raise ValueError("must receive at least one non empty value")


def pick_default(*candidates: Value) -> Value:
    """Return the first value that is neither undef nor the empty text, or else the last."""
    for value in candidates:
        if value is not None and value != "":
            return value
    return candidates[-1] if candidates[-1] is not None else ""


def first(items: list[Value]) -> Value:
    """Return the first item, or undef."""
    return items[0] if items else None


def last(items: list[Value]) -> Value:
    """Return the last item, or undef."""
    return items[-1] if items else None


def any2array(*given: Value) -> list[Value]:
    """Return a list: of the one list given, of a mapping's keys and values in turn, of all that was given."""
    if len(given) != 1:
        return list(given)
    value = given[0]
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, dict):
        return [part for pair in value.items() for part in pair]
    return [] if value is None or value == "" else [value]


def concat(items: list[Value], *more: Value) -> list[Value]:
    """Return a list with the items of the others, and other values, added."""
    result = list(items)
    for value in more:
        result += value if isinstance(value, list | tuple) else [value]
    return result


def delete(value: Value, what: Value) -> Value:
    """Return a list, mapping or text without an item, key or part, or without all of a list of them."""
    for one in what if isinstance(what, list | tuple) else [what]:
        if isinstance(value, str):
            value = value.replace(ruby_text(one), "")
        elif isinstance(value, dict):
            value = {key: item for key, item in value.items() if key != one}
        else:
            value = [item for item in value if not same(item, one)]
    return value


def delete_at(items: list[Value], index: Value) -> list[Value]:
    """Return a list without the item at ``index``."""
    index = int(index)
    if not -len(items) <= index < len(items):
        raise ValueError("the index is outside of the list")
    return [item for place, item in enumerate(items) if place != index % len(items)]


def delete_values(table: dict[Value, Value], value: Value) -> dict[Value, Value]:
    """Return a mapping without the keys that have ``value``."""
    return {key: item for key, item in table.items() if not same(item, value)}


def delete_undef_values(value: Value) -> Value:
    """Return a list or mapping without undef."""
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if item is not None}
    return [item for item in value if item is not None]


def delete_regex(value: Value, pattern: Value) -> Value:
    """Return a list or mapping without the items or keys that an expression matches as a whole."""
    sources = pattern if isinstance(pattern, list | tuple) else [pattern]
    expressions = [compiled(rf"\A(?:{source})\z") for source in sources]

    def stays(item: Value) -> bool:
        return not any(expression.search(ruby_text(item)) for expression in expressions)

    if isinstance(value, dict):
        return {key: item for key, item in value.items() if stays(key)}
    return [item for item in value if stays(item)]


def range_(start: Value, stop: Value = None, step: Value = 1) -> list[Value]:
    """Return all from ``start`` to ``stop``: numbers, or texts such as ``a`` to ``c`` and ``host01`` to ``host10``.

    A single text may say both, as ``1..3``, ``1...3`` or ``1-3``.
    """
    first, last, within = ruby_text(start), ruby_text(stop), True
    if stop is None:
        bounds = re.fullmatch(r"(\w+)(\.\.\.?|-)(\w+)", first)
        if bounds is None:
            raise ValueError("expects a range such as 1..3")
        first, last, within = bounds[1], bounds[3], bounds[2] != "..."
    if first == "" or last == "":
        raise ValueError("expects texts that are not empty")
    stride = abs(int(step))
    if not stride:
        raise ValueError("expects a step other than zero")
    if first.isdecimal() and last.isdecimal():
        return counted(int(first), int(last) + within, stride)
    words = between(first, last)
    return (words if within or words[-1:] != [last] else words[:-1])[::stride]


def between(start: str, stop: str) -> list[str]:
    """Return the texts from ``start`` to ``stop`` as Ruby counts them, none if the first is the greater."""
    if len(start) == len(stop) == 1 and start.isascii() and stop.isascii():
        return [chr(code) for code in range(ord(start), ord(stop) + 1)]
    if start > stop:
        return []
    found, word = [start], start
    while word != stop:
        if len(found) > MOST:
            raise ValueError(f"makes more than {MOST} items")
        word = successor(word)
        if len(word) > len(stop):
            break
        found.append(word)
    return found


def successor(word: str) -> str:
    """Return the text that Ruby's ``succ`` gives: the last letter or digit counted on, with a carry to its left."""
    places = [at for at, char in enumerate(word) if char.isascii() and char.isalnum()]
    if not places:
        return word[:-1] + chr(ord(word[-1]) + 1) if word else ""
    chars = list(word)
    for at in reversed(places):
        char = chars[at]
        carried = {"9": "0", "z": "a", "Z": "A"}.get(char)
        if carried is None:
            chars[at] = chr(ord(char) + 1)
            return "".join(chars)
        chars[at] = carried
        if at - 1 not in places:
            before = "1" if char == "9" else carried
            return "".join(chars[:at]) + before + "".join(chars[at:])
    return "".join(chars)


def reverse(value: Value) -> Value:
    """Return a list or text backwards."""
    return value[::-1] if isinstance(value, str) else list(value)[::-1]


def zip_(one: list[Value], two: list[Value], flat: Value = None) -> list[Value]:
    """Return pairs of the items of two lists, undef where the second is shorter; ``flat`` opens the pairs."""
    pairs = [[item, two[place] if place < len(two) else None] for place, item in enumerate(one)]
    return [part for pair in pairs for part in pair] if flat else pairs


def dig(data: Value, *path: Value) -> Value:
    """Return what ``path`` (keys and indices) leads to, or undef where it ends early."""
    for step in path:
        if data is None or step is None:
            return None
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list | tuple) and isinstance(step, int):
            data = data[step] if -len(data) <= step < len(data) else None
        else:
            where = ruby_text(step)
            raise ValueError(f"cannot dig into a value that is no collection, at '{where}'")  # noqa: TRY004  the data's fault
    return data


def get(data: Value, path: Value = "", default: Value = None, *, block: Block | None = None) -> Value:
    """Return what a dotted path leads to, or the default; the block answers where the path leads into a plain value."""
    if path == "" or data is None:
        return default if data is None else data
    if _DOTTED.fullmatch(str(path)) is None:
        raise ValueError("cannot read the path: it has an empty step")
    try:
        found = dig(data, *steps(str(path)))
    except ValueError as error:
        if block is None:
            raise
        return block(str(error))
    return default if found is None else found


_STEP = r"""(?:'[^']*'|"[^"]*"|[^.'"]+)"""
_DOTTED = re.compile(rf"{_STEP}(?:\.{_STEP})*")


def steps(path: str) -> list[str | int]:
    """Return the steps of a dotted path; a quoted step may hold dots, digits are an index."""
    found: list[str | int] = []
    for single, double, bare in re.findall(r"'([^']*)'|\"([^\"]*)\"|([^.'\"]+)", path):
        found.append(int(bare) if bare.isdigit() else single or double or bare)
    return found


def intersection(one: list[Value], two: list[Value]) -> list[Value]:
    """Return the items of the first list that the second has too."""
    return distinct([item for item in one if _holds(two, item)])


def difference(one: list[Value], two: list[Value]) -> list[Value]:
    """Return the items of the first list that the second has not."""
    return [item for item in one if not _holds(two, item)]


def union(*lists: list[Value]) -> list[Value]:
    """Return the items of all lists, each once."""
    return distinct([item for items in lists for item in items])


def prefix(value: Value, text: str = "") -> Value:
    """Return the items of a list, or the keys of a mapping, with ``text`` before each."""
    if isinstance(value, dict):
        return {text + ruby_text(key): item for key, item in value.items()}
    return [text + ruby_text(item) for item in value]


def suffix(value: Value, text: str = "") -> Value:
    """Return the items of a list, or the keys of a mapping, with ``text`` after each."""
    if isinstance(value, dict):
        return {ruby_text(key) + text: item for key, item in value.items()}
    return [ruby_text(item) + text for item in value]


def join_keys_to_values(table: dict[Value, Value], separator: str) -> list[str]:
    """Return each key and value as one text with ``separator`` between; a list of values gives several."""
    return [
        ruby_text(key) + separator + ruby_text(item)
        for key, value in table.items()
        for item in (value if isinstance(value, list | tuple) else [value])
    ]


def values_at(items: list[Value], *places: Value) -> list[Value]:
    """Return the items at indices and at ranges such as ``1-3``."""
    found: list[Value] = []
    for place in flatten(*places):
        bounds = re.fullmatch(r"(\d+)(?:(\.\.\.?|-)(\d+))?", str(place))
        if bounds is None:
            raise ValueError("expects indices and ranges")
        start = int(bounds[1])
        stop = int(bounds[3] or start) + (bounds[2] != "...")
        if max(start + 1, stop) > len(items):
            raise ValueError("the index is outside of the list")
        found += items[start:stop]
    return found


def grep(items: list[Value], pattern: str) -> list[Value]:
    """Return the items in which an expression matches."""
    return [item for item in items if isinstance(item, str) and compiled(pattern).search(item)]


def reject(items: list[Value], pattern: str) -> list[Value]:
    """Return the items in which an expression does not match."""
    return [item for item in items if not (isinstance(item, str) and compiled(pattern).search(item))]


def nested_values(table: dict[Value, Value]) -> list[Value]:
    """Return all values of a mapping and of those in it."""
    found: list[Value] = []
    for value in table.values():
        found += nested_values(value) if isinstance(value, dict) else [value]
    return found


def hash_(pairs: Value) -> dict[Value, Value]:
    """Return the mapping that pairs, or keys and values in turn, make."""
    from hiera.types.convert import mapping  # noqa: PLC0415  few need it

    return mapping(pairs)
