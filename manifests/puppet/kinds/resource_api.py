"""Resource types that modules register with the Resource API: one hash that tells everything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from manifests.puppet.kinds.base import Kind, usable
from manifests.puppet.ruby.scanner import Token

_DEPTH: Final = {"[": 1, "{": 1, "(": 1, "]": -1, "}": -1, ")": -1}
_GROUP: Final = re.compile(r"\(\?<(?![=!])(\w+)>")
_OPENING: Final = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\((\?<(?![=!])\w+>|\?)?")


def read_registered(tokens: Sequence[Token], name: str, path: str) -> Kind | None:
    """Return the type that ``register_type`` declares in ``tokens``, None if it does not stand there."""
    code = [token for token in tokens if token.kind != "line"]
    for at, token in enumerate(code):
        if token.kind == "word" and token.text == "register_type":
            return _kind(code[at + 1 :], name, path)
    return None


def _kind(tokens: Sequence[Token], name: str, path: str) -> Kind:
    opening = "".join(token.text or "" for token in tokens[:2] if token.kind == "operator")
    entries = dict(_entries(tokens, 2 if opening == "({" else len(opening[:1])))
    parameters: set[str] = set()
    properties: set[str] = set()
    namevars: list[str] = []
    listed = entries.get("attributes", ())
    certain = bool(listed) and listed[0].text == "{" and not any(token.text == "**" for token in listed)
    for attribute, value in _entries(listed, 1):
        if _says(value, "namevar"):
            namevars.append(attribute)
            parameters.add(attribute)
        elif _says(value, "parameter"):
            parameters.add(attribute)
        else:
            properties.add(attribute)
    patterns = tuple(_patterns(entries.get("title_patterns", ())))
    if not all(usable(pattern) for pattern, _ in patterns):
        certain, patterns = False, ()
    return Kind(
        name,
        tuple(namevars),
        frozenset(parameters),
        frozenset(properties),
        ensurable="ensure" in properties,
        title_patterns=patterns,
        certain=certain and (len(namevars) == 1 or bool(patterns)),
        source=path,
    )


def _says(value: Sequence[Token], behaviour: str) -> bool:
    """Say whether an attribute's ``behaviour`` (or ``behavior``) is the one named."""
    for at, token in enumerate(value):
        if token.text in ("behaviour", "behavior") and token.kind in ("label", "symbol"):
            return any(item.text == behaviour for item in value[at + 1 : at + 3])
    return False


def _entries(tokens: Sequence[Token], depth: int) -> Iterator[tuple[str, Sequence[Token]]]:
    """Yield the keys at ``depth`` with the tokens of their values."""
    level, key, start = 0, "", 0
    for at, token in enumerate(tokens):
        if token.kind == "operator":
            level += _DEPTH.get(token.text or "", 0)
            ends = level < depth or (level == depth and token.text == ",")
            if key and ends:
                yield key, tokens[start:at]
                key = ""
            if level < depth and at > depth:
                return
        elif level == depth and not key:
            arrow = at + 1 < len(tokens) and tokens[at + 1].text == "=>"
            if token.text and (token.kind == "label" or (arrow and token.kind in ("symbol", "string"))):
                key, start = token.text, at + (2 if arrow else 1)
    if key:
        yield key, tokens[start:]


def _patterns(tokens: Sequence[Token]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each title pattern with its named groups, which become numbered ones."""
    for token in tokens:
        if token.kind == "regex" and token.text is not None and "#{" not in token.text:
            options, _, body = token.text.partition("/")
            kept = "".join(option for option in "mix" if option in options)
            names = tuple(_GROUP.findall(body))
            numbered = _GROUP.sub("(", _OPENING.sub(_unnumbered, body))
            yield (f"(?{kept}:{numbered})" if kept else numbered), names


def _unnumbered(found: re.Match[str]) -> str:
    """Return a plain group as one that takes no number: beside named groups Ruby gives it none."""
    return "(?:" if found[0] == "(" else found[0]
