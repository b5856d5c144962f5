"""From Ruby's text to tokens. Nothing is ever refused: what is not understood becomes a token of one character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_PAIRS: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}
_PLAIN: Final = re.compile(
    r"(?P<blank>[ \t\r\f\v]+|\\\n)|(?P<comment>\#[^\n]*)"
    r"|(?P<label>[A-Za-z_]\w*[?!]?:(?!:))|(?P<word>(?:@@?|\$)?[A-Za-z_]\w*[?!]?)|(?P<number>\d[\w.]*)"
    r"|(?P<symbol>:[A-Za-z_]\w*[?!=]?)|(?P<operator>=>|::|&\.|==|=~|!=|&&|\|\||<<)"
)
_HEREDOC: Final = re.compile(r"<<[~-]?(?P<quote>[\"'`]?)(?P<tag>[A-Za-z_]\w*)(?P=quote)")
_PERCENT: Final = re.compile(r"%([wWiIqQrxs]?)([^\w\s])")
_BEGIN: Final = re.compile(r"=begin\b.*?^=end\b[^\n]*", re.DOTALL | re.MULTILINE)
_NAMED: Final = re.compile(r"#\{(\w+)\}")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_BEFORE_A_VALUE: Final = frozenset((
    "and", "or", "not", "if", "unless", "when", "while", "until", "return", "in", "then", "do", "else", "elsif", "desc",
    "puts", "raise", "match", "split", "newvalue", "newvalues", "confine", "defaultto", "each",
))  # fmt: skip


class Token(NamedTuple):
    """A piece of Ruby. ``text`` is a literal's meaning, ``None`` where only running the code could tell it.

    ``kind`` is ``word``, ``label`` (``a:``), ``symbol``, ``string``, ``words`` (``%w[a b]``, a blank between them),
    ``regex`` (its options before a ``/``, and ``#{name}`` as it stands), ``number``, ``operator`` (everything else) or
    ``line`` (the end of one).
    """

    kind: str
    text: str | None
    offset: int


def scan(text: str) -> list[Token]:
    """Return the tokens of ``text`` up to ``__END__``, without comments; in linear time."""
    return list(_Scanner(text).run())


class _Scanner:
    """Walks once through the text."""

    def __init__(self, text: str) -> None:
        end = re.search(r"^__END__$", text, re.MULTILINE)
        self._text = text[: end.start()] if end else text
        self._at = 0
        self._last: Token | None = None
        self._waiting: list[str] = []  # tags of heredocs whose text begins after this line

    def run(self) -> Iterator[Token]:
        """Yield each token."""
        while self._at < len(self._text):
            token = self._next()
            if token is not None:
                self._last = token
                yield token

    def _next(self) -> Token | None:
        char = self._text[self._at]
        if char == "\n":
            return self._line()
        if char in "\"'`":
            return self._quoted("string", char, self._at + 1, "" if char == "'" else "#")
        if char == ":" and self._text[self._at + 1 : self._at + 2] in ('"', "'"):
            quote = self._text[self._at + 1]
            return self._quoted("symbol", quote, self._at + 2, "" if quote == "'" else "#")
        special = self._special(char)
        return special if special is not None else self._simple()

    def _line(self) -> Token:
        """End a line, with the texts of the heredocs that it began."""
        start = self._at
        self._at += 1
        for tag in self._waiting:
            end = re.compile(rf"^[ \t]*{tag}[ \t\r]*$", re.MULTILINE).search(self._text, self._at)
            self._at = end.end() if end else len(self._text)
            self._at += self._text[self._at : self._at + 1] == "\n"
        self._waiting.clear()
        block = _BEGIN.match(self._text, self._at)
        if block:
            self._at = block.end()
        return Token("line", "\n", start)

    def _special(self, char: str) -> Token | None:
        """Return a literal that begins like an operator."""
        if char == "<" and (heredoc := _HEREDOC.match(self._text, self._at)) and self._starts_value(heredoc[2]):
            token = Token("string", None, self._at)
            self._waiting.append(heredoc["tag"])
            self._at = heredoc.end()
            return token
        if char == "%" and (found := _PERCENT.match(self._text, self._at)) and self._starts_value():
            close = _PAIRS.get(found[2], found[2])
            kind = {"w": "words", "i": "words", "r": "regex"}.get(found[1].lower(), "string")
            return self._quoted(kind, close, found.end(), "" if found[1] in ("w", "i", "q", "s") else "#", found[2])
        if char == "/" and self._starts_value():
            return self._quoted("regex", "/", self._at + 1, "#")
        return None

    def _starts_value(self, _tag: str = "") -> bool:
        """Say whether a value, not an operator, is expected here."""
        last = self._last
        if last is None or last.kind in ("line", "label"):
            return True
        if last.kind == "operator":
            return last.text not in (")", "]", "}")
        if last.kind != "word":
            return False
        blank_before = self._text[self._at - 1] in " \t"
        blank_after = self._text[self._at + 1 : self._at + 2] in (" ", "=", "")
        return last.text in _BEFORE_A_VALUE or (blank_before and not blank_after)

    def _quoted(self, kind: str, close: str, start: int, interpolates: str, opening: str = "") -> Token:
        """Return the literal whose text begins at ``start``; brackets of its own kind nest in it."""
        begin, at, depth, text = self._at, start, 1, self._text
        nests = opening in _PAIRS
        while at < len(text):
            char = text[at]
            if char == "\\":
                at += 1
            elif char == close:
                depth -= 1
                if depth == 0:
                    break
            elif nests and char == opening:
                depth += 1
            at += 1
        body = text[start:at]
        self._at = at + 1
        known = not (interpolates and "#{" in body)
        if kind == "regex":
            known = "#{" not in _NAMED.sub("", body)
            options = re.compile(r"[a-z]*").match(text, self._at)
            flags = options[0] if options else ""
            self._at += len(flags)
            return Token(kind, f"{flags}/{body}" if known else None, begin)
        if kind == "string" and self._text[self._at : self._at + 1] == ":" and close in "\"'" and not opening:
            following = self._text[self._at + 1 : self._at + 2]
            if following != ":" and self._last is not None and self._last.text in ("{", ",", "("):
                self._at += 1
                kind = "label"
        plain = " ".join(body.split()) if kind == "words" else _ESCAPE.sub(r"\1", body)
        return Token(kind, plain if known else None, begin)

    def _simple(self) -> Token | None:
        """Return a word, a symbol, a number or an operator."""
        start = self._at
        found = _PLAIN.match(self._text, start)
        if found is None:
            self._at += 1
            return Token("operator", self._text[start], start)
        self._at = found.end()
        kind, text = found.lastgroup or "operator", found[0]
        if kind in ("blank", "comment"):
            return None
        if kind == "label":
            if self._last is not None and self._last.text == "?":  # a ? b : c
                self._at -= 1
                return Token("word", text[:-1], start)
            return Token(kind, text[:-1], start)
        return Token(kind, text[1:] if kind == "symbol" else text, start)
