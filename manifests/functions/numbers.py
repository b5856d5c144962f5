"""Functions on numbers."""

from __future__ import annotations

import hashlib
import math
import random
import re
import string

from hiera.ruby_text import ruby_text
from hiera.types.convert import numeric
from hiera.types.data import SemVer, Timespan, Timestamp
from hiera.types.numbers import digits
from hiera.values import Value
from manifests.functions.base import Block
from manifests.functions.collections import flatten


def abs_(number: Value) -> Value:
    """Return a number without its sign."""
    return abs(numeric(number))


def ceiling(number: Value) -> int:
    """Return the next whole number that is not below."""
    return math.ceil(numeric(number))


def floor(number: Value) -> int:
    """Return the next whole number that is not above."""
    return math.floor(numeric(number))


def round_(number: float) -> int:
    """Return the nearest whole number; halves go away from zero."""
    return math.floor(number + 0.5) if number >= 0 else math.ceil(number - 0.5)


_DECIMAL = re.compile(r"-?\d+([._eE]\d+)?")
_ORDERED = (int | float, SemVer, Timespan, Timestamp)


def _least(values: tuple[Value, ...], block: Block | None, sign: int) -> Value:
    """Return the first in order of the values, or of a single list; ``sign`` -1 turns the order round."""
    items = list(values[0]) if len(values) == 1 and isinstance(values[0], list | tuple) else list(values)
    if not items:
        raise ValueError("expects at least one value")
    order = _compared if block is None else block
    best = items[0]
    for item in items[1:]:
        if sign * int(order(item, best)) < 0:
            best = item
    return best


def _compared(first: Value, second: Value) -> int:
    """Return the order of two values: of one kind by that, texts of numbers by those, others by their text."""
    for kind in _ORDERED:
        if isinstance(first, kind) and isinstance(second, kind) and not isinstance(first, bool):
            return order(first, second)
    one, two = ruby_text(first), ruby_text(second)
    if _DECIMAL.fullmatch(one) and _DECIMAL.fullmatch(two):
        return order(float(one.replace("_", "")), float(two.replace("_", "")))
    return order(one, two)


def order(first: Value, second: Value) -> int:
    """Return -1, 0 or 1 as the first of two values is the lesser, the same or the greater."""
    return int(first > second) - int(first < second)


def min_(*values: Value, block: Block | None = None) -> Value:
    """Return the least of values; the block compares two."""
    return _least(values, block, 1)


def max_(*values: Value, block: Block | None = None) -> Value:
    """Return the greatest of values; the block compares two."""
    return _least(values, block, -1)


def sum_(numbers: list[float]) -> float:
    """Return the sum of numbers."""
    return sum(numbers)


def clamp(*values: Value) -> Value:
    """Return the middle one of three whole numbers: the first, kept between the others."""
    items = flatten(*values)
    if len(items) != 3:
        raise ValueError(f"expects 3 values, got {len(items)}")
    if not all(item.isdecimal() if isinstance(item, str) else isinstance(item, int | float) for item in items):
        raise ValueError("expects numbers")
    return sorted(map(int, items))[1]


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
