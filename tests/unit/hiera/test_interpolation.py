"""Expressions in values: what Ruby writes, secrets, and odd texts."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiera.digging import dig, parse_key
from hiera.errors import DataError
from hiera.explain import shown
from hiera.interpolation import Interpolator
from hiera.ruby_text import ruby_text
from hiera.values import MISSING, Secret

SCOPE = {"facts": {"a": {"b": [1, {"c.d": "deep"}]}, "n": None, "s": Secret("geheim")}, "x": "top", "m::v": "var"}


def interpolated(value, data=None):
    return Interpolator(SCOPE, (data or {}).get, None).value(value)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("%{x} %{::x} %{'x'} %{scope('x')}", "top top top top"),
        ("%{facts.a.b.0}|%{facts.a.b.1.'c.d'}|%{facts.a.b.9}|%{facts.n.x}", "1|deep||"),
        ("%{m::v}%{::m::v}", "varvar"),
        ("%{a.b.0}", "1"),
        ("%{ x }%{}%{::}%{''}", "top"),
        ("%{literal('%')}{x}", "%{x}"),
        ("100% %{x", "100% %{x"),
        ("%{facts.a}", '{"b"=>[1, {"c.d"=>"deep"}]}'),
        ({"%{x}": ["%{x}", 1, None]}, {"top": ["top", 1, None]}),
        ("%{lookup('k')}", "top"),
        ("%{alias('l')}", [1, 2]),
        (" %{lookup('l')}", " [1, 2]"),
    ],
)
def test_values(text, result):
    assert interpolated(text, {"k": "%{x}", "l": [1, 2]}) == result


def test_what_touches_a_secret_is_one():
    for text, plain in (("%{facts.s}", "geheim"), ("a-%{s}-%{x}", "a-geheim-top")):
        value = interpolated(text)
        assert isinstance(value, Secret)
        assert value.reveal() == plain
    held = interpolated("%{lookup('h')}", {"h": {"p": Secret('a"b')}})
    assert isinstance(held, Secret)
    assert held.reveal() == '{"p"=>"a\\"b"}'


def test_digging_below_a_secret():
    secret = Secret({"a": [1]})
    assert dig(secret, ("a", 0), "k.a.0").reveal() == 1
    with pytest.raises(DataError):
        dig(secret, ("b",), "k.b").reveal()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (1.0, "1.0"),
        (1e20, "1.0e+20"),
        (1.5e-7, "1.5e-07"),
        (float("-inf"), "-Infinity"),
        (["a\n\t\x01", None, "#{x} #$y #z"], '["a\\n\\t\\u0001", nil, "\\#{x} \\#$y #z"]'),
        ({1: "é"}, '{1=>"é"}'),
    ],
)
def test_ruby_text(value, text):
    assert ruby_text(value) == text


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("a::b", ("a::b", ())),
        ("a.b", ("a", ("b",))),
        ("a.1.'1'", ("a", (1, "1"))),
        ("'a.b'.\"c d\"", ("a.b", ("c d",))),
        (" a . b ", ("a", ("b",))),
    ],
)
def test_keys(key, parts):
    parsed = parse_key(key)
    assert (parsed.root, parsed.segments) == parts


def test_a_value_is_shown_without_its_secrets():
    text = shown({"a": [1, None, True, "x\ny", Secret("geheim")], "e": [], "h": {}})
    assert "[redacted]" in text
    assert "geheim" not in text
    assert '"x\\ny"' in text
    assert "undef" in text


@given(st.text(alphabet="%{}()'\"ab.:1x lokupies", max_size=40))
def test_no_exception_but_data_error(text):
    with contextlib.suppress(DataError):
        Interpolator(SCOPE, lambda _: MISSING, None).value("%{" + text + "}")
