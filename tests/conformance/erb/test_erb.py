"""Templates of our own rendered as Ruby 3.1 and its ERB rendered them."""

import json
from pathlib import Path

import pytest

from hiera.values import MISSING
from manifests.puppet.erb import render

RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_text())


class Scope:
    def variable(self, name):
        return RECORDED["variables"].get(name.removeprefix("::"), MISSING)

    def variables(self):
        return RECORDED["variables"]

    def call(self, name, arguments):
        if name == "versioncmp":
            return (arguments[0] > arguments[1]) - (arguments[0] < arguments[1])
        return f"{name}({len(arguments)})"

    def kept(self, name):
        return MISSING

    def classes(self):
        return ["settings", "a", "b"]

    def tags(self):
        return ["t1", "t2"]

    def all_tags(self):
        return self.tags()


def test_there_are_many():
    assert len(RECORDED["cases"]) > 600


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: case.get("ruby") or case["template"])
def test_a_template_shows_what_it_shows_in_ruby(case):
    text = case.get("template") or f"<% r = begin; {case['ruby']}\nend -%>\n<%= r.inspect %>"
    assert render(text, "t.erb", Scope()) == case["shows"]
