"""Reading the notation of types, and what is wrong with one that cannot be read."""

import pytest

from hiera.errors import Location
from hiera.types import TypeSyntaxError, alias, builtin_names, parse
from hiera.types.containers import HashType
from hiera.types.wrappers import ResourceType


@pytest.mark.parametrize(
    ("notation", "column", "part"),
    [
        ("Integr", 0, "there is no data type 'Integr'"),
        ("Array[Integr]", 6, "there is no data type 'Integr'"),
        ("integer", 0, "a type begins with a capital letter"),
        ("", 0, "unexpected end"),
        ("Array[", 6, "unexpected end"),
        ("Array[Integer", 13, "expected ',' or ']'"),
        ("Array[Integer]]", 14, "unexpected ']'"),
        ("Integer[5, 1]", 8, "the lower bound is above"),
        ("Integer[a]", 8, "expected a number or default"),
        ("Enum['a]", 5, "a quote without its end"),
        ("Pattern[/(/]", 0, "missing )"),
        ("Pattern[/a]", 8, "a / without its end"),
        ("Struct[{a Integer}]", 10, "expected '=>'"),
        ("Struct[Integer]", 0, "Struct takes a mapping"),
        ("Hash[String]", 0, "Hash takes the types of its keys and of its values"),
        ("Undef[1]", 0, "Undef takes nothing in brackets"),
        ("Optional[Integer, String]", 0, "Optional takes one type"),
        ("Boolean[5]", 0, "Boolean takes true or false"),
        ("Array[Integer, -1]", 15, "a size is not negative"),
        ("String[]", 0, "String wants something"),
        ("Integer; rm", 7, "unexpected ';'"),
        ("Array[" * 200, 0, "nested too deep"),
        ("SemVer['x.y']", 0, "Unparsable version range"),
        ("Stdlib::Port[1]", 0, "Stdlib::Port takes nothing in brackets"),
    ],
)
def test_a_wrong_notation_is_an_error_that_says_where(notation, column, part):
    with pytest.raises(TypeSyntaxError) as caught:
        parse(notation)

    assert part in caught.value.message
    if part != "nested too deep":
        assert caught.value.column == column


def test_a_misspelt_name_gets_a_hint_and_a_place():
    with pytest.raises(TypeSyntaxError) as caught:
        parse("Optional[Strng]")

    problem = caught.value.at(Location("a.yaml", 3, 10)).problems[0]

    assert problem.hint == "did you mean 'String'?"
    assert (problem.code, problem.location) == ("type-syntax", Location("a.yaml", 3, 19))


def test_bare_words_stand_for_text():
    assert parse("Enum[present, c-less, 'x y', \"z\"]") == parse("Enum['present', 'c-less', 'x y', 'z']")
    assert str(parse("Struct[{name => String, Optional[x] => Integer}]")) == (
        "Struct[{'name' => String, Optional['x'] => Integer}]"
    )


def test_a_notation_is_read_once():
    assert parse("Hash[String, Array[Integer[1, 5]]]") is parse("Hash[String, Array[Integer[1, 5]]]")


def test_a_resolver_answers_for_names_that_are_not_built_in():
    answers = {"My::Port": parse("Integer[1, 9]"), "Acme": ResourceType("acme")}

    kind = parse("Hash[String, My::Port]", resolve=answers.get)

    assert kind.is_instance({"a": 9})
    assert not kind.is_instance({"a": 10})
    assert str(parse("Type[Acme['x']]", resolve=answers.get)) == "Type[Acme['x']]"
    with pytest.raises(TypeSyntaxError):
        parse("Hash[String, My::Port]")


def test_an_alias_may_name_itself():
    tree = alias("Tree", "Hash[String, Variant[Integer, Tree]]")

    assert tree.is_instance({"a": 1, "b": {"c": {"d": 2}}})
    assert not tree.is_instance({"a": {"b": "x"}})
    assert tree.assignable(parse("Hash[String, Integer]"))
    assert tree.assignable(alias("Tree2", "Hash[String, Variant[Integer, Tree2]]"))
    assert str(tree) == "Tree"


