"""Methods of numbers."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from manifests.puppet.erb.methods.base import Table, lazily, plain, renamed, required
from manifests.puppet.erb.methods.common import COMPARABLE, OBJECT
from manifests.puppet.erb.objects import Failure, Lazy, Proc, Unsupported, Value
from manifests.puppet.erb.running import Run
from manifests.puppet.erb.values import class_name

_LARGEST = 64_000


def number_of(value: Value, into: str = "Integer") -> Any:
    """Return ``value`` that must be a number. Raises ``Failure``."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    shown = "nil" if value is None else class_name(value)
    raise Failure("TypeError", f"{shown} can't be coerced into {into}")


def _divide(left: Any, right: Value) -> Any:
    right = number_of(right, class_name(left))
    if isinstance(left, int) and isinstance(right, int):
        return left // right
    if right == 0:
        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)
    return left / right


def _modulo(left: Any, right: Value) -> Any:
    right = number_of(right, class_name(left))
    return math.nan if right == 0 and (isinstance(left, float) or isinstance(right, float)) else left % right


def _power(left: Any, right: Value) -> Any:
    right = number_of(right, class_name(left))
    if isinstance(left, int) and isinstance(right, int):
        if right < 0:
            raise Unsupported("rational numbers are not supported")
        if left.bit_length() * right > _LARGEST:
            raise Failure("RangeError", "the number is too large")
    found = left**right
    return found if isinstance(found, int | float) else math.nan


def _shift(left: int, by: int) -> int:
    if by < 0:
        return left >> -by
    if left.bit_length() + by > _LARGEST:
        raise Failure("RangeError", "the number is too large")
    return left << by


def _times(left: Any, right: Value) -> Any:
    right = number_of(right, class_name(left))
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > _LARGEST:
        raise Failure("RangeError", "the number is too large")
    return left * right


def _compared(left: Any, right: Value, sign: str) -> bool:
    if not isinstance(right, int | float) or isinstance(right, bool):
        shown = "nil" if right is None else class_name(right)
        raise Failure("ArgumentError", f"comparison of {class_name(left)} with {shown} failed")
    return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign])


def _comparison(sign: str) -> Any:
    return lambda left, right: _compared(left, right, sign)


def _digits(number: int, base: int) -> str:
    if not 2 <= base <= 36:
        raise Failure("ArgumentError", f"invalid radix {base}")
    digits, rest = "", abs(number)
    while rest:
        rest, digit = divmod(rest, base)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return ("-" if number < 0 else "") + (digits or "0")


def _to_s(number: int, base: int = 10) -> str:
    return str(number) if base == 10 else _digits(number, base)


def _half_up(number: Any, places: int) -> Any:
    unit = Decimal(1).scaleb(-places)
    return Decimal(repr(number)).quantize(unit, rounding=ROUND_HALF_UP)


def _round(number: Any, places: Value = 0, *_: Value) -> Any:
    if not isinstance(places, int):
        places = 0
    if isinstance(number, float) and not math.isfinite(number):
        if places > 0:
            return number
        raise Failure("FloatDomainError", "Infinity")
    if places > 0:
        return number if isinstance(number, int) or places > 15 else float(_half_up(number, places))
    if isinstance(number, int) and places == 0:
        return number
    return int(Decimal(repr(number)).scaleb(places).quantize(Decimal(1), rounding=ROUND_HALF_UP)) * 10**-places


def _toward(direction: Any) -> Any:
    def method(number: Any, places: int = 0) -> Any:
        if isinstance(number, float) and not math.isfinite(number):
            raise Failure("FloatDomainError", "Infinity")
        if places == 0:
            return direction(number)
        scale = 10**places if places > 0 else 1
        if places > 0:
            return number if isinstance(number, int) else direction(number * scale) / scale
        return direction(number / 10**-places) * 10**-places

    return method


def _through(step: int) -> Any:
    """Return ``upto`` or ``downto``."""

    def method(run: Run, block: Proc | None, number: int, last: int) -> Value:
        call = required(block)
        for value in range(number, last + step, step):
            run.step()
            call(value)
        return number

    name = "upto" if step > 0 else "downto"

    def counted(run: Run, block: Proc | None, number: int, last: int) -> Value:
        if block is not None:
            return method(run, block, number, last)
        run.charge(max(0, (last - number) * step))
        return Lazy(list(range(number, last + step, step)), name, number)

    return counted


