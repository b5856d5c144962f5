"""Checks of expressions."""

from __future__ import annotations

import re
from typing import Final

from manifests.puppet import ast
from manifests.puppet.checks import Checks, label, without_title
from manifests.puppet.external import mistake_in
from manifests.puppet.literals import NotLiteral, literal
from manifests.puppet.regex_syntax import mistake_in_regex
from manifests.puppet.walking import Path

_NUMERIC: Final = re.compile(r"0|[1-9][0-9]*")
_VARIABLE: Final = re.compile(r"(?:::)?(?:[a-z]\w*::)*[a-z_]\w*", re.ASCII)
_QUERY_LEAVES: Final = (ast.Variable, ast.Name, ast.Integer, ast.Float, ast.String, ast.Boolean)
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


class ExpressionChecks(Checks):
    """Checks of expressions, one method for each kind of node."""

    def access(self, node: ast.Access, _around: Path | None) -> None:
        """Check that an index has at least one key."""
        if not node.keys:
            self.error("no-index", "an index is missing between the brackets", node)

    def assignment(self, node: ast.Assignment, _around: Path | None) -> None:
        """Check that only a variable of this scope, or a list of such, takes a value."""
        if node.operator != "=":
            hint = f"write $new = $old {node.operator[0]} ..."
            self.error("no-such-operator", f"the operator '{node.operator}' is no longer supported", node, hint)
            return
        self._assignable(node.left)
        self.rvalue(node.right)

    def _assignable(self, root: ast.Node) -> None:
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Variable):
                self._assignable_name(node)
            elif isinstance(node, ast.Array):
                waiting += node.values
            else:
                self.error("bad-assignment", f"a value cannot be assigned to this {label(node)}", node)

    def _assignable_name(self, node: ast.Variable) -> None:
        if _NUMERIC.fullmatch(node.name):
            self.error("bad-assignment", f"'${node.name}' is set by matches alone", node)
        if "::" in node.name:
            self.error("bad-assignment", f"'${node.name}' belongs to another scope", node)

    def binary(self, node: ast.Binary, _around: Path | None) -> None:
        """Check that both operands have values."""
        self.rvalue(node.left)
        self.rvalue(node.right)

    def unary(self, node: ast.Unary | ast.Text | ast.Render, _around: Path | None) -> None:
        """Check that the operand has a value."""
        self.rvalue(node.expression)

    def block(self, node: ast.Block, _around: Path | None) -> None:
        """Check that every statement but the last does something."""
        if without_title(node):
            self._no_title(node)
            return
        for statement in node.statements[:-1]:
            if self.without_effect(statement):
                message = f"this {label(statement)} has no effect: its value is never used"
                self.error("no-effect", message, statement, "is something before or after it misspelt?")
                return

    def _no_title(self, node: ast.Block) -> None:
        name = node.statements[0]
        assert isinstance(name, ast.Name)
        message = f"this '{name.value}' is a resource without a title, or a function without parentheses"
        self.error("no-title", message, node, f"write `{name.value} {{ 'title': ... }}`")

    def call(self, node: ast.Call, _around: Path | None) -> None:
        """Check that a name or a type is called, nothing else."""
        functor = node.functor.left if isinstance(node.functor, ast.Access) else node.functor
        if isinstance(functor, ast.Reference) or isinstance(node.functor, ast.Name):
            return
        if isinstance(functor, ast.RenderString):
            message = "a template's parameters stand first in it, with no text before them"
            self.error("bad-template-parameters", message, node, "begin the template with <%- | $x | -%>")
            return
        self.error("not-a-function", f"this {label(node.functor)} is not the name of a function", node.functor)

    def case(self, node: ast.Case, _around: Path | None) -> None:
        """Check that there is one default."""
        self.rvalue(node.test)
        defaults = [value for option in node.options for value in option.values if isinstance(value, ast.Default)]
        self._one_default(defaults, "case")

    def _one_default(self, defaults: list[ast.Default], where: str) -> None:
        for extra in defaults[1:]:
            self.error("two-defaults", f"this {where} has a default already", extra)

    def case_option(self, node: ast.CaseOption, _around: Path | None) -> None:
        """Check that what is compared has a value."""
        for value in node.values:
            self.rvalue(value)

    def choice(self, node: ast.If | ast.Unless, _around: Path | None) -> None:
        """Check that the test has a value."""
        self.rvalue(node.test)

    def selector(self, node: ast.Selector, _around: Path | None) -> None:
        """Check that there is one default."""
        self.rvalue(node.left)
        matching = [entry.matching for entry in node.entries]
        self._one_default([item for item in matching if isinstance(item, ast.Default)][:2], "selector")

    def selector_entry(self, node: ast.SelectorEntry, _around: Path | None) -> None:
        """Check that what is compared has a value."""
        self.rvalue(node.matching)

    def keyed_entry(self, node: ast.KeyedEntry, _around: Path | None) -> None:
        """Check that key and value have values."""
        self.rvalue(node.key)
        self.rvalue(node.value)

    def array(self, node: ast.Array, _around: Path | None) -> None:
        """Check that every element has a value."""
        for value in node.values:
            self.rvalue(value)

    def hash(self, node: ast.Hash, _around: Path | None) -> None:
        """Check that no key stands twice: a warning for Puppet 7, an error for 8."""
        seen: set[object] = set()
        for entry in node.entries:
            try:
                key = literal(entry.key)
            except NotLiteral:
                continue
            if key in seen:
                message = "this key stands in the hash already, and the last one counts"
                (self.error if self.strict else self.warning)("duplicate-key", message, entry.key)
            seen.add(key)

    def integer(self, node: ast.Integer, _around: Path | None) -> None:
        """Check that an integer fits into 64 bits."""
        if not _LOWEST <= node.value <= _HIGHEST:
            self.error("number-too-large", f"{node.value} does not fit into 64 bits", node)

    def regex(self, node: ast.Regex, _around: Path | None) -> None:
        """Check that a regular expression can be read."""
        if mistake := mistake_in_regex(node.source):
            self.error("bad-regex", f"this regular expression cannot be read: {mistake}", node)

    def reserved(self, node: ast.Reserved, _around: Path | None) -> None:
        """Check that reserved words stand nowhere."""
        self.error("reserved-word", f"'{node.word}' is a word that the language keeps for itself", node, "quote it")

    def variable(self, node: ast.Variable, _around: Path | None) -> None:
        """Check that a variable has a name of letters, or a number."""
        name = node.name
        good = _NUMERIC.fullmatch(name) if name[:1].isdigit() else _VARIABLE.fullmatch(name)
        if not good:
            hint = "it begins with a small letter or an underscore; a number has no leading zero"
            self.error("bad-name", f"'${name}' is not the name of a variable", node, hint)

    def heredoc(self, node: ast.Heredoc, _around: Path | None) -> None:
        """Check that a heredoc's fixed text is what it claims to be."""
        if isinstance(node.text, ast.String) and (mistake := mistake_in(node.text.value, node.syntax)):
            self.error("bad-heredoc-text", f"this text is not valid {node.syntax}: {mistake}", node)

    def relationship(self, node: ast.Relationship, _around: Path | None) -> None:
        """Check that both sides are resources, collectors or values."""
        for side in (node.left, node.right):
            if not isinstance(side, ast.Collect):
                self.rvalue(side)

    def query(self, node: ast.Query, _around: Path | None) -> None:
        """Check that a query compares with == and !=, joined with and and or."""
        waiting = [node.expression] if node.expression is not None else []
        while waiting:
            item = waiting.pop()
            if isinstance(item, ast.And | ast.Or):
                waiting += [item.left, item.right]
            elif isinstance(item, ast.Parenthesized):
                waiting.append(item.expression)
            elif not (isinstance(item, ast.Comparison) and item.operator in ("==", "!=")) and not isinstance(
                item, _QUERY_LEAVES
            ):
                self.error("bad-query", f"this {label(item)} cannot stand in a query", item, "use ==, !=, and, or")
