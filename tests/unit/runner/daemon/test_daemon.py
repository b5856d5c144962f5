"""The daemon: one run at a time, its plan, its health, and what signals do, in processes of its own."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from hiera.errors import UsageError
from runner.daemon.child import CANNOT_START, Child, Past
from runner.daemon.health import Health, verdict
from runner.daemon.service import Plan

CONFIG = {"environment": "production", "node": "web01", "trust": {"mode": "unsigned"}}


def wait_for(what, seconds=20.0):
    limit = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_a_run_is_a_process_whose_end_is_remembered():
    child = Child(["/bin/sh", "-c", "exit 4"])

    past = child.run()
    assert (past.exit_code, child.last, child.since) == (4, past, None)
    assert past.began <= past.ended
    assert Child(["/nonexistent"]).run().exit_code == CANNOT_START


def test_a_run_that_does_not_end_is_killed_with_all_it_started(tmp_path):
    script = f"trap '' TERM; sleep 300 & echo $! > {tmp_path}/pid; wait; wait"
    child = Child(["/bin/sh", "-c", script])
    thread = threading.Thread(target=child.run)
    thread.start()
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
    grandchild = int((tmp_path / "pid").read_text())

    began = time.monotonic()
    assert child.stop(0.2) is False
    thread.join(10)
    assert time.monotonic() - began < 12
    wait_for(lambda: not os.path.exists(f"/proc/{grandchild}") or "Z" in Path(f"/proc/{grandchild}/stat").read_text())
    assert child.run() is None


def test_a_run_that_ends_in_time_is_left_alone():
    child = Child(["/bin/sleep", "0.3"])
    thread = threading.Thread(target=child.run)
    thread.start()
    wait_for(lambda: child.since is not None)

    assert child.stop(20) is True
    thread.join()
    assert child.last.exit_code == 0


def test_the_plan_is_checked():
    assert Plan.of({}) == Plan(300, 300, 30, None)
    assert Plan.of({"every": 600.0}).splay == 600
    with pytest.raises(ValueError, match="at least 30s"):
        Plan.of({"every": 5.0})
    with pytest.raises(ValueError, match="not be longer"):
        Plan.of({"every": 60.0, "splay": 61.0})


def test_when_somebody_should_look():
    now = time.time()

    def healthy(last, since=None):
        return verdict(last, since, None, 60.0)["healthy"]

    assert healthy(None)
    assert healthy(Past(0, now - 61, now - 60))
    assert healthy(Past(14, now, now))
    assert not healthy(Past(4, now, now))
    assert not healthy(Past(0, now - 200, now - 181))
    assert not healthy(Past(0, now - 300, now - 290), since=now - 181)


def ask(path):
    """Return status and document of the health endpoint."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(path)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_health_is_told_over_a_socket_of_its_own():
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        told = {"healthy": True}
        Path(place, "s").touch()  # left by a daemon that was killed
        health = Health(f"{place}/s", lambda: told)
        assert ask(f"{place}/s") == (200, {"healthy": True})
        told["healthy"] = False
        assert ask(f"{place}/s")[0] == 503
        health.close()
        assert not os.path.exists(f"{place}/s")

    with pytest.raises(UsageError, match="cannot be made"):
        Health("/proc/nothing/here", dict)


@contextmanager
def daemon(place, *words, **settings):
    """A daemon on a configuration whose repository is not there: each of its runs fails at once."""
    config = Path(place, "freehold.yaml")
    state = str(Path(place, "state"))
    config.write_text(yaml.safe_dump(CONFIG | {"repo": f"file://{place}/none.git", "state_dir": state, **settings}))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"{place}/notify")
        manager.settimeout(20)
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-m", "runner", "daemon", "--config", str(config), "--health", f"{place}/health", *words],
            env=kept | {"NOTIFY_SOCKET": f"{place}/notify", "LC_ALL": "C.UTF-8"}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            yield process, manager, config
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def heard(manager, word):
    """Return the first message of the daemon that has ``word``."""
    while word not in (text := manager.recv(4096).decode()):
        pass
    return text


def test_a_daemon_runs_reloads_and_ends_cleanly():
    with tempfile.TemporaryDirectory(dir="/tmp") as place, daemon(place) as (process, manager, config):
        assert heard(manager, "READY=1")
        assert "ended with 12" in heard(manager, "the last run")
        status, told = ask(f"{place}/health")
        assert (status, told["healthy"], told["last"]["exit_code"]) == (503, False, 12)
        assert 0 < told["next"] - time.time() <= 300

        config.write_text(config.read_text() + "daemon: {every: 1h}\n")
        process.send_signal(signal.SIGHUP)
        assert "RELOADING=1" in heard(manager, "RELOADING")
        assert "READY=1" in heard(manager, "READY")
        config.write_text(config.read_text() + "daemno: {}\n")
        process.send_signal(signal.SIGHUP)
        heard(manager, "RELOADING")
        assert "READY=1" in heard(manager, "READY")
        process.send_signal(signal.SIGTERM)
        heard(manager, "STOPPING=1")
        out, _ = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "a run every 5 min, the first one now" in out
    assert "configuration read again; a run every 1 h" in out or "a run every 60 min" in out
    assert "unknown-setting" in out
    assert "the schedule stays as it was" in out
    assert out.rstrip().endswith("freehold daemon: ended")
    assert "Traceback" not in out


def test_sections_and_options_that_cannot_be_meant(tmp_path):
    with daemon(tmp_path, "--every", "5s") as (process, _manager, _config):
        out, _ = process.communicate(timeout=20)
    assert (process.returncode, "at least 30s" in out) == (10, True)


def empty_repository(place):
    """Make ``none.git``, whose catalogs are empty."""
    base = {"PATH": os.environ["PATH"], "HOME": place}
    work, who = Path(place, "work"), ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    site = work / "environments/production/manifests/site.yaml"
    site.parent.mkdir(parents=True)
    site.write_text("resources: {}\n")
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", "-C", work, *words], check=True, env=base)
    subprocess.run(["git", "clone", "-q", "--bare", work, Path(place, "none.git")], check=True, env=base)
    Path(place, "root").mkdir()


def test_the_trigger_of_its_runs_is_the_daemon():
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        empty_repository(place)
        with daemon(place, root=f"{place}/root") as (process, manager, config):
            assert "ended with 0" in heard(manager, "the last run")
            assert ask(f"{place}/health")[0] == 200
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
            assert process.returncode == 0
        log = [sys.executable, "-m", "runner", "log", "--json", "--config", str(config)]
        runs = json.loads(subprocess.run(log, capture_output=True, text=True, check=True).stdout)
        assert [run["trigger"] for run in runs] == ["daemon"]


def test_a_run_that_outlives_the_deadline_is_killed():
    with tempfile.TemporaryDirectory(dir="/tmp") as place, socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # a server that takes the connection and never says a word
        silent.settimeout(20)
        repo = f"ssh://git@127.0.0.1:{silent.getsockname()[1]}/control.git"
        with daemon(place, "--deadline", "1s", repo=repo) as (process, _manager, _config):
            connection, _ = silent.accept()
            assert ask(f"{place}/health")[1]["running_since"]
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=30)
            took = time.monotonic() - began
            connection.close()

        assert (process.returncode, "was killed; the next goes on" in out) == (0, True), out
        assert 1 <= took < 15
