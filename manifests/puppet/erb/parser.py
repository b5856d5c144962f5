"""The syntax tree of a template's Ruby: statements and operators."""

from __future__ import annotations

import re
from typing import Final

from manifests.puppet.erb import nodes
from manifests.puppet.erb.lexer import Lexer
from manifests.puppet.erb.nodes import Node
from manifests.puppet.erb.parser_base import Names
from manifests.puppet.erb.parser_values import ValueParser
from manifests.puppet.erb.tokens import Mistake, Token

_BINARY: Final = {
    "||": 3, "&&": 4, "<=>": 6, "==": 6, "===": 6, "!=": 6, "=~": 6, "!~": 6, "<": 7, "<=": 7, ">": 7, ">=": 7,
    "|": 8, "^": 8, "&": 9, "<<": 10, ">>": 10, "+": 11, "-": 11, "*": 12, "/": 12, "%": 12, "**": 14,
}  # fmt: skip
_RANGE: Final = 2
_NAMED: Final = re.compile(r"\(\?<([a-z_]\w*)>")
_UNARY_MINUS: Final = 13
_UPDATES: Final = frozenset(("+=", "-=", "*=", "/=", "%=", "**=", "||=", "&&=", "|=", "&=", "^=", "<<=", ">>="))
_MODIFIERS: Final = frozenset(("if", "unless", "while", "until", "rescue"))


