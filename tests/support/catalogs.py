"""Catalogs in Puppet's form, brought to one shape so that two of them can be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

RELATIONS = {"require", "before", "notify", "subscribe"}
REFERENCE = re.compile(r"([A-Z][\w:]*)\[(.*)\]", re.DOTALL)


def differences(wanted: Mapping[str, Any], got: Mapping[str, Any]) -> list[str]:
    """Return what differs in words: resources, their order, parameters, tags, containment; [] for equal catalogs."""
    return list(_differences(wanted, got))


def _differences(wanted: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[str]:
    mine, theirs = _resources(got), _resources(wanted)
    if list(mine) != list(theirs):
        yield f"resources: wanted {list(theirs)}, got {list(mine)}"
    for name in theirs.keys() & mine.keys():
        for key, (want, have) in {key: (theirs[name][key], mine[name][key]) for key in theirs[name]}.items():
            if want != have:
                yield f"{name} {key}: wanted {want}, got {have}"
    edges = [{_ends(edge) for edge in side["edges"]} for side in (wanted, got)]
    if edges[0] != edges[1]:
        yield f"edges: missing {sorted(edges[0] - edges[1])}, extra {sorted(edges[1] - edges[0])}"


def _ends(edge: Any) -> tuple[str, str]:
    """Return both ends of a containment edge, written as a pair or by name."""
    source, target = edge if isinstance(edge, list) else (edge["source"], edge["target"])
    return _named(source), _named(target)


def _resources(catalog: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what counts of each resource, by its reference, in order; Class[Settings] says nothing of a manifest."""
    found: dict[str, dict[str, Any]] = {}
    for item in catalog["resources"]:
        name = _named(f"{item['type']}[{item['title']}]")
        if name == "Class[Settings]":
            continue
        hidden = item.get("sensitive") or item.get("sensitive_parameters") or []
        found[name] = {
            "exported": bool(item.get("exported")),
            "tags": sorted(item.get("tags") or []),
            "sensitive": sorted(hidden),
            "parameters": {
                key: _relation(value) if key in RELATIONS else json.dumps(value)
                for key, value in sorted(item["parameters"].items())
                if not (key == "name" and item["type"] in {"Class", "Stage"})
            },
        }
    return found


def _relation(value: Any) -> list[str]:
    """Return the references in ``value``, in any order."""
    flat = value if isinstance(value, list) else [value]
    names = [name for item in flat for name in (_relation(item) if isinstance(item, list) else [_named(str(item))])]
    return sorted(set(names))


def _named(reference: str) -> str:
    """Return a reference with the title of a class in capitals, as Puppet prints it now and then."""
    found = REFERENCE.fullmatch(reference)
    if found is None:
        return reference
    kind, title = found[1], found[2].strip("'\"")
    if kind == "Class" and title != "main":
        title = "::".join(part[:1].upper() + part[1:] for part in title.removeprefix("::").split("::"))
    return f"{kind}[{title}]"
