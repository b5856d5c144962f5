"""The merge strategies: first, unique, hash, deep and its two variants, as Puppet's lookup merges.

The deep merge follows the rules of the deep_merge gem, which are Puppet's: the weaker value comes first in the order of
keys and elements, and the stronger one wins where two scalars meet. Secrets inside are moved, never looked at.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Final

import msgspec

from hiera.errors import DataError, Location, did_you_mean
from hiera.ruby_text import ruby_text
from hiera.values import MISSING, Secret, Value

MergeWish = str | Mapping[str, Value] | None
"""How a caller or ``lookup_options`` names a strategy: its name, or a mapping with ``strategy`` and options."""

_OPTIONS: Final[dict[str, type]] = {
    "knockout_prefix": str,
    "merge_debug": bool,
    "merge_hash_arrays": bool,
    "sort_merged_arrays": bool,
}
_MORE_OPTIONS: Final[dict[str, type]] = {
    **_OPTIONS,
    "extend_existing_arrays": bool,
    "overwrite_arrays": bool,
    "unpack_arrays": str,
}
_OPTIONS_OF: Final = {"deep": _OPTIONS, "reverse_deep": _MORE_OPTIONS, "unconstrained_deep": _MORE_OPTIONS}
"""What each strategy can be told."""


_SORTED: Final[tuple[tuple[type, str], ...]] = ((str, "text"), (int, "number"), (float, "number"), (list, "array"))


class Merge(msgspec.Struct, frozen=True):
    """One strategy with its options."""

    name: str = "first"
    knockout_prefix: str | None = None
    sort_merged_arrays: bool = False
    merge_hash_arrays: bool = False
    extend_existing_arrays: bool = False
    overwrite_arrays: bool = False
    unpack_arrays: str | None = None

    @classmethod
    def of(cls, wish: MergeWish, place: Location | None = None) -> Merge:
        """Return the strategy that ``wish`` names. Raises ``DataError`` (``merge-strategy``)."""
        if wish is None:
            return FIRST
        name, options = (wish, {}) if isinstance(wish, str) else (wish.get("strategy"), dict(wish))
        if not isinstance(name, str) or name not in _COMBINE:
            hint = did_you_mean(name, _COMBINE) if isinstance(name, str) else "name it in 'strategy'"
            raise DataError.of("merge-strategy", f"there is no merge strategy '{name}'", place, hint=hint)
        options.pop("strategy", None)
        for option, value in options.items():
            _check_option(name, option, value, place)
        known = cls.__struct_fields__
        return cls(name, **{option: value for option, value in options.items() if option in known})

    def found(self, values: Iterable[Value], *, alone: bool = False) -> Value:
        """Return ``values``, strongest first and ``MISSING`` among them, as one; ``alone`` if there can only be one.

        ``first`` asks for no more values than it needs. Raises ``DataError`` (``merge-type``).
        """
        result: Value = MISSING
        for value in values:
            if value is MISSING:
                continue
            if self.name == "first":
                return value
            if alone:
                return _distinct(value) if self.name == "unique" and isinstance(value, list) else value
            result = self._first_of(value) if result is MISSING else _COMBINE[self.name](self, result, value)
        return result

    def _first_of(self, value: Value) -> Value:
        """Return the first value found in the form that the strategy merges."""
        return _flat(value) if self.name == "unique" else value


FIRST: Final = Merge()


def _check_option(name: str, option: str, value: Value, place: Location | None) -> None:
    """Raise ``DataError`` (``merge-strategy``) unless ``option: value`` belongs to the strategy ``name``."""
    kinds = _OPTIONS_OF.get(name, {})
    if option not in kinds and kinds is _MORE_OPTIONS:
        return  # Puppet leaves it to the gem, which takes no notice
    if option not in kinds:
        message = f"the merge strategy '{name}' has no option '{option}'"
        raise DataError.of("merge-strategy", message, place, hint=did_you_mean(option, kinds))
    if not isinstance(value, kinds[option]) or value == "":
        kind = "a text that is not empty" if kinds[option] is str else "true or false"
        raise DataError.of("merge-strategy", f"the merge option '{option}' must be {kind}", place)


def _check_keys(name: str, *values: Value) -> None:
    """Raise ``DataError`` (``merge-type``) for a hash with a key that is no text: Puppet's types ask for that here."""
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            if not all(isinstance(key, str) for key in value):
                raise DataError.of("merge-type", f"the merge strategy '{name}' merges hashes whose keys are texts")
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _unique(_: Merge, higher: Value, lower: Value) -> Value:
    """Return the distinct elements of both, the stronger's first."""
    if isinstance(lower, Mapping) or lower is None:
        what = "a hash" if lower is not None else "undef"
        raise DataError.of("merge-type", f"the merge strategy 'unique' cannot merge {what}")
    _check_keys("unique", higher, lower)
    return _distinct([*_flat(higher), *_flat(lower)])


