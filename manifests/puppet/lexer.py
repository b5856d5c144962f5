"""The lexer: one master expression, and the few places where a character's meaning depends on what stands around it.

Context decides four things: a slash begins a regular expression or divides; ``[`` after a blank begins a list, without
one it indexes; ``(`` at the start of a line groups, elsewhere it calls; ``{`` after ``?`` begins a selector. Strings
and heredocs enter the lexer again for what they interpolate; the text of a heredoc stands below its line and is jumped
over when the line ends.
"""

from __future__ import annotations

import re
from typing import Any, Final

from manifests.puppet.epp import scan_text
from manifests.puppet.heredoc import Malformed, find
from manifests.puppet.lexer_strings import StringLexer
from manifests.puppet.tokens import AFTER_OPERAND, BLANK, BLANKS, KEYWORDS, Token

_MASTER: Final = re.compile(
    rf"""(?: [{BLANK}\n]+ | \#[^\n]* | /\*[^*]*\*+(?:[^/*][^*]*\*+)*/ )*
    (?: ((?:::)?[a-z]\w*(?:::[a-z]\w*)*)(?!\w|::[a-z_]|-+\w)          # 1 name
      | (=>|[,;?.\]]|:(?!:)|==|=~|!=|!~|\+>|->|~>|>=|<=|[=)])        # 2 punctuation
      | \$((?:::)?\w+(?:::\w+)*)                                     # 3 variable
      | '((?!'['\\])[^'\\]*)'                                               # 4 plain single quoted
      | "((?!"["$\\])[^"\\$]*)"                                              # 5 plain double quoted
      | ([\[(}}{{])                                                  # 6 brackets
      | ((?:::)?[A-Z]\w*(?:::[A-Z]\w*)*)(?!\w|::)                  # 7 class reference
      | (0[xX][0-9A-Fa-f]+\b|\d+(?:\.\d+)?(?:[eE]-?\d+)?\b)          # 8 number
      | (')                                                          # 9 other single quoted
      | (")                                                          # 10 other double quoted
      | ((?:::)?[a-z_](?:[\w-]*\w)?(?:::[a-z_](?:[\w-]*\w)?)*)       # 11 word
      | (@\()                                                        # 12 heredoc
      | (-?%>)                                                       # 13 end of a template's tag
      | (/\*|/)                                                      # 14 slash, or a comment that never ends
      | (<<\||<\||\|>>|\|>|<<|>>|<-|<~|\+=|-=|@@|[-+*%!@|<>~])       # 15 rarer punctuation
      | (\d\w*(?:\.\d\w*)?)                                          # 16 bad number
      | (\Z)                                                         # 17 end
      | (::[A-Z]\w*|[A-Z]\w*|::|[\s\S])                              # 18 anything else
    )""",
    re.VERBOSE | re.ASCII,
)  # fmt: skip
_REGEX: Final = re.compile(r"/([^/\\]*(?:\\[\s\S][^/\\]*)*)/")
_COMMENT: Final = re.compile(r"/\*(?s:.*?)\*/")
_END: Final = 17
_PLAIN: Final = {3: "VARIABLE", 4: "STRING", 5: "STRING", 7: "CLASSREF", 11: "WORD"}


