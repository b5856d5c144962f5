"""Resource types from the Ruby sources of modules: the declarations alone are read, nothing is run.

What a source computes cannot be known: then the type is not ``certain`` and accepts every attribute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from manifests.puppet.kinds.base import Kind, usable
from manifests.puppet.kinds.resource_api import read_registered
from manifests.puppet.ruby.scanner import Token, scan

_DECLARES: Final = {"newparam": "parameter", "newproperty": "property", "newcheck": "parameter", "newstate": "property"}
_GENERATES: Final = frozenset(("class_eval", "instance_eval", "module_eval", "send", "public_send", "eval"))
_NEAR: Final = 500
"""How many tokens before a declaration the loop around it is looked for."""
_NAMEVAR: Final = frozenset(("isnamevar", "isnamevar?"))


@lru_cache(maxsize=512)
def read_type(text: str, name: str, path: str) -> Kind | None:
    """Return the type ``name`` that the Ruby source ``text`` (the file ``path``) declares, None if there is none."""
    tokens = scan(text)
    registered = read_registered(tokens, name, path)
    if registered is not None:
        return registered
    if not any(token.kind == "word" and token.text == "newtype" for token in tokens):
        return None
    return _Reader(tokens, name, path).read()


class _Reader:
    """One ``newtype`` on its way to a kind."""

    def __init__(self, tokens: Sequence[Token], name: str, path: str) -> None:
        self._tokens = [token for token in tokens if token.kind != "line"]
        self._name = name
        self._path = path
        self._parameters: dict[str, None] = {}
        self._properties: dict[str, None] = {}
        self._namevars: dict[str, None] = {}
        self._latest: tuple[str, ...] = ()
        self._given: dict[str, int] = {}  # name -> where the value of its first assignment stands
        for at in range(len(self._tokens) - 2, 0, -1):
            if self._text(at) == "=" and self._tokens[at - 1].kind == "word":
                self._given[self._tokens[at - 1].text or ""] = at + 1
        self._certain = True
        self._isomorphic = True

    def read(self) -> Kind:
        """Return what the source declares."""
        for at, token in enumerate(self._tokens):
            if token.kind == "word":
                self._word(at, token.text or "")
        namevars = tuple(name for name in self._parameters if name in self._namevars or name == "name")
        patterns = self._patterns()
        if (len(namevars) > 1 and not patterns) or not all(usable(pattern) for pattern, _ in patterns):
            self._certain, patterns = False, ()
        return Kind(
            self._name,
            namevars,
            frozenset(self._parameters),
            frozenset(self._properties),
            ensurable="ensure" in self._properties,
            title_patterns=patterns,
            certain=self._certain,
            isomorphic=self._isomorphic,
            source=self._path,
        )

    def _word(self, at: int, word: str) -> None:
        after = self._text(at + 1)
        if word in _DECLARES:
            if self._text(at - 1) not in ("def", "."):
                self._declare(at, _DECLARES[word])
        elif word == "newtype":
            self._check_name(at)
        elif word == "ensurable" and self._text(at - 1) not in (".", "def"):
            self._take(("ensure",), "property")
        elif word in _NAMEVAR:
            self._namevars.update(dict.fromkeys(self._latest))
        elif word == "provide" and self._text(at - 1) != "def":
            self._parameters["provider"] = None
        elif word in _GENERATES and (word.endswith("_eval") or self._text(at - 1) == "."):
            self._certain = False
        elif word == "extend" and self._text(at - 1) != ".":
            self._certain = False  # what it brings may declare more
        elif word == "@isomorphic" and after == "=" and self._text(at + 2) == "false":
            self._isomorphic = False

    def _check_name(self, at: int) -> None:
        """Doubt a file that declares another type than its name says."""
        first = self._tokens[at + 1 : at + 3]
        named = next((token for token in first if token.kind in ("symbol", "string")), None)
        if named is None or named.text != self._name:
            self._certain = False

    def _declare(self, at: int, part: str) -> None:
        """Take ``newparam(:x, namevar: true)`` and its like."""
        first = at + 2 if self._text(at + 1) == "(" else at + 1
        names = self._names(first)
        if names is None:
            self._certain = False
            self._latest = ()
            return
        self._take(names, part)
        for index in range(first, min(first + 16, len(self._tokens))):
            token = self._tokens[index]
            if token.text in ("do", "{", ")") and token.kind in ("word", "operator"):
                break
            if token.text in ("namevar", "isnamevar") and token.kind in ("label", "symbol"):
                self._namevars.update(dict.fromkeys(names))

    def _take(self, names: tuple[str, ...], part: str) -> None:
        (self._parameters if part == "parameter" else self._properties).update(dict.fromkeys(names))
        self._latest = names

    def _names(self, at: int) -> tuple[str, ...] | None:
        """Return the names declared by the argument at ``at``: a literal, or the variable of a loop over literals."""
        if at >= len(self._tokens):
            return None
        token = self._tokens[at]
        if token.kind in ("symbol", "string"):
            return (token.text,) if token.text is not None else None
        if token.kind == "word" and token.text:
            return self._looped(at, token.text)
        return None

    def _looped(self, at: int, variable: str) -> tuple[str, ...] | None:
        """Return what the block variable ``variable`` runs through."""
        for index in range(at - 1, max(2, at - _NEAR), -1):
            if self._text(index) == variable and self._text(index - 1) == "|":
                start = index - 2  # `do` or `{`
                return self._listed(start - 1) if self._text(start) in ("do", "{") else None
        return None

    def _listed(self, at: int) -> tuple[str, ...] | None:
        """Return the names in the list whose ``.each`` stands at ``at``."""
        if (
            self._text(at) not in ("each", "each_pair", "each_key", "each_with_index", "map")
            or self._text(at - 1) != "."
        ):
            return None
        last = at - 2
        if self._text(last) == "keys" and self._text(last - 1) == ".":
            last -= 2
        token = self._tokens[last]
        if token.kind == "word":
            return self._assigned(token.text or "")
        return self._literal_ending(last)

    def _assigned(self, name: str) -> tuple[str, ...] | None:
        """Return the names in the list or hash that ``name`` was given."""
        at = self._given.get(name)
        if at is None:
            return None
        start = self._tokens[at]
        if start.kind == "words":
            return tuple((start.text or "").split())
        return _items(self._tokens[at : _closing(self._tokens, at) + 1]) if start.text in ("[", "{") else None

    def _literal_ending(self, last: int) -> tuple[str, ...] | None:
        """Return the names in the literal whose last token is at ``last``."""
        token = self._tokens[last]
        if token.kind == "words":
            return tuple((token.text or "").split())
        if token.text not in ("]", "}"):
            return None
        return _items(self._tokens[_opening(self._tokens, last) : last + 1])

    def _patterns(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the title patterns, () where there are none or they cannot be read."""
        for at, token in enumerate(self._tokens):
            if token.text == "title_patterns" and self._text(at - 1) == "." and self._text(at - 3) == "def":
                found = tuple(self._pairs(at + 1))
                if not found:
                    self._certain = False
                return found
        return ()

    def _pairs(self, start: int) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each regular expression of a method with the attributes that follow it."""
        pattern: str | None = None
        names: list[str] = []
        for token in self._tokens[start:]:
            if token.kind == "regex" or (token.kind == "word" and token.text in ("end", "def", "newparam")):
                if pattern is not None and names:
                    yield pattern, tuple(names)
                if token.kind == "word":
                    return
                pattern, names = ruby_regex(self._filled(token.text)), []
                if pattern is None:
                    self._certain = False
            elif token.kind == "symbol" and token.text:
                names.append(token.text)

    def _filled(self, text: str | None) -> str | None:
        """Return a scanned expression with the expressions that it names by variables, None if one is not found."""
        for name in re.findall(r"#\{(\w+)\}", text or ""):
            at = self._given.get(name)
            value = self._tokens[at] if at is not None else None
            if value is None or value.kind != "regex" or not value.text:
                return None
            options, _, body = value.text.partition("/")
            kept = "".join(option for option in "mix" if option in options)
            text = (text or "").replace(f"#{{{name}}}", f"(?{kept}:{body})")
        return text

    def _text(self, at: int) -> str | None:
        """Return the text of the token at ``at``; None outside, and for what is no code."""
        if not 0 <= at < len(self._tokens):
            return None
        token = self._tokens[at]
        return token.text if token.kind in ("word", "operator") else None


def ruby_regex(text: str | None) -> str | None:
    """Return a scanned expression with its options inside, None where it is computed."""
    if text is None:
        return None
    options, _, body = text.partition("/")
    kept = "".join(option for option in "mix" if option in options)
    return f"(?{kept}:{body})" if kept else body


def _items(tokens: Sequence[Token]) -> tuple[str, ...] | None:
    """Return the names in a list of literals, or the keys of a hash; None where one is computed."""
    names: list[str] = []
    hashed = bool(tokens) and tokens[0].text == "{"
    depth = 0
    for index, token in enumerate(tokens):
        if token.kind == "operator":
            depth += {"[": 1, "{": 1, "(": 1, "]": -1, "}": -1, ")": -1}.get(token.text or "", 0)
        elif depth == 1 and token.kind in ("symbol", "string", "label", "words"):
            is_key = token.kind == "label" or (index + 1 < len(tokens) and tokens[index + 1].text == "=>")
            if hashed and not is_key:
                continue
            if token.text is None:
                return None
            names += token.text.split() if token.kind == "words" else [token.text]
        elif depth == 1 and token.kind == "word" and not hashed:
            return None
        elif depth == 2 and not hashed and token.kind == "symbol" and tokens[index - 1].text == "[" and token.text:
            names.append(token.text)  # [[:name, 'what it is'], ...]
    return tuple(names)


def _closing(tokens: Sequence[Token], start: int) -> int:
    """Return where the bracket that opens at ``start`` closes."""
    depth = 0
    for at in range(start, len(tokens)):
        if tokens[at].kind == "operator":
            depth += {"[": 1, "{": 1, "(": 1, "]": -1, "}": -1, ")": -1}.get(tokens[at].text or "", 0)
            if depth == 0:
                return at
    return len(tokens) - 1


def _opening(tokens: Sequence[Token], end: int) -> int:
    """Return where the bracket that closes at ``end`` opens."""
    depth = 0
    for at in range(end, -1, -1):
        if tokens[at].kind == "operator":
            depth += {"[": -1, "{": -1, "(": -1, "]": 1, "}": 1, ")": 1}.get(tokens[at].text or "", 0)
            if depth == 0:
                return at
    return 0
