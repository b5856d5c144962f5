"""The status page: each reason of the closed list, its level, its words."""

import subprocess
import sys
import time
from typing import get_args

import pytest

from runner.cli.status import page
from runner.settings import load
from runner.status import Name, gather
from runner.store.lock import Lock
from runner.store.records import Owed, Thing
from runner.store.state import StateDirectory

NOW = time.mktime((2026, 3, 10, 14, 44, 0, 0, 0, -1))
GOOD, BAD = "4f1c0d9" + "0" * 33, "9ab12cd" + "0" * 33


@pytest.fixture
def settings(tmp_path):
    config = tmp_path / "freehold.yaml"
    config.write_text("node: web01\nenvironment: production\ntrust: {mode: signed}\n")
    return load({"state_dir": str(tmp_path / "state")}, {}, str(config))


@pytest.fixture
def state(settings):
    found = StateDirectory(settings.state_dir)
    found.create()
    found.standing.accept("main", GOOD, "ann")
    found.standing.remember("applied", {"revision": GOOD, "at": NOW - 42 * 60, "result": "ok", "failed": 0})
    found.standing.remember("fetch", {"at": NOW - 240, "ok": True, "tip": GOOD, "error": ""})
    yield found
    found.close()


def refused(state):
    state.standing.remember("fetch", {"at": NOW - 240, "ok": True, "tip": BAD, "error": ""})
    note = {
        "revision": BAD,
        "code": "unsigned-commit",
        "message": "unsigned",
        "subject": "fix vhost",
        "author": "Bob",
        "at": NOW,
    }
    state.standing.remember("refused", note)


def unreachable(state):
    state.standing.remember("fetch", {"at": NOW, "ok": False, "tip": GOOD, "error": "no route", "last_ok": NOW - 600})


def compile_error(state):
    state.standing.remember("compile_error", {"revision": BAD, "message": "there is no class 'x'", "at": NOW})


def failed(state):
    state.standing.remember("applied", {"revision": GOOD, "at": NOW - 60, "result": "failed", "failed": 2})


def bad(state):
    state.standing.mark(GOOD, "tree", "bad", "breaks the shop")


def held(state):
    state.standing.remember("held", {"reason": "hardware", "until": None})


def paused(state):
    state.standing.set_hold("pause", "", "disk", NOW + 3600)


def pinned(state):
    state.standing.set_hold("pin", GOOD, "shop", NOW + 3600)


def ahead(state):
    state.standing.remember("ahead", {"revision": BAD})


def over_budget(state):
    state.standing.remember("over_budget", {"wanted": 40, "allowed": 10})


CASES = {
    "refused": (refused, 2, 'BEHIND 3 commits, 42 min: refused 9ab12cd: unsigned commit (Bob, "fix vhost")'),
    "unreachable": (unreachable, 1, "OK at 4f1c0d9, 42 min ago: the remote is away for 10 min: no route"),
    "compile-error": (compile_error, 2, "COMPILE-ERROR: 9ab12cd does not compile here: there is no class 'x'"),
    "failed": (failed, 2, "FAILED: 2 resources failed; `freehold show`"),
    "bad": (bad, 2, "BAD: 4f1c0d9 is marked bad: breaks the shop; waiting for a descendant"),
    "held": (held, 1, "OK at 4f1c0d9, 42 min ago: held: hardware"),
    "paused": (paused, 1, "OK at 4f1c0d9, 42 min ago: paused until 15:44: disk"),
    "pinned": (pinned, 1, "OK at 4f1c0d9, 42 min ago: pinned to 4f1c0d9 until 15:44: shop"),
    "ahead": (ahead, 1, "OK at 4f1c0d9, 42 min ago: the remote's 9ab12cd is older than 4f1c0d9; kept"),
    "over-budget": (over_budget, 2, "OVER-BUDGET: 40 removals wanted, 10 allowed; `freehold run --confirm`"),
}


def look(settings, state, now=NOW):
    return gather(settings, state, lambda _old, _new: 3, now=now, following=NOW + 60)


def test_every_reason_but_the_lock_has_a_case_here():
    assert {*CASES, "locked"} == set(get_args(Name))


def test_a_node_without_trouble_is_ok(settings, state):
    found = look(settings, state)

    assert found.level == 0
    assert list(page(found)) == [
        "web01 production  OK at 4f1c0d9, 42 min ago",
        "applied 4f1c0d9 ok 14:02 | accepted 4f1c0d9 | remote main 4f1c0d9, fetched 14:40 ok | next 14:45",
        "held no | paused no | pinned no | noop no | failed 0 | owed 0 | prune pending 0 | trust signed",
    ]


@pytest.mark.parametrize("name", CASES)
def test_each_reason_has_its_level_and_words(settings, state, name):
    arrange, level, words = CASES[name]
    arrange(state)

    found = look(settings, state)

    assert [reason.name for reason in found.reasons] == [name]
    assert found.level == level
    assert next(page(found)) == f"web01 production  {words}"


def test_a_remote_away_for_too_long_is_critical(settings, state):
    unreachable(state)

    assert look(settings, state, NOW + 86400).level == 2


def test_a_timer_that_stopped_is_noticed(settings, state):
    found = look(settings, state, NOW + 2 * 86400)

    assert (found.level, found.reasons[0].text) == (2, "nothing was fetched for 2 days")


def test_the_worst_reason_comes_first(settings, state):
    held(state)
    failed(state)

    assert [reason.name for reason in look(settings, state).reasons] == ["failed", "held"]


def test_what_expired_is_no_reason(settings, state):
    paused(state)

    assert look(settings, state, NOW + 7200).paused is None


def test_what_waits_and_what_is_owed_is_counted(settings, state):
    state.ledger.put_things([Thing("file", "/x", "/x", {}, "restore", GOOD, "a.yaml", 1, "service[x] failed")])
    state.ledger.put_things([Thing("service", "x", "x", {}, "restore", GOOD, "a.yaml", 2)])
    state.ledger.owe([Owed("service", "x", "file[/x]", 1)])

    rows = list(page(look(settings, state)))

    assert "owed 1 | prune pending 1" in rows[2]
    assert rows[3] == "waits to be removed: file[/x]: service[x] failed"


def test_a_run_going_on_is_said_without_waiting_for_it(settings, state):
    with Lock(state.place("lock"), "run"):
        fresh = look(settings, state, time.time())
        late = look(settings, state, time.time() + 7200)

    locked = [reason for reason in fresh.reasons if reason.name == "locked"]
    assert locked[0].level == 0
    assert locked[0].text.startswith("running since ")
    assert [reason.level for reason in late.reasons if reason.name == "locked"] == [1]


def test_a_node_that_never_ran_says_so(settings):
    found = gather(settings, None, lambda _old, _new: None, now=NOW)

    assert found.level == 1
    assert next(page(found)) == "web01 production  NEVER RUN"


@pytest.mark.parametrize(("name", "code"), [("held", 1), ("failed", 2), (None, 0)])
def test_check_is_the_exit_code_for_monitoring(settings, state, name, code):
    state.standing.remember("fetch", {"at": time.time(), "ok": True, "tip": GOOD, "error": ""})
    if name:
        CASES[name][0](state)
    argv = [
        sys.executable,
        "-m",
        "runner",
        "status",
        "--check",
        "--config",
        settings.config,
        "--state-dir",
        settings.state_dir,
    ]

    assert subprocess.run(argv, check=False, capture_output=True).returncode == code
