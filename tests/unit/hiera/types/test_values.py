"""The values that types bring along, and Ruby's regular expressions."""

import re

import pytest

from hiera.types import Binary, SemVer, SemVerRange
from hiera.types.regex import compiled


def test_versions_order_as_semver_says():
    texts = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
             "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "2.0.0"]  # fmt: skip

    assert [str(version) for version in sorted(map(SemVer.of, reversed(texts)))] == texts


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">=1.2.0 <2.0.0", ["1.2.0", "1.9.9"], ["1.1.9", "2.0.0", "1.5.0-rc1"]),
        ("~1.2", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("^1.2.3", ["1.2.3", "1.9.0"], ["1.2.2", "2.0.0"]),
        ("^0.2.3", ["0.2.4"], ["0.3.0"]),
        ("1.x", ["1.0.0", "1.9.9"], ["2.0.0"]),
        ("1.2.3 - 2.0.0", ["1.2.3", "2.0.0"], ["2.0.1"]),
        ("<1.0.0 || >=2.0.0", ["0.9.0", "2.1.0"], ["1.5.0"]),
        (">1", ["2.0.0"], ["1.9.9"]),
        ("*", ["0.0.1", "9.0.0"], []),
        (">=1.0.0-rc1", ["1.0.0-rc2", "1.0.0"], ["1.0.1-rc1"]),
    ],
)
def test_ranges_hold_the_versions_that_they_name(text, inside, outside):
    part = SemVerRange(text)

    assert [version for version in inside if not part.includes(SemVer.of(version))] == []
    assert [version for version in outside if part.includes(SemVer.of(version))] == []


def test_bytes_are_told_in_base64():
    assert str(Binary.of("YW Jj", "%b")) == "YWJj"
    with pytest.raises(ValueError, match="invalid base64"):
        Binary.of("!")


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        (r"\A[a-z]+\z", "abc", "abc"),
        (r"\A[a-z]+\z", "abc\n", None),
        (r"\A[a-z]+\Z", "abc\n", "abc"),
        (r"^b$", "a\nb\nc", "b"),
        (r"\h+", "xyzBEEF", "BEEF"),
        (r"[\h-]+", "zz0f-", "0f-"),
        (r"[[:alpha:]]+", "1ab2", "ab"),
        (r"[^[:space:]]+", " ab ", "ab"),
        (r"\p{Alpha}+", "1ab", "ab"),
        (r"(?<n>a)\k<n>", "aa", "aa"),
        (r"(?m)a.b", "a\nb", "a\nb"),
        (r"a(?i)B", "ab", "ab"),
        (r"(?i:AB)c", "abc", "abc"),
        (r"(?-i:a)b", "ab", "ab"),
        (r"[a[bc]]+", "abc", "abc"),
        (r"[]a]+", "]a", "]a"),
        (r"\d+", "٣4", "4"),
        (r"[\[\]]+", "[]", "[]"),
        (r"a++b", "aab", "aab"),
        (r"\/x", "/x", "/x"),
        (r"\R", "a\r\n", "\r\n"),
    ],
)
def test_rubys_expressions_find_what_ruby_finds(source, text, found):
    match = compiled(source).search(text)

    assert (match[0] if match else None) == found


def test_an_expression_that_cannot_be_read_is_an_error():
    with pytest.raises(re.error):
        compiled("[a")
