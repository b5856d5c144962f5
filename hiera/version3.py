"""``hiera.yaml`` of version 3 as one of version 5."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from hiera.values import Value

_BACKENDS: Final = {
    "yaml": ("data_hash", "yaml_data", ".yaml"),
    "json": ("data_hash", "json_data", ".json"),
    "hocon": ("data_hash", "hocon_data", ".conf"),
    "eyaml": ("lookup_key", "eyaml_lookup_key", ".eyaml"),
}
_ENVIRONMENT: Final = re.compile(r"^.*?/environments/(?:%\{(?:::)?environment\}|[^/%]+)(?:/|$)")
_DEFAULT: Final = "hieradata"
"""The directory of the data where version 3 names none."""


class Converted(msgspec.Struct, frozen=True):
    """The document of version 5, and in words what of version 3 it cannot say."""

    document: dict[str, Value]
    lost: tuple[str, ...]


def converted(given: Mapping[str, Value]) -> Converted:
    """Return what ``given``, the content of a ``hiera.yaml`` of version 3, is in version 5."""
    old = {key.removeprefix(":"): value for key, value in given.items()}
    lost: list[str] = []
    levels: list[dict[str, Value]] = []
    backends, patterns = _list(old.get("backends", "yaml")), _list(old.get("hierarchy", "common"))
    for backend in backends:
        if backend not in _BACKENDS:
            lost.append(f"the backend '{backend}' is left out: write one in Python below lib/hiera/")
            continue
        options = {key.removeprefix(":"): value for key, value in _mapping(old.get(backend)).items()}
        levels += [_level(backend, pattern, options, several=len(backends) > 1) for pattern in patterns]
    if old.get("merge_behavior", "native") != "native":
        behaviour = old["merge_behavior"]
        lost.append(f"merge_behavior '{behaviour}' is left out: name a merge for each key in 'lookup_options'")
    return Converted({"version": 5, "hierarchy": levels}, tuple(lost))


def _level(backend: str, pattern: str, options: Mapping[str, Value], *, several: bool) -> dict[str, Value]:
    """Return one level of version 5."""
    key, function, ending = _BACKENDS[backend]
    ending = f".{options['extension']}" if "extension" in options else ending
    path = pattern if pattern.endswith(ending) else f"{pattern}{ending}"
    level = {"name": f"{pattern} ({backend})" if several else pattern, key: function, "path": path}
    level["datadir"] = _datadir(str(options.get("datadir", _DEFAULT)))
    return level


def _datadir(text: str) -> str:
    """Return a directory relative to the environment; what leads to one is left away."""
    inside = _ENVIRONMENT.sub("", text).rstrip("/")
    if inside.startswith("/"):
        inside = inside.rpartition("/")[2]
    return inside or "."


def _list(value: Value) -> Sequence[str]:
    """Return a value that may stand alone as a list of texts."""
    items = value if isinstance(value, list) else [value]
    return [str(item).removeprefix(":") for item in items]


def _mapping(value: Value) -> Mapping[str, Value]:
    """Return ``value`` if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}
