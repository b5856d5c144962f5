"""Functions on numbers."""

from __future__ import annotations

import hashlib
import math
import random
import re
import string
from collections.abc import Callable

from hiera.types.convert import numeric
from hiera.types.numbers import digits
from hiera.values import Value


def abs_(number: Value) -> Value:
    """Return a number without its sign."""
    return abs(numeric(number))


def ceiling(number: float) -> int:
    """Return the next whole number that is not below."""
    return math.ceil(number)


def floor(number: float) -> int:
    """Return the next whole number that is not above."""
    return math.floor(number)


def round_(number: float) -> int:
    """Return the nearest whole number; halves go away from zero."""
    return math.floor(number + 0.5) if number >= 0 else math.ceil(number - 0.5)


def _ordered(values: tuple[Value, ...]) -> list[Value]:
    """Return the values, a single list opened. Raises ``ValueError`` unless all can be put in order."""
    items = list(values[0]) if len(values) == 1 and isinstance(values[0], list | tuple) else list(values)
    if not items:
        raise ValueError("expects at least one value")
    numbers = all(isinstance(item, int | float) and not isinstance(item, bool) for item in items)
    if not numbers and not all(isinstance(item, str) for item in items):
        raise ValueError("compares numbers or texts, not both")
    return items


def _rank(items: list[Value]) -> Callable[[Value], Value]:
    """Return what orders ``items``: texts that all say numbers go by those, others ignore case."""
    if not isinstance(items[0], str):
        return float
    return float if all(re.fullmatch(r"-?\d+(\.\d+)?", item) for item in items) else str.lower


def min_(*values: Value) -> Value:
    """Return the smallest of numbers or texts."""
    items = _ordered(values)
    return min(items, key=_rank(items))


def max_(*values: Value) -> Value:
    """Return the greatest of numbers or texts."""
    items = _ordered(values)
    return max(items, key=_rank(items))


def sum_(numbers: list[float]) -> float:
    """Return the sum of numbers."""
    return sum(numbers)


def clamp(*values: Value) -> Value:
    """Return the middle one of three values: the first, kept between the others."""
    items = _ordered(values)
    if len(items) != 3:
        raise ValueError(f"expects 3 values, got {len(items)}")
    return sorted(items, key=numeric)[1]


def convert_base(number: Value, base: Value) -> str:
    """Return a whole number in another base (2 to 36)."""
    value, radix = int(number), int(base)
    if not 2 <= radix <= 36 or value < 0:
        raise ValueError("expects a natural number and a base from 2 to 36")
    if radix <= 16:
        return digits(value, radix)
    text = ""
    while value:
        value, digit = divmod(value, radix)
        text = (string.digits + string.ascii_lowercase)[digit] + text
    return text or "0"


def drawn(seed: str, limit: int) -> int:
    """Return the number below ``limit`` that Ruby's generator draws first after the seed text's MD5."""
    generator = random.Random(int(hashlib.md5(seed.encode(), usedforsecurity=False).hexdigest(), 16))  # noqa: S311  it shall be predictable
    mask = (1 << (limit - 1).bit_length()) - 1
    while True:
        value = generator.getrandbits(32)
        if mask > 0xFFFFFFFF:
            value = value << 32 | generator.getrandbits(32)
        if value & mask < limit:
            return value & mask


def seeded_rand(limit: int, seed: str) -> int:
    """Return a number below ``limit`` that is always the same for a seed."""
    return drawn(seed, limit)


ALPHANUMERIC = string.digits + string.ascii_uppercase + string.ascii_lowercase


def seeded_rand_string(length: int, seed: str, characters: str | None = None) -> str:
    """Return a text of ``length`` characters that is always the same for a seed."""
    generator = random.Random(int(hashlib.sha256(seed.encode()).hexdigest(), 16))  # noqa: S311  it shall be predictable
    known = characters or string.digits + string.ascii_lowercase + string.ascii_uppercase
    mask = (1 << (len(known) - 1).bit_length()) - 1
    text = ""
    while len(text) < length:
        place = generator.getrandbits(32) & mask
        text += known[place] if place < len(known) else ""
    return text
