"""The commands that ask the node's memory, with a real state directory and a real mirror."""

import json
import os
import subprocess
import time

import pytest

from runner.cli.main import main
from runner.source.mirror import Mirror
from runner.store.records import Action, Claim, Outcome, Status, Thing
from runner.store.state import StateDirectory

ENVIRON = {
    "PATH": os.environ["PATH"], "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org", "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
}  # fmt: skip


def git(place, *words):
    done = subprocess.run(["git", "-C", str(place), *words], env=ENVIRON, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def commits(tmp_path):
    """Return four commits of a repository, oldest first; the last is fetched but not accepted."""
    work = tmp_path / "work"
    work.mkdir()
    git(work, "init", "-q", "-b", "main")
    made = []
    for number in range(4):
        git(work, "commit", "-q", "--allow-empty", "-m", f"step {number}")
        made.append(git(work, "rev-parse", "HEAD"))
    return made


@pytest.fixture
def node(tmp_path, commits, monkeypatch):
    """Return the state of a node that applied the first three commits, and set the command line to it."""
    config = tmp_path / "freehold.yaml"
    config.write_text(f"repo: file://{tmp_path}/work\nnode: web01\nenvironment: lab\ntrust: {{mode: unsigned}}\n")
    monkeypatch.setenv("FREEHOLD_CONFIG", str(config))
    monkeypatch.setenv("FREEHOLD_STATE_DIR", str(tmp_path / "state"))
    state = StateDirectory(str(tmp_path / "state"))
    state.create()
    mirror = Mirror(state.place("mirror.git"), f"file://{tmp_path}/work", "main")
    mirror.init()
    mirror.fetch()
    mirror.accept(commits[2])
    state.standing.accept("main", commits[2], "ann")
    for number, revision in enumerate(commits[:3]):
        state.standing.mark(revision, f"tree{number}", "good")
        record(state, revision, number)
    state.standing.remember("applied", {"revision": commits[2], "at": time.time(), "result": "ok", "failed": 0})
    yield state
    state.close()


def record(state, revision, number):
    run = state.history.begin(
        command="run", trigger="manual", revision=revision, tree=f"tree{number}", environment="lab", node="web01",
        signer="ann", trust="unsigned", noop=False, catalog="sha256:x", started=time.time(),
    )  # fmt: skip
    before, after = (
        {"mode": f"060{number}", "content": "node:aa"},
        {"mode": f"060{number + 1}", "content": "node:bbccddeeff"},
    )
    state.history.record(
        [
            Outcome(
                run, 1, "file", "/etc/motd", "motd", Action.APPLY, Status.CHANGED, before, after, False, False, revision,
                "site.yaml", 3, "", time.time(), 0.1,
            )
        ]
    )  # fmt: skip
    state.history.conclude(run, result="changed", exit_code=0, counts={"changed": 1, "unchanged": 4})
    state.ledger.put_things([Thing("file", "/etc/motd", "motd", {}, "restore", revision, "site.yaml", 3)])
    state.ledger.put_claims(
        [
            Claim("file", "/etc/motd", "presence", True, True, True, False, revision, "site.yaml", 3),
            Claim("file", "/etc/motd", "mode", "0600", after["mode"], True, True, revision, "site.yaml", 3),
            Claim("file", "/etc/motd", "content", "node:aa", "node:bbccddeeff", True, True, revision, "site.yaml", 4),
        ]
    )


def test_log_has_a_line_for_each_run_newest_first(node, commits, capsys):
    assert main(["log", "--limit", "2"]) == 0

    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == ["3", "2"]
    for words in (commits[2][:7], "changed", "1 changed, 0 failed, 4 unchanged", "signed by ann", "step 2"):
        assert words in rows[0]


def test_show_tells_what_was_before_and_after(node, commits, capsys):
    assert main(["show", "2"]) == 0

    rows = capsys.readouterr().out.splitlines()
    assert rows[0] == f"commit {commits[1]} (Ann, step 1)"
    assert rows[2] == "changed  file[motd]: content, mode 0601 -> 0602  (site.yaml:3)"
    assert rows[3].startswith(f"run 2 of {commits[1][:7]} (lab, web01): 1 changed")


def test_show_without_a_number_is_the_newest_run(node, capsys):
    assert main(["show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == 3

    assert main(["show", "99"]) == 10
    assert "the newest is 3" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["/etc/motd"], ["motd"], ["file", "/etc/motd"], ["file[/etc/motd]"], ["File[motd]"], ["/etc/motd/"]]
)
def test_why_names_commit_person_and_line(node, commits, capsys, words):
    assert main(["why", *words]) == 0

    text = capsys.readouterr().out
    rows = [row.split() for row in text.splitlines()]
    assert "file[/etc/motd] (titled 'motd')" in text
    assert ["mode", "0603", "0600", commits[2][:7], "site.yaml:3"] in rows
    assert ["content", "content", "bbccddee", "content", "aa", commits[2][:7], "site.yaml:4"] in rows
    assert f"{commits[2][:7]}  Ann <ann@example.org>: step 2  (signed by ann)" in text
    assert "goes back to what was there before" in text
    assert text.count("  changed  content, mode") == 3


def test_why_says_that_a_thing_is_not_managed(node, capsys):
    assert main(["why", "/etc/modt"]) == 10

    text = capsys.readouterr().err
    assert "'/etc/modt' is not managed" in text
    assert "did you mean '/etc/motd'?" in text


def test_why_is_plain_data_for_machines(node, commits, capsys):
    assert main(["why", "/etc/motd", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)[0]
    assert found["attributes"]["mode"]["baseline"] == "0600"
    assert found["commits"][commits[2]] == {"author": "Ann", "subject": "step 2", "signer": "ann"}


def test_a_pin_takes_an_accepted_commit_by_its_beginning(node, commits, capsys):
    assert main(["pin", commits[0][:8], "--for", "2h", "--reason", "shop", "--no-run"]) == 0

    pin = node.standing.hold("pin")
    assert (pin.value, pin.reason) == (commits[0], "shop")
    assert 7100 < pin.until - time.time() < 7300
    assert f"pinned to {commits[0][:7]} until" in capsys.readouterr().out


def test_last_good_is_the_one_before_the_applied(node, commits):
    assert main(["rollback", "--no-run"]) == 0

    assert node.standing.hold("pin").value == commits[1]


def test_rolling_back_twice_goes_back_twice(node, commits):
    node.standing.remember("applied", {"revision": commits[1], "at": time.time(), "result": "ok"})

    assert main(["rollback", "--no-run"]) == 0

    assert node.standing.hold("pin").value == commits[0]


@pytest.mark.parametrize("which", ["0000000", "main", "--all", "HEAD"])
def test_what_is_no_commit_here_is_not_pinned(node, capsys, which):
    assert main(["pin", "--no-run", "--", which]) == 10
    assert "[unknown-commit]" in capsys.readouterr().err
    assert node.standing.hold("pin") is None


def test_a_commit_that_was_only_fetched_is_not_pinned(node, commits, capsys):
    assert main(["pin", commits[3], "--no-run"]) == 10
    assert "[not-accepted]" in capsys.readouterr().err


def test_unpin_pause_and_resume(node, commits, capsys):
    main(["rollback", "--no-run"])

    assert main(["unpin"]) == 0
    assert node.standing.hold("pin") is None
    assert main(["pause", "--for", "1h", "--reason", "disk"]) == 0
    assert node.standing.hold("pause").reason == "disk"
    assert main(["resume", "--json"]) == 0
    assert node.standing.hold("pause") is None
    assert main(["resume"]) == 0
    assert capsys.readouterr().out.endswith("nothing was paused\n")


def test_the_status_counts_commits_by_the_mirror(node, commits, capsys):
    node.standing.remember("fetch", {"at": time.time(), "ok": True, "tip": commits[3], "error": ""})

    assert main(["status"]) == 0

    assert "BEHIND 1 commit, " in capsys.readouterr().out
