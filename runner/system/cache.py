"""Bulk state that is loaded once and forgotten when something touches what it describes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class _Entry:
    """One value, or the lock under which it is being loaded."""

    __slots__ = ("loaded", "lock", "value")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loaded = False
        self.value: Any = None


class Cache:
    """Values by key. Threads that want the same one wait for a single load; others do not wait."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    def get(self, key: str, load: Callable[[], T]) -> T:
        """Return the value of ``key``, loading it if nobody did. What ``load`` raises is not kept."""
        entry = self._entries.get(key) or self._entries.setdefault(key, _Entry())
        with entry.lock:
            if not entry.loaded:
                entry.value = load()
                entry.loaded = True
            return cast("T", entry.value)

    def forget(self, *keys: str) -> None:
        """Drop the values of ``keys``; one being loaded now is handed to those who wait, and not kept."""
        for key in keys:
            self._entries.pop(key, None)
