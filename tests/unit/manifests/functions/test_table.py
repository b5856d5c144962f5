"""The table of functions: what stands in it, how arguments are checked, how secrets pass through."""

import subprocess
import sys

import pytest

from hiera.errors import DataError, Location
from hiera.types import Sensitive, parse
from hiera.values import Secret
from manifests.functions import FUNCTIONS, FunctionError, find
from manifests.functions.base import parameters_of

WORD = "swordfish"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_of_the_table_exists_and_is_documented(name):
    function = FUNCTIONS[name]

    assert function.name == name
    assert function.doc.endswith((".", ":"))
    least, most = function.arity
    assert most is None or least <= most


def test_the_table_imports_a_file_only_when_it_is_asked_for():
    code = (
        "import sys\n"
        "from manifests.functions import FUNCTIONS\n"
        "assert 'join' in FUNCTIONS and len(FUNCTIONS) > 150\n"
        "assert 'manifests.functions.strings' not in sys.modules\n"
        "FUNCTIONS['join']\n"
        "assert 'manifests.functions.strings' in sys.modules\n"
        "assert not {'manifests.functions.data', 'yaml', 'jinja2', 'hiera.types.formats'} & set(sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stderr == ""


def test_an_unknown_function_is_named_with_the_nearest_known():
    with pytest.raises(DataError) as caught:
        find("joim", Location("a.pp", 1, 2))

    problem = caught.value.problems[0]
    assert (problem.code, problem.message) == ("unknown-function", "there is no function 'joim'")
    assert problem.hint == "did you mean 'join'?"
    assert problem.location == Location("a.pp", 1, 2)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("join", [1], "'join' parameter 'list' expects an Array value, got Integer"),
        ("join", [], "'join' expects between 1 and 2 arguments, got none"),
        ("join", [[], ",", 1], "'join' expects between 1 and 2 arguments, got 3"),
        ("dirname", [], "'dirname' expects 1 argument, got none"),
        ("pick", [], "'pick' expects at least 1 argument, got none"),
        ("sum", ["x"], "'sum' parameter 'numbers' expects an Array value, got String"),
        ("regsubst", ["a", "(", ""], "'regsubst' missing ), unterminated subpattern at position 0"),
        ("map", [[1]], "'map' expects a block"),
        ("b64decode", ["é"], "'b64decode' string argument should contain only ASCII characters"),
        ("fact", ["a"], "'fact' cannot be called here: it needs the compilation"),
        ("new", ["Integr", 1], None),
    ],
)
def test_wrong_arguments_are_an_error_with_the_functions_name(name, arguments, message):
    with pytest.raises(DataError) as caught:
        FUNCTIONS[name](*arguments)

    if message is not None:
        assert isinstance(caught.value, FunctionError)
        assert caught.value.function == name
        assert (caught.value.problems[0].code, caught.value.problems[0].message) == ("function-argument", message)


def test_a_function_that_takes_no_block_says_so():
    with pytest.raises(FunctionError, match="does not expect a block"):
        FUNCTIONS["join"](["a"], block=lambda item: item)


def test_an_error_can_be_placed():
    error = FunctionError("join", "expects more")

    assert error.at(Location("a.pp", 4)).problems[0].location == Location("a.pp", 4)


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("join", [["a", Secret(WORD)], "-"], f"a-{WORD}"),
        ("upcase", [Secret(WORD)], WORD.upper()),
        ("sprintf", ["p=%s", Secret(WORD)], f"p={WORD}"),
        ("to_json", [{"a": {"b": [Secret(WORD)]}}], '{"a":{"b":["swordfish"]}}'),
        ("merge", [{"a": 1}, {"b": Secret(WORD)}], {"a": 1, "b": WORD}),
        ("quote", [Secret("a b")], "'a b'"),
        ("size", [[1, Secret(WORD)]], 2),
        ("b64encode", [Secret("x")], "eA=="),
        ("sha256", [Secret("x")], "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"),
        ("new", ["Integer", Secret("7")], 7),
        ("pick", [None, Secret(WORD)], WORD),
    ],
)
def test_a_secret_among_the_arguments_makes_the_answer_a_secret(name, arguments, answer):
    made = FUNCTIONS[name](*arguments)

    assert isinstance(made, Secret)
    assert made.reveal() == answer


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("join", [Secret(WORD)]),
        ("floor", [Secret(WORD)]),
        ("new", ["Integer", Secret(WORD)]),
        ("regsubst", ["a", Secret(WORD + "("), "x"]),
        ("assert_type", ["Enum[a]", Secret(WORD)]),
        ("parsejson", [Secret(WORD)]),
        ("str2bool", [[Secret(WORD)]]),
        ("sort", [[1, Secret(WORD)]]),
    ],
)
def test_an_error_tells_nothing_of_a_secret(name, arguments):
    with pytest.raises(FunctionError) as caught:
        FUNCTIONS[name](*arguments)

    assert WORD not in str(caught.value)
    assert caught.value.__cause__ is None


def test_sensitive_stays_a_value_of_the_language():
    wrapped = FUNCTIONS["new"]("Sensitive", "x")

    assert wrapped == Sensitive("x")
    assert FUNCTIONS["unwrap"](wrapped) == "x"
    assert FUNCTIONS["unwrap"](wrapped, block=str.upper) == "X"


def test_a_signature_is_cut_at_the_commas_between_parameters():
    found = parameters_of("Hash[String, Enum[a, b]] table, Struct[{x => Integer, y => Any}] other?, Any rest*")

    assert [(p.name, p.optional, p.repeats) for p in found] == [
        ("table", False, False), ("other", True, False), ("rest", True, True),
    ]  # fmt: skip
    assert found[0].type == parse("Hash[String, Enum[a, b]]")
