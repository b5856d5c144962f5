"""What all parts of the parser share: the place among the tokens, and the local variables known there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from manifests.puppet.erb import nodes
from manifests.puppet.erb.nodes import Node
from manifests.puppet.erb.tokens import MAX_DEPTH, Mistake, Token

_STARTS = frozenset(
    ("id", "const", "ivar", "gvar", "int", "float", "str", "sym", "dsym", "regex", "words", "label", "uop")
)
_START_WORDS = frozenset(
    ("nil", "true", "false", "self", "not", "defined?", "case", "if", "unless", "begin", "yield", "__FILE__", "super",
     "__LINE__", "while", "then")
) - {"if", "unless", "while", "then"}  # fmt: skip


class Names:
    """The local variables of a method or a block."""

    __slots__ = ("known", "numbered", "outer")

    def __init__(self, outer: Names | None = None) -> None:
        self.outer = outer
        self.known: set[str] = set()
        self.numbered = 0


class ParserBase:
    """A place among tokens."""

    def __init__(self, tokens: list[Token], names: Names | None = None, depth: int = 0) -> None:
        self.tokens = tokens
        self.index = 0
        self.token = tokens[0]
        self.depth = depth
        self.no_do = False
        self.multiple = True
        if names is None:
            names = Names()
            names.known.add("_erbout")
        self.names = names

    def advance(self) -> Token:
        """Return the token here and go on to the next."""
        token = self.token
        if token.kind != "eof":
            self.index += 1
            self.token = self.tokens[self.index]
        return token

    def skip_lines(self) -> None:
        """Go on to the next token that is no line end."""
        while self.token.kind == "nl":
            self.advance()

    def is_op(self, text: str) -> bool:
        """Say whether the operator ``text`` stands here."""
        return self.token.kind == "op" and self.token.value == text

    def is_word(self, text: str) -> bool:
        """Say whether the keyword ``text`` stands here."""
        return self.token.kind == "kw" and self.token.value == text

    def take_op(self, text: str) -> bool:
        """Go on behind the operator ``text`` if it stands here."""
        if self.is_op(text):
            self.advance()
            return True
        return False

    def take_word(self, text: str) -> bool:
        """Go on behind the keyword ``text`` if it stands here."""
        if self.is_word(text):
            self.advance()
            return True
        return False

    def need_op(self, text: str) -> Token:
        """Return the operator ``text`` that must stand here."""
        if not self.is_op(text):
            raise self.unexpected(text)
        return self.advance()

    def need_word(self, text: str) -> Token:
        """Return the keyword ``text`` that must stand here."""
        if not self.is_word(text):
            raise self.unexpected(text)
        return self.advance()

    def unexpected(self, wanted: str = "") -> Mistake:
        """Return the mistake that the token here is."""
        token = self.token
        shown = {
            "eof": "end of the template",
            "nl": "end of the line",
            "text": "text outside of tags",
            "out": "'<%='",
        }
        what = shown.get(token.kind) or (f"'{token.value}'" if isinstance(token.value, str) else "this value")
        return Mistake(f"unexpected {what}" + (f", expected '{wanted}'" if wanted else ""), token.at)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Count one level of nesting."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Mistake(f"nested deeper than {MAX_DEPTH} levels", self.token.at, "erb-depth")
        try:
            yield
        finally:
            self.depth -= 1

    def begins_value(self) -> bool:
        """Say whether a value begins here."""
        token = self.token
        if token.kind == "kw":
            return token.value in _START_WORDS
        if token.kind == "op":
            return token.value in ("(", "[", "{", "->", "::")
        return token.kind in _STARTS

    def find(self, name: str) -> nodes.Local | None:
        """Return the local variable ``name`` if it is known here."""
        names: Names | None = self.names
        depth = 0
        while names is not None:
            if name in names.known:
                return nodes.Local(self.token.at, name, depth)
            names, depth = names.outer, depth + 1
        return None

    def declare(self, name: str, at: int) -> nodes.Local:
        """Return the local variable ``name``, known from here on."""
        found = self.find(name)
        if found is None:
            self.names.known.add(name)
            return nodes.Local(at, name, 0)
        return found

    @staticmethod
    def assignable(node: Node) -> bool:
        """Say whether ``node`` can stand left of ``=``."""
        if isinstance(node, nodes.Call):
            return node.bare or node.name == "[]" or (
                node.receiver is not None and not node.arguments and node.block is None and node.name[:1].isalpha()
            )  # fmt: skip
        return isinstance(node, nodes.Local | nodes.Instance | nodes.Global | nodes.Constant)

    def as_target(self, node: Node) -> Node:
        """Return ``node`` as what is assigned to."""
        if isinstance(node, nodes.Call) and node.bare:
            return self.declare(node.name, node.at)
        if not self.assignable(node):
            raise self.unexpected()
        return node

    @contextmanager
    def within(self, *, no_do: bool = False, multiple: bool = True) -> Iterator[None]:
        """Read something in which ``do`` belongs to it (or, ``no_do``, to what stands around it)."""
        before = self.no_do, self.multiple
        self.no_do, self.multiple = no_do, multiple
        try:
            yield
        finally:
            self.no_do, self.multiple = before
