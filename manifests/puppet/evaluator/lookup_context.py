"""What functions that provide data are given to remember values and to say that there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hiera.types.scalars import Kind
from hiera.values import Value
from manifests.functions.base import Block


class LookupContext:
    """A memory of values for one provider of data; its public methods are what manifests may call."""

    __slots__ = ("_kept", "_module")

    def __init__(self, module: str = "") -> None:
        self._module = module
        self._kept: dict[Value, Value] = {}

    def call(self, name: str, arguments: list[Value], block: Block | None) -> Value:
        """Return the answer of the method ``name``. Raises ``ValueError`` if it does not take the arguments."""
        if name == "cached_entries":
            return self._entries(block)
        try:
            return _METHODS[name](self, *arguments)
        except TypeError:
            raise ValueError(f"'{name}' does not take these arguments") from None

    def cache(self, key: Value, value: Value) -> Value:
        """Remember a value."""
        self._kept[key] = value
        return value

    def cache_all(self, values: dict[Value, Value]) -> None:
        """Remember all values of a mapping."""
        self._kept.update(values)

    def cached_value(self, key: Value) -> Value:
        """Return what is remembered, or undef."""
        return self._kept.get(key)

    def cache_has_key(self, key: Value) -> bool:
        """Say whether something is remembered under ``key``."""
        return key in self._kept

    def module_name(self) -> Value:
        """Return the module that the data is for."""
        return self._module or None

    def _entries(self, block: Block | None) -> Value:
        if block is None:
            return [[key, value] for key, value in self._kept.items()]
        for key, value in self._kept.items():
            if getattr(block, "width", 1) == 2:
                block(key, value)
            else:
                block([key, value])
        return None


_METHODS: Final[dict[str, Callable[..., Value]]] = {
    "cache": LookupContext.cache, "cache_all": LookupContext.cache_all, "cached_value": LookupContext.cached_value,
    "cache_has_key": LookupContext.cache_has_key, "module_name": LookupContext.module_name,
    "interpolate": lambda _context, value: value, "explain": lambda _context: None,
}  # fmt: skip
METHODS: Final = frozenset({*_METHODS, "cached_entries"})
"""The names of what manifests may call."""
LOOKUP_CONTEXT: Final = Kind((LookupContext,), (), "Puppet::LookupContext")
"""The type of these contexts."""
