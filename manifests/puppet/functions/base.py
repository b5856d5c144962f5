"""What a function of the Puppet language is, and what it is given when it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from hiera.errors import DataError, Location, Problem
from hiera.types import infer
from hiera.types.mismatch import describe_mismatch
from hiera.values import Value, holds_secret
from manifests.functions.base import Block, FunctionError, Parameter, counted_arguments


class Scope(Protocol):
    """What functions want of the evaluator's scopes."""

    @property
    def compilation(self) -> Any:
        """Return the compilation."""

    @property
    def module(self) -> str:
        """Return the module whose code is evaluated, "" for a site manifest."""

    @property
    def resource(self) -> Any:
        """Return the resource whose body is evaluated."""

    def get(self, name: str) -> Value:
        """Return the variable ``name``, or ``MISSING``."""

    def names(self) -> Mapping[str, Value]:
        """Return all variables that are seen from here."""

    def place(self, node: Any) -> Location | None:
        """Return where ``node`` stands."""


class Evaluator(Protocol):
    """What functions want of the evaluator."""

    def call(
        self, name: str, arguments: Sequence[Value], scope: Any, *, node: Any = None, block: Block | None = None
    ) -> Value:
        """Return what the function ``name`` answers. Raises ``DataError``."""

    def text(self, value: Value) -> Value:
        """Return what interpolation makes of ``value``."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of a function: who calls it where, and with what."""

    name: str
    evaluator: Any
    scope: Any
    arguments: tuple[Value, ...] = ()
    block: Block | None = None
    node: Any = None

    @property
    def compilation(self) -> Any:
        """Return the compilation."""
        return self.scope.compilation

    @property
    def place(self) -> Location | None:
        """Return where the call stands, None if it stands nowhere (a template calls)."""
        return None if self.node is None else self.scope.place(self.node)

    def wrong(self, message: str) -> DataError:
        """Return the error that the function cannot use its arguments."""
        return FunctionError(self.name, message, self.place)

    def fault(self, code: str, message: str, hint: str | None = None) -> DataError:
        """Return the error ``code`` at the call."""
        return DataError(Problem(code, message, self.place, hint))

    def call(self, name: str, *arguments: Value, block: Block | None = None) -> Value:
        """Return what another function answers when it is called in the place of this one."""
        return self.evaluator.call(name, list(arguments), self.scope, node=self.node, block=block)

    def given(self, *arguments: Value) -> Invocation:
        """Return the same call with other arguments."""
        return replace(self, arguments=arguments)


@dataclass(frozen=True, slots=True)
class ScopeFunction:
    """A function that works on the compilation. ``act`` gets the call and then its arguments; secrets stay secrets.

    ``block`` is "required", "optional" or "". Without ``parameters`` (None) ``act`` checks its arguments itself.
    """

    name: str
    act: Callable[..., Value]
    parameters: tuple[Parameter, ...] | None = None
    block: str = ""

    def __call__(
        self, evaluator: Any, scope: Any, arguments: Sequence[Value], block: Block | None = None, node: Any = None
    ) -> Value:
        """Return the answer, as the evaluator asks for it. Raises ``DataError``."""
        return self.run(Invocation(self.name, evaluator, scope, tuple(arguments), block, node))

    def run(self, call: Invocation) -> Value:
        """Return the answer to ``call``. Raises ``DataError``, located at the call."""
        if self.parameters is not None:
            self._check(call, self.parameters)
        try:
            return self.act(call, *call.arguments)
        except FunctionError as error:
            if error.problems[0].location is not None or call.place is None:
                raise
            raise error.at(call.place) from None
        except ValueError as error:
            raise call.wrong(str(error) or "cannot use its arguments") from None

    def _check(self, call: Invocation, parameters: tuple[Parameter, ...]) -> None:
        """Raise ``DataError`` unless number and types of the arguments are right."""
        least = sum(not one.optional for one in parameters)
        most = None if any(one.repeats for one in parameters) else len(parameters)
        number = len(call.arguments)
        if number < least or (most is not None and number > most):
            raise call.wrong(f"expects {counted_arguments(least, most)}, got {number or 'none'}")
        for index, argument in enumerate(call.arguments):
            one = parameters[min(index, len(parameters) - 1)]
            if not one.type.is_instance(argument):
                wrong = describe_mismatch(one.type, infer(argument)).describe(f"parameter '{one.name}'")
                raise call.wrong("cannot use the secret it was given" if holds_secret(argument) else wrong)
        if call.block is None and self.block == "required":
            raise call.wrong("expects a block")
        if call.block is not None and not self.block:
            raise call.wrong("does not expect a block")
