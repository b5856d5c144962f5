"""The syntax tree of a template's Ruby: literals, calls and what hangs on a value with dots and brackets."""

from __future__ import annotations

from typing import Any

from manifests.puppet.erb import nodes
from manifests.puppet.erb.nodes import Node
from manifests.puppet.erb.parser_control import ControlParser
from manifests.puppet.erb.tokens import Mistake, Token


class ValueParser(ControlParser):
    """Parses values."""

    def primary(self) -> Node:
        """Return a value with its calls and indexes."""
        value = self._postfix(self._atom())
        while self.token.kind == "op":
            value, before = self._postfix(value), value
            if value is before:
                break
        return value

    def _postfix(self, value: Node) -> Node:
        """Return ``value`` with the calls and indexes that hang on it."""
        while True:
            token = self.token
            if token.kind != "op":
                return value
            if token.value in (".", "&."):
                self.advance()
                value = self._method(value, token.value == "&.")
            elif (token.value == "[" and not token.spaced) or (
                token.value == "[" and not (isinstance(value, nodes.Call) and value.bare)
            ):
                self.advance()
                value = nodes.Call(token.at, value, "[]", tuple(self.arguments("]")))
            elif token.value == "::":
                self.advance()
                value = self._scoped(value)
            else:
                return value

    def _scoped(self, value: Node) -> Node:
        """Return what stands behind ``::``."""
        if self.token.kind == "const" and not self._call_follows():
            name = self.advance()
            if isinstance(value, nodes.Constant):
                return nodes.Constant(value.at, f"{value.name}::{name.value}")
            raise Mistake(f"constant '{name.value}' of a value", name.at, "erb-unsupported")
        return self._method(value, safe=False)

    def _call_follows(self) -> bool:
        following = self.tokens[self.index + 1]
        return following.kind == "op" and following.value == "(" and not following.spaced

    def _method(self, receiver: Node, safe: bool) -> Node:  # noqa: FBT001  one caller passes what it read
        """Return the call of the method whose name stands here."""
        token = self.token
        if self.is_op("("):
            return self._call(receiver, "call", token, safe=safe)
        if token.kind == "label":  # as in `a ? b.c : d` without a blank
            self.tokens[self.index] = Token("id", token.value, token.at, token.spaced)
            self.tokens.insert(self.index + 1, Token("op", ":", token.at))
            self.token = token = self.tokens[self.index]
        if token.kind not in ("id", "const", "kw") and not (
            token.kind in ("op", "uop") and token.value in ("+", "-", "*", "/", "<", "==", "<<", "!")
        ):
            raise self.unexpected()
        self.advance()
        return self._call(receiver, token.value, token, safe=safe)

    def _call(self, receiver: Node | None, name: str, token: Token, *, safe: bool = False) -> Node:
        """Return the call of ``name`` with the arguments and the block that follow."""
        arguments: list[Node] = []
        block: Node | None = None
        if self.is_op("(") and not self.token.spaced:
            self.advance()
            arguments = self.arguments(")")
        elif self._command_follows(receiver):
            arguments = self._command_arguments()
        if arguments and isinstance(arguments[-1], nodes.Block) and arguments[-1].at < 0:
            block = arguments.pop()
        if arguments and isinstance(arguments[-1], nodes.Splat) and isinstance(arguments[-1].value, nodes.Splat):
            block = arguments.pop()
            block = block.value.value  # type: ignore[attr-defined]  # the mark of `&block`, made below
        block = self._block() or block
        return nodes.Call(token.at, receiver, name, tuple(arguments), block, safe)

    def _command_follows(self, receiver: Node | None) -> bool:
        """Say whether arguments without brackets follow."""
        token = self.token
        before = self.tokens[self.index - 1].value
        glued = (
            isinstance(before, str)
            and before[-1:] in "?!"
            and token.kind in ("id", "const", "ivar", "str", "sym", "int")
        )
        if (
            not (token.spaced or glued)
            or not self.begins_value()
            or (token.kind == "label" and receiver is None and self.tokens[self.index - 1].kind == "const")
        ):
            return False
        if token.kind == "op" and token.value == "{":
            return False
        if token.kind == "op" and token.value in ("[", "("):
            return True
        return not (token.kind == "uop" and token.value == "!" and self.tokens[self.index + 1].value == "=")

    def _command_arguments(self, *, no_do: bool = True) -> list[Node]:
        with self.within(no_do=no_do, multiple=False):
            found: list[Node] = []
            pairs: list[tuple[Node | None, Node]] = []
            while True:
                self._argument(found, pairs)
                if not self.take_op(","):
                    break
                self.skip_lines()
            return self._with_pairs(found, pairs)

    def arguments(self, close: str) -> list[Node]:
        """Return the arguments up to the bracket ``close``."""
        found: list[Node] = []
        pairs: list[tuple[Node | None, Node]] = []
        with self.within(multiple=False):
            self.skip_lines()
            while not self.is_op(close):
                self._argument(found, pairs)
                self.skip_lines()
                if not self.take_op(","):
                    break
                self.skip_lines()
            self.need_op(close)
        return self._with_pairs(found, pairs)

    @staticmethod
    def _with_pairs(found: list[Node], pairs: list[tuple[Node | None, Node]]) -> list[Node]:
        """Return the arguments with the named ones as a hash before the block."""
        if pairs:
            at = len(found)
            if found and isinstance(found[-1], nodes.Splat) and isinstance(found[-1].value, nodes.Splat):
                at -= 1
            found.insert(at, nodes.HashNode(pairs[0][1].at, tuple(pairs), bare=True))
        return found

    def _argument(self, found: list[Node], pairs: list[tuple[Node | None, Node]]) -> None:
        """Read one argument into ``found`` or, if it is named, into ``pairs``."""
        token = self.token
        if token.kind == "label" or (token.value == "**" and token.kind in ("op", "uop")):
            pairs.append(self._pair())
        elif token.value == "*" and token.kind in ("op", "uop"):
            self.advance()
            found.append(nodes.Splat(token.at, self.expression()))
        elif token.value == "&" and token.kind in ("op", "uop"):
            self.advance()
            mark = nodes.Splat(token.at, self.unary())
            found.append(nodes.Splat(token.at, mark))
        else:
            value = nodes.Not(self.advance().at, self.expression()) if self.is_word("not") else self.expression()
            if self.take_op("=>"):
                self.skip_lines()
                pairs.append((value, self.expression()))
            else:
                found.append(value)

    def _pair(self) -> tuple[Node | None, Node]:
        """Return ``key: value``, ``key => value`` or ``**value``."""
        token = self.token
        if token.value == "**" and token.kind in ("op", "uop"):
            self.advance()
            return None, self.unary()
        if token.kind == "label":
            self.advance()
            self.skip_lines()
            key = nodes.Literal(token.at, nodes_symbol(token.value))
            if self.is_op(",") or self.is_op("}") or self.is_op(")"):
                return key, self.find(token.value) or nodes.Call(token.at, None, token.value, bare=True)
            return key, self.expression()
        if (
            token.kind == "str"
            and self.tokens[self.index + 1].value == ":"
            and self.tokens[self.index + 1].kind == "op"
        ):
            key_node = self.text_node(self.advance(), "symbol")
            self.advance()
            self.skip_lines()
            return key_node, self.expression()
        left = self.expression()
        self.skip_lines()
        self.need_op("=>")
        self.skip_lines()
        return left, self.expression()

    def _block(self) -> Node | None:
        """Return the block that stands here, if one does."""
        if self.is_op("{"):
            self.advance()
            block = self.block_body("}")
            self.need_op("}")
            return block
        if not self.no_do and self.is_word("do"):
            self.advance()
            block = self.block_body("end")
            self.need_word("end")
            return block
        return None

    def _atom(self) -> Node:
        """Return a value without anything that hangs on it."""
        token = self.token
        handler = _ATOMS.get(token.kind)
        if handler is not None:
            self.advance()
            node: Node = handler(self, token)
            return node
        if token.kind == "id":
            self.advance()
            return self._identifier(token)
        if token.kind == "const":
            self.advance()
            if (self.is_op("(") and not self.token.spaced) or (self.token.kind == "str" and self.token.spaced):
                return self._call(None, token.value, token)
            return nodes.Constant(token.at, token.value)
        if token.kind == "kw":
            return self.control(token)
        return self._bracketed(token)

    def _bracketed(self, token: Token) -> Node:
        """Return what begins with a bracket or another sign."""
        if self.take_op("("):
            with self.within():
                value = self.statements((), brace=")")
                self.need_op(")")
            return value if not isinstance(value, nodes.Call) else nodes.Sequence(token.at, (value,))
        if self.take_op("["):
            return nodes.ArrayNode(token.at, tuple(self.arguments("]")))
        if self.take_op("{"):
            return self._hash(token)
        if self.take_op("->"):
            return self.arrow(token)
        if self.take_op("::") or (token.kind == "uop" and token.value == "::"):
            if token.kind == "uop":
                self.advance()
            return self._atom()
        raise self.unexpected()

    def _hash(self, token: Token) -> Node:
        pairs: list[tuple[Node | None, Node]] = []
        with self.within(multiple=False):
            self.skip_lines()
            while not self.is_op("}"):
                pairs.append(self._pair())
                self.skip_lines()
                if not self.take_op(","):
                    break
                self.skip_lines()
            self.need_op("}")
        return nodes.HashNode(token.at, tuple(pairs))

    def _identifier(self, token: Token) -> Node:
        """Return a local variable or the call of a function."""
        name = token.value
        called = self.is_op("(") and not self.token.spaced
        if not called:
            local = self.find(name)
            if local is not None:
                return nodes.Local(token.at, name, local.depth)
            if len(name) == 2 and name[0] == "_" and name[1] in "123456789" and self.names.outer is not None:
                self.names.numbered = max(self.names.numbered, int(name[1]))
                return nodes.Local(token.at, name, 0)
        call = self._call(None, name, token)
        assert isinstance(call, nodes.Call)  # that is what it makes
        if called or call.arguments or call.block is not None:
            return call
        return nodes.Call(token.at, None, name, bare=True)

    def text_node(self, token: Token, kind: str = "text") -> Node:
        """Return the text of a token; neighbouring texts are one."""
        parts: list[Any] = list(token.value)
        while kind == "text" and self.token.kind == "str":
            parts += self.advance().value
        return self.parts_node(parts, token.at, kind)

    def parts_node(self, parts: list[Any], at: int, kind: str = "text", flags: str = "") -> Node:
        """Return the text, symbol or regular expression made of ``parts``."""
        if kind != "regex" and all(isinstance(part, str) for part in parts):
            text = "".join(parts)
            return nodes.Literal(at, nodes_symbol(text) if kind == "symbol" else text)
        found = tuple(nodes.Literal(at, part) if isinstance(part, str) else self.inner(part) for part in parts)
        return nodes.Interpolated(at, found, kind, flags)

    def inner(self, tokens: list[Token]) -> Node:
        """Return the tree of the code inside of a text."""
        parser = type(self)(tokens, self.names, self.depth + 1)
        return parser.program()  # type: ignore[attr-defined,no-any-return]  # the whole parser derives from this one

    def words_node(self, token: Token) -> Node:
        """Return the array that ``%w`` or ``%i`` stands for."""
        words, symbols = token.value
        kind = "symbol" if symbols else "text"
        return nodes.ArrayNode(token.at, tuple(self.parts_node(word, token.at, kind) for word in words))


def nodes_symbol(text: str) -> Any:
    """Return the symbol ``text``."""
    from manifests.puppet.erb.objects import symbol  # noqa: PLC0415  the tree knows values only here

    return symbol(text)


_ATOMS: dict[str, Any] = {
    "int": lambda parser, token: nodes.Literal(token.at, token.value),
    "float": lambda parser, token: nodes.Literal(token.at, token.value),
    "str": lambda parser, token: parser.text_node(token),
    "sym": lambda parser, token: nodes.Literal(token.at, nodes_symbol(token.value)),
    "dsym": lambda parser, token: parser.parts_node(token.value, token.at, "symbol"),
    "regex": lambda parser, token: parser.parts_node(token.value[0], token.at, "regex", token.value[1]),
    "words": lambda parser, token: parser.words_node(token),
    "ivar": lambda parser, token: nodes.Instance(token.at, token.value.lstrip("@")),
    "gvar": lambda parser, token: nodes.Global(token.at, token.value),
    "text": lambda parser, token: nodes.Text(token.at, token.value),
    "out": lambda parser, token: nodes.Output(token.at, parser.output()),
}
