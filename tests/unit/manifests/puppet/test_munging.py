"""The spellings that Puppet's own types take, brought to the data types of ours."""

import pytest

from hiera.types.data import Sensitive
from hiera.values import Secret
from manifests.puppet.munging import munged
from manifests.spec import AttributeSpec


@pytest.mark.parametrize(
    ("kind", "value", "result"),
    [
        ("Integer[1]", "3", 3),
        ("Variant[Integer[0], Float[0]]", "1.5", 1.5),
        ("Boolean", "true", True),
        ("Boolean", "no", False),
        ("Enum['true', 'false', 'mask']", True, "true"),
        ("String[1]", 8080, "8080"),
        ("Array[String[1]]", "one", ["one"]),
        ("Array[String[1]]", 1, ["1"]),
        ("Array[Integer]", ["1", 2], [1, 2]),
        ("String[1]", ["only"], "only"),
        ("Variant[String[1], Integer[0]]", 33, 33),
        ("Pattern[/^[0-7]{3,4}$/]", "0644", "0644"),
    ],
)
def test_spellings(kind, value, result):
    got = munged(AttributeSpec("x", kind, ""), value)

    assert (got, type(got)) == (result, type(result))


@pytest.mark.parametrize(
    ("kind", "value"),
    [("Integer[1]", "x"), ("Boolean", "maybe"), ("String[1]", ["a", "b"]), (r"Pattern[/\A[0-7]+\z|\Arw\z/]", 420)],
)
def test_what_fits_no_spelling_stays(kind, value):
    """The check of the attribute reports it; a mode that lost its leading zero is no mode."""
    assert munged(AttributeSpec("x", kind, ""), value) == value


def test_what_is_sensitive_becomes_the_taint():
    got = munged(AttributeSpec("x", "Integer", ""), Sensitive("3"))

    assert isinstance(got, Secret)
    assert got.reveal() == 3
