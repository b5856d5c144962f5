"""The Hiera reader: data files as Puppet reads them, that is by Ruby's Psych and YAML 1.1."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, NoReturn

import msgspec

from hiera.errors import DataError, Location, Problem
from hiera.values import Value
from hiera.yaml.compose import BOUNDS, Bounds, compose
from hiera.yaml.nodes import CollectionKey, Mapping, Node, Scalar, Sequence
from hiera.yaml.psych import UnreadableScalarError, psych

Warn = Callable[[Problem], None]
"""Takes what deserves a warning."""

Texts = Callable[[str, Location, str], Value]
"""Makes a value of a text at a place below a top-level key."""

_BINARY: Final = ("!binary", "tag:yaml.org,2002:binary")
_TEXT: Final = ("!str", "tag:yaml.org,2002:str")
_FLOAT: Final = ("!float", "tag:yaml.org,2002:float")
_PAIRS: Final = ("!omap", "tag:yaml.org,2002:omap")
_SETS: Final = ("!set", "tag:yaml.org,2002:set")
_RUBY: Final = ("!ruby/", "tag:ruby.yaml.org")


class DataFile(msgspec.Struct, frozen=True):
    """A file's value, where each of its top-level keys stands, and which of them hold what Hiera data cannot."""

    value: Value
    keys: dict[str, Location]
    wrong: dict[str, Problem] = {}


def read(data: bytes, file: str, warn: Warn) -> Value:
    """Return the value of the data file ``data``. Raises ``DataError``; a duplicate key only warns, the last wins."""
    found = read_file(data, file, warn)
    if found.wrong:
        raise DataError(*found.wrong.values())
    return found.value


def read_file(
    data: bytes,
    file: str,
    warn: Warn,
    *,
    texts: Texts | None = None,
    wanted: str = "",
    bounds: Bounds = BOUNDS,
) -> DataFile:
    """Return the data file with the places of its keys; each text that holds ``wanted`` goes through ``texts``."""
    composed = compose(data, file, bounds=bounds, key_of=_key, ruby=True)
    for problem in composed.problems:
        if problem.code != "yaml-bom":
            warn(msgspec.structs.replace(problem, severity="warning"))
    if composed.root is None:
        return DataFile(None, {})
    reader = _Reader(texts, wanted)
    keys: dict[str, Location] = {}
    if isinstance(composed.root, Mapping):
        entries = composed.root.entries
        keys = {str(_key(key)): key.location for key, _ in entries if not isinstance(key, CollectionKey)}
    return DataFile(reader.value(composed.root), keys, reader.wrong)


class _Reader:
    """Turns nodes into values; remembers the top-level key it is below."""

    def __init__(self, texts: Texts | None, wanted: str) -> None:
        self._texts = texts
        self._wanted = wanted
        self._top = ""
        self._depth = 0
        self.wrong: dict[str, Problem] = {}
        """What Puppet refuses only when the key is asked for, by top-level key."""

    def value(self, node: Node) -> Value:
        """Return the value of ``node``."""
        if isinstance(node, Scalar):
            value = self._scalar(node)
            if self._texts is not None and isinstance(value, str) and self._wanted in value:
                return self._texts(value, node.location, self._top)
            return value
        self._depth += 1
        result: Value = self._list(node) if isinstance(node, Sequence) else self._hash(node)
        self._depth -= 1
        return result

    def _scalar(self, scalar: Scalar) -> Value:
        """Return the value of ``scalar``; a symbol counts as wrong below its top-level key."""
        if not scalar.style and scalar.tag is None and scalar.text[:1] == ":" and len(scalar.text) > 1:
            self._note(f"'{scalar.text}' is read as a symbol, which Hiera data cannot hold", scalar)
            return scalar.text
        return _scalar(scalar)

    def _note(self, message: str, scalar: Scalar) -> None:
        """Note what is wrong with the top-level key that is being read."""
        self.wrong.setdefault(self._top, Problem("yaml-scalar", message, scalar.location, "quote it"))

    def _refuse_key(self, key: CollectionKey) -> None:
        """Count a list or mapping as key as wrong below its top-level key; at the top nobody can ask for it."""
        if self._depth > 1:
            message = "a key must be a text, not a list or a mapping"
            self.wrong.setdefault(self._top, Problem("yaml-key", message, key.location, key.hint))

    def _list(self, node: Sequence) -> Value:
        """Return the list of ``node``, or the hash if it is a list of pairs by its tag."""
        _check_tag(node)
        items = [self.value(item) for item in node.items]
        if node.tag in _PAIRS and all(isinstance(item, dict) for item in items):
            return {key: value for item in items for key, value in item.items()}
        return items

    def _hash(self, node: Mapping) -> dict[Hashable, Value]:
        """Return the hash of ``node``; a key seen again keeps its place and takes the later value."""
        _check_tag(node)
        result: dict[Hashable, Value] = {}
        for scalar, item in node.entries:
            if isinstance(scalar, CollectionKey):
                self._refuse_key(scalar)
                continue
            key = _key(scalar)
            if self._depth == 1:
                self._top = str(key)
            elif isinstance(key, bool) or key is None:
                self._note(f"the key '{scalar.text}' is neither a text nor a number", scalar)
            result[key] = self.value(item)
        return result


