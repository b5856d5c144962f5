"""Nodes of resources, collectors and definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manifests.puppet.ast.base import Node
from manifests.puppet.ast.expressions import Block, Parameter

if TYPE_CHECKING:
    from manifests.puppet.ast.base import AnyNode


class AttributeOperation(Node, frozen=True):
    """``name => value`` or ``name +> value``."""

    name: str
    operator: str
    value: AnyNode


class AttributesOperation(Node, frozen=True):
    """``* => hash``."""

    expression: AnyNode


class ResourceBody(Node, frozen=True):
    """One ``title: attributes``."""

    title: AnyNode
    operations: tuple[AttributeOperation | AttributesOperation, ...]


class Resource(Node, frozen=True):
    """``type { title: ... }``; ``form`` is ``regular``, ``virtual`` or ``exported``."""

    type_name: AnyNode
    bodies: tuple[ResourceBody, ...]
    form: str = "regular"


class ResourceDefaults(Node, frozen=True):
    """``Type { ... }``."""

    type_ref: AnyNode
    operations: tuple[AttributeOperation | AttributesOperation, ...]
    form: str = "regular"


class ResourceOverride(Node, frozen=True):
    """``Type[title] { ... }``."""

    resources: AnyNode
    operations: tuple[AttributeOperation | AttributesOperation, ...]
    form: str = "regular"


class Query(Node, frozen=True):
    """``<| expression |>``, or ``<<| |>>`` when ``exported``."""

    expression: AnyNode | None
    exported: bool


class Collect(Node, frozen=True):
    """``Type <| query |> { ... }``."""

    type_expr: AnyNode
    query: Query
    operations: tuple[AttributeOperation | AttributesOperation, ...]


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
    returns: AnyNode | None
    body: Block | None


class TypeAlias(Definition, frozen=True):
    """``type Name = type``."""

    type_expr: AnyNode


class TypeDefinition(Definition, frozen=True):
    """``type Name inherits Other { }``, which the language keeps for later."""

    parent: str | None
    body: Block | None


class TypeMapping(Node, frozen=True):
    """``type Runtime[...] = type``."""

    type_expr: AnyNode
    mapping: AnyNode


class NodeDefinition(Node, frozen=True):
    """``node``."""

    matches: tuple[AnyNode, ...]
    parent: AnyNode | None
    body: Block | None
