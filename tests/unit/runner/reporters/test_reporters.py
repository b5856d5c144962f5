"""What people and machines read of a run."""

import io
import json
import subprocess
import sys

import msgspec
import pytest
from rich.console import Console as Terminal

from hiera.errors import Location, Problem
from runner.reporters.base import ResourceDone, RunConcluded, RunStarted, SourceEvent, Told
from runner.reporters.console import Console
from runner.reporters.json import Json
from runner.reporters.plain import Plain
from runner.store.records import Action, Outcome, Run, Status

SHA = "4f1c0d9" + "0" * 33
RUN = Run(
    12, "run", "manual", SHA, "t", "production", "web01", "ann", "signed", False, "sha256:c", 100.0, 100.4, "changed", 0,
    {"changed": 3, "skipped": 1, "unchanged": 120}, "",
)  # fmt: skip


def outcome(status=Status.CHANGED, *, kind="file", title="/etc/motd", before=None, after=None, **more):
    fields = {
        "run": 12, "seq": 1, "kind": kind, "name": title, "title": title, "action": Action.APPLY, "status": status,
        "before": before, "after": after, "drift": False, "refreshed": False, "revision": SHA,
        "file": "modules/motd/manifests/init.yaml", "line": 12, "message": "", "at": 100.0, "seconds": 0.1,
    }  # fmt: skip
    return Outcome(**{**fields, **more})


def done(status=Status.CHANGED, *, diff=None, grade="", undo="exact", announcement=None, **more):
    item = outcome(status, **more)
    return ResourceDone(item, f"{item.kind}[{item.title}]", diff, grade, undo, announcement)


EDITED = done(
    before={"content": "node:aa", "mode": "0600"}, after={"content": "node:bb", "mode": "0644"}, diff="-old\n+new"
)
FAILED = done(Status.FAILED, kind="package", title="nginx", message="apt said no")
SKIPPED = done(Status.SKIPPED, kind="service", title="nginx", message="because package[nginx] failed")
UNCHANGED = done(Status.UNCHANGED, before={"mode": "0644"}, after={"mode": "0644"})


def told(*events, verbosity=0, reporter=Plain):
    stream = io.StringIO()
    teller = reporter(stream, verbosity)
    for event in events:
        teller.on(event)
    return stream.getvalue()


WHERE = "  (modules/motd/manifests/init.yaml:12)"


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (EDITED, f"changed  file[/etc/motd]: content, mode 0600 -> 0644{WHERE}\n    -old\n    +new\n"),
        (FAILED, f"failed   package[nginx]: apt said no{WHERE}\n"),
        (SKIPPED, f"skipped  service[nginx]: because package[nginx] failed{WHERE}\n"),
        (UNCHANGED, ""),
        (done(after={"mode": "0644"}), f"changed  file[/etc/motd]: created{WHERE}\n"),
        (done(before={"mode": "0644"}, action=Action.PRUNE), f"undone   file[/etc/motd]: removed{WHERE}\n"),
        (done(Status.PENDING, after={"mode": "0644"}), f"would change  file[/etc/motd]: to be created{WHERE}\n"),
        (
            done(before={"mode": "0600"}, after={"mode": "0644"}, drift=True),
            f"changed  file[/etc/motd]: mode 0600 -> 0644, it had drifted{WHERE}\n",
        ),
        (
            done(kind="service", title="x", before={"enable": True}, after={"enable": True}, refreshed=True),
            f"changed  service[x]: refreshed{WHERE}\n",
        ),
        (done(kind="notify", title="x", announcement="hello"), f"changed  notify[x]: hello{WHERE}\n"),
        (
            done(
                kind="user",
                title="x",
                before={"groups": ["a"], "system": None},
                after={"groups": ["a", "b"], "system": True},
            ),
            f"changed  user[x]: groups a -> a, b, system none -> true{WHERE}\n",
        ),
        (
            done(kind="user", title="x", before={"password": None}, after={"password": "node:0123456789abcdef"}),
            f"changed  user[x]: password{WHERE}\n",
        ),
        (
            done(Status.KEPT, message="somebody else changed it", action=Action.PRUNE),
            f"kept     file[/etc/motd]: somebody else changed it{WHERE}\n",
        ),
        (SourceEvent("fetched", "it moved"), ""),
        (SourceEvent("refused", "staying with 4f1c0d9"), "refused: staying with 4f1c0d9\n"),
    ],
)
def test_each_event_has_its_plain_line(event, line):
    assert told(event) == line


