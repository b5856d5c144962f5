"""The Hiera reader: what Puppet's reader makes of the same text (answers taken from Psych 4)."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiera.errors import DataError
from hiera.yaml import data

ANSWERS = [
    ("yes", True),
    ("Yes", True),
    ("YES", True),
    ("no", False),
    ("on", True),
    ("off", False),
    ("y", "y"),
    ("n", "n"),
    ("true", True),
    ("false", False),
    ("TRUE", True),
    ("~", None),
    ("null", None),
    ("Null", None),
    ("017", 15),
    ("0755", 493),
    ("08", "08"),
    ("0o17", "0o17"),
    ("1_000", 1000),
    ("1,000", 1000),
    ("1__0", "1__0"),
    ("1e3", "1e3"),
    ("1.5e3", "1.5e3"),
    ("1.5e+3", 1500.0),
    ("1.5e-3", 0.0015),
    ("1e+3", "1e+3"),
    ("12:30:00", 45000),
    ("1:30", 5400),
    ("1:30:15", 5415),
    ("22:30", 81000),
    ("-1:30", -1800),
    ("1:2:3.5", 3723.5),
    ("=", "="),
    ("0x1F", 31),
    ("0b11", 3),
    ("-0x1f", -31),
    ("+5", 5),
    ("-5", -5),
    ("+017", 15),
    (".5", 0.5),
    ("5.", 5.0),
    (".", "."),
    ("-.", "-."),
    ("1.", 1.0),
    ("1.0", 1.0),
    ("1,0.5", 10.5),
    (".inf", float("inf")),
    ("-.inf", float("-inf")),
    ("+.INF", float("inf")),
    (".nan", float("nan")),
    (".NaN", float("nan")),
    ("1.2.3", "1.2.3"),
    ("10.0.0.1", "10.0.0.1"),
    ("0", 0),
    ("00", 0),
    ("-0", 0),
    ("1_", "1_"),
    ("1,", "1,"),
    ("1,,", "1,,"),
    ("_1", "_1"),
    ("--", "--"),
    ("-a", "-a"),
    ("+a", "+a"),
    ("99:99", "99:99"),
    ("1:60", "1:60"),
    ("0.0.0", "0.0.0"),
    ("é", "é"),
    ("hello", "hello"),
    ("true1", "true1"),
    ("nULL", None),
    ("yESs", "yESs"),
    ("2001-99-99", "2001-99-99"),
    ("2001-1-1x", "2001-1-1x"),
    ("0_7", 7),
    ("0,7", 7),
    ("07_", 7),
    ("0x", "0x"),
    ("0b", "0b"),
    ("12345678901234567890", 12345678901234567890),
    ("1e5", "1e5"),
    ("1.e+3", 1000.0),
    ("-.5", -0.5),
    ("+.5", 0.5),
    ("++1", "++1"),
    ("1+1", "1+1"),
    ("1-1", "1-1"),
    ("1/2", "1/2"),
    ("a:b", "a:b"),
    ("N/A", "N/A"),
    ("1:2:3:4", "1:2:3:4"),
    ("010.5", 10.5),
    ("1_0.5", 10.5),
    ("<<", "<<"),
    ("a b", "a b"),
    ("no no", "no no"),
    ("3 apples", "3 apples"),
    ("1.5 GB", "1.5 GB"),
    ("12h", "12h"),
    ("0x_1", 1),
    ("1 2", "1 2"),
    (".e+3", ".e+3"),
]


def read(text):
    warnings = []
    return data.read(text.encode(), "d.yaml", warnings.append), warnings


@pytest.mark.parametrize(("text", "value"), ANSWERS, ids=[repr(text) for text, _ in ANSWERS])
def test_scalars_as_psych_reads_them(text, value):
    got = data.psych(text)
    assert type(got) is type(value)
    assert got == value or (math.isnan(got) and math.isnan(value))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("2001-01-01", "a date"),
        (":sym", "a symbol"),
        ("2001-01-01 10:00:00", "a time"),
        ("2001-01-01T10:00:00Z", "a time"),
    ],
)
def test_what_puppet_refuses(text, what):
    with pytest.raises(DataError) as caught:
        read(f"ok: 1\na: {text}\n")
    problem = caught.value.problems[0]
    assert (problem.code, problem.location.line, problem.location.column) == ("yaml-scalar", 2, 4)
    assert what in problem.message
    assert read(f"a: '{text}'")[0] == {"a": text}


def test_duplicates_warn_with_both_lines_and_the_last_wins():
    value, (warning,) = read("a: 1\nb: 2\na: 3\n")
    assert value == {"a": 3, "b": 2}
    assert list(value) == ["a", "b"]
    assert (warning.code, warning.severity, warning.location.line) == ("duplicate-key", "warning", 3)
    assert warning.notes[0].location.line == 1


def test_keys_that_differ_in_type_are_no_duplicates():
    value, warnings = read("1: a\n'1': b\n")
    assert value == {1: "a", "1": "b"}
    assert not warnings


def test_keys():
    assert read(":a: 1\nyes: 2\n3: 4\n~: 5\n")[0] == {"a": 1, True: 2, 3: 4, None: 5}


def test_tags():
    assert read("a: !!str 1\nb: !!binary aGk=\nc: !!float 1\nd: !foo 3\ne: ! x\n")[0] == {
        "a": "1",
        "b": "hi",
        "c": 1.0,
        "d": 3,
        "e": "x",
    }
    with pytest.raises(DataError):
        read("a: !ruby/object:Foo x")


def test_merge_stands_where_it_is_written():
    value, _ = read("base: &b {x: 1, y: 2}\nearly: {<<: *b, x: 9}\nlate: {x: 9, <<: *b}\n")
    assert value["early"] == {"x": 9, "y": 2}
    assert value["late"] == {"x": 1, "y": 2}


def test_merge_keys_as_psych_takes_them():
    value, warnings = read(
        "b: &b {x: 1, y: 2}\nc: &c {x: 7, q: 3}\ntwo: {<<: [*b, *c], z: 1}\ndup: {<<: *b, <<: *c}\n"
        "quoted: {'<<': *b}\nstr: {<<: foo}\nnull_: {<<: ~}\nseq: {<<: [1]}\n"
    )
    assert value["two"] == {"x": 1, "q": 3, "y": 2, "z": 1}
    assert value["dup"] == {"x": 7, "y": 2, "q": 3}
    assert value["quoted"] == {"x": 1, "y": 2}
    assert [value[key] for key in ("str", "null_", "seq")] == [{"<<": "foo"}, {"<<": None}, {"<<": [1]}]
    assert not warnings


def test_only_the_first_document_is_read():
    value, (warning,) = read("a: 1\n---\nb: 2\n")
    assert value == {"a": 1}
    assert warning.code == "yaml-documents"


def test_a_byte_order_mark_is_nothing():
    assert read("\ufeffa: 1\n") == ({"a": 1}, [])


def test_wanted_texts_and_key_places():
    seen = []

    def texts(text, location, top):
        seen.append((text, location.line, top))
        return "x"

    found = data.read_file(
        b"a: ENC[1]\nb:\n  c: [1, 'is ENC[2]']\n'd': q\n", "d.yaml", seen.append, texts=texts, wanted="ENC["
    )
    assert found.value == {"a": "x", "b": {"c": [1, "x"]}, "d": "q"}
    assert seen == [("ENC[1]", 1, "a"), ("is ENC[2]", 3, "b")]
    assert {key: place.line for key, place in found.keys.items()} == {"a": 1, "b": 2, "d": 4}


TEXTS = st.text(alphabet="ab:-?[]{}&*!|>'\"%#,<019._+exTZ \n\t\0é", max_size=60)


@given(st.one_of(TEXTS.map(str.encode), st.binary(max_size=60)))
def test_no_exception_but_data_error(content):
    with contextlib.suppress(DataError):
        data.read(content, "d.yaml", lambda _: None)


def test_a_collection_as_key_is_told_of_and_refuses_only_the_key_above_it():
    warnings = []
    found = data.read_file(b"[a]: 1\nok: 2\nbad: {x: {{ y }}}\n", "x.yaml", warnings.append)
    assert (found.value["ok"], list(found.keys), list(found.wrong)) == (2, ["ok", "bad"], ["bad"])
    assert [(one.code, one.severity, one.location.line) for one in warnings] == [
        ("yaml-key", "warning", 1),
        ("yaml-key", "warning", 3),
    ]
    assert found.wrong["bad"].code == "yaml-key"
