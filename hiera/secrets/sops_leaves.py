"""The single values of a sops file in their order and as sops sees them, for its MAC.

sops is written in Go: what is no text is digested as Go's YAML and JSON readers understand it, not as Puppet's does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from hiera.values import Value
from hiera.yaml import nodes

_NULL: Final = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE: Final = frozenset(("true", "True", "TRUE"))
_FALSE: Final = frozenset(("false", "False", "FALSE"))
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class Leaf(msgspec.Struct, frozen=True):
    """A value that is no mapping or list: the keys that lead to it, and what of it is digested."""

    path: tuple[str, ...]
    text: bytes


def leaves_of(data: bytes, file: str, without: str) -> Iterator[Leaf]:
    """Yield the leaves of the file but those below the key ``without``; one that is null has nothing to digest."""
    if data.lstrip().startswith(b"{"):
        value = json.loads(data, object_pairs_hook=_Pairs)
        for key, item in value:
            if key != without:
                yield from _json_leaves(item, (key,))
        return
    from hiera.yaml.compose import compose  # noqa: PLC0415  most data is not of sops

    root = compose(data, file).root
    for scalar, node in root.entries if isinstance(root, nodes.Mapping) else ():
        if scalar.text != without:
            yield from _yaml_leaves(node, (scalar.text,))


class _Pairs(list[tuple[str, Value]]):
    """A JSON object with its keys in their order."""


def _json_leaves(value: Value, path: tuple[str, ...]) -> Iterator[Leaf]:
    """Yield the leaves of a value read from JSON."""
    if isinstance(value, _Pairs):
        for key, item in value:
            yield from _json_leaves(item, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from _json_leaves(item, path)
    elif value is not None:
        yield Leaf(path, _digested(value))


def _yaml_leaves(node: nodes.Node, path: tuple[str, ...]) -> Iterator[Leaf]:
    """Yield the leaves of a node of YAML."""
    if isinstance(node, nodes.Mapping):
        for key, item in node.entries:
            yield from _yaml_leaves(item, (*path, key.text))
    elif isinstance(node, nodes.Sequence):
        for item in node.items:
            yield from _yaml_leaves(item, path)
    else:
        value = node.text if node.style or node.tag == "!!str" else _plain(node.text)
        if value is not None:
            yield Leaf(path, _digested(value))


def _plain(text: str) -> Value:
    """Return what Go's reader takes a plain scalar for."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    digits = text.replace("_", "")
    try:
        return _integer(digits)
    except ValueError:
        return float(digits) if _FLOAT.fullmatch(digits) else text


def _integer(text: str) -> int:
    """Return the integer that ``text`` is to Go: a leading zero means octal. Raises ``ValueError``."""
    bare = text.lstrip("+-")
    if not re.fullmatch(r"0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*", bare):
        raise ValueError(text)
    sign = -1 if text.startswith("-") else 1
    if re.fullmatch(r"0[0-7]+", bare):
        return sign * int(bare, 8)
    return sign * int(bare, 0)


def _digested(value: Value) -> bytes:
    """Return the bytes that stand for ``value`` in the MAC."""
    if isinstance(value, bool):
        return b"True" if value else b"False"
    if isinstance(value, float):
        from decimal import Decimal  # noqa: PLC0415  few files have fractions that are not encrypted

        text = format(Decimal(repr(value)), "f")
        return (text.rstrip("0").rstrip(".") if "." in text else text).encode()
    return str(value).encode("utf-8", "surrogateescape")
