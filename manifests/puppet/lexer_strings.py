"""The strings of the lexer: quotes, heredocs' texts, and what they interpolate."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from manifests.puppet.depth import MAX_DEPTH
from manifests.puppet.heredoc import Heredoc
from manifests.puppet.strings import (
    DOUBLE_ESCAPES,
    DOUBLE_PART,
    HEREDOC_PART,
    HEREDOC_PLAIN_PART,
    SINGLE_QUOTED,
    VARIABLE,
    BadUnicodeError,
    unescape,
    unescape_single,
)
from manifests.puppet.tokens import KEYWORDS, Mistake, Token


class StringLexer(ABC):
    """The state of a lexer, and how it reads strings. ``mistakes`` collects what is wrong."""

    def __init__(self, text: str, *, level: int = 0) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.mistakes: list[Mistake] = []
        self.steps = 0
        """How many times an expression was tried: what linear time is measured by."""
        self._position = 0
        self._limit = len(text)
        self._jump = -1
        self._epp_open = -1
        self._level = level
        self._given_up = False

    @abstractmethod
    def _scan(self, *, nested: bool) -> bool:
        """Add tokens up to the end, or up to the brace that closes an interpolation, and return whether it came."""

    def interpolated(self, document: Heredoc) -> list[Token]:
        """Return the tokens of a heredoc's text, which this lexer was made for."""
        part = HEREDOC_PART if "$" in document.escapes else HEREDOC_PLAIN_PART
        self._string(0, 0, part if document.interpolates else None, document.escapes)
        return self.tokens

    def _fail(self, code: str, message: str, start: int, end: int, hint: str | None = None) -> None:
        self.mistakes.append(Mistake(code, message, start, max(end, start + 1), hint))

    def _single(self, _before: int, start: int, _end: int) -> None:
        found = SINGLE_QUOTED.match(self.text, start)
        if found is None:
            self._unclosed(start, "'")
            return
        self._position = found.end()
        self.tokens.append(("STRING", unescape_single(found[1]), start, found.end()))

    def _unclosed(self, start: int, quote: str) -> None:
        """Report a string that never ends and give up the rest of the text."""
        hint = f"end it with {quote}"
        self._fail("unclosed-string", "this string is never closed", start, start + 1, hint)
        self._give_up(start)

    def _give_up(self, start: int) -> None:
        """Leave the text from ``start`` on: what it means is anybody's guess."""
        self._given_up = True
        begin = max(start, self.tokens[-1][3]) if self.tokens else start
        self.tokens.append(("ERROR", "", begin, len(self.text)))
        self._position = self._limit = len(self.text)
        self._jump = self._epp_open = -1

    def _double(self, _before: int, start: int, end: int) -> None:
        self._string(start, end, DOUBLE_PART, DOUBLE_ESCAPES)

    def _string(self, start: int, position: int, part: re.Pattern[str] | None, escapes: frozenset[str]) -> None:
        """Add the tokens of an interpolating text that begins at ``position``; None as ``part`` is plain text."""
        quoted = part is DOUBLE_PART
        opened, here, pieces, kind = start, start, [], "DQPRE"
        while True:
            self.steps += 1
            found = part.match(self.text, position) if part else None
            if found is None and (quoted or part):
                self._unclosed(opened, '"' if quoted else "the end tag")
                return
            body, mark, position = (found[1], found[2], found.end()) if found else (self.text, "", len(self.text))
            pieces.append(self._unescaped(body, escapes, here, quoted=quoted))
            if mark == "$":
                name = VARIABLE.match(self.text, position)
                if name is None:
                    pieces.append("$")
                    continue
                self.tokens.append((kind, "".join(pieces), here, position - 1))
                self.tokens.append(("VARIABLE", name[0], position - 1, name.end()))
                position = name.end()
            elif mark == "${":
                self.tokens.append((kind, "".join(pieces), here, position))
                self._position = position
                if not self._interpolation(position - 2):
                    return
                position = self._position
            else:
                kind = "STRING" if kind == "DQPRE" else "DQPOST"
                self.tokens.append((kind, "".join(pieces), here, position))
                self._position = position
                return
            here, pieces, kind = position, [], "DQMID"

    def _interpolation(self, start: int) -> bool:
        """Add the tokens between ``${`` and ``}``; a bare name that stands first there is a variable."""
        first = len(self.tokens)
        self._level += 1
        if self._level > MAX_DEPTH:
            self._fail("too-deep", f"nested more than {MAX_DEPTH} levels deep", start, start + 2)
            self._give_up(start)
            return False
        closed = self._scan(nested=True)
        self._level -= 1
        if not closed:
            if not self._given_up:
                self._unclosed(start, "}")
            return False
        inside = len(self.tokens) - first
        if inside == 1 or (inside > 1 and self.tokens[first + 1][0] in (".", "[")):
            kind, value, begin, end = self.tokens[first]
            if kind == "BOOLEAN":
                self._fail("bad-name", f"'{value}' is not the name of a variable", begin, end)
            elif kind in ("NUMBER", "NAME", "WORD") or kind in KEYWORDS:
                self.tokens[first] = ("VARIABLE", value, begin, end)
        return True

    def _unescaped(self, body: str, escapes: frozenset[str], start: int, *, quoted: bool) -> str:
        def warn(code: str, message: str) -> None:
            self.mistakes.append(Mistake(code, message, start, start + 1, "write \\\\ for a backslash", warning=True))

        try:
            return unescape(body, escapes, warn if quoted else None)
        except BadUnicodeError as error:
            self._fail("bad-unicode-escape", f"'\\u{{{error}}}' is no character", start, start + 1)
            return ""
