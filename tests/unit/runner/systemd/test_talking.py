"""What systemd is told: states by sd_notify, entries of the journal; and who it says started a run."""

import os
import socket
import subprocess
import sys
import tempfile

import pytest

from hiera.errors import Problem
from runner.reporters.base import ResourceDone, RunConcluded, RunStarted, SourceEvent, Told
from runner.reporters.journal import Journal
from runner.reporters.progress import Progress
from runner.store.records import Action, Outcome, Run, Status
from runner.systemd import journal, origin
from runner.systemd.notify import Notifier


@pytest.fixture
def listening():
    """A datagram socket such as systemd's; ``listening.path``, ``listening.heard()``."""
    with tempfile.TemporaryDirectory(dir="/tmp") as place, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(f"{place}/s")
        server.setblocking(False)
        yield Listening(server, f"{place}/s")


class Listening:
    def __init__(self, server, path):
        self.server, self.path = server, path

    def heard(self):
        found = []
        while True:
            try:
                found.append(self.server.recv(1 << 20))
            except BlockingIOError:
                return found


def outcome(status=Status.CHANGED, **more):
    fields = {
        "run": 1, "seq": 1, "kind": "file", "name": "/etc/motd", "title": "/etc/motd", "action": Action.APPLY,
        "status": status, "before": None, "after": None, "drift": False, "refreshed": False, "revision": "a" * 40,
        "file": "manifests/site.yaml", "line": 3, "message": "", "at": 0.0, "seconds": 0.0,
    }  # fmt: skip
    return Outcome(**(fields | more))


def ended(**more):
    fields = {
        "id": 7, "command": "run", "trigger": "timer", "revision": "a" * 40, "tree": "t", "environment": "production",
        "node": "web01", "signer": "s", "trust": "signed", "noop": False, "catalog": "c", "started": 0.0, "ended": 1.0,
        "result": "changed", "exit_code": 0, "counts": {"changed": 1, "held-back": 2}, "message": "",
    }  # fmt: skip
    return Run(**(fields | more))


STARTED = RunStarted("run", "a" * 40, "production", "web01", "signed", noop=False, total=2)


def test_states_reach_the_manager_in_one_message(listening):
    Notifier(listening.path).send(READY=1, STATUS="one\ntwo")

    assert listening.heard() == [b"READY=1\nSTATUS=one two"]


def test_an_abstract_address_works():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(f"\0freehold-test-{os.getpid()}")
        server.settimeout(5)
        Notifier(f"@freehold-test-{os.getpid()}").send(STATUS="there")
        assert server.recv(100) == b"STATUS=there"


def test_the_address_is_not_handed_on_to_commands():
    environ = {"NOTIFY_SOCKET": "/run/x", "PATH": "/bin"}

    assert Notifier.taken(environ)
    assert environ == {"PATH": "/bin"}
    assert not Notifier.taken(environ)


def test_a_manager_that_is_away_is_no_trouble():
    Notifier("/nonexistent/socket").send(READY=1)
    Notifier("").send(READY=1)


def test_the_status_line_tells_how_far_a_run_is(listening):
    now = iter([10.0, 10.1, 11.0])
    told = []
    progress = Progress(type("R", (), {"on": told.append})(), Notifier(listening.path), lambda: next(now))
    events = [STARTED, *(ResourceDone(outcome(), "file[/etc/motd]") for _ in range(3)), RunConcluded(ended())]
    for event in events:
        progress.on(event)

    states = [text.decode() for text in listening.heard()]
    assert told == events
    assert states[0] == "READY=1\nSTATUS=beginning"
    assert states[1:4] == [
        "STATUS=run of aaaaaaa: 2 resources",
        "STATUS=run of aaaaaaa: 1 of 2 resources",
        "STATUS=run of aaaaaaa: 3 of 2 resources",
    ]
    assert states[4].startswith("STATUS=run 7 of aaaaaaa (production, web01): 1 changed")


def test_an_entry_is_written_as_the_journal_reads_it():
    assert journal.encode({"MESSAGE": "hello", "EMPTY": "", "N": "a=b"}) == b"MESSAGE=hello\nN=a=b\n"
    assert journal.encode({"MESSAGE": "a\nb"}) == b"MESSAGE\n\x03\0\0\0\0\0\0\0a\nb\n"


def entries(listening):
    return [dict(row.partition("=")[::2] for row in text.decode().splitlines()) for text in listening.heard()]