def test_an_alternative_that_is_the_alias_itself_adds_nothing():
    assert alias("Mine", "Variant[Mine, Integer]").is_instance(5)
    assert not alias("Mine", "Variant[Mine, Integer]").is_instance("x")
    with pytest.raises(TypeSyntaxError):
        alias("Mine", "Mine").is_instance(5)


def test_every_built_in_alias_can_be_read():
    for name in builtin_names():
        assert str(parse(name).resolved())


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("Stdlib::Absolutepath", ["/etc/motd", "/", "C:\\x", "/a b//c/"], ["etc", "", "/a\nb"]),
        ("Stdlib::Unixpath", ["/etc", "/"], ["C:/x", "x"]),
        ("Stdlib::Filemode", ["0644", "u+rwx,g-w", "644", "a=rX"], ["0999", "rw", ""]),
        ("Stdlib::Port", [0, 65535], [-1, 65536, "80"]),
        ("Stdlib::Port::Privileged", [1, 1023], [0, 1024]),
        ("Stdlib::Fqdn", ["a.example.com", "host-1"], ["-a", "a..b", "a_b"]),
        ("Stdlib::Host", ["web1", "10.0.0.1", "::1"], ["a b"]),
        ("Stdlib::IP::Address", ["10.0.0.1", "10.0.0.0/8", "fe80::1/64", "::"], ["10.0.0.256", "1.2.3", "10.0.0.0/33"]),
        ("Stdlib::IP::Address::V4::CIDR", ["10.0.0.0/32"], ["10.0.0.0"]),
        ("Stdlib::IP::Address::V4::Nosubnet", ["10.0.0.0"], ["10.0.0.0/8", "010.0.0.1"]),
        (
            "Stdlib::IP::Address::V6",
            ["2001:db8::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1::"],
            ["1:2", "1::2::3", "g::"],
        ),
        ("Stdlib::IP::Address::V6::CIDR", ["fe80::/10"], ["fe80::", "fe80::/129"]),
        ("Stdlib::IP::Address::Nosubnet", ["::1", "1.2.3.4"], ["::1/64"]),
        ("Stdlib::HTTPUrl", ["http://x", "HTTPS://x/y"], ["ftp://x", "x"]),
        ("Stdlib::HTTPSUrl", ["https://x"], ["http://x"]),
        ("Stdlib::Ensure::Service", ["running"], ["present"]),
        ("Stdlib::Ensure::Package", ["latest", "1.2-3"], [""]),
        ("Stdlib::Ensure::File", ["directory"], ["running"]),
        ("Stdlib::Email", ["a.b+c@example.com"], ["a", "a@", "@b"]),
        ("Stdlib::MAC", ["00:11:22:aa:BB:cc"], ["00:11:22:aa:BB"]),
        ("Stdlib::Base64", ["aGVsbG8="], ["a b", ""]),
        ("Stdlib::Yes_no", ["yes", "NO"], ["true"]),
        ("Stdlib::Datasize", ["10k", "5MB"], ["x"]),
        ("Stdlib::Filesource", ["puppet:///modules/a/b", "/x", "https://x", "file:///x"], ["x"]),
    ],
)
def test_the_common_aliases_mean_what_they_are_documented_to(name, good, bad):
    kind = parse(name)

    assert [value for value in good if not kind.is_instance(value)] == []
    assert [value for value in bad if kind.is_instance(value)] == []


def test_types_are_frozen_and_compare_by_meaning():
    kind = parse("Hash[String, Integer]")

    assert kind == HashType(parse("String"), parse("Integer"))
    assert hash(kind) == hash(HashType(parse("String"), parse("Integer")))
    with pytest.raises(AttributeError):
        kind.low = 3
