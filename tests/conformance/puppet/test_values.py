"""Expressions of every kind, held against what the real Puppet 7 and 8 make of them.

``values.json`` has our own snippets and Puppet's answers, made by ``record_values.rb``; ``"8"`` stands only where it
differs from ``"7"``. The text of an error is compared where ``alike`` says that ours is Puppet's.
"""

import json
import math
import shutil
import subprocess
from pathlib import Path

import pytest

from hiera.errors import Collector, DataError
from hiera.types import DEFAULT, Regexp, Sensitive, Type
from manifests.puppet.depth import deep_stack
from manifests.puppet.evaluator.control import Break, Next, Return, illegal
from manifests.puppet.source import Source
from manifests.puppet.validation import validate
from tests.support.puppet_code import Compilation

HERE = Path(__file__).parent
RECORDS = json.loads((HERE / "values.json").read_text())
VARIABLES = {"facts": {"os": {"name": "Debian"}}, "environment": "test", "trusted": {}, "server_facts": {}}


def plain(value):
    """Return a value as the recorder writes it."""
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": "NaN"}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {"hash": [[plain(key), plain(item)] for key, item in value.items()]}
    if isinstance(value, Regexp):
        return {"regexp": value.source}
    if isinstance(value, Sensitive):
        return {"sensitive": plain(value.value)}
    if isinstance(value, Type):
        return {"type": value.expanded() if hasattr(value, "expanded") else str(value)}
    return {"symbol": "default"} if value is DEFAULT else {"text": str(value)}


def answer(code, version):
    """Return what we make of ``code`` as Puppet ``version``."""
    compilation, collector = Compilation(strict=version == 8, variables=VARIABLES), Collector()
    try:
        with deep_stack():
            source = Source(code, "site.pp")
            validate(compilation.parsed(source), source, collector, puppet_version=version)
            collector.check()
            try:
                return {"value": plain(compilation.run(code))}
            except (Next, Return, Break) as way:
                raise illegal(way) from None
    except DataError as error:
        problem = error.problems[0]
        assert problem.location is not None, problem
        return {"error": problem.message}


def recorded(record, version):
    """Return what Puppet ``version`` made of the code of ``record``."""
    return record["8"] if version == 8 and "8" in record else record["7"]


@pytest.mark.parametrize("version", [7, 8])
@pytest.mark.parametrize("record", RECORDS, ids=[repr(record["code"])[:70] for record in RECORDS])
def test_the_answer_is_puppets(record, version):
    expected, found = recorded(record, version), answer(record["code"], version)

    if "value" in expected:
        assert json.dumps(found.get("value", found)) == json.dumps(expected["value"])
        return
    assert "error" in found, expected
    if record.get("alike"):
        assert found["error"].lower() == expected["error"].lower()


@pytest.mark.puppet
@pytest.mark.skipif(shutil.which("puppet") is None, reason="needs Debian's puppet-agent")
def test_the_records_are_puppets():
    """The recorded answers are those of the Puppet installed here, which is version 7."""
    codes = json.dumps([record["code"] for record in RECORDS])
    ran = subprocess.run(
        ["ruby", HERE / "record_values.rb"], input=codes, capture_output=True, text=True, check=True,
        env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip

    answers = json.loads(ran.stdout)
    for record, found in zip(RECORDS, answers, strict=True):
        wanted = record["7"]
        assert found.get("value") == wanted.get("value"), record["code"]
        assert ("error" in found) == ("error" in wanted), record["code"]
