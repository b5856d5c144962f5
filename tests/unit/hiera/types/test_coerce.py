"""What plain YAML scalars become where a type is declared."""

import math

import pytest

from hiera.types import DEFAULT, Sensitive, Timespan, parse
from hiera.types.coerce import coerce_scalar, core
from hiera.values import MISSING

PORT_OR_WORD = "Variant[Enum[auto], Integer[1, 65535], String]"


@pytest.mark.parametrize(
    ("notation", "text", "value"),
    [
        ("String", "0644", "0644"),
        ("String", "1.10", "1.10"),
        ("String", "no", "no"),
        ("String", "22:30", "22:30"),
        ("String", "null", "null"),
        ("String[1]", "", MISSING),
        ("Stdlib::Filemode", "0644", "0644"),
        ("Enum[present, '1.10']", "1.10", "1.10"),
        ("Enum[present]", "absent", MISSING),
        ("Integer", "42", 42),
        ("Integer", "-7", -7),
        ("Integer", "0x1F", 31),
        ("Integer", "0o17", 15),
        ("Integer", "4.0", MISSING),
        ("Integer", "no", MISSING),
        ("Integer[1, 5]", "7", MISSING),
        ("Stdlib::Port", "80", 80),
        ("Float", "3", 3.0),
        ("Float", "1e3", 1000.0),
        ("Float", "x", MISSING),
        ("Numeric", "3", 3),
        ("Numeric", "3.5", 3.5),
        ("Boolean", "no", False),
        ("Boolean", "On", True),
        ("Boolean", "TRUE", True),
        ("Boolean", "y", MISSING),
        ("Boolean[true]", "no", MISSING),
        ("Optional[Integer]", "~", None),
        ("Optional[Integer]", "", None),
        ("Optional[Integer]", "5", 5),
        ("Optional[Integer]", "x", MISSING),
        ("Optional[String]", "null", None),
        ("Undef", "", None),
        ("Integer", "~", MISSING),
        ("Variant[Boolean, Enum[mask, manual]]", "mask", "mask"),
        ("Variant[Boolean, Enum[mask, manual]]", "no", False),
        ("Variant[String, Boolean]", "off", False),
        ("Variant[String, Integer]", "12", 12),
        ("Variant[String, Integer]", "05", "05"),
        ("Variant[String, Float]", "1.10", "1.10"),
        ("Variant[Integer, Boolean]", "05", 5),
        ("Variant[String, Float]", "1.5", 1.5),
        ("Variant[Integer, Float]", "1", 1),
        ("Variant[Boolean, Pattern[/\\Ayes\\z/]]", "yes", "yes"),
        (PORT_OR_WORD, "auto", "auto"),
        (PORT_OR_WORD, "80", 80),
        (PORT_OR_WORD, "70000", "70000"),
        ("Optional[Variant[Integer, Array[Integer]]]", "3", 3),
        ("Variant[Optional[Integer], Boolean]", "", None),
        ("Stdlib::Ensure::Package", "1.10", "1.10"),
        ("NotUndef[String]", "x", "x"),
        ("NotUndef", "~", MISSING),
        ("Any", "0644", 644),
        ("Any", "1.10", 1.1),
        ("Any", "yes", "yes"),
        ("Any", "True", True),
        ("Data", "null", None),
        ("Scalar", "1.5", 1.5),
        ("Default", "default", DEFAULT),
        ("Timespan", "1-02:00:00", Timespan(26 * 3600 * 10**9)),
        ("SemVer", "1.2", MISSING),
        ("Array[String]", "a", MISSING),
        ("Hash", "a", MISSING),
    ],
)
def test_the_declared_type_decides(notation, text, value):
    got = coerce_scalar(parse(notation), text)

    assert (got, type(got)) == (value, type(value))


def test_a_sensitive_parameter_wraps_what_its_type_makes():
    assert coerce_scalar(parse("Sensitive[Integer]"), "5") == Sensitive(5)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("Null", None), ("false", False), ("no", "no"), ("0o14", 12), ("0x3A", 58), ("-19", -19),
        ("0.", 0.0), (".5", 0.5), ("+12e03", 12000.0), ("-2E+05", -200000.0), ("12:30", "12:30"), ("1_000", "1_000"),
        ("2020-01-02", "2020-01-02"), ("1.2.3", "1.2.3"), ("-", "-"), ("+", "+"), ("٣", "٣"),
    ],
)  # fmt: skip
def test_untyped_scalars_follow_the_core_schema(text, value):
    got = core(text)

    assert (got, type(got)) == (value, type(value))


def test_the_core_schema_knows_infinity_and_no_number():
    assert core("-.inf") == -math.inf
    assert math.isnan(core(".NaN"))
