"""Times, sizes and budgets as people write them."""

import time

import pytest

from runner import measures


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("5m", 300),
        ("4h", 14400),
        ("2d", 172800),
        ("1w", 604800),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("7", 7),
        (7, 7),
    ],
)
def test_a_duration_is_read(text, seconds):
    assert measures.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "4 fortnights", "h", "-3s", "4h!", None, True, ["1h"]])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match=r"duration|single value"):
        measures.duration(text)


@pytest.mark.parametrize(
    ("text", "size"), [("64MiB", 64 << 20), ("512K", 512 << 10), ("1 GiB", 1 << 30), ("10", 10), ("7B", 7)]
)
def test_a_size_is_read(text, size):
    assert measures.size(text) == size


@pytest.mark.parametrize("text", ["64 parsecs", "MiB", "-1K", False])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match=r"size|single value"):
        measures.size(text)


@pytest.mark.parametrize(("text", "budget"), [("10", 10), (0, 0), ("20%", "20%"), ("100%", "100%")])
def test_a_budget_is_read(text, budget):
    assert measures.budget(text) == budget


@pytest.mark.parametrize("text", ["101%", "-1", "ten", "5.5%"])
def test_what_is_no_budget_is_refused(text):
    with pytest.raises(ValueError, match="percentage"):
        measures.budget(text)


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "5 s"), (42 * 60, "42 min"), (3 * 3600, "3 h"), (3 * 86400, "3 days"), (-1, "0 s")]
)
def test_a_span_is_said(seconds, words):
    assert measures.span(seconds) == words


def test_a_clock_says_no_more_than_is_needed():
    now = time.mktime((2026, 3, 10, 14, 45, 0, 0, 0, -1))

    assert measures.clock(now - 60, now) == "14:44"
    assert measures.clock(now - 86400, now) == "03-09 14:45"
    assert measures.clock(now - 400 * 86400, now).startswith("2025-")
