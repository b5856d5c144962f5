"""A place in the tokens, and what to do when the wrong one stands there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from hiera.errors import Problem
from manifests.puppet import ast
from manifests.puppet.source import Source
from manifests.puppet.tokens import KEYWORDS, Token

_STARTERS: Final = frozenset({
    "class", "define", "node", "function", "type", "if", "unless", "case", "VARIABLE", "NAME", "CLASSREF", "@", "@@",
})  # fmt: skip
_OPENING: Final = frozenset({"{", "SELBRACE"})
_CLOSED_BY: Final = {"(": ")", "WSPAREN": ")", "[": "]", "LIST": "]", "{": "}", "SELBRACE": "}"}


class SyntaxProblem(Exception):  # noqa: N818  never leaves the parser: it carries a problem to where parsing resumes
    """A statement that cannot be read; ``problem`` is None where the lexer has already told."""

    def __init__(self, problem: Problem | None) -> None:
        super().__init__()
        self.problem = problem


class Cursor(ABC):
    """The tokens of one file and the place reached."""

    def __init__(self, source: Source, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.at = 0
        self.steps = 0
        """How many expressions were begun: with the lexer's steps what linear time is measured by."""
        self.problems: list[Problem] = []
        self.definitions: list[ast.Node] = []
        self.namespace: list[str] = []
        self._levels: list[int] = []

    @abstractmethod
    def expression(self, binding: int = 0) -> ast.Node:
        """Return the expression that begins here, as far as operators bind tighter than ``binding``."""

    @abstractmethod
    def assignment(self) -> ast.Node:
        """Return what may stand as an argument or a statement: also resources, relationships and assignments."""

    @abstractmethod
    def statements(self, closing: str) -> tuple[ast.Node, ...]:
        """Return the statements up to the token ``closing``, which stays."""

    def take(self, kind: str) -> Token:
        """Return the token here, which has to be of ``kind``, and step over it."""
        token = self.tokens[self.at]
        if token[0] != kind:
            raise self.unexpected(token, f"'{kind}'" if kind.islower() or not kind.isupper() else None)
        self.at += 1
        return token

    def accept(self, kind: str) -> bool:
        """Step over the token here if it is of ``kind``, and return whether it was."""
        if self.tokens[self.at][0] == kind:
            self.at += 1
            return True
        return False

    def unexpected(self, token: Token, wanted: str | None = None) -> SyntaxProblem:
        """Return the error for a ``token`` that cannot stand where it does."""
        kind, text, start, end = token
        if kind == "ERROR":
            return SyntaxProblem(None)
        if kind == "EOF":
            opened = self._unclosed()
            if opened is not None:
                message = f"'{opened[1]}' is never closed"
                return self.problem("unclosed-bracket", message, opened, f"add '{_CLOSED_BY[opened[0]]}'")
            return self.problem("syntax", "the file ends in the middle of a statement", (kind, text, start, start))
        if kind == "VARIABLE" and not text:
            return self.problem("bad-name", "a variable's name is missing after '$'", token)
        shown = self.source.text[start:end] if kind not in ("RENDER_STRING", "EPP_END") else "text"
        message = f"syntax error at '{shown if len(shown) < 40 and chr(10) not in shown else shown[:20]}'"
        hint = f"{wanted} is expected here" if wanted else None
        if hint is None and kind in KEYWORDS:
            hint = f"'{text}' is a word of the language: quote it if a text is meant"
        return self.problem("syntax", message, token, hint)

    def problem(self, code: str, message: str, token: Token, hint: str | None = None) -> SyntaxProblem:
        """Return the error ``code`` at ``token``."""
        return SyntaxProblem(Problem(code, message, self.source.location(token[2], token[3] - token[2]), hint))

    def _unclosed(self) -> Token | None:
        """Return the last bracket that is still open at the end."""
        opened: list[Token] = []
        for token in self.tokens:
            if token[0] in _CLOSED_BY:
                opened.append(token)
            elif opened and token[0] == _CLOSED_BY[opened[-1][0]]:
                opened.pop()
        return opened[-1] if opened else None

    def level(self, index: int) -> int:
        """Return how many braces are open before the token at ``index``."""
        if not self._levels:
            depth = 0
            for token in self.tokens:
                depth -= token[0] == "}"
                self._levels.append(depth)
                depth += token[0] in _OPENING
        return self._levels[index]

    def resume(self, first: int) -> None:
        """After an error go to the next statement of the block whose first token is at ``first``, or to its end."""
        level = self.level(first)
        line = self.source.location(self.tokens[self.at][2]).line
        while True:
            kind, _, start, _ = self.tokens[self.at]
            here = self.level(self.at)
            if kind == "EOF" or here < level:
                return
            if here == level and kind in _STARTERS and (found := self.source.location(start).line) > line:
                if self._begins_line(start, found):
                    return
                line = found
            self.at += 1

    def _begins_line(self, start: int, line: int) -> bool:
        return self.source.location(self.tokens[self.at - 1][2]).line < line or start == 0
