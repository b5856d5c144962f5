"""What the grammar allows and the language does not: the errors that Puppet's own validator makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hiera.errors import Collector, Problem
from manifests.puppet import ast
from manifests.puppet.checks_definitions import DefinitionChecks
from manifests.puppet.checks_expressions import ExpressionChecks
from manifests.puppet.checks_resources import ResourceChecks
from manifests.puppet.depth import deep_stack
from manifests.puppet.placement import check_placement
from manifests.puppet.source import Source
from manifests.puppet.walking import Path, walk

Check = Callable[[Any, Any, "Path | None"], None]


class _All(DefinitionChecks, ExpressionChecks, ResourceChecks):
    """Every check there is."""


_CHECKS: Final[dict[type[ast.Node], Check]] = {
    ast.Access: _All.access, ast.Assignment: _All.assignment, ast.AttributeOperation: _All.attribute,
    ast.AttributesOperation: _All.attributes, ast.Block: _All.block, ast.Call: _All.call, ast.Case: _All.case,
    ast.CaseOption: _All.case_option, ast.Collect: _All.collect, ast.Heredoc: _All.heredoc,
    ast.Class: _All.class_or_define, ast.Define: _All.class_or_define, ast.Function: _All.function,
    ast.NodeDefinition: _All.node, ast.TypeAlias: _All.type_alias, ast.TypeMapping: _All.type_mapping,
    ast.TypeDefinition: _All.type_definition, ast.If: _All.choice, ast.Unless: _All.choice,
    ast.KeyedEntry: _All.keyed_entry, ast.Lambda: _All.block_argument, ast.Array: _All.array, ast.Hash: _All.hash,
    ast.Integer: _All.integer, ast.Regex: _All.regex, ast.Query: _All.query, ast.Parameter: _All.parameter,
    ast.Resource: _All.resource, ast.ResourceBody: _All.resource_body, ast.ResourceDefaults: _All.not_virtual,
    ast.ResourceOverride: _All.not_virtual, ast.Reserved: _All.reserved, ast.Selector: _All.selector,
    ast.SelectorEntry: _All.selector_entry, ast.Variable: _All.variable, ast.Epp: _All.epp,
    ast.Relationship: _All.relationship,
    **dict.fromkeys((ast.And, ast.Or, ast.In, ast.Arithmetic, ast.Comparison, ast.Match), _All.binary),
    **dict.fromkeys((ast.Parenthesized, ast.Not, ast.Minus, ast.Unfold, ast.Text, ast.Render), _All.unary),
}  # fmt: skip


def validate(
    program: ast.Program,
    source: Source,
    collector: Collector,
    *,
    puppet_version: int = 8,
    autoloaded: str | None = None,
) -> None:
    """Tell ``collector`` what is wrong in ``program``, in the order of the file.

    ``puppet_version`` is 7 or 8: some of what 8 refuses 7 only warns of. ``autoloaded`` is the name that a file found
    by its place in a module has to define, such as ``apache::mod``; None for a site manifest.
    """
    found: list[Problem] = []
    checks = _All(source, found.append, strict=puppet_version >= 8)
    with deep_stack():
        for node, around in walk(program):
            check = _CHECKS.get(type(node))
            if check is not None:
                check(checks, node, around)
    if autoloaded is not None:
        check_placement(program, autoloaded, checks)
    found.sort(key=lambda problem: (problem.location is not None, problem.location))
    for problem in found:
        collector.add(problem)
