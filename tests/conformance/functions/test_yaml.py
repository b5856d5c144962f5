"""Documents of ``to_yaml`` and of ERB's ``to_yaml``, held against what Ruby's Psych writes.

``yaml.jsonl`` has made-up values with options, and Ruby's answers; where Ruby is at hand it is asked again.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from hiera.values import MISSING
from manifests.functions.data import to_yaml
from manifests.puppet.erb import render

RECORDS = [json.loads(line) for line in (Path(__file__).parent / "yaml.jsonl").read_text().splitlines()]
RUBY = """
require 'yaml'; require 'json'
puts JSON.generate(JSON.parse($stdin.read).map { |value, options| value.to_yaml(options.transform_keys(&:to_sym)) })
"""


class View:
    """What a template asks of its scope, which has one variable."""

    def __init__(self, value):
        self.value = value

    def variables(self):
        return {"value": self.value}

    def variable(self, name):
        return self.variables().get(name, MISSING)

    def kept(self, name):
        return MISSING


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: json.dumps(record[:2])[:60])
def test_a_document_is_rubys(record):
    value, options, wanted = record
    assert to_yaml(value, options) == wanted
    if not options:
        assert render("<%= @value.to_yaml -%>", "a template", View(value)) == wanted


@pytest.mark.skipif(shutil.which("ruby") is None, reason="needs Ruby")
def test_the_records_are_rubys():
    cases = json.dumps([record[:2] for record in RECORDS])
    done = subprocess.run(["ruby", "-Eutf-8:utf-8", "-e", RUBY], input=cases.encode(), capture_output=True, check=True)
    assert json.loads(done.stdout) == [record[2] for record in RECORDS]
