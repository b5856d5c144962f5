"""The core schema of YAML 1.2: what a plain scalar means in configuration, policy and untyped places."""

from __future__ import annotations

import re
from typing import Final

from hiera.values import Value
from hiera.yaml.nodes import Node, Scalar, Sequence

_NAMED: Final[dict[str, Value]] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_OCTAL: Final = re.compile(r"0o[0-7]+")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DIGITS: Final = 4000
"""Python refuses to read longer decimal numbers; such a text is no number for anybody."""


def core(scalar: Scalar) -> Value:
    """Return the value of ``scalar`` by the core schema: quoted, block and tagged scalars are their text."""
    text = scalar.text
    if scalar.style or scalar.tag is not None:
        return text
    if text in _NAMED:
        return _NAMED[text]
    if text[0] not in "+-.0123456789" or len(text) > _DIGITS or not text.isascii():
        return text
    return _number(text)


def _number(text: str) -> Value:
    """Return the number that ``text`` is by the core schema, or ``text``."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text, 8)
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    return float(text) if _FLOAT.fullmatch(text) else text


def plain(node: Node | None) -> Value:
    """Return ``node`` as plain Python: dict with text keys, list, and scalars by the core schema."""
    if node is None:
        return None
    if isinstance(node, Scalar):
        return core(node)
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text: plain(item) for key, item in node.entries}
