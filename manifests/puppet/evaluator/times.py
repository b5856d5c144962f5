"""Arithmetic of lengths of time and moments."""

from __future__ import annotations

from hiera.types import Timespan, Timestamp
from hiera.values import Value
from manifests.puppet.evaluator.comparing import is_number

_SECOND = 10**9


def calculated(sign: str, left: Value, right: Value) -> Value:
    """Return ``left`` and ``right``, of which one is a time at least, under ``sign``; None where that is nothing."""
    if is_number(left):
        if sign == "+" or (sign == "*" and isinstance(right, Timespan)):
            left, right = right, left
        elif sign == "-" and isinstance(right, Timespan):
            left = Timespan(int(left * _SECOND))
        else:
            return None
    return _of_span(sign, left, right) if isinstance(left, Timespan) else _of_moment(sign, left, right)


def _of_span(sign: str, left: Timespan, right: Value) -> Value:
    if sign in {"+", "-"}:
        if sign == "+" and isinstance(right, Timestamp):
            return Timestamp(right.nanoseconds + left.nanoseconds)
        other = _length(right)
        if other is None:
            return None
        return Timespan(left.nanoseconds + (other if sign == "+" else -other))
    if sign == "*":
        return Timespan(int(left.nanoseconds * right)) if is_number(right) else None
    if sign not in {"/", "%"}:
        return None
    return _divided(sign, left, right)


def _divided(sign: str, left: Timespan, right: Value) -> Value:
    if isinstance(right, Timespan):
        if right.nanoseconds == 0 or sign == "%":
            return None
        return left.nanoseconds / right.nanoseconds
    if not is_number(right) or right == 0:
        return None
    return Timespan(int(left.nanoseconds / right)) if sign == "/" else left.nanoseconds // _SECOND % right


def _of_moment(sign: str, left: Timestamp, right: Value) -> Value:
    if sign == "-" and isinstance(right, Timestamp):
        return Timespan(left.nanoseconds - right.nanoseconds)
    other = _length(right)
    if other is None or sign not in {"+", "-"}:
        return None
    return Timestamp(left.nanoseconds + (other if sign == "+" else -other))


def _length(value: Value) -> int | None:
    """Return a length of time in nanoseconds; a number counts seconds."""
    if isinstance(value, Timespan):
        return value.nanoseconds
    return int(value * _SECOND) if is_number(value) else None
