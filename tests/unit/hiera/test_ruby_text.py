"""Values as Ruby writes them."""

import pytest

from hiera.ruby_text import ruby_inspect, ruby_text
from hiera.types import Regexp


@pytest.mark.parametrize(
    ("value", "text", "inspected"),
    [
        (None, "", "nil"),
        (True, "true", "true"),
        (3, "3", "3"),
        ("a", "a", '"a"'),
        ('"\\\n\t\r\x1b\a\b\v\f', '"\\\n\t\r\x1b\a\b\v\f', r'"\"\\\n\t\r\e\a\b\v\f"'),
        ("\0\x7f\x9f\u2028", "\0\x7f\x9f\u2028", r'"\u0000\u007F\u009F\u2028"'),
        ("é\u200e\x85", "é\u200e\x85", '"é\u200e\x85"'),
        ("#{a} #$b #@c # d", "#{a} #$b #@c # d", r'"\#{a} \#$b \#@c # d"'),
        (Regexp("a/b"), "(?-mix:a/b)", r"/a\/b/"),
        ([1, None, ["x"]], '[1, nil, ["x"]]', '[1, nil, ["x"]]'),
        ({"a": {2: False}}, '{"a"=>{2=>false}}', '{"a"=>{2=>false}}'),
    ],
)
def test_text_and_inspected(value, text, inspected):
    assert ruby_text(value) == text
    assert ruby_inspect(value) == inspected


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.0001, "0.0001"),
        (0.00001, "1.0e-05"),
        (999999999999999.0, "999999999999999.0"),
        (1e15, "1.0e+15"),
        (2015234567890123.5, "2015234567890123.5"),
        (-9007199254740993.0, "-9.007199254740992e+15"),
        (1.5e100, "1.5e+100"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (float("nan"), "NaN"),
    ],
)
def test_floats(number, text):
    assert ruby_text(number) == text
