"""The syntax tree of a template's Ruby: what has a keyword, blocks and their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manifests.puppet.erb import nodes
from manifests.puppet.erb.nodes import Node, Parameter
from manifests.puppet.erb.parser_base import Names, ParserBase
from manifests.puppet.erb.tokens import Mistake, Token

_WORDS = {"nil": None, "true": True, "false": False}
_LONE_END = frozenset(("nl", "eof", "text"))


class ControlParser(ParserBase):
    """Parses what begins with a keyword."""

    if TYPE_CHECKING:  # what the parts of the parser above this one bring

        def statements(self, ends: tuple[str, ...], *, brace: str = "") -> Node:
            """Return what the derived class reads."""

        def expression(self) -> Node:
            """Return what the derived class reads."""

        def expression_statement(self) -> Node:
            """Return what the derived class reads."""

        def unary(self) -> Node:
            """Return what the derived class reads."""

        def primary(self) -> Node:
            """Return what the derived class reads."""

        def binary(self, least: int) -> Node:
            """Return what the derived class reads."""

        def target_item(self) -> Node:
            """Return what the derived class reads."""

        def arguments(self, close: str) -> list[Node]:
            """Return what the derived class reads."""

        def _command_arguments(self, *, no_do: bool = True) -> list[Node]: ...

    modules = False
    """Whether modules may be opened: in a file of functions, not in a template."""

    def control(self, token: Token) -> Node:
        """Return what begins with the keyword here."""
        word = token.value
        if word in _WORDS:
            self.advance()
            return nodes.Literal(token.at, _WORDS[word])
        if word == "self":
            self.advance()
            return nodes.Itself(token.at)
        if word in ("__FILE__", "__LINE__"):
            self.advance()
            return nodes.Call(token.at, None, word)
        handler = ControlParser.space if word in ("module", "class") and self.modules else _HANDLERS.get(word)
        if handler is None:
            raise self._refused(token)
        self.advance()
        with self.deeper():
            return handler(self, token)

    def _refused(self, token: Token) -> Mistake:
        if token.value in ("class", "module", "alias", "undef", "BEGIN", "END", "super", "redo", "retry"):
            return Mistake(f"'{token.value}' is not supported", token.at, "erb-unsupported")
        return self.unexpected()

    def output(self) -> Node:
        """Return the expression of a ``<%=``."""
        self.need_op("(")
        with self.within():
            value = self.primary()
        self.need_op(")")
        if isinstance(value, nodes.Call) and value.name == "to_s" and value.receiver is not None:
            return value.receiver
        raise self.unexpected()

    def condition(self) -> Node:
        """Return a condition with the ``then`` or line end behind it."""
        with self.within():
            test = self.expression_statement()
        self.take_word("then")
        self.skip_lines()
        self.take_word("then")
        return test

    def body(self, *ends: str) -> Node:
        """Return the statements up to one of ``ends``."""
        with self.within():
            return self.statements(ends)

    def if_(self, token: Token) -> Node:
        """Return an ``if`` or ``unless`` behind its word."""
        test = self.condition()
        then = self.body("elsif", "else", "end")
        other: Node = nodes.Literal(token.at, None)
        if self.is_word("elsif"):
            following = self.advance()
            with self.deeper():
                other = self.if_(following)
            return nodes.If(token.at, test, then, other)
        if self.take_word("else"):
            other = self.body("end")
        self.need_word("end")
        return (
            nodes.If(token.at, test, other, then) if token.value == "unless" else nodes.If(token.at, test, then, other)
        )

    def case(self, token: Token) -> Node:
        """Return a ``case`` behind its word."""
        subject = None
        if self.token.kind not in ("nl", "text") and not self.is_word("when"):
            with self.within():
                subject = self.expression_statement()
        self._skip_to_when()
        branches = []
        while self.take_word("when"):
            tests = self._tests()
            branches.append((tests, self.body("when", "else", "end")))
        other: Node = nodes.Literal(token.at, None)
        if self.take_word("else"):
            other = self.body("end")
        if self.is_word("in"):
            raise Mistake("pattern matching is not supported", self.token.at, "erb-unsupported")
        self.need_word("end")
        return nodes.Case(token.at, subject, tuple(branches), other)

    def _skip_to_when(self) -> None:
        """Skip the lines before the first ``when``; text may not stand there, as Ruby says."""
        self.skip_lines()

    def _tests(self) -> tuple[Node, ...]:
        found: list[Node] = []
        with self.within(multiple=False):
            while True:
                self.skip_lines()
                at = self.token.at
                if self.token.value == "*" and self.token.kind == "uop":
                    self.advance()
                    found.append(nodes.Splat(at, self.expression()))
                else:
                    found.append(self.expression())
                if not self.take_op(","):
                    break
        self.take_word("then")
        self.skip_lines()
        self.take_word("then")
        return tuple(found)

    def while_(self, token: Token) -> Node:
        """Return a ``while`` or ``until`` behind its word."""
        with self.within(no_do=True):
            test = self.expression_statement()
        self.take_word("do")
        body = self.body("end")
        self.need_word("end")
        return nodes.While(token.at, nodes.Not(token.at, test) if token.value == "until" else test, body)

    def for_(self, token: Token) -> Node:
        """Return a ``for`` behind its word."""
        items = [self.target_item()]
        while self.take_op(","):
            items.append(self.target_item())
        self.need_word("in")
        with self.within(no_do=True):
            value = self.expression_statement()
        self.take_word("do")
        body = self.body("end")
        self.need_word("end")
        target = items[0] if len(items) == 1 else nodes.Targets(token.at, tuple(items))
        return nodes.For(token.at, target, value, body)

    def begin(self, token: Token) -> Node:
        """Return a ``begin`` behind its word."""
        value = self.guarded(token)
        self.need_word("end")
        return value if isinstance(value, nodes.Begin) else nodes.Begin(token.at, value, (), None, None)

    def guarded(self, token: Token) -> Node:
        """Return statements with the ``rescue``, ``else`` and ``ensure`` behind them, before ``end``."""
        body = self.body("rescue", "else", "ensure", "end")
        rescues = []
        while self.take_word("rescue"):
            rescues.append(self._rescue())
        other = self.body("ensure", "end") if self.take_word("else") else None
        ensure = self.body("end") if self.take_word("ensure") else None
        if not rescues and other is None and ensure is None:
            return body
        return nodes.Begin(token.at, body, tuple(rescues), other, ensure)

    def _rescue(self) -> nodes.Rescue:
        kinds: list[Node] = []
        target = None
        while self.token.kind not in ("nl", "text") and not self.is_op("=>") and not self.is_word("then"):
            splat = self.token.kind == "uop" and self.token.value == "*"
            at = self.advance().at if splat else self.token.at
            kinds.append(nodes.Splat(at, self.binary(3)) if splat else self.binary(3))
            if not self.take_op(","):
                break
        if self.take_op("=>"):
            target = self.target_item()
        self.take_word("then")
        return nodes.Rescue(tuple(kinds), target, self.body("rescue", "else", "ensure", "end"))

    def jump(self, token: Token) -> Node:
        """Return ``next``, ``break`` or ``return`` behind its word."""
        value: Node = nodes.Literal(token.at, None)
        if self.begins_value() or (self.token.kind == "kw" and self.token.value in ("case", "begin")):
            found = self._command_arguments(no_do=self.no_do)
            value = found[0] if len(found) == 1 else nodes.ArrayNode(token.at, tuple(found))
        return nodes.Jump(token.at, token.value, value)

    def yield_(self, token: Token) -> Node:
        """Return ``yield`` behind its word."""
        if self.is_op("(") and not self.token.spaced:
            self.advance()
            return nodes.Yield(token.at, tuple(self.arguments(")")))
        return nodes.Yield(token.at, tuple(self._command_arguments() if self.begins_value() else ()))

    def block_body(self, end: str) -> nodes.Block:
        """Return a block behind its opening up to its end."""
        token = self.token
        outer, self.names = self.names, Names(self.names)
        with self.within(), self.deeper():
            parameters, trailing = self._pipes()
            body = self.guarded(token) if end == "end" else self.statements((), brace="}")
            if self.names.numbered:
                parameters = tuple(Parameter("plain", f"_{index + 1}") for index in range(self.names.numbered))
        self.names = outer
        return nodes.Block(token.at, parameters, body, spreads=trailing or _spreads(parameters))

    def _pipes(self) -> tuple[tuple[Parameter, ...], bool]:
        """Return the parameters between ``|`` and whether a comma stands behind the only one."""
        if self.token.kind != "pipe":
            return (), False
        self.advance()
        parameters, trailing = self.parameters()
        if self.token.kind != "pipe":
            raise self.unexpected("|")
        self.advance()
        return parameters, trailing

    def parameters(self) -> tuple[tuple[Parameter, ...], bool]:
        """Return the parameters that stand here, all declared, and whether the last has a comma behind it."""
        found: list[Parameter] = []
        while True:
            self.skip_lines() if self.token.value == "\n" else None
            if self.token.kind == "pipe" or self.is_op(")"):
                return tuple(found), bool(found)
            if self.token.kind == "nl":
                self._block_locals()
                break
            found.append(self._parameter())
            if not self.take_op(","):
                if self.token.kind == "nl" and self.token.value == ";":
                    self._block_locals()
                break
        return tuple(found), False

    def _block_locals(self) -> None:
        """Declare the variables behind ``;``."""
        self.advance()
        while self.token.kind == "id":
            self.names.known.add(self.advance().value)
            self.take_op(",")

    def _parameter(self) -> Parameter:
        token = self.token
        if token.kind in ("op", "uop") and token.value in ("*", "**", "&"):
            self.advance()
            name = self.advance().value if self.token.kind == "id" else ""
            self.names.known.add(name)
            return Parameter({"*": "rest", "**": "keys", "&": "block"}[token.value], name)
        if self.take_op("("):
            parts, _ = self.parameters()
            self.need_op(")")
            return Parameter("parts", parts=parts)
        if token.kind == "label":
            self.advance()
            self.names.known.add(token.value)
            given = (
                self.token.kind != "pipe" and not self.is_op(",") and not self.is_op(")") and self.token.kind != "nl"
            )
            return Parameter("key", token.value, self.binary(9) if given else None)
        if token.kind != "id":
            raise self.unexpected()
        self.advance()
        self.names.known.add(token.value)
        if self.take_op("="):
            return Parameter("optional", token.value, self.binary(9))
        return Parameter("plain", token.value)

    def arrow(self, token: Token) -> Node:
        """Return a lambda behind its arrow."""
        outer, self.names = self.names, Names(self.names)
        parameters: tuple[Parameter, ...] = ()
        if self.take_op("("):
            parameters, _ = self.parameters()
            self.need_op(")")
        elif self.token.kind == "id":
            parameters, _ = self.parameters()
        with self.within(), self.deeper():
            if self.take_op("{"):
                body = self.statements((), brace="}")
                self.need_op("}")
            else:
                self.need_word("do")
                body = self.guarded(token)
                self.need_word("end")
            if self.names.numbered:
                parameters = tuple(Parameter("plain", f"_{index + 1}") for index in range(self.names.numbered))
        self.names = outer
        return nodes.Block(token.at, parameters, body, strict=True)

    def space(self, token: Token) -> Node:
        """Return a ``module`` or ``class`` behind its word."""
        name = ""
        if self.take_op("<<"):
            self.need_word("self")
        while self.token.kind == "const" or self.is_op("::"):
            name += self.advance().value
        if self.take_op("<"):
            self.expression()
        outer, self.names = self.names, Names()
        body = self.body("end")
        self.names = outer
        self.need_word("end")
        return nodes.Space(token.at, name.removeprefix("::"), body)

    def define(self, token: Token) -> Node:
        """Return a ``def`` behind its word."""
        name = self.advance()
        own = name.value == "self" and (self.take_op(".") or self.take_op("::"))
        if own:
            name = self.advance()
        if name.kind not in ("id", "const") or self.is_op("."):
            raise Mistake("only plain functions can be defined", name.at, "erb-unsupported")
        outer, self.names = self.names, Names()
        parameters: tuple[Parameter, ...] = ()
        if self.take_op("("):
            parameters, _ = self.parameters()
            self.skip_lines()
            self.need_op(")")
        elif self.token.kind not in _LONE_END and not self.is_op("="):
            parameters, _ = self.parameters()
        with self.within():
            if self.take_op("="):
                self.skip_lines()
                body = self.expression_statement()
            else:
                body = self.guarded(token)
                self.need_word("end")
        self.names = outer
        return nodes.Definition(token.at, name.value, nodes.Block(token.at, parameters, body, strict=True), own)


def _spreads(parameters: tuple[Parameter, ...]) -> bool:
    """Say whether a block with these takes a single array apart."""
    places = [one for one in parameters if one.kind not in ("block", "key", "keys")]
    if len(places) > 1:
        return True
    return bool(places) and places[0].kind == "rest" and any(one.kind in ("key", "keys") for one in parameters)


_HANDLERS = {
    "if": ControlParser.if_, "unless": ControlParser.if_, "case": ControlParser.case, "while": ControlParser.while_,
    "until": ControlParser.while_, "for": ControlParser.for_, "begin": ControlParser.begin, "next": ControlParser.jump,
    "break": ControlParser.jump, "return": ControlParser.jump, "yield": ControlParser.yield_,
    "def": ControlParser.define,
}  # fmt: skip