def test_a_value_cannot_write_to_the_terminal():
    text = told(done(kind="host", title="x", before={"comment": "a"}, after={"comment": "\x1b[2J\nevil"}))

    assert "\x1b" not in text
    assert text.count("\n") == 1


def test_verbose_tells_what_stays_as_it_is():
    assert told(UNCHANGED, verbosity=1) == "unchanged  file[/etc/motd]\n"


def test_quiet_tells_failures_and_the_last_line():
    text = told(EDITED, FAILED, SKIPPED, RunConcluded(RUN, owed=1), verbosity=-1)

    assert [line.split()[0] for line in text.splitlines()] == ["failed", "run"]


def test_the_last_line_sums_up():
    text = told(RunConcluded(RUN, owed=2, pending_prunes=1))

    assert text.splitlines() == [
        "run 12 of 4f1c0d9 (production, web01): 3 changed, 0 failed, 1 skipped, 120 unchanged in 0.4 s",
        "2 refreshes are owed; the next run pays",
        "1 removal waits; see `freehold status`",
    ]


def test_a_problem_is_told_with_its_line():
    stream = io.StringIO()
    reporter = Plain(stream, 0, lambda _file, _line: "a: b")

    reporter.on(Told(Problem("old-name", "an old name", Location("a.yaml", 3, 1), severity="warning")))

    assert "warning[old-name]: an old name" in stream.getvalue()
    assert "3 | a: b" in stream.getvalue()


def test_a_plan_is_grouped_by_grade_and_says_how_far_it_can_be_taken_back():
    events = [
        RunStarted("plan", SHA, "production", "web01", "signed", True, 4),
        done(
            Status.PENDING,
            grade="assumed",
            undo="state",
            kind="service",
            title="x",
            before={"enable": False},
            after={"enable": True},
        ),
        done(Status.PENDING, grade="certain", after={"mode": "0644"}),
        done(Status.PENDING, grade="unknowable", undo="none", kind="exec", title="y"),
        done(Status.PENDING, action=Action.PRUNE, title="/old", before={"mode": "0644"}),
        UNCHANGED,
        RunConcluded(
            msgspec.structs.replace(RUN, id=0, command="plan", noop=True, counts={"pending": 4, "unchanged": 1})
        ),
    ]

    rows = told(*events).splitlines()

    assert [row.partition(":")[0] for row in rows if not row.startswith(" ")] == [
        "certain", "assumed", "unknowable", "prune", "plan of 4f1c0d9 (production, web01)",
    ]  # fmt: skip
    assert f"  file[/etc/motd]: to be created{WHERE}  [undo: exact]" in rows
    assert f"  service[x]: enable false -> true{WHERE}  [undo: state]" in rows
    assert f"  exec[y]{WHERE}  [not reversible]" in rows
    assert rows[-1].endswith(": 4 would change, 0 failed, 1 unchanged in 0.4 s")


def test_json_is_one_document():
    stream = io.StringIO()
    reporter = Json(stream)
    for event in (
        RunStarted("run", SHA, "production", "web01", "signed", False, 2),
        EDITED,
        UNCHANGED,
        RunConcluded(RUN, 1, 2),
    ):
        reporter.on(event)
    reporter.finish(4, {"exit_code": 13})

    document = json.loads(stream.getvalue())
    assert [item["ref"] for item in document["resources"]] == ["file[/etc/motd]"]
    assert document["resources"][0]["before"] == {"content": "node:aa", "mode": "0600"}
    assert (document["run"]["id"], document["owed"], document["exit_code"]) == (12, 1, 4)
    assert document["error"] == {"exit_code": 13}


def test_the_terminal_gets_the_same_words_in_colour():
    stream = io.StringIO()
    terminal = Terminal(file=stream, force_terminal=True, width=40, color_system="standard", highlight=False)
    reporter = Console(stream, terminal=terminal)
    for event in (RunStarted("run", SHA, "p", "n", "signed", False, 1), EDITED, RunConcluded(RUN)):
        reporter.on(event)
    text = stream.getvalue()

    assert "file[/etc/motd]: content, mode 0600 -> 0644  (modules/motd/manifests/init.yaml:12)" in text
    assert "\x1b[32m" in text
    assert "run 12 of 4f1c0d9" in text


def test_plain_lines_need_no_rich():
    code = "import sys, runner.reporters.plain, runner.reporters.json; sys.exit('rich' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