def _hash(_: Merge, higher: Value, lower: Value) -> Value:
    """Return the keys of both in the weaker's order, with the stronger's values."""
    for value in (higher, lower):
        if not isinstance(value, Mapping):
            message = f"the merge strategy 'hash' merges hashes, and one level has {_kind(value)}"
            raise DataError.of("merge-type", message)
    _check_keys("hash", higher, lower)
    return {**lower, **higher}


def _deep(merge: Merge, higher: Value, lower: Value) -> Value:
    """Return both merged all the way down."""
    if higher is None:
        return lower
    if lower is None or lower is False:
        return higher
    if isinstance(higher, Mapping):
        return _deep_hash(merge, higher, lower)
    if isinstance(higher, list):
        return higher if merge.overwrite_arrays else _deep_list(merge, higher, lower)
    if merge.extend_existing_arrays and isinstance(lower, list):
        return [*lower, higher]
    return _instead(merge, higher)


def _reverse_deep(merge: Merge, higher: Value, lower: Value) -> Value:
    """Return both merged all the way down, the weaker one winning."""
    return _deep(merge, lower, higher)


def _deep_hash(merge: Merge, higher: Mapping[Hashable, Value], lower: Value) -> Value:
    """Return the hash ``higher`` merged over ``lower``; an empty one changes nothing.

    Over what is no hash, every key but the first is merged with itself, as the gem does: its arrays lose repetitions
    and what they knock out.
    """
    if not isinstance(lower, Mapping):
        if not higher:
            return lower
        if merge.extend_existing_arrays and isinstance(lower, list):
            return [*lower, *[higher] * len(higher)]
        first, *others = higher.items()
        return dict([first, *((key, _deep(merge, value, value)) for key, value in others)])
    result = dict(lower)
    for key, value in higher.items():
        under = result.get(key)
        known = under is not None and under is not False
        result[key] = _deep(merge, value, under if known else value)
    return result


def _deep_list(merge: Merge, higher: list[Value], lower: Value) -> Value:
    """Return the array ``higher`` merged over ``lower``."""
    prefix = merge.knockout_prefix
    if merge.unpack_arrays:
        higher = _unpacked(higher, merge.unpack_arrays)
        lower = _unpacked(lower, merge.unpack_arrays) if isinstance(lower, list) else lower
    if prefix and any(isinstance(item, str) and item == prefix for item in higher):
        lower = type(lower)() if isinstance(lower, str | list | dict) else None
        higher = [item for item in higher if not (isinstance(item, str) and item == prefix)]
    if not isinstance(lower, list):
        return _instead(merge, higher)
    if prefix:
        higher, lower = _knocked_out(prefix, higher, lower)
    if merge.merge_hash_arrays and all(isinstance(item, Mapping) for item in [*higher, *lower]):
        pairs = [_deep(merge, higher[at] if at < len(higher) else {}, item) for at, item in enumerate(lower)]
        merged = [*pairs, *higher[len(lower) :]]
    else:
        merged = _distinct([*lower, *higher])
    return _sorted(merged) if merge.sort_merged_arrays else merged


