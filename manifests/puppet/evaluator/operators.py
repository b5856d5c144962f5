"""Arithmetic, comparisons and matches."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from hiera.errors import DataError
from hiera.types import Binary, Regexp, SemVerRange, Timespan, Timestamp, Type, Uri, infer
from hiera.types.containers import ArrayType
from hiera.types.inference import reduced
from hiera.values import REDACTED, Secret, Value, revealed
from manifests.puppet import ast
from manifests.puppet.evaluator.comparing import compared, equal, included, is_number, matches
from manifests.puppet.evaluator.failures import failure, label, strictly
from manifests.puppet.evaluator.literals import key_of
from manifests.puppet.evaluator.numbers import number_of
from manifests.puppet.evaluator.text import text_of

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_WHOLE: Final = frozenset({"%", "<<", ">>"})
_COLLECTIVE: Final = frozenset({"+", "-", "<<"})


def arithmetic(evaluator: Evaluator, node: ast.Arithmetic, scope: Scope) -> Value:
    """Return what the operator makes of numbers, lists, hashes, times."""
    left = evaluator.evaluate(node.left, scope)
    right = evaluator.evaluate(node.right, scope)
    if left.__class__ is int and right.__class__ is int:
        return _checked(node.operator, left, right, node, scope)
    if left.__class__ is Secret or right.__class__ is Secret:
        return Secret(_of_secrets(revealed(left), revealed(right), node, scope))
    return _calculated(left, right, node, scope)


def _of_secrets(left: Value, right: Value, node: ast.Arithmetic, scope: Scope) -> Value:
    """Return what the operator makes of secrets; no message says what they are."""
    if not isinstance(left, list | tuple | dict):
        left, right = (_quietly(value, node, scope) for value in (left, right))
    try:
        return _calculated(left, right, node, scope)
    except DataError:
        raise failure("bad-operand", f"operator '{node.operator}' cannot use this secret", scope, node) from None


def _quietly(value: Value, node: ast.Arithmetic, scope: Scope) -> Value:
    """Return a secret text as the number it is, and say no more than that."""
    number = number_of(value) if isinstance(value, str) else None
    if number is None:
        return value
    strictly(scope, node, "coerced-number", "a secret was automatically coerced to a number")
    return number


def _calculated(left: Value, right: Value, node: ast.Arithmetic, scope: Scope) -> Value:
    sign = node.operator
    try:
        if isinstance(left, list | tuple | dict) and sign in _COLLECTIVE:
            return _collected(sign, left, right, node, scope)
        if isinstance(left, Uri | Binary) and sign == "+":
            return _appended(left, right)
    except ValueError as error:
        raise failure("bad-operand", str(error), scope, node) from None
    hint = 'join texts by interpolation: "${a}${b}"' if sign == "+" else None
    left = numeric(left, node.left, scope, hint)
    right = numeric(right, node.right, scope, hint)
    if not (is_number(left) and is_number(right)):
        return _timed(sign, left, right, node, scope)
    return _checked(sign, left, right, node, scope)


def numeric(value: Value, node: ast.Node, scope: Scope, hint: str | None = None) -> Value:
    """Return ``value`` as a number or a time; a text is read as a number where that is not strict.

    ``hint`` is for those who meant a text.
    """
    if is_number(value) or isinstance(value, Timespan | Timestamp):
        return value
    secret = isinstance(value, Secret)
    if isinstance(value, Secret):
        value = value.reveal()
        if is_number(value):
            return value
    number = number_of(value) if isinstance(value, str) else None
    shown = REDACTED if secret else text_of(value)
    if number is None:
        raise failure("not-numeric", f"the value '{shown}' cannot be converted to Numeric", scope, node, hint)
    read = REDACTED if secret else text_of(number)
    message = f"the string '{shown}' was automatically coerced to the numerical value {read}"
    strictly(scope, node, "coerced-number", message, "write it as a number, or convert it with Numeric()")
    return number


def _whole_division(left: Value, right: Value) -> Value:
    if left.__class__ is int and right.__class__ is int:
        return left // right
    return left / right


def _shifted(left: int, right: int) -> int:
    if right < 0:
        return left >> -right
    if left and right > 64:
        return _HIGHEST + 1 if left > 0 else _LOWEST - 1
    return left << right


_NUMERIC: Final[dict[str, Callable[[Value, Value], Value]]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": _whole_division, "%": operator.mod,
    "<<": _shifted, ">>": lambda left, right: _shifted(left, -right),
}  # fmt: skip


def _checked(sign: str, left: Value, right: Value, node: ast.Arithmetic, scope: Scope) -> Value:
    """Return the answer of two numbers, which must be one that Puppet can hold."""
    whole = left.__class__ is int and right.__class__ is int
    if not whole and sign in _WHOLE:
        right = _whole(sign, left, right, node, scope)
    try:
        result = _NUMERIC[sign](left, right)
    except ZeroDivisionError:
        if whole:
            raise failure("division-by-zero", "division by 0", scope, node.right) from None
        result = math.inf if left else math.nan
    except OverflowError:
        result = math.inf
    if result.__class__ is int and not _LOWEST <= result <= _HIGHEST:
        edge, mark = ("max", "+") if result > 0 else ("min", "-")
        message = f"a '{sign}' expression resulted in a value outside of Puppet Integer {edge} range, "
        raise failure("number-too-large", f"{message}got '{mark}{abs(result):#x}'", scope, node)
    if result.__class__ is float and math.isinf(result):
        raise failure("infinite", f"the result of the {sign} expression is Infinity", scope, node.left)
    return result


def _whole(sign: str, left: Value, right: Value, node: ast.Arithmetic, scope: Scope) -> int:
    """Return the right operand of an operator that is for whole numbers."""
    if left.__class__ is float:
        raise _inapplicable(sign, left, node, scope)
    if right.__class__ is float and sign == "%":
        raise _inapplicable(sign, left, node, scope, right)
    return int(right)


def _inapplicable(sign: str, left: Value, node: ast.Arithmetic, scope: Scope, right: Value | None = None) -> Exception:
    """Return the error of an operator that ``left`` has not, or not with ``right``."""
    when = "" if right is None else f" when right side is {label(right)}"
    message = f"operator '{sign}' is not applicable to {label(left)}{when}"
    return failure("bad-operand", message, scope, node.left)


def _timed(sign: str, left: Value, right: Value, node: ast.Arithmetic, scope: Scope) -> Value:
    """Return what the operator makes of a time and a number or another time."""
    from manifests.puppet.evaluator.times import calculated  # noqa: PLC0415  few manifests calculate with times

    result = calculated(sign, left, right)
    if result is None:
        raise _inapplicable(sign, left, node, scope, right)
    return result


def _collected(sign: str, left: Value, right: Value, node: ast.Arithmetic, scope: Scope) -> Value:
    """Return what the operator makes of a list or a hash. Raises ``ValueError``."""
    if sign == "+":
        return _merged(left, right) if isinstance(left, dict) else [*left, *_listed(right)]
    if sign == "<<":
        if isinstance(left, dict):
            raise _inapplicable(sign, left, node, scope)
        return [*left, right]
    if isinstance(left, dict):
        unwanted = list(right) if isinstance(right, list | tuple | dict) else [right]
        keys = {key_of(key) for key in unwanted}
        return {key: item for key, item in left.items() if key not in keys}
    unwanted = _listed(right)
    return [item for item in left if not any(_identical(item, other) for other in unwanted)]


def _identical(first: Value, second: Value) -> bool:
    """Say whether two values are equal as Ruby means it, which minds case."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    return bool(revealed(first) == revealed(second))


