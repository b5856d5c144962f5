"""Errors and warnings with their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hiera.errors import DataError, Location, Problem
from hiera.types import DEFAULT, Type, infer
from hiera.types.inference import reduced
from hiera.values import Secret, Value
from manifests.functions.base import FunctionError
from manifests.puppet import ast
from manifests.puppet.depth import MAX_DEPTH

if TYPE_CHECKING:
    from manifests.puppet.evaluator.scope import Scope


def failure(code: str, message: str, scope: Scope, node: ast.Node | None, hint: str | None = None) -> DataError:
    """Return the error ``message`` at ``node``."""
    return DataError(Problem(code, message, scope.place(node) if node is not None else None, hint))


def placed(error: DataError, location: Location) -> DataError:
    """Return ``error`` with ``location`` in every problem that has no place of its own."""
    if all(problem.location is not None for problem in error.problems):
        return error
    if isinstance(error, FunctionError):
        return error.at(location)
    return DataError(
        *(msgspec.structs.replace(problem, location=problem.location or location) for problem in error.problems)
    )


def strictly(scope: Scope, node: ast.Node, code: str, message: str, hint: str | None = None) -> None:
    """Raise an error in Puppet 8, warn in Puppet 7."""
    if scope.compilation.strict:
        raise failure(code, message, scope, node, hint)
    scope.compilation.warn(Problem(code, message, scope.place(node), hint, severity="warning"))


_WORDS: dict[type, str] = {
    str: "a String", bool: "a Boolean", int: "an Integer", float: "a Float", list: "an Array", tuple: "an Array",
    dict: "a Hash", type(None): "an Undef Value", type(DEFAULT): "a Default Value",
}  # fmt: skip


def label(value: Value) -> str:
    """Return what kind of value ``value`` is, in words: "an Integer"."""
    if isinstance(value, Secret):
        return label(value.reveal())
    known = _WORDS.get(type(value))
    if known is not None:
        return known
    if isinstance(value, Type):
        name = type_name(value)
        return f"{article(name)} {name}-Type"
    name = type(value).__name__
    return f"{article(name)} {name}"


def article(word: str) -> str:
    """Return "an" or "a", as ``word`` wants it."""
    return "an" if word[:1].lower() in "aeiou" else "a"


def type_name(kind: Type) -> str:
    """Return the name of ``kind`` without its arguments."""
    return str(kind).partition("[")[0]


def general(value: Value) -> str:
    """Return the type of ``value`` without bounds and values, in Puppet's notation."""
    return str(reduced(infer(value)).generalized())


def too_deep(scope: Scope, node: ast.Node | None) -> DataError:
    """Return the error of code that calls itself without end."""
    message = f"calls are nested more than {MAX_DEPTH} levels deep"
    return failure("too-deep", message, scope, node, "does something call itself without end?")
