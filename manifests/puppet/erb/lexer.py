"""The Ruby of a template in words."""

from __future__ import annotations

import re
from typing import Any, Final

from manifests.puppet.erb.lexer_heredoc import HEREDOC, read_heredoc
from manifests.puppet.erb.lexer_strings import PAIRS, escape, read_text, words
from manifests.puppet.erb.scanner import OUTPUT, TEXT
from manifests.puppet.erb.tokens import KEYWORDS, VALUE_WORDS, Mistake, Token

_BLANK: Final = re.compile(r"(?:[ \t\r\f\v]|\\\r?\n)+")
_CONTINUED: Final = re.compile(r"\s*(?:#[^\n]*\n\s*)*(?:\.(?![.])|&\.)")
_BEGIN_COMMENT: Final = re.compile(r"=begin\b.*?^=end[^\n]*", re.DOTALL | re.MULTILINE)
_NAME: Final = re.compile(r"[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*(?:[?!](?![=~])|[?!](?===|=~|=>))?")
_LABEL_END: Final = re.compile(r":(?!:)")
_NUMBER: Final = re.compile(
    r"0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|0[0-7_]+(?![.\d])|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][-+]?\d+)?[ri]?"
)
_SIGIL: Final = re.compile(r"@@?[A-Za-z_]\w*|\$(?:[A-Za-z_]\w*|\d+|[~&!@_/\\,;.<>:\"'`+*?$])")
_SYMBOL: Final = re.compile(
    r":((?:@@?|\$)?[A-Za-z_]\w*[?!=]?(?![=~>])|[A-Za-z_]\w*[?!]?|\[\]=?|\*\*|<=>|===?|=~|[-+!~]@|<<|>>|<=|>=|!=|[-+*/%<>!~^&|])"
)
_OPERATOR: Final = re.compile(
    r"\*\*=|<=>|===|\.\.\.|<<=|>>=|&&=|\|\|=|\*\*|==|=~|=>|!=|!~|&&|\|\||&\.|\.\.|::|->|<<|>>|<=|>=|\+=|-=|\*=|/=|%=|&=|\|=|\^="
    r"|[-+*/%=<>!&|^~?:,.;(){}\[\]]"
)
_CHARACTER: Final = re.compile(r"\?(?:(\\)|([^\s\\])(?![\w]))")
_PERCENT: Final = re.compile(r"%([wWiIqQrs]?)([^\w\s])")
_CLOSERS: Final = frozenset((")", "]", "}"))
_VALUE_KINDS: Final = frozenset(("const", "ivar", "gvar", "int", "float", "str", "sym", "dsym", "regex", "words", "id"))
_ASSIGNED: Final = re.compile(r"\s*(?:=(?![=~>])|\|\|=|[-+*/&|]=|<<=|,|\||\)|;|in\b)")


