"""Calls, lambdas, choices and collectors."""

from __future__ import annotations

from typing import ClassVar

from manifests.puppet import ast
from manifests.puppet.parser_expressions import (
    CALL_BINDING,
    DOT_BINDING,
    SELECTOR_BINDING,
    ExpressionParser,
    Infix,
    Prefix,
)
from manifests.puppet.tokens import Token


class ControlParser(ExpressionParser):
    """Reads what is written with parentheses, bars and braces."""

    # Calls

    def _call(self, functor: ast.Node, _token: Token) -> ast.Node:
        arguments: tuple[ast.Node, ...] = ()
        if self.tokens[self.at][0] != ")":
            arguments = self.items(")", entry=self.assignment)
        end = self.take(")")[3]
        block = self._block_argument()
        if block:
            end = block.offset + block.length
        return ast.Call(functor.offset, end - functor.offset, functor, arguments, block, statement=False)

    def _type_word(self, token: Token) -> ast.Node:
        """Return the call ``type(...)``, whose name is a word of the language."""
        opening = self.take("(")
        return self._call(ast.Name(token[2], token[3] - token[2], token[1]), opening)

    def _method(self, left: ast.Node, _token: Token) -> ast.Node:
        token = self.tokens[self.at]
        if token[0] not in ("NAME", "type"):
            raise self.unexpected(token, "the name of a function")
        self.at += 1
        name = ast.Name(token[2], token[3] - token[2], token[1])
        functor = ast.NamedAccess(left.offset, token[3] - left.offset, left, name)
        arguments: tuple[ast.Node, ...] = ()
        end = token[3]
        if self.accept("("):
            if self.tokens[self.at][0] != ")":
                arguments = self.items(")", entry=self.assignment, trailing=False)
            end = self.take(")")[3]
        block = self._block_argument()
        if block:
            end = block.offset + block.length
        return ast.MethodCall(functor.offset, end - functor.offset, functor, arguments, block)

    def _block_argument(self) -> ast.Lambda | None:
        """Return the lambda that follows a call, if one does."""
        if self.tokens[self.at][0] != "|":
            return None
        start = self.take("|")[2]
        parameters = self.parameters("|")
        self.take("|")
        returns = self.return_type()
        body, end = self.braced()
        return ast.Lambda(start, end - start, parameters, returns, block(body))

    def parameters(self, closing: str) -> tuple[ast.Parameter, ...]:
        """Return the parameters up to ``closing``, which stays."""
        found: list[ast.Parameter] = []
        while self.tokens[self.at][0] != closing:
            found.append(self._parameter())
            if not self.accept(","):
                break
        return tuple(found)

    def _parameter(self) -> ast.Parameter:
        kind = self._type() if self.tokens[self.at][0] == "CLASSREF" else None
        rest = self.accept("*")
        name = self.tokens[self.at]
        if name[0] != "VARIABLE" or not name[1]:
            raise self.unexpected(name, "a parameter" if name[0] != "VARIABLE" else None)
        self.at += 1
        default = self.expression() if self.accept("=") else None
        return ast.Parameter(name[2], name[3] - name[2], name[1], kind, default, rest)

    def _type(self) -> ast.Node:
        """Return a data type that stands before a parameter or after ``>>``."""
        token = self.take("CLASSREF")
        kind: ast.Node = ast.Reference(token[2], token[3] - token[2], token[1])
        if self.accept("["):
            keys = self.items("]", entry=self.expression, trailing=False)
            end = self.take("]")[3]
            kind = ast.Access(token[2], end - token[2], kind, keys)
        return kind

    def return_type(self) -> ast.Node | None:
        """Return the type after ``>>``, if one is given."""
        return self._type() if self.accept(">>") else None

    def braced(self) -> tuple[tuple[ast.Node, ...], int]:
        """Return the statements between braces and where the closing one ends."""
        self.take("{")
        body = () if self.tokens[self.at][0] == "}" else self.statements("}")
        return body, self.take("}")[3]

    # Choices

    def _if(self, token: Token) -> ast.Node:
        start = token[2]
        test = self.expression()
        then, end = self._branch()
        otherwise: ast.Node | None = None
        if self.tokens[self.at][0] == "elsif":
            otherwise = self._elsif()
            end = otherwise.offset + otherwise.length
        elif self.accept("else"):
            otherwise, end = self._branch()
        return ast.If(start, end - start, test, then, otherwise)

    def _elsif(self) -> ast.Node:
        """Return the rest of a choice as an ``if`` of its own, which is one level deeper."""
        self.tokens[self.at] = ("if", *self.tokens[self.at][1:])
        return self._compound(self.tokens[self.at], None, CALL_BINDING)

    def _branch(self) -> tuple[ast.Node | None, int]:
        """Return the body of a choice: nothing, one statement, or a block of several."""
        start = self.tokens[self.at][2]
        body, end = self.braced()
        if len(body) > 1:
            return ast.Block(start, end - start, body), end
        return (body[0] if body else None), end

    def _unless(self, token: Token) -> ast.Node:
        test = self.expression()
        then, end = self._branch()
        otherwise: ast.Node | None = None
        if self.accept("else"):
            otherwise, end = self._branch()
        return ast.Unless(token[2], end - token[2], test, then, otherwise)

    def _case(self, token: Token) -> ast.Node:
        test = self.expression()
        self.take("{")
        options = [self._option()]
        while self.tokens[self.at][0] != "}":
            options.append(self._option())
        end = self.take("}")[3]
        return ast.Case(token[2], end - token[2], test, tuple(options))

    def _option(self) -> ast.CaseOption:
        values = [self.expression()]
        while self.accept(","):
            values.append(self.expression())
        self.take(":")
        body, end = self.braced()
        start = values[0].offset
        return ast.CaseOption(start, end - start, tuple(values), block(body))

    def _selector(self, left: ast.Node, _token: Token) -> ast.Node:
        entries: list[ast.SelectorEntry] = []
        if self.accept("SELBRACE"):
            while not entries or self.tokens[self.at][0] != "}":
                entries.append(self._selector_entry())
                if not self.accept(","):
                    break
            end = self.take("}")[3]
        else:
            entries.append(self._selector_entry())
            end = entries[0].value.offset + entries[0].value.length
        return ast.Selector(left.offset, max(end - left.offset, 1), left, tuple(entries))

    def _selector_entry(self) -> ast.SelectorEntry:
        matching = self.expression()
        arrow = self.take("=>")
        return ast.SelectorEntry(arrow[2], 2, matching, self.expression())

    # Templates

    def _render(self, token: Token) -> ast.Node:
        inner = None
        if self.tokens[self.at][0] == "{" and not self._hash_follows():
            inner, _ = self._branch()
        if inner is None:
            inner = self.expression()
        end = self.take("EPP_END")[3]
        return ast.Render(token[2], end - token[2], inner)

    def _hash_follows(self) -> bool:
        """Return whether the brace here begins a hash rather than statements."""
        start, known = self.at, len(self.definitions)
        self.at += 1
        hashed = self.tokens[self.at][0] == "}"
        if not hashed:
            self.entry()
            hashed = self.tokens[self.at][0] == "=>"
        self.at = start
        del self.definitions[known:]
        return hashed

    PREFIX: ClassVar[dict[str, Prefix]] = {
        **ExpressionParser.PREFIX, "if": _if, "unless": _unless, "case": _case, "RENDER": _render,
    }  # fmt: skip
    INFIX: ClassVar[dict[str, tuple[int, Infix]]] = {
        **ExpressionParser.INFIX,
        "?": (SELECTOR_BINDING, _selector),
        ".": (DOT_BINDING, _method),
        "(": (CALL_BINDING, _call),
    }


def block(body: tuple[ast.Node, ...]) -> ast.Block | None:
    """Return ``body`` as a block, or None where there is nothing."""
    if not body:
        return None
    first, last = body[0].offset, body[-1]
    return ast.Block(first, max(last.offset + last.length - first, 1), body)