class Lexer(StringLexer):
    """One pass over a text. ``mistakes`` collects what is wrong; the tokens make sense even so."""

    def __init__(self, text: str, *, epp: bool = False, level: int = 0) -> None:
        super().__init__(text, level=level)
        self._epp = "text" if epp else ""
        self._line_start = 0
        self._no_regex = False
        self._handlers: Final = {
            6: self._bracket, 8: self._number, 9: self._single, 10: self._double, 12: self._heredoc,
            13: self._tag_end, 14: self._slash, 16: self._bad_number, 18: self._other,
        }  # fmt: skip

    def run(self) -> list[Token]:
        """Return the tokens of the whole text, the last of kind ``EOF``."""
        if self._epp:
            self.tokens.append(("EPP_START", "", 0, 0))
            self._template_text(trim=False)
        self._scan(nested=False)
        end = len(self.text)
        if self._epp_open >= 0:
            self._fail("unclosed-tag", "this tag is never closed", self._epp_open, self._epp_open + 2, "end it with %>")
            self.tokens.append(("ERROR", "", end, end))
        self.tokens += [("EOF", "", end, end)] * 2  # so that the parser may look one token ahead of any other
        return self.tokens

    def _scan(self, *, nested: bool) -> bool:
        """Add tokens up to the end, or up to the brace that closes an interpolation, and return whether it came."""
        depth = 0
        tokens = self.tokens
        add, keywords, plain = tokens.append, KEYWORDS.get, _PLAIN.get
        while True:
            match = self._matcher()
            while True:
                found = match()
                index = found.lastindex
                start, end = found.span(index)
                self.steps += 1
                if index == 1:
                    value = found[1]
                    add((keywords(value, "NAME"), value, start, end))
                elif index in (2, 15):
                    value = found[index]
                    add((value, value, start, end))
                elif kind := plain(index):
                    add((kind, found[index], found.start(index) - (index < 6 and 1), found.end()))
                else:
                    self._position = end
                    if index == _END:
                        if self._jump < 0:
                            return False
                        self._over_heredocs(end)
                    elif index == 6 and nested and (value := found[6]) in "{}":
                        depth += 1 if value == "{" else -1
                        if depth < 0:
                            return True
                        self._handlers[6](found.start(), start, end)
                    else:
                        self._handlers[index](found.start(), start, end)
                    break

    def _matcher(self) -> Any:
        """Return what gives the next token, one after the other, from here on."""
        if self._position > self._limit:  # a string reaches from a heredoc's line into the text below
            self._over_heredocs(self._position)
        return _MASTER.scanner(self.text, self._position, self._limit).match  # type: ignore[attr-defined]  # not in typeshed

    def _over_heredocs(self, end: int) -> None:
        """Jump over the texts of the heredocs of the line that ends at ``end``."""
        if end <= self._limit:
            self._position = self._line_start = self._jump
        self._jump = -1
        self._limit = len(self.text)

    def _bracket(self, before: int, start: int, end: int) -> None:
        kind = self.text[start]
        if kind == "[":
            if start == 0 or self.text[start - 1] in BLANKS or self.text[start - 1] == "\n":
                kind = "LIST"
        elif kind == "(":
            gap = self.text[before:start]
            line = gap.rfind("\n")
            if (line >= 0 or before == self._line_start) and not gap[line + 1 :].strip(BLANKS):
                kind = "WSPAREN"
        elif kind == "{" and self.tokens and self.tokens[-1][0] == "?":
            kind = "SELBRACE"
        self.tokens.append((kind, self.text[start], start, end))

    def _number(self, _before: int, start: int, end: int) -> None:
        text = self.text[start:end]
        if text[0] == "0" and len(text) > 1 and text[1] not in ".xX" and text.strip("01234567"):
            self._fail("bad-number", f"'{text}' is no octal number", start, end, "write it without the leading zero")
            text = "0"
        self.tokens.append(("NUMBER", text, start, end))

    def _bad_number(self, _before: int, start: int, end: int) -> None:
        self._fail("bad-number", f"'{self.text[start:end]}' is no number", start, end, "quote it if it is a text")
        self.tokens.append(("NUMBER", "0", start, end))

    def _slash(self, _before: int, start: int, end: int) -> None:
        if end - start == 2:
            if found := _COMMENT.match(self.text, start):
                self._position = found.end()
            else:
                self._fail("unclosed-comment", "this comment is never closed", start, end, "end it with */")
                self._give_up(start)
            return
        if not self._no_regex and not (self.tokens and self.tokens[-1][0] in AFTER_OPERAND):
            if found := _REGEX.match(self.text, start):
                self._position = found.end()
                self.tokens.append(("REGEX", found[1].replace("\\/", "/"), start, found.end()))
                return
            self._no_regex = True
        self.tokens.append(("/", "/", start, end))

    def _heredoc(self, _before: int, start: int, _end: int) -> None:
        found = find(self.text, start, self._jump)
        if isinstance(found, Malformed):
            self._fail(found.code, found.message, start, found.end, found.hint)
            self._give_up(start)
            return
        self._position = found.tag_end
        if self._jump < 0:
            self._limit = self.text.index("\n", found.tag_end)
        self._jump = found.after
        self.tokens.append(("HEREDOC", found.syntax, start, found.tag_end))
        inner = Lexer(found.text, level=self._level)
        at = found.origin
        tokens = inner.interpolated(found)
        self.steps += inner.steps
        self.tokens += [(kind, value, at(begin), at(stop)) for kind, value, begin, stop in tokens]
        self.mistakes += [item._replace(start=at(item.start), end=at(item.end)) for item in inner.mistakes]

    def _tag_end(self, _before: int, start: int, end: int) -> None:
        trim = self.text[start] == "-"
        if not self._epp:
            kind = "-" if trim else "%"
            self.tokens.append((kind, kind, start, start + 1))
            self._position = start + 1
            return
        if self._epp == "expression":
            self.tokens.append(("EPP_END", self.text[start:end], start, end))
        self._template_text(trim=trim)

    def _template_text(self, *, trim: bool) -> None:
        """Add the text of a template up to its next tag."""
        start = self._position
        found = scan_text(self.text, start, trim=trim)
        self._position = found.end
        if found.mistake:
            self._fail("unclosed-tag", found.mistake, found.end, found.end + 1, "end it with %>")
        if found.text is not None and (found.text or found.mode == "text"):
            self.tokens.append(("RENDER_STRING", found.text, start, found.end))
        if found.mode == "expression":
            self.tokens.append(("RENDER", "<%=", found.end - 3, found.end))
        self._epp = found.mode
        self._epp_open = -1 if found.mode == "text" else self.text.rfind("<%", start, found.end)

    def _other(self, _before: int, start: int, end: int) -> None:
        text = self.text[start:end]
        if text == "$":
            self.tokens.append(("VARIABLE", "", start, end))
        elif text[0].isupper() or text.startswith("::"):
            self._fail("bad-name", f"'{text}' is not a complete name", start, end, "every part begins with a letter")
            self.tokens.append(("ERROR", text, start, end))
        else:
            self.tokens.append(("OTHER", text, start, end))
