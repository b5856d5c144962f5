"""Whatever they are given, notations, conversions and functions answer or end with a located error."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from hiera.errors import DataError
from hiera.types import DEFAULT, Binary, Regexp, SemVer, Sensitive, Timespan, Timestamp, TypeSyntaxError, infer, parse
from hiera.types.coerce import coerce_scalar
from hiera.types.construct import MAKERS, SIMPLE
from hiera.types.convert import convert
from hiera.values import Secret
from manifests.functions import FUNCTIONS

WORDS = st.sampled_from(
    [
        "",
        "a",
        "A b",
        "1",
        "-3",
        "0x1f",
        "1.5",
        "%s",
        "%d",
        "(",
        "[a-",
        "1.2.3",
        "10.0.0.0/8",
        "a.b.1",
        "yes",
        "'",
        "\n",
        "é\0",
        "x" * 50,
    ]
)
LEAVES = (
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | WORDS | st.text(max_size=6)
    | st.sampled_from([DEFAULT, Binary(b"\xff"), Regexp("a"), Regexp("("), SemVer(1, 2, 3), Timespan(5), Timestamp(10**18), Sensitive("x"), parse("Integer[1, 3]"), parse("String"), parse("Enum[a]")])
)  # fmt: skip
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=6
)
NOTATIONS = st.recursive(
    st.sampled_from(
        [
            *SIMPLE,
            "Stdlib::Port",
            "Data",
            "Nope",
            "1",
            "5",
            "default",
            "a",
            "'b'",
            "/c/",
            "{a => Integer}",
            "-1",
            "true",
            "File",
        ]
    ),
    lambda inner: st.builds(
        lambda name, items: f"{name}[{', '.join(items)}]", st.sampled_from(sorted(MAKERS)), st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)
PURE = [name for name in FUNCTIONS if not FUNCTIONS[name].wants_context]


@settings(max_examples=150, deadline=None)
@given(NOTATIONS | st.text("AIntegr[]{}=>,'\"/1-: a", max_size=20), VALUES, st.text("01-+.xeE_ ~nulyto", max_size=6))
def test_a_notation_is_read_or_refused_and_then_works(notation, value, text):
    try:
        kind = parse(notation)
    except TypeSyntaxError:
        return
    if not any(name in notation for name in ("Iterator", "Init", "Resource")):  # these print what only a resolver reads
        assert parse(str(kind)) == kind
    mismatch = kind.check(value)
    assert mismatch is None or mismatch.describe("it")
    kind.assignable(infer(value))
    coerce_scalar(kind, text)


@settings(max_examples=200, deadline=None)
@given(NOTATIONS, st.lists(VALUES, max_size=3))
def test_a_conversion_gives_an_instance_or_an_error(notation, arguments):
    try:
        kind = parse(notation)
        made = convert(kind, *arguments)
    except DataError:
        return
    assert kind.is_instance(made)


@settings(max_examples=700, deadline=None)
@given(st.sampled_from(PURE), st.lists(VALUES, max_size=4), st.booleans())
def test_a_function_answers_or_ends_with_an_error(name, arguments, secret):
    given_arguments = [Secret(argument) for argument in arguments] if secret else arguments
    try:
        answer = FUNCTIONS[name](*given_arguments, block=None)
    except DataError:
        return
    assert isinstance(answer, Secret) == (secret and bool(arguments))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([name for name in PURE if FUNCTIONS[name].block]), st.lists(VALUES, max_size=2), VALUES)
def test_a_function_with_a_block_answers_or_ends_with_an_error(name, arguments, answer):
    with suppress(DataError):
        FUNCTIONS[name](*arguments, block=lambda *_: answer)
