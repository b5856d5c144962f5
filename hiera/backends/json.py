"""``json_data``: JSON."""

from __future__ import annotations

import json
import re
from collections import Counter

from hiera.errors import DataError, Location, Problem
from hiera.secrets.blocks import MARK
from hiera.values import Value
from hiera.yaml.compose import BOUNDS
from hiera.yaml.data import DataFile, Texts, Warn


def read_json(data: bytes, file: str, warn: Warn, texts: Texts) -> DataFile:
    """Return the data of a JSON file; of a key that stands twice the last wins. Raises ``DataError``."""
    text = decoded(data, file)

    def pairs(items: list[tuple[str, Value]]) -> dict[str, Value]:
        result = dict(items)
        if len(result) < len(items):
            twice = next(key for key, times in Counter(key for key, _ in items).items() if times > 1)
            message = f"the key '{twice}' stands twice in one object"
            warn(Problem("duplicate-key", message, Location(file), severity="warning"))
        return result

    try:
        value = json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        place = Location(file, error.lineno, error.colno)
        raise DataError.of("json-syntax", f"not valid JSON: {error.msg.lower()}", place) from None
    except (RecursionError, ValueError):
        raise DataError.of(
            "json-syntax", "the JSON is nested too deep or has too long a number", Location(file)
        ) from None
    if not isinstance(value, dict):
        return DataFile(value, {})
    keys = {key: _place(text, file, key) for key in value}
    return DataFile({key: walked(item, keys[key], key, texts, 1) for key, item in value.items()}, keys)


def decoded(data: bytes, file: str) -> str:
    """Return the text of ``data``. Raises ``DataError`` (``encoding``, ``json-size``)."""
    if len(data) > BOUNDS.size:
        raise DataError.of("json-size", f"the file is larger than {BOUNDS.size} bytes", Location(file))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"the file is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}"
        raise DataError.of("encoding", message, Location(file, line), hint="save the file as UTF-8") from None


def _place(text: str, file: str, key: str) -> Location:
    """Return where ``key`` first stands before a colon: JSON's parser keeps no places."""
    found = re.search(re.escape(json.dumps(key, ensure_ascii=False)) + r"\s*:", text)
    if found is None:
        return Location(file)
    at = found.start()
    return Location(file, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def walked(value: Value, place: Location, key: str, texts: Texts, depth: int) -> Value:
    """Return ``value`` with every text that may hold an encrypted block put through ``texts``."""
    if depth > BOUNDS.depth:
        raise DataError.of("json-depth", f"the file is nested deeper than {BOUNDS.depth} levels", place)
    if isinstance(value, str):
        return texts(value, place, key) if MARK in value else value
    if isinstance(value, list):
        return [walked(item, place, key, texts, depth + 1) for item in value]
    if isinstance(value, dict):
        return {name: walked(item, place, key, texts, depth + 1) for name, item in value.items()}
    return value
