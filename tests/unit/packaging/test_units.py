"""The units as systemd reads them."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from runner.cli.group import EXITS

UNITS = Path(__file__).resolve().parents[3] / "packaging/systemd"
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


def unit(name):
    """Return a unit; a repeated key keeps its last value."""
    parser = configparser.ConfigParser(strict=False, delimiters=["="], comment_prefixes=["#"], interpolation=None)
    parser.optionxform = str
    parser.read(UNITS / name)
    return parser


@pytest.fixture
def installed(tmp_path):
    """The units with a command that is there."""
    for path in UNITS.iterdir():
        (tmp_path / path.name).write_text(path.read_text().replace("/usr/bin/freehold", "/bin/true"))
    return tmp_path


@needs_systemd
def test_systemd_finds_nothing_wrong(installed):
    names = sorted(str(path) for path in installed.iterdir())
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, check=False
    )

    assert (done.returncode, [row for row in done.stderr.splitlines() if "freehold" in row]) == (0, [])


@needs_systemd
@pytest.mark.parametrize("name", ["freehold.service", "freehold-boot.service"])
def test_exposure_does_not_grow(installed, name):
    """8.0 is what a runner of packages, mounts and accounts can reach; a bare unit has 9.6."""
    argv = ["systemd-analyze", "security", "--offline=yes", "--threshold=80", str(installed / name)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if "unrecognized option" in done.stderr or "nvalid option" in done.stderr:
        pytest.skip("this systemd-analyze cannot look at files (older than 250)")

    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("name", ["freehold.service", "freehold-boot.service"])
def test_nothing_makes_a_mount_namespace(name):
    """A managed mount would vanish with the run, and package scripts would not see the system."""
    cutting = ("Protect", "Private", "ReadOnly", "ReadWrite", "Inaccessible", "NoExec", "Bind", "Temporary")
    service = unit(name)["Service"]

    assert [key for key in service if key.startswith(cutting)] == []
    assert "NoNewPrivileges" not in service
    assert service["UMask"] == "0022"


def test_both_services_are_hardened_alike():
    timer, boot = (dict(unit(f"{name}.service")["Service"]) for name in ("freehold", "freehold-boot"))

    assert {key for key in timer.keys() | boot.keys() if timer.get(key) != boot.get(key)} == {"SuccessExitStatus"}


def test_what_counts_as_success():
    assert unit("freehold.service")["Service"]["SuccessExitStatus"] == "14"
    boot = {int(code) for code in unit("freehold-boot.service")["Service"]["SuccessExitStatus"].split()}
    assert boot == {code for code in EXITS if code not in {0, 1, 2, 6, 70}}


def test_the_timer_keeps_a_nodes_place():
    timer = unit("freehold.timer")["Timer"]

    assert (timer["FixedRandomDelay"], timer["AccuracySec"], timer["Persistent"]) == ("yes", "1s", "yes")
