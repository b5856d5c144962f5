"""The merge strategies on their own, above all over secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiera.errors import DataError
from hiera.merge import Merge
from hiera.values import MISSING, Secret, redacted

DEEP = Merge("deep")


def merged(wish, *values):
    return Merge.of(wish).found(values)


@pytest.mark.parametrize(
    ("wish", "values", "result"),
    [
        (None, [MISSING, None, 1], None),
        ("unique", [[1, [2]], 1, [3, 1]], [1, 2, 3]),
        ("unique", [1, True, 1.0, "1"], [1, True, 1.0, "1"]),
        ("unique", [[{"a": 1, "b": 2}], [{"b": 2, "a": 1}]], [{"a": 1, "b": 2}]),
        ("hash", [{"a": 1}, MISSING, {"b": 2, "a": 3}], {"b": 2, "a": 1}),
        ("hash", [[1]], [1]),
        ("deep", [None, {"a": 1}], {"a": 1}),
        ("deep", [{"a": 1}, None], {"a": 1}),
        ("deep", [{"a": 1}, False], {"a": 1}),
        ("deep", [{}, "x"], "x"),
        ("deep", [{"a": [1, 1], "b": [1, 1]}, "x"], {"a": [1, 1], "b": [1]}),
        ("deep", ["x", {"a": 1}], "x"),
        ("deep", [[1], {"a": 1}], [1]),
        ({"strategy": "deep", "knockout_prefix": "--"}, [["--a", "b"], ["a", "c"]], ["c", "b"]),
        ({"strategy": "deep", "knockout_prefix": "--"}, [["--", "b"], ["a", "c"]], ["b"]),
        ({"strategy": "deep", "knockout_prefix": "--"}, [["--a", "b"], "x"], ["b"]),
        ({"strategy": "deep", "knockout_prefix": "--"}, ["--x", "x"], ""),
        ({"strategy": "deep", "knockout_prefix": "*"}, [["*a"], ["a", "b"]], ["b"]),
        ({"strategy": "deep", "sort_merged_arrays": True}, [[3, 1.5], [2]], [1.5, 2, 3]),
        ({"strategy": "deep", "sort_merged_arrays": True}, [[None], [None]], [None]),
        ({"strategy": "deep", "sort_merged_arrays": True}, [[["b"], ["a"]], []], [["a"], ["b"]]),
        (
            {"strategy": "deep", "merge_hash_arrays": True},
            [[{"a": 1}], [{"b": 2}, {"c": 3}]],
            [{"b": 2, "a": 1}, {"c": 3}],
        ),
        ({"strategy": "deep", "merge_debug": True}, [1, 2], 1),
    ],
)
def test_results(wish, values, result):
    got = merged(wish, *values)
    assert repr(got) == repr(result)  # the order of keys and the types of numbers count


def test_first_asks_for_no_more_than_it_needs():
    def values():
        yield 1
        raise AssertionError("asked again")

    assert Merge().found(values()) == 1


def test_nothing_found():
    assert merged("deep", MISSING, MISSING) is MISSING


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ("dep", "merge-strategy"),
        ({}, "merge-strategy"),
        ({"strategy": 1}, "merge-strategy"),
        ({"strategy": "hash", "knockout_prefix": "--"}, "merge-strategy"),
        ({"strategy": "deep", "knockout_prefix": ""}, "merge-strategy"),
        ({"strategy": "deep", "sort_merged_arrays": 1}, "merge-strategy"),
    ],
)
def test_wrong_wishes(wish, code):
    with pytest.raises(DataError) as caught:
        Merge.of(wish)
    assert caught.value.problems[0].code == code


@pytest.mark.parametrize(
    ("wish", "values"),
    [
        ("unique", [[1], {"a": 1}]),
        ("unique", [[1], None]),
        ("hash", [{"a": 1}, "x"]),
        ("hash", [Secret("x"), {"a": 1}]),
        ({"strategy": "deep", "sort_merged_arrays": True}, [["a"], [1]]),
        ({"strategy": "deep", "sort_merged_arrays": True}, [[True], [False]]),
        ({"strategy": "deep", "sort_merged_arrays": True}, [[Secret("b")], [Secret("a")]]),
        ({"strategy": "deep", "sort_merged_arrays": True}, [[["a"]], [[1]]]),
    ],
)
def test_what_cannot_be_merged(wish, values):
    with pytest.raises(DataError) as caught:
        merged(wish, *values)
    assert caught.value.problems[0].code == "merge-type"


@pytest.mark.parametrize(
    "wish",
    ["unique", "deep", {"strategy": "deep", "knockout_prefix": "--"}, {"strategy": "deep", "merge_hash_arrays": True}],
)
def test_secrets_are_moved_unseen(wish):
    first, second = Secret("--a"), Secret("--a")
    got = merged(wish, [first, "x"], [second, "x", "a"])
    assert redacted(got).count("[redacted]") == 2
    assert any(item is first for item in got)
    assert any(item is second for item in got)


VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, "a", "--a", "--", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_a_deep_merge_changes_neither_side(higher, lower):
    before = repr((higher, lower))
    Merge.of({"strategy": "deep", "knockout_prefix": "--"}).found([higher, lower])
    assert repr((higher, lower)) == before


@given(
    st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3),
    st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3),
)
def test_a_deep_merge_has_the_keys_of_both_the_lower_first(higher, lower):
    keys = list(DEEP.found([higher, lower]) or {})
    assert keys == [*lower, *(key for key in higher if key not in lower)]


@pytest.mark.parametrize("name", ["unique", "hash"])
@pytest.mark.parametrize("values", [[{3: 1}, {"a": 1}], [{"a": 1}, {"b": [{"c": {3: 1}}]}]])
def test_unique_and_hash_merge_hashes_whose_keys_are_texts(name, values):
    """As Puppet's data types for them have it; a value that is alone is not merged, and may have other keys."""
    values = [[value] for value in values] if name == "unique" else values
    with pytest.raises(DataError) as caught:
        Merge.of(name).found(values)
    assert caught.value.problems[0].code == "merge-type"
    assert Merge.of("hash").found([{3: 1}, MISSING]) == {3: 1}
    assert Merge.of("deep").found([{3: 1}, {"a": 2}]) == {"a": 2, 3: 1}
