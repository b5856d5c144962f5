"""Facts of another node from a file, for checks away from it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from hiera.errors import DataError, Location
from hiera.values import Value
from runner.facts.collection import plain


def from_file(path: str) -> dict[str, Value]:
    """Return the facts in a YAML or JSON file: a bare mapping, or ``{name: ..., values: {...}}`` as Puppet writes it.

    Raises :class:`hiera.errors.DataError`.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as reason:
        raise _unreadable(path, f"cannot read the facts file: {reason.strerror}") from None
    found = _json(path, data) if data.lstrip().startswith(b"{") else _yaml(path, data)
    if isinstance(found, Mapping) and isinstance(found.get("values"), Mapping) and "name" in found:
        found = found["values"]
    if not isinstance(found, Mapping):
        raise _unreadable(path, "the facts file does not hold a mapping")
    try:
        facts: dict[str, Value] = plain(found)
    except RecursionError:
        raise _unreadable(path, "nested too deeply") from None
    return facts


def _unreadable(path: str, message: str, line: int = 0, column: int = 0) -> DataError:
    """Return the error for a facts file."""
    problem = DataError.of("facts-file", message, Location(os.fspath(path), line, column))
    assert isinstance(problem, DataError)
    return problem


def _json(path: str, data: bytes) -> Value:
    """Return the value of JSON text. Raises ``DataError``."""
    try:
        return json.loads(data)
    except json.JSONDecodeError as reason:
        raise _unreadable(path, f"not JSON: {reason.msg.lower()}", reason.lineno, reason.colno) from None
    except UnicodeDecodeError:
        raise _unreadable(path, "the facts file is not UTF-8 text") from None
    except RecursionError:
        raise _unreadable(path, "nested too deeply") from None


def _yaml(path: str, data: bytes) -> Value:
    """Return the value of YAML text. Facter's own files may carry Ruby symbols as keys. Raises ``DataError``."""
    import yaml  # noqa: PLC0415  loaded for checks alone

    from hiera.yaml.compose import compose  # noqa: PLC0415  as above

    text = _without_ruby(data)
    compose(text, path)  # keeps what comes next within bounds, and knows the place of what is wrong
    try:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as reason:
        mark = reason.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise _unreadable(path, f"not YAML: {reason.problem}", *place) from None
    except (yaml.YAMLError, ValueError) as reason:
        raise _unreadable(path, f"not YAML: {str(reason).splitlines()[0]}") from None


def _without_ruby(data: bytes) -> bytes:
    """Return Puppet's own facts files without the class name that Ruby puts in the first line."""
    first, newline, rest = data.partition(b"\n")
    return b"---" + newline + rest if first.startswith(b"--- !ruby/object:Puppet::Node::Facts") else data
