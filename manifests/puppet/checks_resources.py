"""Checks of resources and collectors."""

from __future__ import annotations

from manifests.puppet import ast
from manifests.puppet.checks import Checks, label
from manifests.puppet.walking import Path


class ResourceChecks(Checks):
    """Checks of resources, one method for each kind of node."""

    def attribute(self, node: ast.AttributeOperation, around: Path | None) -> None:
        """Check that only overrides and collectors append."""
        if node.operator == "+>" and not (around and isinstance(around.node, ast.Collect | ast.ResourceOverride)):
            message = f"'+>' cannot be used for '{node.name}' here: only an override or a collector appends"
            self.error("bad-append", message, node, "write =>")
        self.rvalue(node.value)

    def attributes(self, node: ast.AttributesOperation, _around: Path | None) -> None:
        """Check that what is splatted has a value."""
        self.rvalue(node.expression)

    def collect(self, node: ast.Collect, _around: Path | None) -> None:
        """Check that a collector collects a type."""
        if not isinstance(node.type_expr, ast.Reference):
            message = f"this {label(node.type_expr)} is not the name of a type"
            self.error("not-a-type", message, node.type_expr, "a type is written with capitals here: User <| |>")

    def resource(self, node: ast.Resource, _around: Path | None) -> None:
        """Check that classes are never virtual."""
        if node.form != "regular" and isinstance(node.type_name, ast.Name) and node.type_name.value == "class":
            self.error("virtual-class", f"a class cannot be {node.form}", node)

    def resource_body(self, node: ast.ResourceBody, _around: Path | None) -> None:
        """Check that there is one splat."""
        for extra in [item for item in node.operations if isinstance(item, ast.AttributesOperation)][1:]:
            self.error("two-splats", "this resource has a '* =>' already", extra, "merge the hashes with +")

    def not_virtual(self, node: ast.ResourceDefaults | ast.ResourceOverride, _around: Path | None) -> None:
        """Check that defaults and overrides are never virtual."""
        if node.form != "regular":
            self.error("virtual-default", f"resource defaults and overrides cannot be {node.form}", node)
