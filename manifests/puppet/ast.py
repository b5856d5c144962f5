"""The syntax tree of the Puppet language: frozen nodes that know where they stand.

``offset`` and ``length`` count characters of the file's text; :class:`manifests.puppet.source.Source` turns them into a
line and a column. As in Puppet, an operator's node stands at the operator. A tree holds only plain values and tuples, so
it can be kept in a safe format.
"""

from __future__ import annotations

from msgspec import Struct


class Node(Struct, frozen=True, tag=True, tag_field="node"):
    """Anything in a tree."""

    offset: int
    length: int


# Literals


class Nop(Node, frozen=True):
    """Nothing at all: an empty file."""


class Undef(Node, frozen=True):
    """The word ``undef``."""


class Default(Node, frozen=True):
    """The word ``default``."""


class Boolean(Node, frozen=True):
    """``true`` or ``false``."""

    value: bool


class Integer(Node, frozen=True):
    """A whole number and the base it was written in: 8, 10 or 16."""

    value: int
    radix: int


class Float(Node, frozen=True):
    """A number with a fraction or an exponent."""

    value: float


class String(Node, frozen=True):
    """Text without interpolation."""

    value: str


class Regex(Node, frozen=True):
    """A regular expression in Ruby's notation."""

    source: str


class Concatenated(Node, frozen=True):
    """Text with interpolation: strings and :class:`Text` in turn."""

    segments: tuple[Node, ...]


class Text(Node, frozen=True):
    """An expression whose value becomes part of a text."""

    expression: Node


class Heredoc(Node, frozen=True):
    """A text that stands below its line; ``syntax`` is the language it claims, or ""."""

    syntax: str
    text: Node


class Array(Node, frozen=True):
    """A list."""

    values: tuple[Node, ...]


class KeyedEntry(Node, frozen=True):
    """One ``key => value`` of a hash."""

    key: Node
    value: Node


class Hash(Node, frozen=True):
    """A hash; ``bare`` when it was written without braces among arguments."""

    entries: tuple[KeyedEntry, ...]
    bare: bool = False


# Names


class Name(Node, frozen=True):
    """A lower-case name, bare word of a type, class or function."""

    value: str


class Reference(Node, frozen=True):
    """A capitalised name: a data or resource type, in the case it was written."""

    value: str


class Reserved(Node, frozen=True):
    """A word that the language keeps for itself."""

    word: str


class Variable(Node, frozen=True):
    """A variable; ``name`` is without the dollar."""

    name: str


# Operators


class Unary(Node, frozen=True):
    """An operator before its operand."""

    expression: Node


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
    left: Node
    right: Node


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

    left: Node
    keys: tuple[Node, ...]


class NamedAccess(Node, frozen=True):
    """``x.name``, the functor of a method call."""

    left: Node
    name: Name


# Calls


class Parameter(Node, frozen=True):
    """A parameter; ``captures_rest`` for ``*$x``."""

    name: str
    type: Node | None
    default: Node | None
    captures_rest: bool


class Block(Node, frozen=True):
    """Statements in turn; the value is the last one's."""

    statements: tuple[Node, ...]


class Lambda(Node, frozen=True):
    """``|$x| { ... }``."""

    parameters: tuple[Parameter, ...]
    returns: Node | None
    body: Node | None


class Call(Node, frozen=True):
    """``name(a, b) |$x| { }``; ``statement`` when nobody uses the value."""

    functor: Node
    arguments: tuple[Node, ...]
    block: Lambda | None
    statement: bool


class MethodCall(Node, frozen=True):
    """``x.name(a) |$y| { }``."""

    functor: NamedAccess
    arguments: tuple[Node, ...]
    block: Lambda | None


# Choices


class If(Node, frozen=True):
    """``if``; an ``elsif`` is an ``If`` in ``otherwise``."""

    test: Node
    then: Node | None
    otherwise: Node | None


class Unless(Node, frozen=True):
    """``unless``."""

    test: Node
    then: Node | None
    otherwise: Node | None


class CaseOption(Node, frozen=True):
    """One ``values: { ... }`` of a case."""

    values: tuple[Node, ...]
    body: Node | None


class Case(Node, frozen=True):
    """``case x { ... }``."""

    test: Node
    options: tuple[CaseOption, ...]


class SelectorEntry(Node, frozen=True):
    """One ``match => value`` of a selector."""

    matching: Node
    value: Node


class Selector(Node, frozen=True):
    """``x ? { ... }``."""

    left: Node
    entries: tuple[SelectorEntry, ...]


# Resources


class AttributeOperation(Node, frozen=True):
    """``name => value`` or ``name +> value``."""

    name: str
    operator: str
    value: Node


class AttributesOperation(Node, frozen=True):
    """``* => hash``."""

    expression: Node


class ResourceBody(Node, frozen=True):
    """One ``title: attributes``."""

    title: Node
    operations: tuple[AttributeOperation | AttributesOperation, ...]


class Resource(Node, frozen=True):
    """``type { title: ... }``; ``form`` is ``regular``, ``virtual`` or ``exported``."""

    type_name: Node
    bodies: tuple[ResourceBody, ...]
    form: str = "regular"


class ResourceDefaults(Node, frozen=True):
    """``Type { ... }``."""

    type_ref: Node
    operations: tuple[AttributeOperation | AttributesOperation, ...]
    form: str = "regular"


class ResourceOverride(Node, frozen=True):
    """``Type[title] { ... }``."""

    resources: Node
    operations: tuple[AttributeOperation | AttributesOperation, ...]
    form: str = "regular"


class Query(Node, frozen=True):
    """``<| expression |>``, or ``<<| |>>`` when ``exported``."""

    expression: Node | None
    exported: bool


class Collect(Node, frozen=True):
    """``Type <| query |> { ... }``."""

    type_expr: Node
    query: Query
    operations: tuple[AttributeOperation | AttributesOperation, ...]


# Definitions


class Definition(Node, frozen=True):
    """What stands at top level and is found by its name."""

    name: str


class Class(Definition, frozen=True):
    """``class``; ``name`` is complete, with the names of the classes around it."""

    parameters: tuple[Parameter, ...]
    parent: str | None
    body: Block | None


class Define(Definition, frozen=True):
    """``define``; ``name`` is complete, as a class's is."""

    parameters: tuple[Parameter, ...]
    body: Block | None


class Function(Definition, frozen=True):
    """``function``."""

    parameters: tuple[Parameter, ...]
    returns: Node | None
    body: Block | None


class TypeAlias(Definition, frozen=True):
    """``type Name = type``."""

    type_expr: Node


class TypeDefinition(Definition, frozen=True):
    """``type Name inherits Other { }``, which the language keeps for later."""

    parent: str | None
    body: Block | None


class TypeMapping(Node, frozen=True):
    """``type Runtime[...] = type``."""

    type_expr: Node
    mapping: Node


class NodeDefinition(Node, frozen=True):
    """``node``."""

    matches: tuple[Node, ...]
    parent: Node | None
    body: Block | None


# Templates


class Epp(Node, frozen=True):
    """A template's body; ``parameters_specified`` when it declares its parameters."""

    parameters_specified: bool
    body: Block | None


class RenderString(Node, frozen=True):
    """Text of a template."""

    value: str


class Render(Node, frozen=True):
    """``<%= expression %>``."""

    expression: Node


class Program(Node, frozen=True):
    """A whole file."""

    body: Node
    definitions: tuple[Node, ...]
