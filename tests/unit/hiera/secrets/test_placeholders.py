"""What stands for a secret that nobody opens, by what is known of its type."""

import pytest

from hiera.secrets.placeholders import (
    PlaceholderDecryptor,
    converted,
    could_be,
    is_placeholder,
    of_sops,
    placeholder,
    stands_for,
)
from hiera.secrets.vault import Vault
from hiera.types import Sensitive, parse
from hiera.values import Secret

TEXT = placeholder(b"x")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("Integer[3, 5]", 3),
        ("Integer[default, 5]", 5),
        ("Integer", 0),
        ("Float[1.5]", 1.5),
        ("Boolean", True),
        ("Array[String]", [TEXT]),
        ("Hash", {}),
        ("String[5]", TEXT),
        ("Optional[Enum[a]]", TEXT),
        ("Optional[Array[String]]", [TEXT]),
        ("Variant[Integer[2], Boolean]", 2),
        ("Sensitive[String]", Sensitive(TEXT)),
        ("Optional[Sensitive[Integer[7]]]", Sensitive(7)),
        ("Undef", TEXT),
    ],
)
def test_a_conversion(kind, value):
    assert converted(parse(kind), TEXT) == value


@pytest.mark.parametrize(
    ("kind", "value", "stands"),
    [
        ("String[1, 3]", TEXT, True),
        ("String[1, 3]", "much longer", False),
        ("Integer", TEXT, False),
        ("Sensitive[String[1, 3]]", Sensitive(TEXT), True),
        ("Optional[Sensitive[Pattern[/^x/]]]", Sensitive(TEXT), True),
        ("Sensitive[Integer]", Sensitive(TEXT), False),
        ("String", Sensitive(TEXT), False),
    ],
)
def test_what_a_placeholder_stands_for(kind, value, stands):
    assert stands_for(parse(kind), value) is stands


@pytest.mark.parametrize(
    ("kind", "could"),
    [
        ("String[1, 3]", True),
        ("Enum[a, b]", True),
        ("Optional[Pattern[/^x/]]", True),
        ("Variant[Integer, String[40]]", True),
        ("Variant[Integer, Boolean]", False),
        ("Any", True),
        ("Hash", False),
    ],
)
def test_what_a_text_could_be(kind, could):
    assert could_be(parse(kind)) is could


def test_a_vault_of_placeholders():
    assert of_sops("ENC[AES256_GCM,data:x,type:int]") == 0
    assert is_placeholder(of_sops("ENC[AES256_GCM,data:x,type:str]"))
    assert not is_placeholder(5)
    vault = Vault({"GPG": PlaceholderDecryptor()})
    assert vault.sealed
    vault.prefetch([Secret("not sealed"), {"a": [1]}])
