"""The ports of modules' Ruby functions give what the Ruby gives.

``ports.jsonl`` holds calls of our own making with what Puppet 7.23 answered, the modules at hand; it is read without
Ruby and without the modules: each function is known because its module has a source of that name, whatever is in it.
"""

import json
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest

from hiera.tree import DirectoryTree
from manifests.puppet.functions.ports import PORTS
from tests.support.puppet_calls import Asker

ROWS = [json.loads(line) for line in (Path(__file__).parent / "ports.jsonl").read_text(encoding="utf-8").splitlines()]
BY_NAME = defaultdict(list)
for _row in ROWS:
    BY_NAME[_row["call"]].append(_row)


@pytest.fixture(scope="module")
def asker():
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        for name in PORTS:
            source = Path(directory, "modules/many/lib/puppet/functions", *name.split("::")).with_suffix(".rb")
            source.parent.mkdir(parents=True, exist_ok=True)
            source.write_text("# Ruby\n", encoding="utf-8")
        yield Asker(["modules"], tree=DirectoryTree(directory))


@pytest.mark.parametrize("name", BY_NAME)
def test_a_port_gives_what_the_ruby_gives(asker, name):
    wrong = []
    for row in BY_NAME[name]:
        got = asker.answer(row)
        expected = {"error"} if row.get("fails") else {"value"}
        if set(got) != expected or json.dumps(got.get("value")) != json.dumps(row.get("value")):
            wrong.append((row, got))

    assert wrong == []


def test_a_port_is_unknown_without_its_module():
    got = Asker().answer({"call": "apache::bool2httpd", "args": [True]})

    assert got == {"error": "Unknown function: 'apache::bool2httpd'"}