def _times_do(run: Run, block: Proc | None, number: int) -> Value:
    call = required(block)
    for value in range(number):
        run.step()
        call(value)
    return number


def _steps(run: Run, block: Proc | None, number: Any, last: Any, by: Any = 1) -> Value:
    if by == 0:
        raise Failure("ArgumentError", "step can't be 0")
    count = math.floor((last - number) / by + 1e-9) + 1
    if block is None:
        run.charge(max(0, count))
        return Lazy([number + index * by for index in range(max(0, count))], "step", number)
    for index in range(max(0, count)):
        run.step()
        block.call(number + index * by)
    return number


def _range(number: int) -> list[Value]:
    if number > 1_000_000:
        raise Failure("RangeError", "too many rounds")
    return list(range(number))


def _to_i(number: float) -> int:
    if not math.isfinite(number):
        raise Failure("FloatDomainError", "NaN" if math.isnan(number) else "Infinity")
    return int(number)


_BOTH: Table = {
    **plain(
        {
            "+": lambda left, right: left + number_of(right, class_name(left)),
            "-": lambda left, right: left - number_of(right, class_name(left)),
            "*": _times,
            "/": _divide,
            "%": _modulo,
            "**": _power,
            "-@": lambda number: -number,
            "+@": lambda number: number,
            "abs": abs,
            "zero?": lambda number: number == 0,
            "positive?": lambda number: number > 0,
            "negative?": lambda number: number < 0,
            "nonzero?": lambda number: number if number != 0 else None,
            "to_f": float,
            "fdiv": lambda left, right: _divide(float(left), right),
            "div": lambda left, right: (
                math.floor(left / right) if isinstance(left, float) or isinstance(right, float) else left // right
            ),
            "divmod": lambda left, right: [
                math.floor(left / right) if isinstance(left + right, float) else left // right,
                left % right,
            ],
            "round": _round,
            "floor": _toward(math.floor),
            "ceil": _toward(math.ceil),
            "finite?": math.isfinite,
            "integer?": lambda number: isinstance(number, int),
            "infinite?": lambda number: (
                (1 if number > 0 else -1) if isinstance(number, float) and math.isinf(number) else None
            ),
            "remainder": lambda left, right: (
                math.fmod(left, right) if isinstance(left + right, float) else left - right * int(left / right)
            ),
            "coerce": lambda left, right: [float(right), float(left)],
            "<=>": lambda left, right: (left > right) - (left < right) if isinstance(right, int | float) else None,
        }
    ),
    "step": _steps,
    **plain({sign: _comparison(sign) for sign in ("<", "<=", ">", ">=")}),
}
_SHARED = {"magnitude": "abs", "modulo": "%", "pow": "**"}
INTEGER: Table = renamed(
    {
        **OBJECT,
        **COMPARABLE,
        **_BOTH,
        **plain(
            {
                "to_s": _to_s,
                "to_i": lambda number: number,
                "chr": lambda number, *_: chr(number),
                "ord": lambda number: number,
                "even?": lambda number: number % 2 == 0,
                "odd?": lambda number: number % 2 == 1,
                "succ": lambda number: number + 1,
                "pred": lambda number: number - 1,
                "<<": _shift,
                ">>": lambda number, by: _shift(number, -by),
                "&": lambda left, right: left & right,
                "|": lambda left, right: left | right,
                "^": lambda left, right: left ^ right,
                "~": lambda number: ~number,
                "[]": lambda number, bit: number >> bit & 1,
                "gcd": math.gcd,
                "lcm": math.lcm,
                "digits": lambda number: [int(digit) for digit in reversed(str(number))],
                "bit_length": lambda number: number.bit_length(),
                "truncate": lambda number, *_: number,
            }
        ),
        "times": lazily("times", _times_do, _range),
        "upto": _through(1),
        "downto": _through(-1),
    },
    {**_SHARED, "to_int": "to_i", "next": "succ", "inspect": "to_s"},
)
FLOAT: Table = renamed(
    {
        **OBJECT,
        **COMPARABLE,
        **_BOTH,
        **plain({"to_i": _to_i, "nan?": math.isnan, "truncate": lambda number, *_: _to_i(number)}),
    },
    {**_SHARED, "to_int": "to_i"},
)
