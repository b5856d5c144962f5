"""How much an expression or template may ask for, and the operations that could ask for too much."""

from __future__ import annotations

import operator
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

MAX_SIZE: Final = 16 << 20
"""Characters of one text, items of one list."""

MAX_SECONDS: Final = 10.0
"""Seconds that one expression or template may take."""

MAX_BITS: Final = 4096
"""Bits of one integer."""


class LimitError(Exception):
    """An expression or template went over a bound; the text says which."""


def check_size(size: int) -> None:
    """Raise ``LimitError`` if a text or list of ``size`` is too large."""
    if size > MAX_SIZE:
        raise LimitError(f"the result would be larger than {MAX_SIZE >> 20} MiB")


def joined(pieces: Iterable[str]) -> str:
    """Return ``pieces`` as one text, bounded."""
    kept, size = [], 0
    for piece in pieces:
        size += len(piece)
        check_size(size)
        kept.append(piece)
    return "".join(kept)


def _size(value: Any) -> int:
    """Return how large a value with a length is, 0 for others."""
    return len(value) if isinstance(value, str | bytes | list | tuple) else 0


def add(left: Any, right: Any) -> Any:
    """Return ``left + right``, bounded."""
    check_size(_size(left) + _size(right))
    return left + right


def multiply(left: Any, right: Any) -> Any:
    """Return ``left * right``, bounded."""
    for many, times in ((left, right), (right, left)):
        if isinstance(times, int) and _size(many):
            check_size(_size(many) * max(0, times))
    return _number(operator.mul, left, right)


def power(left: Any, right: Any) -> Any:
    """Return ``left ** right``, bounded."""
    if isinstance(left, int) and isinstance(right, int) and abs(right) * max(1, left.bit_length()) > MAX_BITS:
        raise LimitError("the number would be too large")
    return operator.pow(left, right)


def remainder(left: Any, right: Any) -> Any:
    """Return ``left % right``; of a text, its bounded formatting."""
    return formatted(left, right) if isinstance(left, str) else operator.mod(left, right)


def _number(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """Return ``function`` of two values, refusing integers that would grow without end."""
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > MAX_BITS:
        raise LimitError("the number would be too large")
    return function(left, right)


_WIDTH = re.compile(r"%(?:\([^)]*\))?[#0\- +]*(\*|\d+)?(?:\.(\*|\d+))?")


def formatted(pattern: str, values: Any) -> str:
    """Return ``pattern % values``, with widths bounded and Booleans as ``true`` and ``false``."""
    for match in _WIDTH.finditer(pattern):
        for width in match.groups():
            if width == "*" or (width and int(width) > 1000):
                raise LimitError("a width in a format is at most 1000, and never '*'")
    if isinstance(values, tuple):
        values = tuple(map(_plain, values))
    elif isinstance(values, dict):
        values = {key: _plain(item) for key, item in values.items()}
    else:
        values = _plain(values)
    return joined([pattern % values])


def _plain(value: Any) -> Any:
    """Return a Boolean as its word, anything else as it is."""
    return ("true" if value else "false") if isinstance(value, bool) else value


def replaced(text: str, old: str, new: str, count: int = -1) -> str:
    """Return ``text.replace(old, new, count)``, bounded."""
    found = text.count(old)
    check_size(len(text) + (found if count < 0 else min(found, count)) * max(0, len(new) - len(old)))
    return text.replace(old, new, count)


class Clock:
    """Stops an evaluation that takes too long: an interval timer looks every half second.

    Python runs signal handlers in the main thread alone; elsewhere, and where the alarm is taken, nothing is stopped.
    """

    def __init__(self) -> None:
        self.started: float | None = None
        self._before: Any = None
        self._armed = False

    def arm(self) -> None:
        """Start the timer unless somebody else uses the alarm."""
        if self._armed or threading.current_thread() is not threading.main_thread():
            return
        if signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL or signal.getitimer(signal.ITIMER_REAL)[0]:
            return
        self._before = signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)
        self._armed = True

    def disarm(self) -> None:
        """Stop the timer and give the alarm back."""
        if self._armed:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)
            self._armed = False

    def _look(self, *_: object) -> None:
        """Raise ``LimitError`` if the evaluation under way is too old."""
        if self.started is not None and time.monotonic() - self.started > MAX_SECONDS:
            self.started = None
            raise LimitError(f"it took longer than {MAX_SECONDS:.0f} seconds")
