"""Which entry of ``nodes`` counts."""

from datetime import UTC, datetime

import pytest

from hiera.errors import Collector
from hiera.yaml.strict import read
from manifests.yaml_jinja.classification import classify

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def outcome(text, name="web01.example.org"):
    problems = Collector()
    found = classify(read(text.encode(), "site.yaml"), name, problems, NOW)
    return found, [problem.code for problem in (*problems.errors, *problems.warnings)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("default: d\nweb*: g\n/^web/: r\nweb01.example.org: e", ["e"]),
        ("default: d\nweb*: g\n/^web/: r\n/web/: r2", ["r"]),
        ("default: d\nweb0?.*: g\n'*': g2", ["g"]),
        ("default: [d, e]\ndb*: g", ["d", "e"]),
        ("'[vw]eb01.*': g\n'*': g2", ["g"]),
        ("/web01$/: r\n'*.example.org': g", ["g"]),
    ],
)
def test_the_first_match_alone(text, expected):
    found, codes = outcome(text)
    assert [scalar.text for scalar in found.include] == expected
    assert codes == []


def test_no_match():
    assert outcome("db*: g") == (None, [])


@pytest.mark.parametrize(
    ("body", "hold", "codes"),
    [
        ("hold: true", "held in nodes", []),
        ("hold: true, reason: disk", "disk", []),
        ("hold: true, reason: disk, until: 2026-06-01", "disk (until 2026-06-01)", []),
        ("hold: true, reason: disk, until: 2026-06-01T12:01", "disk (until 2026-06-01T12:01)", []),
        ("hold: true, reason: disk, until: 2026-06-01T11:59", None, ["hold-over"]),
        ("hold: true, until: 2026-05-31", None, ["hold-over"]),
        ("hold: true, until: soon", "held in nodes", ["bad-date"]),
        ("hold: false", None, []),
        ("hold: yes", None, ["type-mismatch"]),
        ("reason: x", None, ["bad-structure"]),
        ("noop: 'true'", None, ["type-mismatch"]),
        ("held: true", None, ["unknown-key"]),
    ],
)
def test_holds(body, hold, codes):
    found, noted = outcome(f"web*: {{{body}}}")
    assert found.hold == hold
    assert noted == codes
