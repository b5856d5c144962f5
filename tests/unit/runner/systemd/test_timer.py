"""The timer: its drop-in, a calendar systemd understands, a place in the period that stays."""

import json
import shutil
import statistics
import subprocess
from pathlib import Path

import pytest

from runner.cli.main import main
from runner.systemd import schedule
from runner.systemd.timer import elapse

UNITS = Path(__file__).resolve().parents[4] / "packaging/systemd"


@pytest.mark.parametrize(
    ("seconds", "expression"),
    [
        (30, "*:*:0/30"), (60, "*:0/1"), (300, "*:0/5"), (1800, "*:0/30"), (3600, "0/1:00"), (7200, "0/2:00"),
        (86400, "*-*-* 00:00:00"),
    ],
)  # fmt: skip
def test_a_period_is_a_calendar_expression(seconds, expression):
    assert schedule.calendar(seconds) == expression
    if shutil.which("systemd-analyze"):
        argv = ["systemd-analyze", "calendar", "--iterations=3", "--base-time=2026-01-01 00:00:00 UTC", expression]
        said = subprocess.run(argv, capture_output=True, text=True, check=True, env={"TZ": "UTC", "LC_ALL": "C"}).stdout
        assert len([row for row in said.splitlines() if "elapse" in row or "Iter" in row]) == 3


@pytest.mark.parametrize("seconds", [0, 10, 29, 45, 90, 420, 5400, 18000, 90000, 60.5])
def test_a_period_that_does_not_fit_is_refused(seconds):
    with pytest.raises(ValueError, match="fit evenly"):
        schedule.calendar(seconds)


def test_a_node_keeps_its_place_and_nodes_spread():
    places = [schedule.offset(300, 300, f"{number:032x}") for number in range(400)]

    assert schedule.offset(300, 300, "a" * 32) == schedule.offset(300, 300, "a" * 32)
    assert 0 <= min(places) < 10
    assert 290 < max(places) < 300
    assert 135 < statistics.mean(places) < 165
    assert max(schedule.offset(300, 60, f"{number:032x}") for number in range(100)) < 60
    assert schedule.offset(300, 0) == 0


@pytest.fixture
def image(tmp_path):
    """A root with the units in it and a systemd that is not running."""
    directory = tmp_path / "image/usr/lib/systemd/system"
    directory.mkdir(parents=True)
    for unit in UNITS.iterdir():
        shutil.copy(unit, directory)
    return tmp_path / "image"


@pytest.mark.skipif(not shutil.which("systemctl"), reason="systemctl is not installed")
def test_an_image_gets_its_timer_once_and_loses_it_again(image, capsys):
    words = ["timer", "--root", str(image), "--json"]
    drop_in = image / "etc/systemd/system/freehold.timer.d/schedule.conf"
    wanted = image / "etc/systemd/system/timers.target.wants/freehold.timer"

    def call(*more):
        assert main([*words, *more]) == 0
        return json.loads(capsys.readouterr().out)

    assert call() == {"enabled": False, "changed": False, "drop_in": str(drop_in), "schedule": ""}
    assert call("--every", "10m", "--splay", "2m")["changed"] is True
    assert "OnCalendar=\nOnCalendar=*:0/10\nRandomizedDelaySec=120s\n" in drop_in.read_text()
    assert wanted.is_symlink()
    assert (image / "etc/systemd/system/multi-user.target.wants/freehold-boot.service").is_symlink()
    assert call("--every", "10m", "--splay", "2m")["changed"] is False
    assert call("--every", "5m")["changed"] is True
    assert call("--disable")["changed"] is True
    assert not wanted.is_symlink()
    assert call("--disable")["changed"] is False


def test_a_system_without_the_units_is_told_so(tmp_path, capsys):
    assert main(["timer", "--root", str(tmp_path), "--every", "5m"]) == 10
    assert "[no-timer]" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_print_shows_the_drop_in_and_writes_nothing(tmp_path, capsys):
    assert main(["timer", "--root", str(tmp_path), "--every", "1d", "--splay", "2h", "--print"]) == 0
    assert "RandomizedDelaySec=7200s\nFixedRandomDelay=yes" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--every", "7m"], "option --every must fit evenly"),
        (["--every", "soon"], "option --every is not a duration"),
        (["--every", "5m", "--splay", "6m"], "option --splay must not be longer"),
        (["--splay", "6m"], "--every is missing"),
        (["--disable", "--every", "5m"], "--disable goes with no other option"),
    ],
)
def test_what_cannot_be_meant_is_an_error(tmp_path, capsys, words, said):
    assert main(["timer", "--root", str(tmp_path), *words]) == 10
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [("t 1795275831082891\n", 1795275831.082891), ("t 0\n", None), (f"t {2**64 - 1}\n", None), ("", None)],
)
def test_when_the_next_run_begins(answer, seconds):
    assert elapse(answer) == seconds
