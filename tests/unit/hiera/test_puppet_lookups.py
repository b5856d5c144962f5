"""Lookups whose answers were taken from the real Puppet (7.23): the same tree, the same questions, the same answers.

An answer has a ``value``, or ``error``, or neither where there is no such key. Integer keys are written
``(Integer)1``, since JSON has none.
"""

import json
from pathlib import Path

import pytest

from hiera.errors import DataError
from hiera.lookup import Hiera
from hiera.tree import DirectoryTree
from hiera.values import MISSING

RECORDED = json.loads((Path(__file__).parent / "puppet_lookups.json").read_text())


@pytest.fixture(scope="module")
def hiera(tmp_path_factory):
    root = tmp_path_factory.mktemp("control")
    for name, text in RECORDED["files"].items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    modules = {"m": "modules/m", "n": "modules/n"}
    return Hiera.build(
        DirectoryTree(root), "production", "", modules, convert=lambda _type, _arguments, value: int(value)
    )


def as_recorded(value):
    if isinstance(value, dict):
        return {f"(Integer){key}" if isinstance(key, int) else key: as_recorded(item) for key, item in value.items()}
    return [as_recorded(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("case", RECORDED["lookups"], ids=[f"{c['key']}-{c.get('merge')}" for c in RECORDED["lookups"]])
def test_answers_as_puppet(hiera, case):
    scope = {"facts": RECORDED["facts"], "trusted": {"certname": "n1"}, "environment": "production"}
    if "error" in case:
        with pytest.raises(DataError):
            hiera.lookup(case["key"], scope, case.get("merge"))
        return
    value = hiera.lookup(case["key"], scope, case.get("merge"))
    if "value" in case:
        assert json.dumps(as_recorded(value)) == json.dumps(case["value"])  # the order of keys counts as well
    else:
        assert value is MISSING
