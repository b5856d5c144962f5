"""What the evaluator needs of the compilation around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from hiera.errors import Problem
from hiera.values import Value
from manifests.puppet import ast
from manifests.puppet.source import Source

if TYPE_CHECKING:
    from manifests.functions.base import Block
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope


class Resource(Protocol):
    """A resource of the catalog under construction: the one whose body is evaluated, or one that is asked about."""

    @property
    def type(self) -> str:
        """Return the type, each segment capitalised: ``Apache::Vhost``."""

    @property
    def title(self) -> str:
        """Return the title."""


class FoundFunction(Protocol):
    """A function written in the Puppet language, and where."""

    @property
    def definition(self) -> Any:
        """Return the :class:`manifests.puppet.ast.Function`."""

    @property
    def source(self) -> Source:
        """Return its file."""

    @property
    def module(self) -> str:
        """Return its module, "" for a site manifest."""


class FoundAlias(FoundFunction, Protocol):
    """A type alias, and where; ``definition`` is a :class:`manifests.puppet.ast.TypeAlias`."""


class Loaders(Protocol):
    """What is found by its name."""

    def find_function(self, name: str) -> FoundFunction | None:
        """Return the function ``name`` written in the Puppet language."""

    def find_alias(self, name: str) -> FoundAlias | None:
        """Return the type alias ``name``."""

    def find_define(self, name: str) -> Any:
        """Return the define ``name``, or None."""

    def kind(self, name: str) -> Any:
        """Return the resource type ``name`` written in Ruby or built in, or None."""

    def hint_for(self, name: str) -> str | None:
        """Return why ``name`` is not found, if it can be told."""


class Compilation(Protocol):
    """The catalog under construction, as far as expressions ask it."""

    @property
    def strict(self) -> bool:
        """Say whether unknown variables and coerced numbers are errors, as in Puppet 8, or warnings."""

    @property
    def loaders(self) -> Loaders:
        """Return what finds functions and types by name."""

    @property
    def evaluator(self) -> Evaluator:
        """Return the evaluator of this compilation."""

    def class_scope(self, name: str) -> Scope | None:
        """Return the scope of the class ``name``, or None if it has not been evaluated; "" is the top scope."""

    def attribute(self, kind: str, title: str, name: str) -> Value:
        """Return the value of an attribute of a resource, defaults in force included, undef if it has none.

        ``MISSING`` if there is no such resource. Raises ``KeyError`` if its type has no such attribute.
        """

    def warn(self, problem: Problem) -> None:
        """Tell of a problem that does not stop the compilation."""


Callee: TypeAlias = "Callable[[Evaluator, Scope, list[Value], Block | None, ast.Node | None], Value]"
"""A function as the evaluator calls it: with the scope of the call, the arguments, the lambda, and the call."""

Finder: TypeAlias = Callable[[str], "Callee | None"]
"""What finds functions beyond the shared ones and those written in the Puppet language."""
