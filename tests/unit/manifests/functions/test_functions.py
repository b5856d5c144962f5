"""What functions answer where no recorded answer of Puppet says it: blocks, the compilation, and our own functions."""

import json
import shlex
import subprocess
import tomllib
from typing import ClassVar

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hiera.errors import DataError
from hiera.supplied import NOTHING
from hiera.types import Type
from hiera.values import MISSING, Secret
from manifests.functions import FUNCTIONS, FunctionError

BAD = object()


class Compilation:
    """A compilation with a little of everything."""

    node = "Web1.example.com"
    facts: ClassVar = {"os": {"name": "Debian", "release": {"major": "12"}}, "list": [1, 2]}
    data: ClassVar = {"port": 80, "hosts": {"a": 1}, "null": None, "key": Secret("s3")}
    files: ClassVar = {
        "nginx/motd": b"hello\n",
        "nginx/bad": b"\xff",
        "nginx/a.yaml": b"a: [1]",
        "/etc/hosts": b"127.0.0.1\n",
    }

    def __init__(self):
        self.calls = []

    def lookup(self, key, *, default=MISSING, merge=None, supplied=NOTHING):
        self.calls.append((key, merge))
        return self.data.get(key, default)

    def variable(self, name):
        return {"facts": self.facts, "x": 5, "nothing": None}.get(name, MISSING)

    def read_file(self, name, folder="files"):
        return self.files.get(name)

    def render(self, engine, name, text, parameters):
        return Secret("hidden") if name == "nginx/secret.erb" else f"<{engine} {name or text} {len(parameters)}>"

    def defined(self, reference):
        return reference == "nginx"

    def stand_in(self, key, kind=None):
        return MISSING

    def tagged(self, tags):
        return tags == ["a", "b"]

    def declare(self, how, names):
        self.calls.append((how, names))

    def log(self, level, message):
        self.calls.append((level, message))


def call(name, *arguments, block=None):
    return FUNCTIONS[name](*arguments, context=Compilation(), block=block)


@pytest.mark.parametrize(
    ("name", "arguments", "block", "answer"),
    [
        ("each", [[1, 2]], lambda item: None, [1, 2]),
        ("map", [[1, 2]], lambda item: item * 2, [2, 4]),
        ("map", [{"a": 1}], lambda key, value: [value, key], [[1, "a"]]),
        ("map", [{"a": 1}], lambda pair: pair, [["a", 1]]),
        ("map", [["x", "y"]], lambda index, item: f"{index}{item}", ["0x", "1y"]),
        ("map", [3], lambda item: item, [0, 1, 2]),
        ("map", ["ab"], lambda item: item + item, ["aa", "bb"]),
        ("filter", [[1, 2, 3]], lambda item: item > 1, [2, 3]),
        ("filter", [{"a": 1, "b": 2}], lambda key, value: value > 1, {"b": 2}),
        ("filter", [["", 0, None, False]], lambda item: item, ["", 0]),
        ("reduce", [[1, 2, 3]], lambda memo, item: memo + item, 6),
        ("reduce", [[1, 2], 10], lambda memo, item: memo + item, 13),
        ("reduce", [[]], lambda memo, item: BAD, None),
        ("any", [[1, 5]], lambda item: item > 4, True),
        ("all", [[1, 5]], lambda item: item > 4, False),
        ("group_by", [["a", "bb", "cc"]], len, {1: ["a"], 2: ["bb", "cc"]}),
        ("partition", [["a", "", "b"]], lambda item: item == "", [[""], ["a", "b"]]),
        ("index", [[5, 6]], lambda item: item == 6, 1),
        ("index", [{"a": 1, "b": 2}], lambda key, value: value == 2, "b"),
        ("index", [[5]], lambda item: False, None),
        ("slice", [[1, 2, 3], 2], None, [[1, 2], [3]]),
        ("step", [[1, 2, 3], 2], None, [1, 3]),
        ("reverse_each", [[1, 2]], None, [2, 1]),
        ("sort", [[3, 1, 2]], lambda first, second: second - first, [3, 2, 1]),
        ("sort_by", [["ccc", "a", "bb"]], len, ["a", "bb", "ccc"]),
        ("unique", [["a", "A", "b"]], str.lower, ["a", "b"]),
        ("unique", [{"a": 1, "b": 1, "c": 2}], None, {("a", "b"): [1], ("c",): [2]}),
        ("with", [1, 2], lambda first, second: first + second, 3),
        ("then", [None], lambda value: BAD, None),
        ("then", [1], lambda value: value + 1, 2),
        ("lest", [None], lambda: 7, 7),
        ("lest", [1], lambda: BAD, 1),
        ("assert_type", ["Integer", "x"], lambda wanted, got: f"{wanted}/{got}", "Integer/String"),
    ],
)
def test_a_block_is_called_for_each_item(name, arguments, block, answer):
    assert call(name, *arguments, block=block) == answer


