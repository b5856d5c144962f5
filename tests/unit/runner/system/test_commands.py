"""Running real commands."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runner.system.base import MachineError
from runner.system.commands import OUTPUT_LIMIT
from runner.system.local import LocalSystem


@pytest.fixture
def system() -> LocalSystem:
    return LocalSystem("/", content={}.get)


def test_output_and_status(system: LocalSystem) -> None:
    done = system.query("sh", "-c", "echo out; echo err >&2; exit 3")
    assert (done.code, done.stdout, done.stderr, done.timed_out) == (3, "out\n", "err\n", False)
    assert system.query("sh", "-c", "kill -9 $$").code == 137


def test_run_minds_the_status(system: LocalSystem) -> None:
    with pytest.raises(MachineError, match=r"'sh' ended with exit status 3: last words$"):
        system.run("sh", "-c", "echo first >&2; echo last words >&2; exit 3")
    assert system.run("sh", "-c", "exit 3", ok=(0, 3)).code == 3
    assert system.run("sh", "-c", "exit 3", ok=None).code == 3


def test_the_environment_is_fixed(system: LocalSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    lines = system.query("env", env={"MORE": "1"}).stdout.splitlines()
    assert {line.partition("=")[0] for line in lines} - {"_", "PWD", "SHLVL"} == {
        "PATH",
        "LC_ALL",
        "HOME",
        "USER",
        "LOGNAME",
        "MORE",
    }
    assert system.query("pwd").stdout == "/\n"
    assert system.query("pwd", cwd="/tmp").stdout == "/tmp\n"


def test_stdin_larger_than_a_pipe(system: LocalSystem) -> None:
    data = b"x" * 300_000
    assert len(system.query("cat", stdin=data).stdout) == len(data)
    assert system.query("true", stdin=data).code == 0
    assert system.query("cat").stdout == ""


def test_the_newest_output_is_kept(system: LocalSystem) -> None:
    done = system.query("sh", "-c", "yes | head -c 5000000; echo end")
    assert len(done.stdout) == OUTPUT_LIMIT
    assert done.stdout.endswith("end\n")


def test_a_command_that_is_not_there(system: LocalSystem) -> None:
    with pytest.raises(MachineError, match="cannot run 'no-such-command': No such file"):
        system.query("no-such-command")
    with pytest.raises(MachineError, match="in '/no/such'"):
        system.query("true", cwd="/no/such")
    with pytest.raises(MachineError, match="no user 'nobody-here'"):
        system.query("true", user="nobody-here")
    with pytest.raises(MachineError, match="no group 'nobody-here'"):
        system.run("true", group="nobody-here")


def test_the_deadline_takes_the_whole_group(system: LocalSystem, tmp_path: Path) -> None:
    start = time.monotonic()
    done = system.query("sh", "-c", f"sleep 60 & echo $! > {tmp_path}/pid; yes > /dev/null", timeout=0.3)
    assert done.timed_out
    assert time.monotonic() - start < 10
    assert not _lives(int((tmp_path / "pid").read_text()))
    with pytest.raises(MachineError, match=r"did not end within 0\.2 seconds"):
        system.run("sleep", "60", timeout=0.2)


def test_who_ignores_the_signal_is_killed(system: LocalSystem) -> None:
    done = system.query("sh", "-c", "trap '' TERM; while :; do sleep 0.1; done", timeout=0.2)
    assert (done.timed_out, done.code) == (True, 137)


def test_the_deadline_holds_against_endless_output(system: LocalSystem) -> None:
    assert system.query("yes", timeout=0.3).timed_out


def test_what_stays_behind_is_killed_and_not_waited_for(system: LocalSystem) -> None:
    start = time.monotonic()
    done = system.query("sh", "-c", "sleep 60 & echo $!")
    assert time.monotonic() - start < 10
    assert not _lives(int(done.stdout))


def test_a_daemon_that_left_the_group_is_not_waited_for(system: LocalSystem) -> None:
    start = time.monotonic()
    done = system.query("sh", "-c", "setsid sleep 5 & sleep 0.2; echo done")
    assert done.stdout == "done\n"
    assert time.monotonic() - start < 4


@pytest.mark.root
def test_another_user(system: LocalSystem, tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("needs root")
    done = system.query("sh", "-c", "id -un; id -Gn; echo $HOME", user="daemon")
    assert done.stdout.split() == ["daemon", "daemon", "/usr/sbin"]
    assert system.run("id", "-gn", user="daemon", group="mail").stdout == "mail\n"
    assert system.run("sh", "-c", "umask", umask=0o27).stdout.strip() == "0027"


def _lives(pid: int) -> bool:
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        if state == "Z":
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize(("outlives", "survives"), [(True, True), (False, False)])
def test_a_command_may_outlive_us(tmp_path: Path, *, outlives: bool, survives: bool) -> None:
    mark = tmp_path / "mark"
    script = f"echo here; touch {mark}.begun; sleep 0.5; echo there || exit; echo and there; touch {mark}"
    ours = f"LocalSystem('/', content={{}}.get).run('bash', '-c', {script!r}, outlives={outlives})"
    with subprocess.Popen([sys.executable, "-c", f"from runner.system.local import LocalSystem; {ours}"]) as process:
        while not Path(f"{mark}.begun").exists():
            time.sleep(0.02)
        process.kill()
    time.sleep(1)
    assert mark.exists() == survives


def test_what_may_outlive_us_is_heard_and_has_its_deadline(system: LocalSystem) -> None:
    done = system.run("sh", "-c", "yes | head -c 5000000; echo end; echo err >&2; exit 3", outlives=True, ok=None)
    assert (done.code, len(done.stdout), done.stdout[-4:], done.stderr) == (3, OUTPUT_LIMIT, "end\n", "err\n")
    with pytest.raises(MachineError, match=r"did not end within 0\.2 seconds"):
        system.run("sleep", "30", outlives=True, timeout=0.2)
