"""Resources in all their forms, collectors, relationships and assignments."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Final

from manifests.puppet import ast
from manifests.puppet.parser_control import ControlParser
from manifests.puppet.parser_expressions import COLLECT_BINDING, Infix
from manifests.puppet.tokens import ATTRIBUTE_WORDS, Token

_EDGES: Final = frozenset({"->", "~>", "<-", "<~"})
_ASSIGNING: Final = frozenset({"=", "+=", "-="})
_LOOSER: Final = _EDGES | _ASSIGNING | {"{"}
_FORMS: Final = {"@": "virtual", "@@": "exported"}
_NEVER_PLAIN: Final = frozenset({"@", "@@", "class"})

Operations = tuple[ast.AttributeOperation | ast.AttributesOperation, ...]


class ResourceParser(ControlParser):
    """Reads what binds more loosely than any operator."""

    def assignment(self) -> ast.Node:
        """Return what may stand as an argument or a statement: also resources, relationships and assignments."""
        left: ast.Node
        if self.tokens[self.at][0] in _NEVER_PLAIN:
            left = self._resource()
        else:
            left = self.expression()
            if self.tokens[self.at][0] not in _LOOSER:
                return left
            left = self._bodies(left)
        return self._looser(left)

    def _looser(self, left: ast.Node) -> ast.Node:
        """Return the relationships and the assignment that begin with ``left``."""
        height = 0
        while (token := self.tokens[self.at])[0] in _EDGES:
            self.at += 1
            left = ast.Relationship(token[2], 2, token[0], left, self._resource())
            height += 1
            self.too_high(height, token)
        if token[0] in _ASSIGNING:
            self.at += 1
            self.deeper(token)
            left = ast.Assignment(token[2], token[3] - token[2], token[0], left, self.assignment())
            self.shallower()
        return left

    def _resource(self) -> ast.Node:
        """Return a resource, or an expression where a resource might stand."""
        token = self.tokens[self.at]
        if form := _FORMS.get(token[0]):
            self.at += 1
            self.deeper(token)
            inner = self._resource()
            self.shallower()
            return self._formed(token, inner, form)
        if token[0] == "class" and self.tokens[self.at + 1][0] == "{":
            self.at += 2
            name = ast.Name(token[2], token[3] - token[2], "class")
            bodies = self._more_bodies()
            end = self.take("}")[3]
            return self._bodies(ast.Resource(token[2], end - token[2], name, tuple(bodies)))
        return self._bodies(self.expression())

    def _formed(self, token: Token, inner: ast.Node, form: str) -> ast.Node:
        start, length = token[2], inner.offset + inner.length - token[2]
        if isinstance(inner, ast.Resource):
            return ast.Resource(start, length, inner.type_name, inner.bodies, form)
        if isinstance(inner, ast.ResourceDefaults):
            return ast.ResourceDefaults(start, length, inner.type_ref, inner.operations, form)
        if isinstance(inner, ast.ResourceOverride):
            return ast.ResourceOverride(start, length, inner.resources, inner.operations, form)
        raise self.problem("not-a-resource", f"only a resource can be {form}", token)

    def _bodies(self, left: ast.Node) -> ast.Node:
        """Return ``left`` with what stands in braces behind it."""
        height = 0
        while (token := self.tokens[self.at])[0] == "{":
            self.at += 1
            left = self._braces(left, token)
            height += 1
            self.too_high(height, token)
        return left

    def _braces(self, left: ast.Node, opening: Token) -> ast.Node:
        if self._at_operation() or self.tokens[self.at][0] in ("}", ","):
            operations = self._operations()
            end = self.take("}")
            return self._untitled(left, operations, opening, end)
        title = self.expression()
        self.take(":")
        operations = self._operations()
        bodies = [ast.ResourceBody(title.offset, self._since(title.offset), title, operations)]
        if self.accept(";") and self.tokens[self.at][0] != "}":
            bodies += self._more_bodies()
        end = self.take("}")
        return ast.Resource(left.offset, end[3] - left.offset, left, tuple(bodies))

    def _more_bodies(self) -> list[ast.ResourceBody]:
        """Return bodies with titles, up to the closing brace."""
        bodies: list[ast.ResourceBody] = []
        while not bodies or self.tokens[self.at][0] != "}":
            title = self.expression()
            self.take(":")
            operations = self._operations()
            bodies.append(ast.ResourceBody(title.offset, self._since(title.offset), title, operations))
            if not self.accept(";"):
                break
        return bodies

    def _since(self, start: int) -> int:
        """Return how long what began at ``start`` is by now."""
        return self.tokens[self.at - 1][3] - start

    def _at_operation(self) -> bool:
        return self.tokens[self.at + 1][0] in ("=>", "+>") and (
            self.tokens[self.at][0] in ATTRIBUTE_WORDS or self.tokens[self.at][0] in ("NAME", "BOOLEAN", "*")
        )

    def _operations(self) -> Operations:
        """Return attributes up to a semicolon or brace; one comma too many at either end is fine."""
        found: list[ast.AttributeOperation | ast.AttributesOperation] = []
        if self.tokens[self.at][0] not in ("}", ";", ","):
            found.append(self._operation())
        while self.accept(",") and self.tokens[self.at][0] not in ("}", ";"):
            found.append(self._operation())
        return tuple(found)

    def _operation(self) -> ast.AttributeOperation | ast.AttributesOperation:
        token, arrow = self.tokens[self.at], self.tokens[self.at + 1]
        if token[0] == "*" and arrow[0] == "=>":
            self.at += 2
            value = self.expression()
            return ast.AttributesOperation(token[2], self._since(token[2]), value)
        if token[0] != "NAME" and token[0] not in ATTRIBUTE_WORDS:
            raise self.unexpected(token, "an attribute's name")
        self.at += 1
        if arrow[0] not in ("=>", "+>"):
            raise self.unexpected(arrow, f"'=>' after '{token[1]}'")
        self.at += 1
        value = self.expression()
        return ast.AttributeOperation(token[2], self._since(token[2]), token[1], arrow[0], value)

    def _untitled(self, left: ast.Node, operations: Operations, opening: Token, end: Token) -> ast.Node:
        """Return braces without a title: defaults, an override, or a hash that belongs to a call."""
        start, length = left.offset, end[3] - left.offset
        if isinstance(left, ast.Reference):
            return ast.ResourceDefaults(start, length, left, operations)
        if isinstance(left, ast.Access):
            return ast.ResourceOverride(start, length, left, operations)
        if not isinstance(left, ast.Name):
            raise self.problem("not-a-resource", "this cannot have attributes: it is no resource type", opening)
        return self._hash_argument(left, operations, opening, end)

    def _hash_argument(self, left: ast.Name, operations: Operations, opening: Token, end: Token) -> ast.Node:
        entries = []
        for item in operations:
            if isinstance(item, ast.AttributesOperation) or item.operator == "+>":
                raise self.problem("no-title", f"this '{left.value}' has no title", opening, "write `{ 'title': ... }`")
            name = ast.String(item.offset, len(item.name), item.name)
            entries.append(ast.KeyedEntry(item.offset, item.length, name, item.value))
        hashed = ast.Hash(opening[2], end[3] - opening[2], tuple(entries))
        made = self.as_calls([left, hashed])
        if len(made) == 1:
            return made[0]
        return ast.Block(left.offset, end[3] - left.offset, tuple(made))

    @abstractmethod
    def as_calls(self, statements: list[ast.Node]) -> list[ast.Node]:
        """Return ``statements`` with those that call a function without parentheses made into calls."""

    def _collect(self, left: ast.Node, token: Token) -> ast.Node:
        exported = token[0] == "<<|"
        closing = "|>>" if exported else "|>"
        query = None if self.tokens[self.at][0] == closing else self.expression()
        end = self.take(closing)[3]
        wanted = ast.Query(token[2], end - token[2], query, exported)
        operations: Operations = ()
        if self.accept("{"):
            operations = self._operations()
            end = self.take("}")[3]
        return ast.Collect(left.offset, end - left.offset, left, wanted, operations)

    INFIX: ClassVar[dict[str, tuple[int, Infix]]] = {
        **ControlParser.INFIX,
        **dict.fromkeys(("<|", "<<|"), (COLLECT_BINDING, _collect)),
    }
