"""The syntax tree of the Puppet language: frozen nodes that know where they stand.

``offset`` and ``length`` count characters of the file's text; :class:`manifests.puppet.source.Source` turns them into
a line and a column. As in Puppet, an operator's node stands at the operator. A tree holds only plain values and tuples,
so it can be kept in a safe format.
"""

from functools import reduce
from operator import or_
from typing import Any

from manifests.puppet.ast import declarations, expressions, values
from manifests.puppet.ast.base import Node
from manifests.puppet.ast.declarations import (
    AttributeOperation,
    AttributesOperation,
    Class,
    Collect,
    Define,
    Definition,
    Function,
    NodeDefinition,
    Query,
    Resource,
    ResourceBody,
    ResourceDefaults,
    ResourceOverride,
    TypeAlias,
    TypeDefinition,
    TypeMapping,
)
from manifests.puppet.ast.expressions import (
    Access,
    And,
    Arithmetic,
    Assignment,
    Binary,
    Block,
    Call,
    Case,
    CaseOption,
    Comparison,
    Epp,
    If,
    In,
    Lambda,
    Match,
    MethodCall,
    Minus,
    NamedAccess,
    Not,
    Or,
    Parameter,
    Parenthesized,
    Program,
    Relationship,
    Render,
    RenderString,
    Selector,
    SelectorEntry,
    Unary,
    Unfold,
    Unless,
)
from manifests.puppet.ast.values import (
    Array,
    Boolean,
    Concatenated,
    Default,
    Float,
    Hash,
    Heredoc,
    Integer,
    KeyedEntry,
    Name,
    Nop,
    Reference,
    Regex,
    Reserved,
    String,
    Text,
    Undef,
    Variable,
)

__all__ = [
    "Access",
    "And",
    "Arithmetic",
    "Array",
    "Assignment",
    "AttributeOperation",
    "AttributesOperation",
    "Binary",
    "Block",
    "Boolean",
    "Call",
    "Case",
    "CaseOption",
    "Class",
    "Collect",
    "Comparison",
    "Concatenated",
    "Default",
    "Define",
    "Definition",
    "Epp",
    "Float",
    "Function",
    "Hash",
    "Heredoc",
    "If",
    "In",
    "Integer",
    "KeyedEntry",
    "Lambda",
    "Match",
    "MethodCall",
    "Minus",
    "Name",
    "NamedAccess",
    "Node",
    "NodeDefinition",
    "Nop",
    "Not",
    "Or",
    "Parameter",
    "Parenthesized",
    "Program",
    "Query",
    "Reference",
    "Regex",
    "Relationship",
    "Render",
    "RenderString",
    "Reserved",
    "Resource",
    "ResourceBody",
    "ResourceDefaults",
    "ResourceOverride",
    "Selector",
    "SelectorEntry",
    "String",
    "Text",
    "TypeAlias",
    "TypeDefinition",
    "TypeMapping",
    "Unary",
    "Undef",
    "Unfold",
    "Unless",
    "Variable",
]

_CONCRETE: tuple[Any, ...] = tuple(
    {
        found
        for module in (values, expressions, declarations)
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, Node) and found is not Node
    }
)
for _module in (values, expressions, declarations):
    # msgspec evaluates the annotations of fields in the module's namespace when a decoder is first made.
    _module.__dict__["AnyNode"] = reduce(or_, _CONCRETE)
