"""A secret is of the type of what it holds, and nothing of it is told."""

import pytest

from hiera.errors import DataError
from hiera.types import Sensitive, infer, parse
from hiera.types.convert import convert
from hiera.values import Secret

WORD = "swordfish"


@pytest.mark.parametrize(
    ("notation", "value"),
    [
        ("String", Secret(WORD)),
        ("Array[String[1]]", ["a", Secret(WORD)]),
        ("Hash[String, String]", {"a": Secret(WORD)}),
        ("Struct[{a => String}]", Secret({"a": WORD})),
        ("Sensitive[String]", Sensitive(Secret(WORD))),
        ("Optional[String]", Secret(WORD)),
        ("NotUndef", Secret(WORD)),
    ],
)
def test_a_secret_is_an_instance_of_the_type_of_what_it_holds(notation, value):
    assert parse(notation).check(value) is None


@pytest.mark.parametrize(
    ("notation", "value"),
    [
        ("Integer", Secret(WORD)),
        ("Enum[a, b]", Secret(WORD)),
        ("Pattern[/^x/]", Secret(WORD)),
        ("String[20]", Secret(WORD)),
        ("String[1, 3]", Secret(WORD)),
        ("Array[Integer]", [Secret(WORD)]),
        ("Struct[{a => Integer}]", Secret({WORD: WORD})),
        ("Hash[String, Enum[x]]", {"k": Secret(WORD)}),
        ("Integer[1, 5]", Secret(4711)),
        ("Sensitive[Integer]", Sensitive(Secret(WORD))),
        ("Tuple[String, Integer]", ["a", Secret([WORD])]),
    ],
)
def test_a_message_tells_nothing_of_a_secret(notation, value):
    told = parse(notation).check(value).describe("parameter 'p'")

    assert told
    assert WORD not in told
    assert "4711" not in told


def test_a_secret_undef_is_not_notundef():
    assert not parse("NotUndef").is_instance(Secret(None))


def test_a_type_that_takes_anything_does_not_reveal():
    def sealed():
        raise DataError.of("sealed-secret", "no key")

    assert parse("Any").check(Secret(reveal=sealed)) is None
    with pytest.raises(DataError, match="sealed-secret"):
        parse("String").check(Secret(reveal=sealed))


def test_inference_gives_only_the_kind_of_a_secret():
    assert str(infer(Secret({"key": "x"}))) == "Hash"
    assert str(infer({"a": Secret(5)})) == "Struct[{'a' => Integer}]"


def test_conversion_keeps_the_taint_and_its_errors_keep_silent():
    made = convert(parse("Integer"), Secret("42"))

    assert isinstance(made, Secret)
    assert made.reveal() == 42
    with pytest.raises(DataError) as caught:
        convert(parse("Integer"), Secret(WORD))
    assert WORD not in str(caught.value)


def test_sensitive_does_not_show_its_value():
    assert WORD not in f"{Sensitive(WORD)} {Sensitive(WORD)!r}"
    assert Sensitive(Secret(WORD)).unwrap() == WORD
