"""The store: migration, the ledger's promises, the lock, pre-images."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from hiera.errors import LockedError, UsageError
from runner.store.lock import Lock, holder_of
from runner.store.records import Action, Claim, LedgerEdge, Outcome, Owed, Status, Thing
from runner.store.state import StateDirectory

THING = Thing("file", "/a", "a", {"force": True}, "restore", "c1", "site.yaml", 4)


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    found = StateDirectory(str(tmp_path / "state"))
    found.create()
    return found


def claim(applied: object, baseline: object = "old") -> Claim:
    return Claim("file", "/a", "content", baseline, applied, True, True, "c1", "site.yaml", 4)


def test_the_directory_and_its_files_are_private(state: StateDirectory) -> None:
    assert state.ledger.count() == 0
    assert len(state.key) == 32
    assert os.stat(state.path).st_mode & 0o077 == 0
    for name in ("key", "state.db"):
        assert os.stat(state.place(name)).st_mode & 0o077 == 0


def test_the_key_stays_the_same(state: StateDirectory) -> None:
    first = state.key

    assert StateDirectory(state.path).key == first


def test_a_newer_schema_is_refused_and_left_alone(state: StateDirectory) -> None:
    state.ledger.count()
    state.close()
    with sqlite3.connect(state.place("state.db")) as other:
        other.execute("PRAGMA user_version=99")
    with pytest.raises(UsageError) as raised:
        StateDirectory(state.path).ledger.count()
    assert raised.value.problems[0].code == "state-newer"


def test_a_damaged_file_is_named(state: StateDirectory) -> None:
    Path(state.place("state.db")).write_bytes(b"not a database at all" * 100)
    with pytest.raises(UsageError) as raised:
        state.ledger.count()
    assert raised.value.problems[0].code == "state-damaged"


def test_an_open_claim_keeps_its_baseline(state: StateDirectory) -> None:
    state.ledger.put_things([THING])
    state.ledger.put_claims([claim("one")])
    state.ledger.put_claims([claim("two", baseline="something else")])
    found = state.ledger.claims_of("file", "/a")["content"]

    assert (found.baseline, found.applied) == ("old", "two")


def test_closing_a_thing_closes_all_that_hangs_on_it(state: StateDirectory) -> None:
    state.ledger.put_things([THING])
    state.ledger.put_claims([claim("one")])
    state.ledger.replace_edges([LedgerEdge("file", "/a", "service", "x", True)])
    state.ledger.owe([Owed("file", "/a", "file[/b]", 1)])
    state.ledger.close_things([("file", "/a")])

    assert state.ledger.things() == {}
    assert state.ledger.claims() == {}
    assert state.ledger.edges() == []
    assert state.ledger.owed() == {}


def test_what_is_owed_survives_until_it_is_settled(state: StateDirectory) -> None:
    state.ledger.owe([Owed("service", "x", "file[/a]", 1)])
    state.ledger.owe([Owed("service", "x", "file[/b]", 2)])
    state.close()
    again = StateDirectory(state.path)

    assert again.ledger.owed()["service", "x"].cause == "file[/a]"
    again.ledger.settle([("service", "x")])
    assert again.ledger.owed() == {}


def test_a_transaction_is_all_or_nothing(state: StateDirectory) -> None:
    def half() -> None:
        with state.database.transaction():
            state.ledger.put_things([THING])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert state.ledger.count() == 0


def test_runs_and_outcomes_come_back_as_written(state: StateDirectory) -> None:
    number = state.history.begin(
        command="run", trigger="timer", revision="c1", tree="t1", environment="production", node="web01",
        signer="A", trust="signed", noop=False, catalog="d", started=1.0,
    )  # fmt: skip
    row = Outcome(
        number, 1, "file", "/a", "a", Action.APPLY, Status.CHANGED, None, {"mode": "0644"}, True, False, "c1",
        "site.yaml", 4, "", 1.0, 0.5,
    )  # fmt: skip
    state.history.record([row])
    assert [run.id for run in state.history.interrupted()] == [number]
    state.history.conclude(number, result="changed", exit_code=0, counts={"changed": 1})

    assert state.history.outcomes(number) == [row]
    assert state.history.of_thing("file", "/a") == [row]
    assert state.history.runs()[0].counts == {"changed": 1}
    assert state.history.interrupted() == []


def test_old_runs_are_forgotten_with_their_outcomes(state: StateDirectory) -> None:
    for number in range(5):
        state.history.begin(
            command="run", trigger="timer", revision=str(number), tree="", environment="", node="", signer="",
            trust="", noop=False, catalog="", started=1.0,
        )  # fmt: skip
    state.history.forget(2)

    assert [run.revision for run in state.history.runs()] == ["4", "3"]


def test_holds_expire(state: StateDirectory) -> None:
    state.standing.set_hold("pin", "c1", "incident", until=100.0)

    assert state.standing.hold("pin", now=99.0) is not None
    assert state.standing.hold("pin", now=101.0) is None


def test_the_anchor_is_the_last_good_revision(state: StateDirectory) -> None:
    state.standing.mark("c1", "t1", "good")
    state.standing.mark("c2", "t2", "failed")
    found = state.standing.last_good()

    assert found is not None
    assert found.revision == "c1"
    assert state.standing.tree_was_good("t1")
    assert not state.standing.tree_was_good("t2")


def test_pre_images_are_private_and_collected(state: StateDirectory) -> None:
    state.blobs.put("node:aa", b"before")
    state.blobs.put("node:bb", b"other")

    assert state.blobs.find("node:aa") == b"before"
    assert os.stat(state.blobs.path("node:aa")).st_mode & 0o077 == 0
    assert state.blobs.keep_only(["node:bb"]) == 1
    assert state.blobs.find("node:aa") is None


def test_the_second_one_is_told_who_holds_the_lock(state: StateDirectory) -> None:
    path = state.place("lock")
    with Lock(path, "run"):
        held = holder_of(path)
        assert held is not None
        assert held.pid == os.getpid()
        with pytest.raises(LockedError) as raised, Lock(path, "run", wait=0.2):
            pass
        assert f"process {os.getpid()} (run)" in raised.value.problems[0].message
    assert holder_of(path) is None


def test_a_killed_holder_lets_go(state: StateDirectory) -> None:
    path = state.place("lock")
    script = f"import time\nfrom runner.store.lock import Lock\nwith Lock({path!r}, 'run'):\n print('held', flush=True)\n time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    with pytest.raises(LockedError), Lock(path, "run"):
        pass
    child.kill()
    child.wait()
    child.stdout.close()
    with Lock(path, "run", wait=5):
        pass
