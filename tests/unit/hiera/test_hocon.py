"""HOCON as its specification says, and its errors with their places."""

import pytest

from hiera.backends.hocon import read_hocon
from hiera.errors import DataError


def read(text):
    return read_hocon(text.encode(), "f.conf", lambda _: None, lambda text, *_: f"<{text}>")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", {}),
        ('{"a": 1, "b": [true, null, 1.5, -2e3]}', {"a": 1, "b": [True, None, 1.5, -2000]}),
        ("a = 1 // one\nb : two words # and a comment\n", {"a": 1, "b": "two words"}),
        ("a.b.c = 1\na.b.d = 2\n", {"a": {"b": {"c": 1, "d": 2}}}),
        ("a { b = 1 }\na { c = 2 }", {"a": {"b": 1, "c": 2}}),
        ("a { b = 1 }\na = 3\na { c = 2 }", {"a": {"c": 2}}),
        ('a = """x "y"\nz"""', {"a": 'x "y"\nz'}),
        ("a = [1\n2,3,]\n", {"a": [1, 2, 3]}),
        ("a = [{b=1}, {b = 2}\n]", {"a": [{"b": 1}, {"b": 2}]}),
        ("x = 5\na = ${x}\nb = ${x}s\nc = ${?y}\nd = a${?y}b", {"x": 5, "a": 5, "b": "5s", "d": "ab"}),
        (
            "base { a = 1, b { c = 2 } }\no = ${base} { a = 3 }",
            {"base": {"a": 1, "b": {"c": 2}}, "o": {"a": 3, "b": {"c": 2}}},
        ),
        ("l = [1]\nl += 2\nm += x\n", {"l": [1, 2], "m": ["x"]}),
        ("l = [1]\nl = ${l} [2]", {"l": [1, 2]}),
        ('p = a\np = ${p}":b"', {"p": "a:b"}),
        ("a = ${b.c}\nb { c = ${d} }\nd = end", {"a": "end", "b": {"c": "end"}, "d": "end"}),
        ('a = yes\nb = 10 m\nc = 1.2.3\nd = "q" rest', {"a": "yes", "b": "10 m", "c": "1.2.3", "d": "q rest"}),
        ("[1, 2]", [1, 2]),
        ('"a.b" = 1\n"m::k" : x\n', {"a.b": 1, "m::k": "x"}),
        ("m::k = 1", None),
        ("a = 0755\nb = 08", {"a": 493, "b": "08"}),
        ("a = 1.0\nb = x${a}\nc = 1e3", {"a": 1, "b": "x1.0", "c": 1000}),
        ("a b = 1", {"a b": 1}),
        ("a = ENC[", None),
    ],
)
def test_values(text, value):
    if value is None:
        with pytest.raises(DataError):
            read(text)
    else:
        assert read(text).value == value


def test_texts_with_blocks_and_places():
    found = read('x = 1\n a.b = "ENC[GPG,abc]"\n')
    assert found.value == {"x": 1, "a": {"b": "<ENC[GPG,abc]>"}}
    assert (found.keys["a"].line, found.keys["a"].column) == (2, 2)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("ok = 1\na = {b = 1\n", "hocon-syntax", 3),
        ("a = [1", "hocon-syntax", 1),
        ('a = "x', "hocon-syntax", 1),
        ('a = "\\q"', "hocon-syntax", 1),
        ("a =\n", "hocon-syntax", 2),
        ("a", "hocon-syntax", 1),
        ("= 1", "hocon-syntax", 1),
        ("{} x", "hocon-syntax", 1),
        ("a = {b=1} }", "hocon-syntax", 1),
        ('include "other.conf"', "hocon-syntax", 1),
        ("x=1\na = ${b}", "hocon-reference", 2),
        ("a = ${b}\nb = ${a}", "hocon-reference", 1),
        ("a = ${a}", "hocon-reference", 1),
        ("a = [1] x", "hocon-reference", 0),
        ("a = " + "[" * 60, "hocon-syntax", 1),
    ],
)
def test_errors(text, code, line):
    with pytest.raises(DataError) as caught:
        read(text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.location.line) == (code, line)


def test_the_keys_of_what_comes_later_stand_first():
    """As the reader that Puppet uses has them."""
    value = read("h.a = 1\nh.l = 2\nh { c = ${k} { d = 3 } }\nk { b = 4 }\n").value
    assert list(value) == ["h", "k"]
    assert list(value["h"]) == ["c", "l", "a"]
    assert list(value["h"]["c"]) == ["d", "b"]
