"""Secret data against Sensitive: what `convert_to` makes of encrypted data is as good as wrapped."""

import pytest

from hiera.types import parse
from hiera.values import Secret


@pytest.mark.parametrize(
    "notation",
    [
        "Sensitive", "Sensitive[String]", "Optional[Sensitive[String[1]]]", "Variant[Undef, Sensitive[String]]",
        "NotUndef[Sensitive]", "Optional[String]", "Variant[Sensitive[String], Integer]",
    ],
)  # fmt: skip
def test_a_secret_text(notation):
    assert parse(notation).check(Secret("x")) is None


@pytest.mark.parametrize("notation", ["Sensitive[Integer]", "Optional[Sensitive[Integer]]", "NotUndef[Integer]"])
def test_a_secret_text_is_no_number(notation):
    assert parse(notation).check(Secret("x")) is not None


@pytest.mark.parametrize("notation", ["Hash[String, Sensitive[String]]", "Struct[{a => Optional[Sensitive[String]]}]"])
def test_a_secret_within(notation):
    assert parse(notation).check({"a": Secret("x")}) is None
