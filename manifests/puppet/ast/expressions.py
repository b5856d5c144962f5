"""Nodes of operators, calls, choices and templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manifests.puppet.ast.base import Node
from manifests.puppet.ast.values import Name

if TYPE_CHECKING:
    from manifests.puppet.ast.base import AnyNode


class Unary(Node, frozen=True):
    """An operator before its operand."""

    expression: AnyNode


class Parenthesized(Unary, frozen=True):
    """An expression in parentheses."""


class Not(Unary, frozen=True):
    """``!x``."""


class Minus(Unary, frozen=True):
    """``-x``."""


class Unfold(Unary, frozen=True):
    """``*x``."""


class Binary(Node, frozen=True):
    """An operator between two operands."""

    operator: str
    left: AnyNode
    right: AnyNode


class And(Binary, frozen=True):
    """``x and y``."""


class Or(Binary, frozen=True):
    """``x or y``."""


class In(Binary, frozen=True):
    """``x in y``."""


class Arithmetic(Binary, frozen=True):
    """``+ - * / % << >>``."""


class Comparison(Binary, frozen=True):
    """``== != < > <= >=``."""


class Match(Binary, frozen=True):
    """``=~`` and ``!~``."""


class Relationship(Binary, frozen=True):
    """``-> ~> <- <~``."""


class Assignment(Binary, frozen=True):
    """``=``, and the ``+=`` and ``-=`` that are no longer allowed."""


class Access(Node, frozen=True):
    """``x[a, b]``."""

    left: AnyNode
    keys: tuple[AnyNode, ...]


class NamedAccess(Node, frozen=True):
    """``x.name``, the functor of a method call."""

    left: AnyNode
    name: Name


class Parameter(Node, frozen=True):
    """A parameter; ``captures_rest`` for ``*$x``."""

    name: str
    type: AnyNode | None
    default: AnyNode | None
    captures_rest: bool


class Block(Node, frozen=True):
    """Statements in turn; the value is the last one's."""

    statements: tuple[AnyNode, ...]


class Lambda(Node, frozen=True):
    """``|$x| { ... }``."""

    parameters: tuple[Parameter, ...]
    returns: AnyNode | None
    body: AnyNode | None


class Call(Node, frozen=True):
    """``name(a, b) |$x| { }``; ``statement`` when nobody uses the value."""

    functor: AnyNode
    arguments: tuple[AnyNode, ...]
    block: Lambda | None
    statement: bool


class MethodCall(Node, frozen=True):
    """``x.name(a) |$y| { }``."""

    functor: NamedAccess
    arguments: tuple[AnyNode, ...]
    block: Lambda | None


class If(Node, frozen=True):
    """``if``; an ``elsif`` is an ``If`` in ``otherwise``."""

    test: AnyNode
    then: AnyNode | None
    otherwise: AnyNode | None


class Unless(Node, frozen=True):
    """``unless``."""

    test: AnyNode
    then: AnyNode | None
    otherwise: AnyNode | None


class CaseOption(Node, frozen=True):
    """One ``values: { ... }`` of a case."""

    values: tuple[AnyNode, ...]
    body: AnyNode | None


class Case(Node, frozen=True):
    """``case x { ... }``."""

    test: AnyNode
    options: tuple[CaseOption, ...]


class SelectorEntry(Node, frozen=True):
    """One ``match => value`` of a selector."""

    matching: AnyNode
    value: AnyNode


class Selector(Node, frozen=True):
    """``x ? { ... }``."""

    left: AnyNode
    entries: tuple[SelectorEntry, ...]


class Epp(Node, frozen=True):
    """A template's body; ``parameters_specified`` when it declares its parameters."""

    parameters_specified: bool
    body: Block | None


class RenderString(Node, frozen=True):
    """Text of a template."""

    value: str


class Render(Node, frozen=True):
    """``<%= expression %>``."""

    expression: AnyNode


class Program(Node, frozen=True):
    """A whole file."""

    body: AnyNode
    definitions: tuple[AnyNode, ...]
