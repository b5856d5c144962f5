"""Our data types, conversions and functions against recorded answers of the real Puppet (7.23).

Where we differ on purpose the case stands in a table below, with the reason.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import ClassVar

import pytest

from hiera.errors import DataError
from hiera.supplied import NOTHING
from hiera.types import (
    DEFAULT,
    Regexp,
    Sensitive,
    Timestamp,
    Type,
    parse,
)
from hiera.types.convert import convert
from hiera.values import MISSING
from manifests.functions import FUNCTIONS

HERE = Path(__file__).parent
TABLES = json.loads((HERE / "types.json").read_text(encoding="utf-8"))
NEW = [json.loads(line) for line in (HERE / "new.jsonl").read_text(encoding="utf-8").splitlines()]
CALLS = [json.loads(line) for line in (HERE.parent / "functions/calls.jsonl").read_text(encoding="utf-8").splitlines()]

LOOSE_TYPES = {
    "Optional",
    "Init",
    "Init[Integer]",
}  # bare Optional contradicts itself there; Init is tried, not derived
ODD_PAIRS = {
    ("Array[0,0]", "Tuple"), ("NotUndef['a']", "Enum[b,a,b]"), ("NotUndef['a']", "Variant[Enum[a],Enum[b]]"),
    ("Optional['a']", "Enum[b,a,b]"), ("Optional['a']", "Variant[Enum[a],Enum[b]]"), ("Tuple", "Array"),
    ("Iterable[String]", "Array[0,0]"), ("Iterable[Integer]", "Array[0,0]"),
    ("Iterable[String]", "Struct"), ("Iterable[Integer]", "Struct"),
}  # fmt: skip
SILENT = {
    "Collection[2,3]",
    "Optional",
    "Iterable",
    "Iterable[Integer]",
    "Iterable[String]",
}  # Puppet has no message there
DIFFERENT_NEW = {
    '["String", [1e+20]]': "Puppet fails on the notation of the float itself",
    '["Timespan", [1, 2, 3, 4, 5]]': "Puppet prints 5 ms as half a second",
    '["Integer", ["1", 10, "x"]]': "a third argument that is no boolean is not used",
}
DIFFERENT_CALLS = {
    ("sprintf", 'c", "abc"'): "newer Ruby takes the first character",
    ("sprintf", "1e+20"): "Puppet fails on the notation of the float itself",
    ("type", "[[], "): "Puppet's internal Unit shows",
    ("stdlib::ensure", "1.2.3"): "versions are accepted, as older releases do",
    ("stdlib::ensure", "latest"): "versions are accepted, as older releases do",
    ("any", ""): "without a block the items themselves are asked",
    ("all", ""): "without a block the items themselves are asked",
    ("step", ""): "a list instead of an iterator",
    ("reverse_each", ""): "a list instead of an iterator",
}


def value_of(recorded):
    """Return what a recorded value stands for."""
    if isinstance(recorded, list):
        return [value_of(item) for item in recorded]
    if not isinstance(recorded, dict):
        return recorded
    if list(recorded) != ["$"]:
        return {key: value_of(item) for key, item in recorded.items()}
    source = recorded["$"]
    fixed = {
        "default": DEFAULT,
        "{1 => 'a'}": {1: "a"},
        "{'' => 1}": {"": 1},
        "Timestamp(0)": Timestamp(0),
        "Sensitive(1)": Sensitive(1),
    }
    if source in fixed:
        return fixed[source]
    if source.startswith("/"):
        return Regexp(source[1:-1].replace("\\/", "/"))
    if made := re.fullmatch(r"(\w+)\('(.*)'\)", source):
        return convert(parse(made[1]), made[2])
    if source.startswith("{"):
        return table_of(source)
    return parse(source)


def table_of(source):
    """Return the mapping of formats that Puppet's source says."""
    text = re.sub(r"\b(format|separator2?|string_formats)\b", r"'\1'", source.replace("=>", ":"))
    return eval(text, {name: parse(name) for name in ("Array", "Hash", "Integer", "String")})


