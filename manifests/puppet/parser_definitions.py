"""Classes, defines, nodes, functions and type aliases."""

from __future__ import annotations

from typing import ClassVar

from manifests.puppet import ast
from manifests.puppet.parser_control import block
from manifests.puppet.parser_expressions import LEAVES, Prefix
from manifests.puppet.parser_resources import ResourceParser
from manifests.puppet.tokens import Token


class DefinitionParser(ResourceParser):
    """Reads what has a name of its own."""

    def _name(self) -> str:
        token = self.tokens[self.at]
        if token[0] == "STRING":
            raise self.problem("bad-name", "a name is written without quotes here", token)
        if token[0] not in ("NAME", "WORD", "CLASSREF"):
            raise self.unexpected(token, "a name")
        self.at += 1
        return token[1]

    def _parameter_list(self) -> tuple[ast.Parameter, ...]:
        if not (self.accept("(") or self.accept("WSPAREN")):
            return ()
        found = self.parameters(")")
        self.take(")")
        return found

    def _complete(self, name: str) -> str:
        """Return ``name`` with those of the classes around it."""
        return "::".join([*self.namespace, name])

    def _define(self, token: Token) -> ast.Node:
        name = self._complete(self._name())
        parameters = self._parameter_list()
        body, end = self.braced()
        return self._known(ast.Define(token[2], end - token[2], name, parameters, block(body)))

    def _class(self, token: Token) -> ast.Node:
        name = self._name()
        complete = self._complete(name)
        self.namespace.append(name)
        parameters = self._parameter_list()
        parent = None
        if self.accept("inherits"):
            parent = "default" if self.accept("default") else self._name()
        body, end = self.braced()
        self.namespace.pop()
        return self._known(ast.Class(token[2], end - token[2], complete, parameters, parent, block(body)))

    def _function(self, token: Token) -> ast.Node:
        name = self._name()
        parameters = self._parameter_list()
        returns = self.return_type()
        body, end = self.braced()
        return self._known(ast.Function(token[2], end - token[2], name, parameters, returns, block(body)))

    def _node(self, token: Token) -> ast.Node:
        matches = [self._host()]
        while self.accept(",") and self.tokens[self.at][0] not in ("{", "inherits"):
            matches.append(self._host())
        parent = self._host() if self.accept("inherits") else None
        body, end = self.braced()
        found = ast.NodeDefinition(token[2], end - token[2], tuple(matches), parent, block(body))
        return self._known(found)

    def _host(self) -> ast.Node:
        """Return what a node's name is matched with."""
        token = self.tokens[self.at]
        if token[0] in ("NAME", "NUMBER"):
            return self._dotted()
        if token[0] not in ("STRING", "WORD", "DQPRE", "HEREDOC", "default", "REGEX"):
            raise self.unexpected(token, "a node's name, regular expression or 'default'")
        self.at += 1
        leaf = LEAVES.get(token[0])
        return leaf(token) if leaf else self.PREFIX[token[0]](self, token)

    def _dotted(self) -> ast.Node:
        start, parts = self.tokens[self.at][2], []
        while True:
            token = self.tokens[self.at]
            if token[0] not in ("NAME", "NUMBER"):
                raise self.unexpected(token, "the next part of the node's name: quote it if it has a hyphen")
            self.at += 1
            parts.append(token[1])
            if not self.accept("."):
                return ast.String(start, token[3] - start, ".".join(parts))

    def _type_keyword(self, token: Token) -> ast.Node:
        """Return a type alias, or the call of the function ``type``."""
        if self.tokens[self.at][0] != "CLASSREF":
            return self._type_word(token)
        if self.tokens[self.at + 1][0] in ("{", "inherits"):
            return self._type_definition(token)
        left = self._type()
        self.take("=")
        right = self._aliased()
        length = right.offset + right.length - token[2]
        if isinstance(left, ast.Access):
            return self._known(ast.TypeMapping(token[2], length, left, right))
        assert isinstance(left, ast.Reference)
        return self._known(ast.TypeAlias(token[2], length, left.value, right))

    def _aliased(self) -> ast.Node:
        """Return the type on the right of an alias; a hash there describes an object."""
        token = self.tokens[self.at]
        if token[0] in ("[", "LIST"):
            self.at += 1
            return self._array(token)
        if token[0] == "{":
            self.at += 1
            return _object(self.keyed(token))
        kind = self.take("CLASSREF")
        found = ast.Reference(kind[2], kind[3] - kind[2], kind[1])
        if self.accept("["):
            return self._index(found, kind)
        if self.tokens[self.at][0] == "{":
            opening = self.take("{")
            return _object(self.keyed(opening), found)
        return found

    def _type_definition(self, token: Token) -> ast.Node:
        name = self.take("CLASSREF")[1]
        parent = self.take("CLASSREF")[1] if self.accept("inherits") else None
        body, end = self.braced()
        return self._known(ast.TypeDefinition(token[2], end - token[2], name, parent, block(body)))

    def _known(self, definition: ast.Node) -> ast.Node:
        self.definitions.append(definition)
        return definition

    PREFIX: ClassVar[dict[str, Prefix]] = {
        **ResourceParser.PREFIX, "define": _define, "class": _class, "function": _function, "node": _node,
        "type": _type_keyword,
    }  # fmt: skip


def _object(hashed: ast.Hash, parent: ast.Reference | None = None) -> ast.Node:
    """Return the type that ``Parent { ... }`` stands for."""
    kind = ast.Reference(hashed.offset, 1, "Object")
    if parent is not None and parent.value in ("Object", "TypeSet"):
        kind = parent
    elif parent is not None:
        key = ast.Name(parent.offset, parent.length, "parent")
        entry = ast.KeyedEntry(parent.offset, parent.length, key, parent)
        hashed = ast.Hash(hashed.offset, hashed.length, (*hashed.entries, entry))
    return ast.Access(kind.offset, hashed.offset + hashed.length - kind.offset, kind, (hashed,))
