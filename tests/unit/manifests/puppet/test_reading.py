"""The language as other tools read it, as the handbook shows it."""

import re
from pathlib import Path

import pytest

from hiera.errors import DataError
from manifests.puppet import nodes, parse_file, parse_text

HANDBOOK = Path(__file__).parents[4] / "docs/architecture.md"


def test_the_example_of_the_handbook_tells_what_it_says(tmp_path, monkeypatch, capsys):
    (example,) = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", HANDBOOK.read_text(), re.DOTALL)
    (tmp_path / "init.pp").write_text("class web (Integer[1, 65535] $port = 80) {\n  include nginx\n}\n")
    monkeypatch.chdir(tmp_path)

    exec(compile(example[0], "example", "exec"), {})

    assert capsys.readouterr().out == example[1]


def test_every_problem_comes_at_once_and_has_a_place():
    with pytest.raises(DataError) as caught:
        parse_text("$x = ]\n$y = )\n", "site.pp")

    assert [str(problem.location) for problem in caught.value.problems] == ["site.pp:1:6", "site.pp:2:6"]


def test_a_template_is_read_by_its_name(tmp_path):
    (tmp_path / "a.epp").write_text("<% if $x { %>a<% } %>")

    found = parse_file(str(tmp_path / "a.epp"))

    assert [type(node).__name__ for node in nodes(found.program)].count("RenderString") == 1


@pytest.mark.parametrize(
    "text", ["f(@(X), 'a\nX\n b', 1)\n", "f(@(X), @(Y), 'a\nX\n b\nY\n')", 'f(@(X), "${a\nX\n}", 1)\n']
)
def test_a_string_may_reach_from_a_heredocs_line_into_its_text(text):
    assert [type(node).__name__ for node in nodes(parse_text(text).program)].count("Heredoc") == text.count("@(")
