"""Every feature of Hiera, held against what the real Puppet (7.23) answered, and against the one installed here."""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest
from support.puppet_lookup import Puppet, ours, same

_SPEC = importlib.util.spec_from_file_location("features", Path(__file__).with_name("features.py"))
features = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(features)
ANSWERS = json.loads(features.ANSWERS.read_text())


@pytest.mark.parametrize("name", features.NAMES)
def test_answers_as_puppet(tmp_path, name):
    cases = features.cases(name, tmp_path)
    asked = [(case["dir"].name, one) for case in cases for one in case["lookups"]]
    found = [json.loads(json.dumps(one)) for case in cases for one in ours(case)]
    differing = [row for row in zip(asked, found, ANSWERS[name], strict=True) if not same(row[1], row[2])]
    assert differing == []


def test_they_are_many():
    assert sum(map(len, ANSWERS.values())) >= 600


@pytest.mark.puppet
@pytest.mark.skipif(shutil.which("puppet") is None, reason="needs Debian's puppet-agent")
def test_the_records_are_puppets(tmp_path):
    puppet = Puppet()
    for name in features.NAMES:
        found = [one for case in features.cases(name, tmp_path / name) for one in puppet.ask(case)]
        assert [row for row in zip(found, ANSWERS[name], strict=True) if not same(*row)] == []
    puppet.close()
