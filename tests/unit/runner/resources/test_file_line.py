"""The type ``file_line``: where a new line goes, and what it refuses."""

import pytest

from hiera.errors import Location
from manifests.catalog import Declaration, Ref
from runner.resources.base import Change
from runner.resources.file_line import FileLine
from runner.system.base import MachineError
from runner.system.local import LocalSystem

PATH = "/app.conf"


def bound(**attributes):
    """Return a resource of the type with ``attributes``."""
    here = Location("site.yaml", 1, 1)
    return FileLine(Declaration(Ref("file_line", "x"), "x", {"path": PATH, **attributes}, here, Ref("class", "main")))


def apply(root, text, **attributes):
    """Converge once on a file with ``text`` and return what the file holds then."""
    (root / PATH[1:]).write_text(text)
    system, resource = LocalSystem(str(root), content=lambda digest: None), bound(**attributes)
    before = resource.read(system, frozenset())
    after = resource.after(before, resource.wanted())
    if after != before:
        resource.converge(system, Change(before, after))
    return (root / PATH[1:]).read_text()


@pytest.mark.parametrize(
    ("attributes", "text", "result"),
    [
        ({"line": "b", "after": "^a"}, "x\na\nc\n", "x\na\nb\nc\n"),
        ({"line": "b", "after": "^nothing"}, "a\nc\n", "a\nc\nb\n"),
        ({"line": "b=2", "match": "^b", "after": "^a"}, "a\nc\nb=1\n", "a\nc\nb=2\n"),
        ({"line": "b=2", "match": "^b"}, "b=1\nc", "b=2\nc"),
        ({"line": "b", "ensure": "absent"}, "a\nb\nc\n", "a\nc\n"),
        ({"match": "^b", "match_for_absence": True, "ensure": "absent"}, "a\nb=1\nc\n", "a\nc\n"),
    ],
)
def test_where_the_line_goes(tmp_path, attributes, text, result):
    """Behind the line that ``after`` finds, in the place of the one that ``match`` finds, else at the end."""
    assert apply(tmp_path, text, **attributes) == result


def test_several_lines_match(tmp_path):
    """Nobody says which one is meant, so nothing is touched."""
    with pytest.raises(MachineError, match=r"2 lines of '/app.conf' match '\^b'"):
        apply(tmp_path, "b=1\nb=2\n", line="b=3", match="^b")


def test_problems():
    """A line that is missing and a pattern that is none are known before the first touch."""
    found = [problem.code for problem in bound(match="(").problems(None)]

    assert found == ["bad-pattern", "missing-attribute"]
