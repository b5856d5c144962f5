"""Expressions by precedence: operators, indexes, calls and what they are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from manifests.puppet import ast
from manifests.puppet.depth import MAX_DEPTH
from manifests.puppet.parser_cursor import Cursor
from manifests.puppet.tokens import Token

Infix = Callable[[Any, ast.Node, Token], ast.Node]
Prefix = Callable[[Any, Token], ast.Node]

_UNARY: Final = 14
"""How tightly ``!``, ``-`` and ``*`` bind: only indexes, calls and collectors bind tighter."""

_OPERATORS: Final[dict[str, type[ast.Binary]]] = {
    "or": ast.Or, "and": ast.And, "in": ast.In,
    **dict.fromkeys(("<", ">", "<=", ">=", "==", "!="), ast.Comparison),
    **dict.fromkeys(("<<", ">>", "+", "-", "*", "/", "%"), ast.Arithmetic),
    **dict.fromkeys(("=~", "!~"), ast.Match),
}  # fmt: skip
SELECTOR_BINDING: Final = 3
COLLECT_BINDING: Final = 15
INDEX_BINDING: Final = 16
DOT_BINDING: Final = 17
CALL_BINDING: Final = 18


def number(token: Token) -> ast.Node:
    """Return the literal that a number token stands for."""
    text, start, length = token[1], token[2], token[3] - token[2]
    if text[:2] in ("0x", "0X"):
        return ast.Integer(start, length, int(text, 16), 16)
    if text.isdigit():
        octal = text[0] == "0" and len(text) > 1
        return ast.Integer(start, length, int(text, 8 if octal else 10), 8 if octal else 10)
    return ast.Float(start, length, float(text))


LEAVES: Final[dict[str, Callable[[Token], ast.Node]]] = {
    "VARIABLE": lambda token: ast.Variable(token[2], token[3] - token[2], token[1]),
    "STRING": lambda token: ast.String(token[2], token[3] - token[2], token[1]),
    "NAME": lambda token: ast.Name(token[2], token[3] - token[2], token[1]),
    "CLASSREF": lambda token: ast.Reference(token[2], token[3] - token[2], token[1]),
    "WORD": lambda token: ast.String(token[2], token[3] - token[2], token[1]),
    "BOOLEAN": lambda token: ast.Boolean(token[2], token[3] - token[2], token[1] == "true"),
    "NUMBER": number,
    "undef": lambda token: ast.Undef(token[2], token[3] - token[2]),
    "default": lambda token: ast.Default(token[2], token[3] - token[2]),
    "REGEX": lambda token: ast.Regex(token[2], token[3] - token[2], token[1]),
    "attr": lambda token: ast.Reserved(token[2], token[3] - token[2], token[1]),
    "private": lambda token: ast.Reserved(token[2], token[3] - token[2], token[1]),
    "RENDER_STRING": lambda token: ast.RenderString(token[2], token[3] - token[2], token[1]),
}  # fmt: skip


class ExpressionParser(Cursor):
    """Reads expressions; a subclass adds what its tables name."""

    _depth = 0
    _height = 0

    def expression(self, binding: int = 0) -> ast.Node:
        """Return the expression that begins here, as far as operators bind tighter than ``binding``."""
        self.steps += 1
        token = self.tokens[self.at]
        leaf = LEAVES.get(token[0])
        if leaf is not None:
            self.at += 1
            left = leaf(token)
            if self.tokens[self.at][0] not in self.INFIX:
                return left
        else:
            left = None
        return self._compound(token, left, binding)

    def _compound(self, token: Token, left: ast.Node | None, binding: int) -> ast.Node:
        """Return an expression of several tokens; its height, chains of operators included, is bounded."""
        outer, self._height = self._height, 0
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._too_deep(token)
        if left is None:
            prefix = self.PREFIX.get(token[0])
            if prefix is None:
                raise self.unexpected(token)
            self.at += 1
            left = prefix(self, token)
        while True:
            token = self.tokens[self.at]
            infix = self.INFIX.get(token[0])
            if infix is None or infix[0] <= binding:
                break
            self.at += 1
            left = infix[1](self, left, token)
            self._height += 1
            if self._height > MAX_DEPTH:
                raise self._too_deep(token)
        self._depth -= 1
        self._height = max(outer, self._height + 1)
        return left

    def deeper(self, token: Token) -> None:
        """Note that another level of nesting begins at ``token``."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._too_deep(token)

    def shallower(self) -> None:
        """Note that a level of nesting has ended."""
        self._depth -= 1
        self._height += 1

    def too_high(self, height: int, token: Token) -> None:
        """Note that a chain has reached ``height`` at ``token``."""
        self._height += 1
        if max(height, self._height) > MAX_DEPTH:
            raise self._too_deep(token)

    def _too_deep(self, token: Token) -> Exception:
        return self.problem("too-deep", f"nested more than {MAX_DEPTH} levels deep", token, "split it up")

    def _binary(self, left: ast.Node, token: Token) -> ast.Node:
        right = self.expression(self.INFIX[token[0]][0])
        return _OPERATORS[token[0]](token[2], token[3] - token[2], token[0], left, right)

    def _not(self, token: Token) -> ast.Node:
        return ast.Not(token[2], 1, self.expression(_UNARY))

    def _minus(self, token: Token) -> ast.Node:
        return ast.Minus(token[2], 1, self.expression(_UNARY))

    def _unfold(self, token: Token) -> ast.Node:
        return ast.Unfold(token[2], 1, self.expression(_UNARY))

    def _parenthesized(self, token: Token) -> ast.Node:
        inner = self.assignment()
        end = self.take(")")[3]
        return ast.Parenthesized(token[2], end - token[2], inner)

    def _index(self, left: ast.Node, _token: Token) -> ast.Node:
        keys = self.items("]", entry=self.expression)
        end = self.take("]")[3]
        return ast.Access(left.offset, end - left.offset, left, keys)

    def _array(self, token: Token) -> ast.Node:
        values: tuple[ast.Node, ...] = ()
        if self.tokens[self.at][0] != "]":
            values = self.items("]", entry=self.entry)
        end = self.take("]")[3]
        return ast.Array(token[2], end - token[2], values)

    def keyed(self, token: Token) -> ast.Hash:
        """Return the hash whose opening brace is ``token``."""
        entries = []
        while self.tokens[self.at][0] != "}":
            entries.append(self.pair(self.entry()))
            if not self.accept(","):
                break
        end = self.take("}")[3]
        return ast.Hash(token[2], end - token[2], tuple(entries))

    def entry(self) -> ast.Node:
        """Return a value of a list or one side of a pair, where ``type`` and ``function`` may stand as texts."""
        token = self.tokens[self.at]
        if token[0] in ("type", "function") and self.tokens[self.at + 1][0] in ("=>", ",", "]", "}", ")"):
            self.at += 1
            return ast.String(token[2], token[3] - token[2], token[1])
        return self.assignment()

    def pair(self, key: ast.Node) -> ast.KeyedEntry:
        """Return the pair whose ``key`` has been read."""
        arrow = self.take("=>")
        return ast.KeyedEntry(arrow[2], 2, key, self.entry())

    def items(self, closing: str, *, entry: Callable[[], ast.Node], trailing: bool = True) -> tuple[ast.Node, ...]:
        """Return what is listed up to ``closing``, which stays; pairs that stand side by side make one hash."""
        values: list[ast.Node] = []
        pairs: list[ast.KeyedEntry] = []
        while True:
            value = self.entry() if self.tokens[self.at + 1][0] == "=>" else entry()
            if self.tokens[self.at][0] == "=>":
                pairs.append(self.pair(value))
            else:
                _flush(values, pairs)
                values.append(value)
            if not self.accept(",") or (trailing and self.tokens[self.at][0] == closing):
                break
        _flush(values, pairs)
        return tuple(values)

    def _interpolated(self, token: Token) -> ast.Node:
        """Return a string with interpolation; empty pieces of text are left out."""
        segments: list[ast.Node] = []
        piece = token
        while True:
            kind, text, start, end = piece
            if text:
                segments.append(ast.String(start, end - start, text))
            if kind == "DQPOST":
                break
            inner = self.assignment()
            segments.append(ast.Text(inner.offset, inner.length, inner))
            piece = self.tokens[self.at]
            if piece[0] not in ("DQMID", "DQPOST"):
                raise self.unexpected(piece)
            self.at += 1
        return ast.Concatenated(token[2], piece[3] - token[2], tuple(segments))

    def _heredoc(self, token: Token) -> ast.Node:
        inner = self.tokens[self.at]
        self.at += 1
        text = LEAVES["STRING"](inner) if inner[0] == "STRING" else self._interpolated(inner)
        return ast.Heredoc(token[2], token[3] - token[2], token[1], text)

    PREFIX: ClassVar[dict[str, Prefix]] = {
        "!": _not, "-": _minus, "*": _unfold, "(": _parenthesized, "WSPAREN": _parenthesized, "[": _array,
        "LIST": _array, "{": keyed, "DQPRE": _interpolated, "HEREDOC": _heredoc,
    }  # fmt: skip
    """How an expression goes on that begins with a token of each kind, leaves aside."""

    INFIX: ClassVar[dict[str, tuple[int, Infix]]] = {
        "or": (1, _binary), "and": (2, _binary), **dict.fromkeys(("<", ">", "<=", ">="), (4, _binary)),
        **dict.fromkeys(("==", "!="), (5, _binary)), **dict.fromkeys(("<<", ">>"), (6, _binary)),
        **dict.fromkeys(("+", "-"), (7, _binary)), **dict.fromkeys(("*", "/", "%"), (8, _binary)),
        **dict.fromkeys(("=~", "!~"), (9, _binary)), "in": (10, _binary), "[": (INDEX_BINDING, _index),
    }  # fmt: skip
    """How tightly a token of each kind binds to what stands before it, and what the two make."""


def _flush(values: list[ast.Node], pairs: list[ast.KeyedEntry]) -> None:
    if pairs:
        length = pairs[-1].value.offset + pairs[-1].value.length - pairs[0].key.offset
        values.append(ast.Hash(pairs[0].key.offset, max(length, 1), tuple(pairs), bare=True))
        pairs.clear()