def _key(scalar: Scalar) -> Hashable:
    """Return a key's value; a symbol (``:key``) is its name, as Puppet turns it, and no collection is like another."""
    if isinstance(scalar, CollectionKey):
        return scalar.location
    text = scalar.text
    if not scalar.style and scalar.tag is None and text[:1] == ":" and len(text) > 1:
        return text[1:].strip("\"'")
    key: Hashable = _scalar(scalar)
    return key


def _scalar(scalar: Scalar) -> Value:
    """Return the value of ``scalar``. Raises ``DataError`` (``yaml-scalar``, ``yaml-tag``)."""
    tag = scalar.tag
    if scalar.style and tag is None:
        return scalar.text
    try:
        if tag is None:
            return psych(scalar.text)
        return _tagged(scalar, tag)
    except UnreadableScalarError as error:
        taken = str(error)
        message = f"'{scalar.text}' is read as {taken}, which Hiera data cannot hold"
        raise DataError(Problem("yaml-scalar", message, scalar.location, "quote it")) from None


def _tagged(scalar: Scalar, tag: str) -> Value:
    """Return the value of a scalar with a tag, as far as Puppet's reader allows tags."""
    if tag in _BINARY:
        return _binary(scalar)
    if tag in _TEXT:
        return scalar.text
    if tag.startswith(_RUBY):
        _refuse(scalar, f"the tag '{tag}' makes Ruby objects, which Hiera data cannot hold")
    value = psych(scalar.text)
    if tag in _FLOAT:
        if not isinstance(value, int | float):
            _refuse(scalar, "the tag '!!float' stands before what is no number")
        return float(value)
    return value


def _check_tag(node: Mapping | Sequence) -> None:
    """Raise ``DataError`` (``yaml-tag``) for a collection that makes a Ruby object."""
    if node.tag is not None and (node.tag in _SETS or node.tag.startswith(_RUBY)):
        _refuse(node, f"the tag '{node.tag}' makes Ruby objects, which Hiera data cannot hold")


def _binary(scalar: Scalar) -> str:
    """Return the text that base64 stands for. Raises ``DataError`` (``yaml-tag``) if it is none."""
    import base64  # noqa: PLC0415  hardly any file has binary values

    try:
        return base64.b64decode(scalar.text).decode("utf-8")
    except ValueError:
        _refuse(scalar, "the tag '!!binary' stands before what is no base64 of UTF-8 text")


def _refuse(node: Node, message: str) -> NoReturn:
    """Raise ``yaml-tag`` at ``node``."""
    raise DataError(Problem("yaml-tag", message, node.location))