class Lexer:
    """Reads the script ``code`` from ``at`` on."""

    def __init__(self, code: str, at: int = 0, *, names: set[str] | None = None, depth: int = 0) -> None:
        self.code = code
        self.at = at
        self.depth = depth
        self.names = set() if names is None else names
        self.tokens: list[Token] = []
        self.brackets: list[str] = []
        self.ternaries: list[int] = [0]
        self.heredocs: list[tuple[Token, str, bool, bool, bool]] = []
        self.pipe = ""
        self.spaced = False

    def nested(self, at: int) -> Lexer:
        """Return a reader for the code inside of a text."""
        return Lexer(self.code, at, names=self.names, depth=self.depth + 1)

    def all(self) -> list[Token]:
        """Return all tokens; the last is of the kind ``eof``."""
        while self.step():
            pass
        self.add("eof", "", self.at)
        return self.tokens

    def until_brace(self) -> tuple[list[Token], int]:
        """Return the tokens up to the brace that closes an interpolation, and the place behind it."""
        start = self.at
        while not (self._blanks_to_brace() and not self.brackets):
            if not self.step():
                raise Mistake("this interpolation is never closed", start - 2)
        self.add("eof", "", self.at)
        return self.tokens, self.at + 1

    def _blanks_to_brace(self) -> bool:
        self.skip_blanks()
        return self.code.startswith("}", self.at)

    def add(self, kind: str, value: Any, at: int) -> Token:
        """Add one token."""
        token = Token(kind, value, at, self.spaced)
        self.tokens.append(token)
        self.spaced = False
        return token

    def skip_blanks(self) -> None:
        """Skip what separates words on a line."""
        found = _BLANK.match(self.code, self.at)
        if found:
            self.at = found.end()
            self.spaced = True

    @property
    def last(self) -> Token | None:
        """Return the token before."""
        return self.tokens[-1] if self.tokens else None

    def begins(self) -> bool:
        """Say whether a value is due here rather than an operator."""
        last = self.last
        if last is None:
            return True
        if last.kind in ("op", "uop"):
            return last.value not in _CLOSERS
        if last.kind == "kw":
            return last.value not in VALUE_WORDS
        return last.kind not in _VALUE_KINDS

    def may_begin(self) -> bool:
        """Say whether a value may be due here: behind a name that may be a call without brackets."""
        if self.begins():
            return True
        last = self.last
        assert last is not None  # else a value is due
        following = self.code[self.at + 1 : self.at + 2]
        return (
            last.kind == "id" and self.spaced and not following.isspace() and following != "="
            and (self.after_dot(1) or last.value not in self.names)
        )  # fmt: skip

    def after_dot(self, back: int = 0) -> bool:
        """Say whether the name here, or the token ``back`` before, is that of a method."""
        if len(self.tokens) <= back:
            return False
        before = self.tokens[-1 - back]
        return before.kind == "op" and before.value in (".", "&.")

    def step(self) -> bool:
        """Read one token; say False at the end."""
        self.skip_blanks()
        if self.at >= len(self.code):
            return False
        char = self.code[self.at]
        if char == "\n":
            self._line_end()
        elif char == "#":
            end = self.code.find("\n", self.at)
            self.at = len(self.code) if end < 0 else end
        elif char in (TEXT, OUTPUT):
            self._marker(char)
        elif char.isdigit():
            self._number()
        elif char.isalpha() or char == "_" or char >= "\x80":
            self._name()
        elif char in "@$":
            self._sigil(char)
        elif not (char in "\"'`:?/%<" and self._literal(char)):
            self._operator()
        return True

    def _marker(self, char: str) -> None:
        """Read the place of a text or the beginning of an output."""
        start = self.at
        if char == OUTPUT:
            self.at += 1
            self.add("out", "", start)
            return
        end = self.code.find(TEXT, start + 1)
        if end < 0 or not self.code[start + 1 : end].isdigit():
            raise Mistake("a control character stands in the code", start)
        self.at = end + 1
        self.add("text", int(self.code[start + 1 : end]), start)

    def _line_end(self) -> None:
        start = self.at
        self.at += 1
        if self.heredocs:
            self._read_heredocs()
        found = _BEGIN_COMMENT.match(self.code, self.at)
        if found:
            self.at = found.end()
        last = self.last
        if last is None or last.kind == "nl" or self._goes_on(last):
            return
        if not _CONTINUED.match(self.code, self.at):
            self.add("nl", "\n", start)

    def _goes_on(self, last: Token) -> bool:
        """Say whether the line cannot end behind the token ``last``."""
        if last.kind in ("op", "uop"):
            return last.value not in _CLOSERS and not self.pipe
        return last.kind == "kw" and last.value in ("and", "or", "not", "if", "unless", "while", "until", "elsif")

    def _read_heredocs(self) -> None:
        pending, self.heredocs = self.heredocs, []
        for index, (token, mark, squiggly, indented, plain) in enumerate(pending):
            self.at += index > 0  # behind the line end of the closing line before
            token.value, self.at = read_heredoc(self, self.at, mark, squiggly=squiggly, indented=indented, plain=plain)

    def _number(self) -> None:
        found = _NUMBER.match(self.code, self.at)
        assert found is not None  # it begins with a digit
        text = found[0].replace("_", "")
        start, self.at = self.at, found.end()
        if text[-1] in "ri" and text[:2] not in ("0x", "0X"):
            raise Mistake("rational and complex numbers are not supported", start, "erb-unsupported")
        if text[:1] == "0" and len(text) > 1 and text.isdigit():
            text = "0o" + text[1:]
        if len(text) > 1000:
            raise Mistake("this number is too long", start)
        try:
            is_float = text[:2].lower() not in ("0x", "0b", "0o") and any(mark in text for mark in ".eE")
            self.add("float", float(text), start) if is_float else self.add("int", int(text, 0), start)
        except ValueError:
            raise Mistake("invalid number", start) from None

    def _name(self) -> None:
        found = _NAME.match(self.code, self.at)
        assert found is not None  # it begins with a letter
        name, start = found[0], self.at
        after_dot = self.after_dot()
        defining = self.last is not None and self.last.kind == "kw" and self.last.value == "def"
        end = found.end()
        if not after_dot and not self.ternaries[-1] and _LABEL_END.match(self.code, end):
            self.at = end + 1
            self.add("label", name, start)
            return
        if name == "defined" and self.code.startswith("?", end):
            name, end = "defined?", end + 1
        if name[-1] == "?" and name[:-1] in self.names and not after_dot:
            name, end = name[:-1], end - 1
        self.at = end
        if name in KEYWORDS and not after_dot and not defining:
            self.add("kw", name, start)
            if name == "do":
                self._open_pipe()
            return
        if name[0].isupper():
            self.add("const", name, start)
            return
        self.add("id", name, start)
        if not after_dot and _ASSIGNED.match(self.code, end):
            self.names.add(name)

    def _sigil(self, char: str) -> None:
        found = _SIGIL.match(self.code, self.at)
        if found is None:
            raise Mistake(f"a name is missing behind '{char}'", self.at)
        start, self.at = self.at, found.end()
        self.add("ivar" if char == "@" else "gvar", found[0], start)

    def _literal(self, char: str) -> bool:
        """Read a literal that begins with ``char``, if one stands here."""
        start = self.at
        if char in "\"'":
            parts, self.at = read_text(self, start + 1, char, plain=char == "'")
            if (
                not self.ternaries[-1]
                and self.begins_label()
                and _LABEL_END.match(self.code, self.at)
                and len(parts) < 2
            ):
                self.at += 1
                self.add("label", "".join(part for part in parts if isinstance(part, str)), start)
            else:
                self.add("str", parts, start)
            return True
        if char == "`":
            raise Mistake("a template may not run commands", start, "erb-unsupported")
        if char == ":":
            return self._symbol()
        if char == "?":
            return self.begins() and self._character()
        if char == "<":
            return self._heredoc()
        if not self.may_begin():
            return False
        return self._regex() if char == "/" else self._percent()

    def begins_label(self) -> bool:
        """Say whether the token before lets a key of a hash begin here."""
        last = self.last
        return last is not None and (last.kind == "id" or (last.kind == "op" and last.value in ("{", ",", "(", "|")))

    def _symbol(self) -> bool:
        start = self.at
        quote = self.code[start + 1 : start + 2]
        if quote in ('"', "'") and (self.begins() or self.spaced) and not self.ternaries[-1]:
            parts, self.at = read_text(self, start + 2, quote, plain=quote == "'")
            self.add("dsym", parts, start)
            return True
        if self.code.startswith("::", start):
            return False
        if not self.begins() and (self.ternaries[-1] or not self.spaced):
            return False
        found = _SYMBOL.match(self.code, start)
        if found is None:
            return False
        self.at = found.end()
        self.add("sym", found[1], start)
        return True

    def _character(self) -> bool:
        found = _CHARACTER.match(self.code, self.at)
        if found is None:
            return False
        start, self.at = self.at, found.end()
        text = found[2]
        if found[1]:
            text, self.at = escape(self.code, self.at)
        self.add("str", [text], start)
        return True

    def _regex(self, opening: str = "", close: str = "/", skip: int = 1) -> bool:
        start = self.at
        parts, self.at = read_text(self, start + skip, close, opening=opening, regex=True)
        end = self.at
        while end < len(self.code) and self.code[end] in "imxounse":
            end += 1
        flags, self.at = self.code[self.at : end], end
        self.add("regex", (parts, flags), start)
        return True

    def _percent(self) -> bool:
        found = _PERCENT.match(self.code, self.at)
        if found is None or (found[2] == "=" and not self.begins()):
            return False
        start, kind, opening = self.at, found[1], found[2]
        close, inside = PAIRS.get(opening, opening), found.end()
        nests = opening if opening in PAIRS else ""
        if kind == "r":
            return self._regex(nests, close, inside - start)
        if kind and kind in "wWiI":
            value, self.at = words(self, inside, nests, close, plain=kind in "wi")
            self.add("words", (value, kind in "iI"), start)
            return True
        parts, self.at = read_text(self, inside, close, opening=nests, plain=bool(kind) and kind in "qs")
        self.add("dsym" if kind == "s" else "str", parts, start)
        return True

    def _heredoc(self) -> bool:
        found = HEREDOC.match(self.code, self.at)
        if found is None or not (self.begins() or (self.may_begin() and found[1])):
            return False
        start, self.at = self.at, found.end()
        token = self.add("str", [], start)
        self.heredocs.append((token, found[3], found[1] == "~", bool(found[1]), found[2] == "'"))
        return True

    def _open_pipe(self) -> None:
        """Look for the parameters of a block that has just begun."""
        self.skip_blanks()
        if self.code.startswith("|", self.at):
            self.add("pipe", "|", self.at)
            self.at += 1
            if self.code.startswith("|", self.at):
                self.add("pipe", "|", self.at)
                self.at += 1
            else:
                self.pipe = "|"

    def _operator(self) -> None:
        found = _OPERATOR.match(self.code, self.at)
        if found is None:
            raise Mistake(f"unexpected {self.code[self.at]!r}", self.at)
        text, start = found[0], self.at
        if self.pipe and text[0] == "|":
            self.at += 1
            self.pipe = ""
            self.add("pipe", "|", start)
            return
        unary = text in ("-", "+", "!", "~", "*", "**", "&", "[", "::", "->") and self.may_begin()
        self.at = found.end()
        if text == ";":
            self.add("nl", ";", start)
            return
        self.add("uop" if unary and text not in ("[", "->") else "op", text, start)
        self._bracket(text)

    def _bracket(self, text: str) -> None:
        """Keep count of brackets and ternaries."""
        if text in "([{" and len(text) == 1:
            self.brackets.append(text)
            self.ternaries.append(0)
            if text == "{":
                self._open_pipe()
        elif text in _CLOSERS:
            if not self.brackets or PAIRS[self.brackets.pop()] != text:
                raise Mistake(f"unexpected '{text}'", self.at - 1)
            self.ternaries.pop()
        elif text == "?":
            self.ternaries[-1] += 1
        elif text == ":" and self.ternaries[-1]:
            self.ternaries[-1] -= 1