def test_a_tree_is_gone_through_with_paths():
    assert call("tree_each", {"a": [1]}) == [[[], {"a": [1]}], [["a"], [1]], [["a", 0], 1]]
    assert call("tree_each", {"a": [1]}, {"include_containers": False}) == [[["a", 0], 1]]


@pytest.mark.parametrize("value", [5.5, True, -1, None])
def test_what_cannot_be_gone_through_is_an_error(value):
    with pytest.raises(FunctionError, match="'map' expects something to go through"):
        call("map", value, block=lambda item: item)


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("lookup", ["port"], 80),
        ("lookup", ["none", "short default"], "short default"),
        ("lookup", ["none", 5], 5),
        ("lookup", ["none", None, None, "d"], "d"),
        ("lookup", [["none", "port"]], 80),
        ("lookup", ["none", {"default_value": 1}], 1),
        ("lookup", [{"name": "none", "default_values_hash": {"none": 2}}], 2),
        ("lookup", [{"name": "port", "override": {"port": 3}}], 3),
        ("lookup", [{"name": ["none", "port"], "default_values_hash": {"none": 2}}], 80),
        ("lookup", [{"name": "none", "default_values_hash": {"none": 2}, "default_value": 4}], 2),
        ("lookup", ["null", "d"], None),
        ("hiera", ["none", "d"], "d"),
        ("fact", ["os.release.major"], "12"),
        ("fact", ["os.none"], None),
        ("fact", ["os.none", "d"], "d"),
        ("fact", ["list.1"], 2),
        ("getvar", ["x"], 5),
        ("getvar", ["y", "d"], "d"),
        ("getvar", ["nothing", "d"], "d"),
        ("getvar", ["facts.os.name"], "Debian"),
        ("file", ["nginx/none", "nginx/motd"], "hello\n"),
        ("find_file", [["nginx/none", "/etc/hosts"]], "/etc/hosts"),
        ("find_file", ["nginx/none"], None),
        ("loadyaml", ["nginx/a.yaml"], {"a": [1]}),
        ("loadyaml", ["nginx/none", {}], {}),
        ("template", ["a/b.erb", "a/c.erb"], "<erb a/b.erb 0><erb a/c.erb 0>"),
        ("epp", ["a/b.epp", {"x": 1}], "<epp a/b.epp 1>"),
        ("inline_epp", ["text"], "<epp text 0>"),
        ("defined", ["apache", "nginx"], True),
        ("tagged", ["a", "b"], True),
    ],
)
def test_the_compilation_is_asked(name, arguments, answer):
    assert call(name, *arguments) == answer


def test_lookup_passes_the_merge_on_and_takes_a_block():
    context = Compilation()

    assert FUNCTIONS["lookup"]("hosts", None, "deep", context=context) == {"a": 1}
    assert context.calls == [("hosts", "deep")]
    assert FUNCTIONS["lookup"]("none", context=context, block=lambda key: key * 2) == "nonenone"
    assert FUNCTIONS["hiera_hash"]("hosts", context=context) == {"a": 1}
    assert context.calls[-1] == ("hosts", "hash")


def test_lookup_of_a_key_without_data_is_an_error():
    with pytest.raises(DataError) as caught:
        call("lookup", "none")

    assert (caught.value.problems[0].code, caught.value.problems[0].message) == (
        "missing-key", "did not find a value for the name 'none'",
    )  # fmt: skip


def test_lookup_checks_the_type_that_it_is_given():
    with pytest.raises(FunctionError, match="found value has wrong type, expects a String value, got Integer"):
        call("lookup", "port", FUNCTIONS["type"]("x", "generalized"))