def test_the_lines_of_a_run_carry_fields(listening, capsys):
    reporter = Journal(journal=journal.JournalSocket(listening.path))
    reporter.on(SourceEvent("refused", "an unsigned commit", "b" * 40))
    reporter.on(STARTED)
    reporter.on(ResourceDone(outcome(), "file[/etc/motd]"))
    reporter.on(ResourceDone(outcome(Status.FAILED, message="disk full"), "file[/etc/motd]"))
    reporter.on(Told(Problem("odd", "something is odd", severity="warning")))
    reporter.on(RunConcluded(ended()))
    reporter.close()

    refused, changed, failed, odd, last = entries(listening)
    assert capsys.readouterr().out == ""
    assert (refused["PRIORITY"], refused["FREEHOLD_EVENT"], refused["FREEHOLD_REVISION"]) == ("3", "refused", "b" * 40)
    assert changed["MESSAGE"].startswith("changed  file[/etc/motd]")
    assert (changed["PRIORITY"], changed["FREEHOLD_STATUS"], changed["FREEHOLD_NODE"]) == ("5", "changed", "web01")
    assert (changed["FREEHOLD_RESOURCE"], changed["FREEHOLD_LINE"]) == ("file[/etc/motd]", "3")
    assert (failed["PRIORITY"], failed["SYSLOG_IDENTIFIER"]) == ("3", "freehold")
    assert (odd["PRIORITY"], odd["FREEHOLD_PROBLEM"]) == ("4", "odd")
    assert (last["FREEHOLD_RUN"], last["FREEHOLD_TRIGGER"], last["FREEHOLD_EXIT_CODE"]) == ("7", "timer", "0")
    assert (last["FREEHOLD_CHANGED"], last["FREEHOLD_HELD_BACK"]) == ("1", "2")


def test_without_a_journal_the_lines_go_to_the_stream(capsys):
    reporter = Journal(journal=journal.JournalSocket("/nonexistent/socket"))
    reporter.on(ResourceDone(outcome(), "file[/etc/motd]"))

    assert capsys.readouterr().out.startswith("changed  file[/etc/motd]")


def test_only_a_stream_that_leads_to_the_journal_counts(tmp_path):
    with (tmp_path / "stream").open("w") as stream:
        about = os.fstat(stream.fileno())
        assert journal.connected(stream.fileno(), f"{about.st_dev}:{about.st_ino}")
        assert not journal.connected(stream.fileno(), f"{about.st_dev}:{about.st_ino + 1}")
        assert not journal.connected(stream.fileno(), "")
    assert not journal.connected(987, "1:2")


UNIFIED = "0::/system.slice/freehold.service\n"
HYBRID = "3:cpu:/\n1:name=systemd:/system.slice/freehold-boot.service\n0::/system.slice/freehold-boot.service\n"


@pytest.mark.parametrize(
    ("environ", "cgroup", "word"),
    [
        ({}, UNIFIED, "manual"),
        ({"INVOCATION_ID": "1"}, UNIFIED, "manual"),
        ({"INVOCATION_ID": "1", "TRIGGER_UNIT": "freehold.timer"}, UNIFIED, "timer"),
        ({"INVOCATION_ID": "1", "TRIGGER_UNIT": "other.path"}, UNIFIED, "manual"),
        ({"INVOCATION_ID": "1"}, HYBRID, "boot"),
        ({"INVOCATION_ID": "1", "SYSTEMD_EXEC_PID": "1", "TRIGGER_UNIT": "freehold.timer"}, UNIFIED, "manual"),
        ({"INVOCATION_ID": "1"}, "0::/user.slice/session-1.scope\n", "manual"),
        ({"INVOCATION_ID": "1"}, "", "manual"),
    ],
)
def test_who_started_a_run(environ, cgroup, word):
    assert origin.trigger(environ, cgroup) == word


def test_an_error_on_the_way_to_the_journal_is_one(tmp_path, monkeypatch):
    words = [sys.executable, "-m", "runner", "run", "--config", "/nonexistent/freehold.yaml"]
    with (tmp_path / "stderr").open("wb") as stderr:
        about = os.fstat(stderr.fileno())
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        env = kept | {"JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino}"}
        assert subprocess.run(words, env=env, stderr=stderr, check=False).returncode == 10
    rows = (tmp_path / "stderr").read_text().splitlines()
    assert rows[0].startswith("<3>error[")
    assert all(row.startswith("<3>") for row in rows)
