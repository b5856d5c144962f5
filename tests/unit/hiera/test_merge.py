"""The merge strategies on their own, above all over secrets."""

import json

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


def shaped(depth):
    """Return hashes in which a name always stands for the same kind of value; what has a shape can be merged."""
    fields = {
        "n": st.integers(1, 3),
        "t": st.sampled_from(["x", "y"]),
        "l": st.lists(st.integers(1, 5), max_size=4) | st.lists(st.sampled_from(["x", "y", "z"]), max_size=3),
    }
    if depth:
        fields |= {"h": shaped(depth - 1), "i": shaped(depth - 1)}
    return st.fixed_dictionaries({}, optional=fields)


@pytest.mark.parametrize("options", [{}, {"sort_merged_arrays": False}, {"merge_hash_arrays": True}])
@given(shaped(3), shaped(3), shaped(3))
def test_deep_merges_of_what_has_a_shape_can_be_grouped_at_will(options, one, two, three):
    merge = Merge.of({"strategy": "deep", **options})
    left = merge.found([merge.found([one, two]), three])
    right = merge.found([one, merge.found([two, three])])
    assert json.dumps(left) == json.dumps(right)


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers()), min_size=3, max_size=3))
def test_hash_merges_can_be_grouped_at_will(levels):
    merge, (one, two, three) = Merge.of("hash"), levels
    assert json.dumps(merge.found([merge.found([one, two]), three])) == json.dumps(
        merge.found([one, merge.found([two, three])])
    )


@given(st.lists(st.lists(st.integers(0, 4) | st.lists(st.integers(0, 4))), min_size=3, max_size=3))
def test_unique_merges_can_be_grouped_at_will(levels):
    merge, (one, two, three) = Merge.of("unique"), levels
    assert merge.found([merge.found([one, two]), three]) == merge.found([one, merge.found([two, three])])


@pytest.mark.parametrize(
    ("options", "higher", "lower", "merged"),
    [
        ({"unpack_arrays": ","}, ["a,b", "c"], ["c,d", "e,,"], ["c", "d", "e", "a", "b"]),
        ({"unpack_arrays": ","}, ["a,b"], "x", ["a", "b"]),
        ({"unpack_arrays": ","}, [[], "x"], ["y", [["z"]]], ["y", "z", "", "x"]),
        ({"overwrite_arrays": True}, {"l": [1]}, {"l": [2, 3]}, {"l": [1]}),
        ({"extend_existing_arrays": True}, 1, [2], [2, 1]),
        ({"extend_existing_arrays": True}, {"a": 1, "b": 2}, [2], [2, {"a": 1, "b": 2}, {"a": 1, "b": 2}]),
        ({"nobody": "knows"}, [1], [2], [2, 1]),
    ],
)
def test_more_options_of_the_gem(options, higher, lower, merged):
    merge = Merge.of({"strategy": "unconstrained_deep", **options})
    assert merge.found([higher, lower]) == merged
    reverse = Merge.of({"strategy": "reverse_deep", **options})
    assert reverse.found([lower, higher]) == merged


def test_texts_that_hold_a_secret_are_not_taken_apart():
    merge = Merge.of({"strategy": "unconstrained_deep", "unpack_arrays": ","})
    with pytest.raises(DataError):
        merge.found([[Secret("a,b")], ["c"]])