class Parser(ValueParser):
    """Parses tokens to a tree."""

    def program(self) -> Node:
        """Return the tree of all the tokens."""
        body = self.statements(())
        if self.token.kind != "eof":
            raise self.unexpected()
        return body

    def statements(self, ends: tuple[str, ...], *, brace: str = "") -> Node:
        """Return the statements up to one of the words ``ends`` or to the closing ``brace``."""
        at = self.token.at
        found: list[Node] = []
        while True:
            self.skip_lines()
            token = self.token
            if token.kind == "eof" or (token.kind == "kw" and token.value in ends) or self.is_op(brace):
                return found[0] if len(found) == 1 else nodes.Sequence(at, tuple(found))
            found.append(self.statement())
            if self.token.kind not in ("nl", "text", "eof") and not self.is_op(brace) and not (
                self.token.kind == "kw" and self.token.value in ends
            ):  # fmt: skip
                raise self.unexpected()

    def statement(self) -> Node:
        """Return one statement with its modifiers."""
        with self.deeper():
            value = self.expression_statement()
            while self.token.kind == "kw" and self.token.value in _MODIFIERS:
                value = self._modified(value, self.advance())
            return value

    def _modified(self, value: Node, word: Token) -> Node:
        if word.value == "rescue":
            other = self.expression_statement()
            return nodes.Begin(word.at, value, (nodes.Rescue((), None, other),), None, None)
        test = self.expression_statement()
        nothing = nodes.Literal(word.at, None)
        if word.value in ("while", "until"):
            test = nodes.Not(word.at, test) if word.value == "until" else test
            return nodes.While(word.at, test, value, isinstance(value, nodes.Begin))
        if word.value == "if":
            return nodes.If(word.at, test, value, nothing)
        return nodes.If(word.at, test, nothing, value)

    def expression_statement(self) -> Node:
        """Return an expression with ``not``, ``and``, ``or``."""
        left = self._negation()
        while self.token.kind == "kw" and self.token.value in ("and", "or"):
            word = self.advance()
            self.skip_lines()
            right = self._negation()
            left = (nodes.And if word.value == "and" else nodes.Or)(word.at, left, right)
        return left

    def _negation(self) -> Node:
        if self.is_word("not"):
            with self.deeper():
                return nodes.Not(self.advance().at, self._negation())
        if self.token.kind == "uop" and self.token.value == "*":
            return self._many([], splat=True)
        value = self.expression()
        if self.is_op(",") and self.assignable(value) and self._is_many():
            return self._many([self.as_target(value)])
        return value

    def _is_many(self) -> bool:
        """Say whether an assignment to many stands here: a ``=`` follows before the line ends."""
        depth, index = 0, self.index
        while True:
            token = self.tokens[index]
            index += 1
            if token.kind in ("nl", "eof", "kw", "text"):
                return False
            if token.kind != "op":
                continue
            depth += (token.value in ("(", "[", "{")) - (token.value in (")", "]", "}"))
            if depth < 0:
                return False
            if depth == 0 and token.value == "=":
                return True

    def _many(self, items: list[Node], *, splat: bool = False) -> Node:
        """Return the assignment to many targets of which ``items`` are read."""
        at = self.token.at
        while splat or self.take_op(","):
            splat = False
            if self.is_op("="):
                break
            items.append(self.target_item())
        equals = self.need_op("=")
        self.skip_lines()
        value = self._right_side()
        return nodes.Assign(equals.at, nodes.Targets(at, tuple(items)), value)

    def target_item(self) -> Node:
        """Return one target of an assignment to many."""
        token = self.token
        if token.value == "*" and token.kind in ("uop", "op"):
            self.advance()
            return nodes.Splat(token.at, self.target_item())
        if self.take_op("("):
            items = [self.target_item()]
            while self.take_op(","):
                items.append(self.target_item())
            self.need_op(")")
            return nodes.Targets(token.at, tuple(items))
        return self.as_target(self.primary())

    def _right_side(self) -> Node:
        """Return what stands right of ``=``: several values are an array."""
        at = self.token.at
        first = self._splat_or_expression()
        if not self.is_op(","):
            return nodes.ArrayNode(at, (first,)) if isinstance(first, nodes.Splat) else first
        items = [first]
        while self.take_op(","):
            self.skip_lines()
            items.append(self._splat_or_expression())
        return nodes.ArrayNode(at, tuple(items))

    def _splat_or_expression(self) -> Node:
        token = self.token
        if token.kind == "uop" and token.value == "*":
            self.advance()
            return nodes.Splat(token.at, self.expression())
        return self.expression()

    def expression(self) -> Node:
        """Return an expression: assignments, ternary and operators."""
        with self.deeper():
            return self._assignment()

    def _assignment(self) -> Node:
        left = self._ternary()
        token = self.token
        if token.kind != "op":
            return left
        if token.value == "=" and self.assignable(left):
            self.advance()
            self.skip_lines()
            target = self.as_target(left)
            value = self._right_side() if self.multiple else self.expression()
            return nodes.Assign(token.at, target, self._rescued(value))
        if token.value in _UPDATES and self.assignable(left):
            self.advance()
            self.skip_lines()
            target = self.as_target(left)
            return nodes.Update(token.at, target, token.value[:-1], self._rescued(self.expression()))
        return left

    def _rescued(self, value: Node) -> Node:
        """Return the right side with the ``rescue`` that may stand behind it."""
        if not self.is_word("rescue"):
            return value
        at = self.advance().at
        return nodes.Begin(at, value, (nodes.Rescue((), None, self.expression()),), None, None)

    def _ternary(self) -> Node:
        test = self._defined()
        if not self.is_op("?"):
            return test
        at = self.advance().at
        self.skip_lines()
        then = self.expression()
        self.skip_lines()
        self.need_op(":")
        self.skip_lines()
        return nodes.If(at, test, then, self.expression())

    def _defined(self) -> Node:
        if self.is_word("defined?") and self.tokens[self.index + 1].value != "(":
            at = self.advance().at
            return nodes.Defined(at, self.binary(_RANGE + 1))
        return self._range()

    def _range(self) -> Node:
        if self.token.kind in ("op", "uop") and self.token.value in ("..", "..."):
            sign = self.advance()
            return nodes.RangeNode(sign.at, None, self.binary(_RANGE + 1), sign.value == "...")
        left = self.binary(_RANGE + 1)
        if self.token.kind == "op" and self.token.value in ("..", "..."):
            sign = self.advance()
            last = self.binary(_RANGE + 1) if self.begins_value() else None
            return nodes.RangeNode(sign.at, left, last, sign.value == "...")
        return left

    def binary(self, least: int) -> Node:
        """Return operators that bind at least as tightly as ``least``."""
        left = self.unary()
        while self.token.kind == "op":
            sign = self.token
            power = _BINARY.get(sign.value, 0)
            if power < least or power == 0:
                break
            self.advance()
            self.skip_lines()
            with self.deeper():
                right = self._right_operand(sign.value, power)
            left = self._combined(sign, left, right)
        return left

    def _right_operand(self, sign: str, power: int) -> Node:
        if sign in ("&&", "||") and self.is_word("not"):
            raise self.unexpected()
        right = self.binary(power if sign == "**" else power + 1)
        if sign in ("&&", "||") and self.is_op("=") and self.assignable(right):
            at = self.advance().at
            self.skip_lines()
            target = self.as_target(right)
            return nodes.Assign(at, target, self.expression())
        return right

    def _combined(self, sign: Token, left: Node, right: Node) -> Node:
        if sign.value == "&&":
            return nodes.And(sign.at, left, right)
        if sign.value == "||":
            return nodes.Or(sign.at, left, right)
        if sign.value in ("!=", "!~"):
            return nodes.Not(sign.at, nodes.Call(sign.at, left, {"!=": "==", "!~": "=~"}[sign.value], (right,)))
        call = nodes.Call(sign.at, left, sign.value, (right,))
        names = _captured(left) if sign.value == "=~" else ()
        return nodes.Captures(sign.at, call, tuple(self.declare(name, sign.at) for name in names)) if names else call

    def unary(self) -> Node:
        """Return a value with the signs before it."""
        token = self.token
        if token.kind == "uop" and token.value in ("!", "-", "+", "~"):
            self.advance()
            with self.deeper():
                return self._signed(token)
        if token.kind == "kw" and token.value == "defined?":
            return self._defined_of()
        return self.primary()

    def _defined_of(self) -> Node:
        """Return ``defined?(...)``, on which calls may hang."""
        token = self.advance()
        if not self.take_op("("):
            return nodes.Defined(token.at, self.unary())
        with self.within():
            value = self.expression_statement()
            self.need_op(")")
        return self._postfix(nodes.Defined(token.at, value))

    def _signed(self, token: Token) -> Node:
        if token.value == "!":
            return nodes.Not(token.at, self.unary())
        if token.value == "-" and self.token.kind in ("int", "float") and not self.token.spaced:
            number = self.token
            if self.tokens[self.index + 1].value != "**":
                self.tokens[self.index] = self.token = Token(number.kind, -number.value, token.at)
                return self.primary()
        value = self.binary(_UNARY_MINUS)
        return nodes.Call(token.at, value, {"-": "-@", "+": "+@"}.get(token.value, token.value))


def _captured(node: Node) -> list[str]:
    """Return the names of groups that become variables where the pattern ``node`` matches."""
    if not isinstance(node, nodes.Interpolated) or node.kind != "regex":
        return []
    if not all(isinstance(part, nodes.Literal) for part in node.parts):
        return []
    return _NAMED.findall("".join(part.value for part in node.parts if isinstance(part, nodes.Literal)))


class FileParser(Parser):
    """Parses a file of functions, which may open modules."""

    modules = True


def parse(code: str) -> Node:
    """Return the tree of the script ``code``. Raises ``Mistake``."""
    names = {"_erbout"}
    return Parser(Lexer(code, names=names).all()).program()


def parse_file(code: str) -> Node:
    """Return the tree of a file of functions. Raises ``Mistake``."""
    return FileParser(Lexer(code).all(), Names()).program()


__all__ = ["Mistake", "Parser", "parse", "parse_file"]