def _unpacked(items: list[Value], separator: str) -> list[Value]:
    """Return the pieces of texts that ``separator`` keeps apart, as Ruby joins and splits; never of secrets."""
    pieces: list[Value] = [*_joined(items, separator).split(separator)]
    while pieces and not pieces[-1]:
        pieces.pop()
    return pieces


def _joined(items: list[Value], separator: str) -> str:
    """Return ``items`` as one text, as Ruby joins an array: an array inside stands for a text, be it an empty one."""
    if any(isinstance(item, Secret) for item in items):
        raise DataError.of("merge-type", "'unpack_arrays' cannot take a secret apart")
    texts = (_joined(item, separator) if isinstance(item, list) else ruby_text(item) for item in items)
    return separator.join(texts)


def _knocked_out(prefix: str, higher: list[Value], lower: list[Value]) -> tuple[list[Value], list[Value]]:
    """Return both arrays without what ``higher`` knocks out."""
    marks = {item for item in higher if isinstance(item, str) and item.startswith(prefix)}
    gone = marks | {item[len(prefix) :] for item in marks}
    kept = [item for item in higher if not (isinstance(item, str) and item in marks)]
    return kept, [item for item in lower if not (isinstance(item, str) and item in gone)]


def _instead(merge: Merge, higher: Value) -> Value:
    """Return the stronger value that takes the place of one it cannot be merged with."""
    prefix = merge.knockout_prefix
    if prefix and isinstance(higher, str) and higher.startswith(prefix):
        return ""
    if prefix and isinstance(higher, list):
        return [item for item in higher if not (isinstance(item, str) and item.startswith(prefix))]
    return higher


def _sorted(items: list[Value]) -> list[Value]:
    """Return ``items`` in order. Raises ``DataError`` (``merge-type``) if they have none among them."""
    kinds = {_sort_kind(item) for item in items}
    if len(items) < 2:
        return items
    if len(kinds) == 1 and None not in kinds:
        with contextlib.suppress(TypeError):
            return sorted(items)
    message = "'sort_merged_arrays' sorts arrays of texts or of numbers, and this one has other elements"
    raise DataError.of("merge-type", message)


def _sort_kind(item: Value) -> str | None:
    """Return what ``item`` can be compared with, or None."""
    if isinstance(item, bool):
        return None
    return next((name for kind, name in _SORTED if isinstance(item, kind)), None)


def _flat(value: Value) -> list[Value]:
    """Return ``value`` as a list without lists inside."""
    if not isinstance(value, list):
        return [value]
    return [inner for item in value for inner in _flat(item)]


def _distinct(items: list[Value]) -> list[Value]:
    """Return ``items`` without repetitions, the first of each kept."""
    seen: dict[Hashable, Value] = {}
    for item in items:
        seen.setdefault(_identity(item), item)
    return list(seen.values())


def _identity(value: Value) -> Hashable:
    """Return what makes two values the same element: type and content; a secret is only itself."""
    if isinstance(value, Secret):
        return ("secret", id(value))
    if isinstance(value, Mapping):
        return ("hash", frozenset((_identity(key), _identity(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("array", tuple(_identity(item) for item in value))
    return (type(value), value)


def _kind(value: Value) -> str:
    """Return what ``value`` is in words that do not show it."""
    if isinstance(value, Secret):
        return "a secret"
    return "an array" if isinstance(value, list) else "a single value"


_COMBINE: Final[dict[str, Callable[[Merge, Value, Value], Value]]] = {
    "first": lambda _merge, higher, _lower: higher,
    "unique": _unique,
    "hash": _hash,
    "deep": _deep,
    "unconstrained_deep": _deep,
    "reverse_deep": _reverse_deep,
}