def recorded_form(value):
    """Return ``value`` as the recording writes it."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json.dumps(key): recorded_form(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [recorded_form(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Sensitive):
        return {"$": "Sensitive", "inside": recorded_form(value.value)}
    names = {"SemVer": "Version", "SemVerRange": "VersionRange", "Uri": "HTTP"}
    name = "Type" if isinstance(value, Type) else names.get(type(value).__name__, type(value).__name__)
    return {"$": name, "text": value.source if isinstance(value, Regexp) else str(value)}


def answer(make):
    """Return what ``make`` gives, or that it is an error."""
    try:
        return recorded_form(make()), False
    except DataError as error:
        return error.problems[0].message, True


class Compilation:
    """The little of a compilation that the recorded calls ask for."""

    node = "web1"
    facts: ClassVar = {"networking": {"fqdn": "web1.example.com"}, "fqdn": "web1.example.com"}

    def stand_in(self, key, kind=None):
        return MISSING

    def lookup(self, key, *, default=MISSING, merge=None, supplied=NOTHING):
        return default

    def variable(self, name):
        return self.facts if name == "facts" else MISSING


@pytest.mark.parametrize(("notation", "text"), TABLES["types"])
def test_a_type_prints_as_puppet_prints_it(notation, text):
    assert str(parse(notation)) == text
    assert parse(text) == parse(notation)


@pytest.mark.parametrize("notation", [name for name in TABLES["accepts"] if name not in LOOSE_TYPES])
def test_the_instances_are_puppets(notation):
    kind = parse(notation)

    got = "".join(str(int(kind.is_instance(value_of(value)))) for value in TABLES["values"])

    wrong = [
        value
        for value, ours, theirs in zip(TABLES["values"], got, TABLES["accepts"][notation], strict=True)
        if ours != theirs and not (notation.startswith("Iterable[") and value in (-1, {}))
    ]
    assert wrong == []


@pytest.mark.parametrize("notation", [name for name in TABLES["assignable"] if name not in LOOSE_TYPES])
def test_assignability_is_puppets(notation):
    others = [name for name, _ in TABLES["types"]]

    wrong = [
        other
        for other, theirs in zip(others, TABLES["assignable"][notation], strict=True)
        if parse(notation).assignable(parse(other)) != (theirs == "1")
        and other not in LOOSE_TYPES
        and (notation, other) not in ODD_PAIRS
    ]

    assert wrong == []


@pytest.mark.parametrize("notation", [name for name in TABLES["accepts"] if name not in SILENT])
def test_messages_are_puppets(notation):
    kind = parse(notation)
    rows = [(value, message) for name, value, message in TABLES["messages"] if name == notation]

    got = [" ".join(kind.check(value_of(value)).describe("it").split()) for value, _ in rows]

    assert got == [" ".join(message.split()) for _, message in rows]


@pytest.mark.parametrize("case", [case for case in NEW if json.dumps([case["new"], case["args"]]) not in DIFFERENT_NEW],
                         ids=lambda case: f"{case['new']} {json.dumps(case['args'])}")  # fmt: skip
def test_a_conversion_gives_what_puppets_new_gives(case):
    got, failed = answer(lambda: convert(parse(case["new"]), *map(value_of, case["args"])))

    assert failed == ("error" in case), got
    if not failed:
        assert (got, type(got)) == (case["value"], type(case["value"]))
    elif "called with arguments it does not accept" not in case["error"]:
        assert got.removeprefix("'new' ") in case["error"]


def expected_alike(case):
    """Say whether our answer to a call shall be Puppet's."""
    arguments = json.dumps(case["args"])
    return not any(case["call"] == name and part in arguments for name, part in DIFFERENT_CALLS)


@pytest.mark.parametrize("case", [case for case in CALLS if expected_alike(case)],
                         ids=lambda case: f"{case['call']} {json.dumps(case['args'])}")  # fmt: skip
def test_a_call_gives_what_puppets_function_gives(case):
    function = FUNCTIONS[case["call"]]

    got, failed = answer(lambda: function(*map(value_of, case["args"]), context=Compilation()))

    assert failed == ("error" in case), got
    if not failed:
        assert (got, type(got)) == (case["value"], type(case["value"]))