def test_secrets_of_data_and_templates_stay_secret():
    assert isinstance(call("lookup", "key"), Secret)
    made = call("template", "nginx/a.erb", "nginx/secret.erb")
    assert isinstance(made, Secret)
    assert made.reveal() == "<erb nginx/a.erb 0>hidden"


def test_a_block_gets_secrets_as_secrets():
    accounts = {"a": {"password": Secret("s3")}, "b": Secret("t4")}
    seen = []

    FUNCTIONS["each"](accounts, block=lambda name, account: seen.append((name, account)))
    FUNCTIONS["each"](Secret(["u5"]), block=lambda item: seen.append(("c", item)))

    assert "s3" not in repr(seen)
    assert [type(item) for _, item in seen] == [dict, Secret, Secret]
    assert seen[2][1].reveal() == "u5"


def test_what_a_block_answers_may_be_secret():
    pair = [Secret("b"), Secret("a")]

    kept = FUNCTIONS["filter"](pair, block=lambda item: item.map(lambda text: text == "a"))
    assert [item.reveal() for item in kept] == ["a"]
    assert [item.reveal() for item in FUNCTIONS["sort_by"](pair, block=lambda item: item)] == ["a", "b"]
    assert len(FUNCTIONS["unique"]([*pair, Secret("a")], block=lambda item: item)) == 2
    with pytest.raises(FunctionError, match="cannot group by a secret"):
        FUNCTIONS["group_by"](pair, block=lambda item: item)
    with pytest.raises(FunctionError, match="secret that is no list"):
        FUNCTIONS["each"](Secret({"k": 1}), block=lambda item: item)


def test_the_compilation_sees_no_secret_in_the_clear():
    context = Compilation()

    FUNCTIONS["notice"]("password", Secret("s3"), [Secret("t4")], context=context)
    assert context.calls == [("notice", 'password [redacted] ["[redacted]"]')]
    for name in ("include", "defined", "tagged"):
        with pytest.raises(FunctionError, match="takes no secret"):
            FUNCTIONS[name](Secret("s3"), context=context)
    with pytest.raises(DataError) as caught:
        FUNCTIONS["fail"]("no", Secret("s3"), context=context)
    assert "s3" not in str(caught.value)


def test_fail_ends_with_the_authors_words():
    with pytest.raises(DataError) as caught:
        call("fail", "no", 5, [1])

    assert (caught.value.problems[0].code, caught.value.problems[0].message) == ("failed", "no 5 [1]")


def test_a_file_that_is_missing_or_no_text_is_an_error():
    with pytest.raises(FunctionError, match="could not find any files from nginx/none"):
        call("file", "nginx/none")
    with pytest.raises(FunctionError, match="'nginx/bad': it is not UTF-8"):
        call("file", "nginx/bad")


def test_classes_and_messages_are_passed_on():
    context = Compilation()

    FUNCTIONS["include"]("a", ["b", "c"], context=context)
    FUNCTIONS["warning"]("x", 1, context=context)

    assert context.calls == [("include", ["a", "b", "c"]), ("warning", "x 1")]


def test_random_numbers_differ_by_node_and_by_seed_only():
    assert call("fqdn_rand", 10**6, "a") == call("fqdn_rand", 10**6, "a")
    assert call("fqdn_rand", 10**6, "a") != call("fqdn_rand", 10**6, "b")
    assert len(call("fqdn_rand_string", 12)) == 12
    assert sorted(call("fqdn_rotate", [1, 2, 3, 4], "s")) == [1, 2, 3, 4]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=8), max_size=4))
def test_quoted_words_come_back_as_they_were(words):
    quoted = FUNCTIONS["quote"](words)

    assert shlex.split(quoted) == words
    assert shlex.split(FUNCTIONS["shell_join"](words)) == words
    assert FUNCTIONS["shell_split"](quoted) == words


def test_the_shell_itself_reads_quoted_words():
    word = 'it\'s $HOME `x` \\ "q"\n*'

    done = subprocess.run(
        ["/bin/sh", "-c", f"printf %s {FUNCTIONS['quote'](word)}"], capture_output=True, text=True, check=True
    )

    assert done.stdout == word


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab: -'\"#\n1~y0.", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab:y1 ", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(PLAIN)
def test_what_is_written_can_be_read_again(value):
    assert json.loads(FUNCTIONS["to_json"](value)) == value
    assert json.loads(FUNCTIONS["to_json_pretty"](value)) == value
    assert FUNCTIONS["parsejson"](FUNCTIONS["to_json"](value)) == value
    assert yaml.safe_load(FUNCTIONS["to_yaml"](value)) == value


