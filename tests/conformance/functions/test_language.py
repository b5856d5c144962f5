"""Calls of core's and stdlib's functions in the Puppet language give what Puppet 7.23 and 8.11 give.

``language.jsonl`` holds calls of our own making with the answers of the real one, recorded by ``../types/record.rb``
(both versions answer alike, but for ``uriescape``, which Puppet 8 refuses). It needs no Ruby to be read.
"""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.puppet_calls import Asker

ROWS = [
    json.loads(line) for line in (Path(__file__).parent / "language.jsonl").read_text(encoding="utf-8").splitlines()
]
BY_NAME = defaultdict(list)
for _row in ROWS:
    BY_NAME[_row["call"]].append(_row)

DIFFERENT = {
    ("stdlib::to_yaml", '[{"a": "<<"}]'): "quoted instead of tagged",
    ("stdlib::to_yaml", '[{"$": "{a => /x/}"}]'): "text instead of Ruby's own object",
    ("stdlib::to_yaml", '[{"$": "{a => Integer}"}]'): "text instead of Ruby's own object",
    ("stdlib::type_of", '[{"$": "SemVer(\'1.0.0\')"}]'): "the type without the version",
    ("type", '[{"$": "Deferred(\'x\')"}]'): "the type by its name",
    ("type", '[{"$": "URI(\'http://a\')"}]'): "the type without the parts",
    ("parseyaml", '["x: &y 1\\nz: *y", "d"]'): "aliases are read",
    ("parseyaml", '["a: !ruby/object:Object {}", "d"]'): "tags of Ruby are passed over",
    ("parseyaml", '["a: .inf"]'): "an infinity prints otherwise",
}
LOOSER = {
    "member", "union", "shellquote", "capitalize", "abs", "convert_base", "md5", "sha1", "sha256", "compare", "get",
    "join", "stdlib::ensure", "fact", "any", "all", "stdlib::sort_by", "parsepson",
    "stdlib::to_json_pretty",
}  # fmt: skip
"""Functions that take what Puppet refuses, mostly because the YAML language shares them."""


@pytest.fixture(scope="module", params=[7, 8])
def asker(request):
    return Asker(version=request.param)


def test_the_record_is_worth_its_name():
    assert len(ROWS) > 1300
    assert len(BY_NAME) > 150


@pytest.mark.parametrize("name", BY_NAME)
def test_a_call_gives_what_it_gives_in_puppet(asker, name):
    wrong = []
    for row in BY_NAME[name]:
        got = asker.answer(row)
        if (name, json.dumps(row["args"])) in DIFFERENT:
            continue
        failed = "error" in got
        if failed != row.get("fails", False):
            if failed or name not in LOOSER:
                wrong.append((row, got))
        elif not failed and json.dumps(got["value"]) != json.dumps(row["value"]):
            wrong.append((row, got))

    assert wrong == []
