"""Whether an autoloaded file defines what its place in a module promises."""

from __future__ import annotations

from manifests.puppet import ast
from manifests.puppet.checks import Checks, label


def check_placement(program: ast.Program, autoloaded: str, checks: Checks) -> None:
    """Tell of what does not belong into the file that is found under the name ``autoloaded``."""
    for node in program.definitions:
        if isinstance(node, ast.Class | ast.Define | ast.Function) and not node.name.lower().startswith(autoloaded):
            message = f"'{node.name}' cannot be found in this file: it is read for '{autoloaded}'"
            checks.error("misplaced-definition", message, node)
    body = program.body
    for statement in body.statements if isinstance(body, ast.Block) else (body,):
        if not isinstance(statement, ast.Definition | ast.TypeMapping | ast.Nop):
            message = f"this {label(statement)} stands outside a class: a module's file holds definitions only"
            checks.error("misplaced-statement", message, statement)