def test_toml_can_be_read_again():
    value = {"a": 1, "b c": 'x"', "t": {"u": {"v": [1, 2]}, "w": True}, "many": [{"n": 1}, {"n": 2}]}

    assert tomllib.loads(FUNCTIONS["to_toml"](value)) == value


def test_toml_has_values_then_tables_then_lists_of_tables():
    value = {"a": {"c": [{"d": 1, "b": {"z": 2}}], "t": {"k": "v"}, "x": 1}}

    assert FUNCTIONS["to_toml"](value) == '[a]\nx = 1\n[a.t]\nk = "v"\n[[a.c]]\nd = 1\n[a.c.b]\nz = 2\n'


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("first", [[1, 2]], 1), ("last", [[1, 2]], 2), ("first", [[]], None), ("sum", [[1, 2.5]], 3.5),
        ("has_key", [{"a": None}, "a"], True), ("hash", [["a", 1]], {"a": 1}),
        ("b64encode", ["é"], "w6k="), ("b64decode", ["w6k"], "é"), ("sha512", ["x"], FUNCTIONS["digest"]("x", "sha512")),
        ("cidr_host", ["10.0.0.0/24", 5], "10.0.0.5"), ("cidr_host", ["10.0.0.0/24", -1], "10.0.0.255"),
        ("netmask", ["10.0.0.0/20"], "255.255.240.0"), ("network_address", ["10.1.2.3/8"], "10.0.0.0"),
        ("broadcast", ["10.0.0.0/24"], "10.0.0.255"), ("is_ip", ["::1"], True), ("is_ip", ["x"], False),
        ("is_ip", [1], False), ("xml_encode", ['<a&">', "attr"], '"&lt;a&amp;&quot;&gt;"'),
        ("Integer", ["0x1f", 16], 31), ("String", [255, "%#x"], "0xff"), ("Boolean", ["yes"], True),
        ("ensure", [True, "service"], "running"), ("starts_with", ["abc", "a"], True),
        ("regsubst", ["a\\b", "\\\\", "/", "G"], "a/b"), ("sprintf", ["%-4d|%s", 5, "x"], "5   |x"),
    ],
)  # fmt: skip
def test_functions_of_our_own(name, arguments, answer):
    assert FUNCTIONS[name](*arguments) == answer


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("cidr_host", ["10.0.0.0/30", 9]), ("netmask", ["x"]), ("range", [1, 5, 0]),
        ("digest", ["x", "rot13"]), ("delete_at", [[1], 3]), ("to_bytes", ["5 zB"]), ("convert_base", [5, 99]),
        ("values_at", [[1], "x"]), ("clamp", [1, 2]), ("min", []), ("shell_split", ["'a"]),
        ("parseyaml", ["{["]), ("parsejson", [5]), ("enclose_ipv6", ["x"]), ("ip_in_range", ["x", "y"]),
        ("sprintf", ["%d", "x"]), ("sprintf", ["%<a>s", 1]), ("sprintf", ["%s %s", 1]), ("strftime", [5]),
        ("hash", [["a"]]), ("merge", [{}, 5]), ("convert_base", ["x", 2]), ("sprintf", ["%z", 1]), ("match", ["a", "["]),
        ("squeeze", [5]), ("seeded_rand", [0, "x"]), ("uriescape", [5]), ("fqdn_rand", ["x"]), ("sort", [[True, False]]),
        ("abs", ["x"]), ("num2bool", ["x"]), ("dig", ["x", "y"]), ("step", [[1], 0]),
        ("range", [1, 10**12]), ("sprintf", ["%999999999d", 1]), ("Array", [10**12]), ("range", ["a1", "a99999999999"]),
    ],
)  # fmt: skip
def test_arguments_that_make_no_sense_are_errors_of_the_function(name, arguments):
    with pytest.raises(FunctionError) as caught:
        call(name, *arguments)

    assert caught.value.function == name


def test_types_are_answers_too():
    assert isinstance(FUNCTIONS["type"](5), Type)
    assert str(FUNCTIONS["type"]([1, "a"], "generalized")) == "Array[ScalarData]"
