"""The strict reader: configuration, policy, manifests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiera.errors import DataError, Location
from hiera.yaml import strict
from hiera.yaml.compose import Bounds
from hiera.yaml.nodes import Mapping, Scalar


def values(text):
    return strict.plain(strict.read(text.encode(), "f.yaml"))


def problem_of(data):
    with pytest.raises(DataError) as caught:
        strict.read(data if isinstance(data, bytes) else data.encode(), "f.yaml")
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0644", 644),
        ("0o17", 15),
        ("0x1F", 31),
        ("+1", 1),
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("True", True),
        ("tRUE", "tRUE"),
        ("1.10", 1.1),
        ("1e3", 1000.0),
        (".5", 0.5),
        (".inf", float("inf")),
        ("~", None),
        ("", None),
        ("null", None),
        ("22:30", "22:30"),
        ("1_000", "1_000"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("2001-01-01", "2001-01-01"),
        ("=", "="),
        ("!raw 1", "1"),
        ("9" * 5000, "9" * 5000),
        ("\u0663", "\u0663"),
    ],
)
def test_core_schema(text, value):
    got = values(f"a: {text}")["a"]
    assert got == value
    assert type(got) is type(value)


def test_scalars_keep_text_and_place():
    node = strict.read(b"mode: 0644\nensure: 1.10\nrun: |\n  x\n", "f.yaml", line_offset=10)
    assert isinstance(node, Mapping)
    (_, mode), (_, ensure), (key, run) = node.entries
    assert mode == Scalar("0644", "", None, Location("f.yaml", 11, 7, 4))
    assert ensure.text == "1.10"
    assert key.location == Location("f.yaml", 13, 1, 3)
    assert (run.text, run.style, run.plain) == ("x\n", "|", False)


def test_merge_keys_and_aliases():
    text = "a: &a {x: 1, y: 2}\nb: &b {x: 9, z: 3}\nc:\n  y: 5\n  <<: [*a, *b]\nd: *a\n"
    got = values(text)
    assert got["c"] == {"y": 5, "x": 1, "z": 3}
    assert got["d"] == {"x": 1, "y": 2}
    assert values('"<<": 1') == {"<<": 1}


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "hint"),
    [
        ("a: 1\n\tb: 2\n", "yaml-tab", 2, 1, "spaces"),
        ("a:\n  b: 1\n\tc: 2\n", "yaml-tab", 3, 1, "spaces"),
        ("a: *foo\n", "yaml-alias", 1, 4, 'write it as: a: "*foo"'),
        ("command: *\n", "yaml-syntax", 1, 11, 'write it as: command: "*"'),
        ("r: [package[nginx], file[/a]]\n", "yaml-syntax", 1, 12, 'write it as: r: ["package[nginx]", "file[/a]"]'),
        ("x: {{ y }}\n", "yaml-key", 1, 5, 'write it as: x: "{{ y }}"'),
        ('x: {{ y["a"] }} z\n', "yaml-syntax", 1, 8, "write it as: x: '{{ y[\"a\"] }} z'"),
        ("exec[note: x]:\n  a: 1\n", "yaml-syntax", 1, 14, 'write it as: "exec[note: x]":'),
        ("*.example.com: {}\n", "yaml-syntax", 1, 2, 'write it as: "*.example.com": {}'),
        ("unless: ! grep x f\n", "yaml-tag", 1, 9, 'quote it: "! grep x f"'),
        ("a: !!int 3\n", "yaml-tag", 1, 4, "quote it"),
        ("a: !foo {b: 1}\n", "yaml-tag", 1, 4, "declared type"),
        ("a: !raw [b]\n", "yaml-tag", 1, 4, "each text"),
        ('a: "\\q"\n', "yaml-escape", 1, 5, "single quotes"),
        ("--- 1\n--- 2\n", "yaml-documents", 2, 1, "---"),
        ("a\0b", "yaml-character", 1, 2, None),
        ("\ufeffa: 1", "yaml-bom", 1, 1, "without a BOM"),
        ("a: &x [*x]\n", "yaml-alias", 1, 8, None),
        ("<<: 3", "yaml-merge", 1, 1, None),
        ("? [a]\n: b", "yaml-key", 1, 3, None),
        ("[" * 100, "yaml-depth", 1, 51, None),
    ],
)
def test_problems(text, code, line, column, hint):
    problem = problem_of(text)
    assert (problem.code, problem.location.line, problem.location.column) == (code, line, column)
    if hint:
        assert hint in problem.hint


def test_encoding_names_the_byte():
    problem = problem_of("ä: 1\nb: ".encode() + b"\xff")
    assert problem.code == "encoding"
    assert "0xff at offset 9" in problem.message
    assert (problem.location.line, problem.location.column) == (2, 4)


def test_all_duplicates_at_once_with_both_places():
    with pytest.raises(DataError) as caught:
        strict.read(b"a: 1\nb: {c: 1, 'c': 2}\n'a': !x 2\n", "f.yaml")
    inner, outer, tag = caught.value.problems
    assert [inner.code, outer.code, tag.code] == ["duplicate-key", "duplicate-key", "yaml-tag"]
    assert (outer.location.line, outer.notes[0].location.line) == (3, 1)
    assert inner.location.column == 11


def test_alias_bomb_is_refused_quickly():
    text = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
    assert problem_of(text).code == "yaml-alias"


def test_merge_bomb_is_refused():
    text = "m0: &m0 {a: 1}\n" + "".join(f"m{i}: &m{i} {{<<: [*m{i - 1}, *m{i - 1}], k{i}: 1}}\n" for i in range(1, 40))
    assert problem_of(text).code == "yaml-alias"


def test_depth_counts_through_aliases():
    text = "a: &a " + "[" * 30 + "]" * 30 + "\nb: " + "[" * 30 + "*a" + "]" * 30
    assert problem_of(text).code == "yaml-depth"


def test_size_is_bounded():
    with pytest.raises(DataError) as caught:
        strict.read(b"a: 1", "f.yaml", bounds=Bounds(size=3))
    assert caught.value.problems[0].code == "yaml-size"


def test_nothing_is_an_empty_mapping():
    assert values("") == {}
    assert values("# only words\n") == {}


@pytest.mark.parametrize("text", ["'", "!<", "%TAG ! :\n---\n!a b", "&", "- !", "? ", "!!timestamp x", "a: !<\n", "%"])
def test_odd_texts_end_as_data_errors(text):
    try:
        strict.read(text.encode(), "f.yaml")
    except DataError as error:
        problems = error.problems
    else:
        problems = ()
    assert all(problem.location for problem in problems)


TEXTS = st.text(alphabet="ab:-?[]{}&*!|>'\"%@`#,<0._ \n\t\r\0\x85\u2028é\ufeff", max_size=60)


@given(st.one_of(TEXTS.map(str.encode), st.binary(max_size=60)))
def test_no_exception_but_data_error(data):
    try:
        strict.plain(strict.read(data, "f.yaml"))
    except DataError as error:
        problems = error.problems
    else:
        problems = ()
    assert all(problem.location for problem in problems)