def _listed(value: Value) -> list[Value]:
    if isinstance(value, dict):
        return [[key, item] for key, item in value.items()]
    return list(value) if isinstance(value, list | tuple) else [value]


def _merged(left: dict[Value, Value], right: Value) -> dict[Value, Value]:
    """Return ``left`` with the entries of a hash, of pairs, or of keys and values in turn."""
    if isinstance(right, dict):
        return {**left, **right}
    if not isinstance(right, list | tuple):
        raise ValueError("can only append Array or Hash to a Hash")  # noqa: TRY004  the author's mistake
    if (
        right
        and isinstance(reduced(infer(list(right))), ArrayType)
        and all(isinstance(item, list | tuple) for item in right)
    ):
        if any(len(item) != 2 for item in right):
            raise ValueError("wrong array length (expected 2) in what is appended to a Hash")
        return {**left, **{key_of(key): item for key, item in right}}
    if len(right) % 2:
        raise ValueError("odd number of arguments for Hash")
    return {**left, **{key_of(key): item for key, item in zip(right[::2], right[1::2], strict=True)}}


def _appended(left: Value, right: Value) -> Value:
    """Return a URI or bytes with more behind. Raises ``ValueError``."""
    if isinstance(left, Binary):
        if not isinstance(right, Binary):
            raise ValueError("can only append Binary to a Binary")  # noqa: TRY004  the author's mistake
        return Binary(left.data + right.data)
    if not isinstance(right, str | Uri):
        raise ValueError("an URI can only be merged with an URI or String")  # noqa: TRY004  the author's mistake
    from urllib.parse import urljoin  # noqa: PLC0415  few manifests join URIs

    return Uri(urljoin(str(left), str(right)))


