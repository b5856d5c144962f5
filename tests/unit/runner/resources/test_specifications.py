"""Every built-in type as the compiler sees it."""

import pytest

from manifests.datatypes import type_of
from runner.resources import BUILT_IN, Specifications, load

KINDS = sorted(BUILT_IN)


@pytest.mark.parametrize("kind", KINDS)
def test_types_of_attributes_are_notation_and_their_defaults_conform(kind):
    for attribute in Specifications()[kind].attributes.values():
        kept = type_of(attribute.type)
        assert attribute.default is None or kept.check(attribute.default) is None, attribute.name


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_documented(kind):
    spec = Specifications()[kind]
    assert spec.doc
    assert all(attribute.doc for attribute in spec.attributes.values())
    assert load(kind).kind == kind


@pytest.mark.parametrize(
    ("kind", "name", "good", "bad"),
    [
        ("exec", "command", ["x", ["sh", "-c", ""]], ["", [], 1]),
        ("exec", "onlyif", ["x", ["a", "b"], [["test", "-d"]]], [True, [[]]]),
        ("exec", "environment", ["A=1", ["A=1"], {"A": 1}], [1]),
        ("exec", "umask", ["0027", 18], ["9"]),
        ("exec", "returns", [0, "3", [0, "3"]], ["x"]),
        ("package", "provider", ["apt", "pip"], ["nope"]),
        ("service", "ensure", [True, "running", "false"], ["up"]),
        ("service", "enable", [False, "mask"], ["yes"]),
        ("user", "uid", [0, "1000"], ["x", -1]),
        ("user", "home", ["/x"], ["x"]),
        ("user", "expiry", ["absent", "2030-01-31"], ["soon"]),
        ("group", "members", [[], ["a"]], ["a"]),
    ],
)
def test_values(kind, name, good, bad):
    kept = type_of(Specifications()[kind].attributes[name].type)
    assert [value for value in good if kept.check(value) is not None] == []
    assert [value for value in bad if kept.check(value) is None] == []
