"""Made-up control repositories over every feature of Hiera, and what the real Puppet (7.23) answered on them.

The repositories were generated: hierarchies of globs, mapped paths, YAML, JSON and HOCON in any order, values with all
kinds of expressions, a module with a default hierarchy, lookup_options with merges and conversions. An answer has a
``value``, or ``error``, or neither where there is no such key; JSON keeps integer keys as ``(Integer)1``.
"""

import json
from pathlib import Path

import pytest

from hiera.errors import DataError
from hiera.lookup import Hiera
from hiera.tree import DirectoryTree
from hiera.types import parse
from hiera.types.convert import convert
from hiera.values import MISSING, Secret

RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_text())
NODE = "oracle.example.com"
SCOPE = {
    "facts": RECORDED["facts"],
    "trusted": {"certname": NODE, "hostname": "oracle", "domain": "example.com"},
    "environment": "production",
}


def as_recorded(value):
    if isinstance(value, Secret):
        return {"__sensitive__": as_recorded(value.reveal())}
    if isinstance(value, dict):
        return {f"(Integer){key}" if isinstance(key, int) else key: as_recorded(item) for key, item in value.items()}
    return [as_recorded(item) for item in value] if isinstance(value, list) else value


def answer(hiera, lookup):
    try:
        value = hiera.lookup(lookup["key"], SCOPE, lookup.get("merge"))
    except DataError:
        return {"error": True}
    return {} if value is MISSING else {"value": as_recorded(value)}


@pytest.mark.parametrize("number", range(len(RECORDED["cases"])))
def test_answers_as_puppet(tmp_path, number):
    case = RECORDED["cases"][number]
    for name, text in case["files"].items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    hiera = Hiera.build(
        DirectoryTree(tmp_path),
        "production",
        "",
        {"m": "modules/m"},
        convert=lambda name, more, value: convert(parse(name), value, *more),
    )
    asked = [(lookup["key"], lookup.get("merge")) for lookup in case["lookups"]]
    wanted = [{name: item for name, item in lookup.items() if name in ("value", "error")} for lookup in case["lookups"]]
    found = [answer(hiera, lookup) for lookup in case["lookups"]]
    differing = [one for one, a, b in zip(asked, wanted, found, strict=True) if json.dumps(a) != json.dumps(b)]
    assert differing == []