def minus(evaluator: Evaluator, node: ast.Minus, scope: Scope) -> Value:
    """Return a number with the other sign."""
    value = evaluator.evaluate(node.expression, scope)
    if isinstance(value, Secret):
        if not is_number(value.reveal()):
            raise failure("not-numeric", "this secret is no number", scope, node)
        return Secret(-value.reveal())
    return _negative(value, node, scope)


def _negative(value: Value, node: ast.Minus, scope: Scope) -> Value:
    number = numeric(value, node, scope)
    if isinstance(number, Timespan | Timestamp):
        return type(number)(-number.nanoseconds)
    return -number


_ORDERED: Final[dict[str, Callable[[int], bool]]] = {
    "<": lambda sign: sign < 0, "<=": lambda sign: sign <= 0, ">": lambda sign: sign > 0, ">=": lambda sign: sign >= 0,
}  # fmt: skip


def comparison(evaluator: Evaluator, node: ast.Comparison, scope: Scope) -> bool:
    """Return the answer of a comparison; types are compared as sets of values."""
    left = evaluator.evaluate(node.left, scope)
    right = evaluator.evaluate(node.right, scope)
    sign = node.operator
    if sign == "==":
        return equal(left, right)
    if sign == "!=":
        return not equal(left, right)
    if isinstance(left, Type) and isinstance(right, Type):
        return _types_ordered(sign, left, right)
    try:
        return _ORDERED[sign](compared(left, right))
    except ValueError as error:
        kinds = f"{label(left).partition(' ')[2]} {sign} {label(right).partition(' ')[2]}"
        message = f"comparison of: {kinds}, is not possible. Caused by '{error}'"
        raise failure("not-comparable", message, scope, node) from None


def _types_ordered(sign: str, left: Type, right: Type) -> bool:
    """Say whether one type holds the values of the other."""
    if sign in {"<", ">"} and left == right:
        return False
    return right.assignable(left) if sign in {"<", "<="} else left.assignable(right)


def match(evaluator: Evaluator, node: ast.Match, scope: Scope) -> bool:
    """Return whether a text matches a pattern, or a value is of a type."""
    left = evaluator.evaluate(node.left, scope)
    pattern = evaluator.evaluate(node.right, scope)
    if isinstance(pattern, Secret):
        pattern = pattern.reveal()
    if isinstance(pattern, str):
        pattern = Regexp(pattern)
    if isinstance(pattern, Regexp):
        text = left.reveal() if isinstance(left, Secret) else left
        if not isinstance(text, str):
            message = f"left match operand must result in a String value. Got {label(text)}"
            raise failure("match-not-string", message, scope, node.left)
    elif not isinstance(pattern, Type | SemVerRange):
        message = f"can not convert right match operand to a regular expression. Got {label(pattern)}"
        raise failure("match-not-regexp", message, scope, node.right)
    try:
        found = matches(left, pattern, scope)
    except re.error as error:
        message = f"can not convert right match operand to a regular expression. Caused by '{error}'"
        raise failure("match-not-regexp", message, scope, node.right) from None
    return found if node.operator == "=~" else not found


def contained(evaluator: Evaluator, node: ast.In, scope: Scope) -> bool:
    """Return whether one value is in another."""
    left = evaluator.evaluate(node.left, scope)
    return included(evaluator.evaluate(node.right, scope), left, scope)
