"""What a function is, how it is called, and what it may ask of the compilation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from hiera.errors import DataError, Location, Problem
from hiera.supplied import NOTHING, Supplied
from hiera.types import Type, infer, parse
from hiera.types.mismatch import describe_mismatch
from hiera.values import MISSING, Secret, Value, holds_secret, revealed

Block: TypeAlias = Callable[..., Value]
"""A lambda of either language as a Python callable."""


class FunctionError(DataError):
    """A function was called with arguments that it does not take, or could not answer; ``function`` is its name."""

    def __init__(self, function: str, message: str, location: Location | None = None) -> None:
        self.function, self.message = function, message
        super().__init__(Problem("function-argument", f"'{function}' {message}", location))

    def at(self, location: Location) -> FunctionError:
        """Return the error placed at the call."""
        return FunctionError(self.function, self.message, location)


class Break(Exception):  # noqa: N818  no error: it ends the going through something
    """``break()`` in a block: what the function has gathered so far is its answer."""

    def __init__(self, location: Location | None = None) -> None:
        super().__init__()
        self.location = location


class Context(Protocol):
    """What functions ask of the compilation they are called in; a front end gives it."""

    @property
    def facts(self) -> Mapping[str, Value]:
        """Return the node's facts."""

    @property
    def node(self) -> str:
        """Return the node's name."""

    def lookup(self, key: str, *, default: Value = MISSING, merge: Value = None, supplied: Supplied = NOTHING) -> Value:
        """Return the data for ``key``, or ``default``. Raises ``DataError`` if there is neither."""

    def stand_in(self, key: str, kind: Type | None = None) -> Value:
        """Return what stands for a key that a file sealed as a whole may hold, or ``MISSING``."""

    def variable(self, name: str) -> Value:
        """Return the variable ``name``, or ``MISSING``."""

    def read_file(self, name: str, folder: str = "files") -> bytes | None:
        """Return ``folder/rest`` of the module in ``module/rest``, or an absolute path of the host; None if absent."""

    def render(self, engine: str, name: str | None, text: str | None, parameters: Mapping[str, Value]) -> Value:
        """Return the rendered template ``name`` or ``text``; ``engine`` is erb, epp or jinja."""

    def defined(self, reference: Value) -> bool:
        """Say whether a class, define, type, variable or resource is known."""

    def tagged(self, tags: Sequence[str]) -> bool:
        """Say whether the class or define being evaluated carries all ``tags``."""

    def declare(self, how: str, names: Sequence[Value]) -> Value:
        """Declare classes; ``how`` is include, contain or require."""

    def log(self, level: str, message: str) -> None:
        """Pass on a message of the manifest's author; ``level`` is one of Puppet's."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function. ``repeats`` takes all arguments that are left."""

    name: str
    type: Type
    optional: bool = False
    repeats: bool = False


_PARAMETER = re.compile(r"(?P<type>.*)\s(?P<name>[a-z_]\w*)(?P<mark>[?*+]?)\s*", re.DOTALL)


def parameters_of(signature: str) -> tuple[Parameter, ...]:
    """Return the parameters that ``signature`` lists, as in ``Array list, String separator?, Any rest*``."""
    found: list[Parameter] = []
    for part in _parts(signature):
        match = _PARAMETER.fullmatch(part)
        assert match is not None, signature
        mark = match["mark"]
        found.append(Parameter(match["name"], parse(match["type"].strip()), mark in {"?", "*"}, mark in {"*", "+"}))
    return tuple(found)


def _parts(signature: str) -> list[str]:
    """Return the pieces of ``signature`` between commas outside of brackets."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(signature):
        depth += (char in "[{") - (char in "]}")
        if char == "," and depth == 0:
            parts.append(signature[start:at])
            start = at + 1
    return [part for part in [*parts, signature[start:]] if part.strip()]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of both languages.

    ``run`` is the plain Python function. It gets ``context=`` if ``wants_context``, and ``block=`` if ``block`` is
    not "". ``block`` is "required", "optional" or "". ``raw`` functions get secrets as they are.
    """

    name: str
    run: Callable[..., Value]
    signature: str
    parameters: tuple[Parameter, ...]
    wants_context: bool = False
    block: str = ""
    raw: bool = False

    @property
    def doc(self) -> str:
        """Return what the function does, in one sentence."""
        return (self.run.__doc__ or "").strip().partition("\n")[0]

    @property
    def arity(self) -> tuple[int, int | None]:
        """Return the least and the most arguments (None: any number)."""
        least = sum(not parameter.optional for parameter in self.parameters)
        return least, None if any(parameter.repeats for parameter in self.parameters) else len(self.parameters)

    def __call__(self, *arguments: Value, context: Context | None = None, block: Block | None = None) -> Value:
        """Return the answer to ``arguments``; a secret among them, however deep, makes the answer a secret.

        A block and the compilation get secrets as they are, and so decide themselves what becomes of them.

        Raises :class:`FunctionError`, which never tells anything of a secret.
        """
        if self.raw or block is not None or not any(map(holds_secret, arguments)):
            return self._answer(arguments, context, block)
        try:
            answer = self._answer(tuple(map(revealed, arguments)), context, block)
        except DataError:
            raise FunctionError(self.name, "cannot use the secret it was given") from None
        return Secret(revealed(answer))

    def _answer(self, arguments: tuple[Value, ...], context: Context | None, block: Block | None) -> Value:
        """Check the arguments and run the function."""
        self._check(arguments, block)
        extra: dict[str, Any] = {"block": block} if self.block else {}
        if self.wants_context:
            if context is None:
                raise FunctionError(self.name, "cannot be called here: it needs the compilation")
            extra["context"] = context
        try:
            return self.run(*arguments, **extra)
        except (ValueError, re.error) as error:
            raise FunctionError(self.name, str(error) or "cannot use its arguments") from None
        except (TypeError, AttributeError, LookupError, ArithmeticError, RecursionError):
            raise FunctionError(self.name, "cannot use arguments of these kinds") from None

    def _check(self, arguments: tuple[Value, ...], block: Block | None) -> None:
        """Raise :class:`FunctionError` unless number and types of the arguments are right."""
        least, most = self.arity
        if len(arguments) < least or (most is not None and len(arguments) > most):
            raise FunctionError(self.name, f"expects {counted_arguments(least, most)}, got {len(arguments) or 'none'}")
        for index, argument in enumerate(arguments):
            parameter = self.parameters[min(index, len(self.parameters) - 1)]
            if not parameter.type.is_instance(argument):
                wrong = describe_mismatch(parameter.type, infer(argument)).describe(f"parameter '{parameter.name}'")
                raise FunctionError(self.name, wrong)
        if block is None and self.block == "required":
            raise FunctionError(self.name, "expects a block")
        if block is not None and not self.block:
            raise FunctionError(self.name, "does not expect a block")


def counted_arguments(least: int, most: int | None) -> str:
    """Return a number of arguments in words."""
    if least == most:
        return f"{least or 'no'} argument{'' if least == 1 else 's'}"
    if most is None:
        return f"at least {least} argument{'' if least == 1 else 's'}"
    return (
        f"at most {most} argument{'' if most == 1 else 's'}" if least == 0 else f"between {least} and {most} arguments"
    )
