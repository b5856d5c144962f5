"""The packages as bytes, and the RPM as far as a Debian can tell."""

import os
import subprocess
from pathlib import Path

import pytest
from system import roots
from system.conftest import SUITE
from system.nodes import call

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {"TZ": "Asia/Tokyo", "LANG": "C"}


def build(script, out, **more):
    """Build again, in another place, time zone and umask; return what came of it."""
    argv = ["sh", "-c", 'umask 077 && exec "$@"', "sh", *map(str, script), str(out)]
    subprocess.run(argv, check=True, env=os.environ | ELSEWHERE | more, stdin=subprocess.DEVNULL)
    return sorted(path for path in out.iterdir() if path.is_file())


def test_two_builds_are_the_same_bytes(package, root, tmp_path):
    if roots.host() == SUITE:
        made = build([ROOT / "packaging/deb/build"], tmp_path / "out", WORK=str(tmp_path / "elsewhere"))
    else:
        script = [ROOT / "packaging/deb/build-in", root]
        made = build(script, tmp_path / "out", WORK=str(tmp_path / "elsewhere"), MIRROR=roots.mirror(SUITE))

    (second,) = made
    assert second.name == package.name
    assert second.read_bytes() == package.read_bytes()


def test_wheel_and_sdist_are_the_same_bytes_twice(tmp_path):
    first = build([ROOT / "packaging/pypi/build"], tmp_path / "one", WORK=str(tmp_path / "work1"))
    second = build([ROOT / "packaging/pypi/build"], tmp_path / "two", WORK=str(tmp_path / "work2"))

    assert [path.suffix for path in first] == [".whl", ".gz"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


@pytest.fixture(scope="module")
def rpm(tmp_path_factory):
    place = tmp_path_factory.mktemp("rpm")
    first = build([ROOT / "packaging/rpm/build"], place / "one", WORK=str(place / "work1"))
    second = build([ROOT / "packaging/rpm/build"], place / "two", WORK=str(place / "work2"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    (made,) = first
    return made


@pytest.mark.skipif(roots.host() != SUITE, reason="the RPM is for the Python of the machine that builds it")
def test_the_rpm_installs_runs_and_goes(machine, rpm):
    """Into a root that has the Python it asks for; the dependencies, whose names are other ones there, are not asked."""
    node = machine()
    node.boot()
    outside = ["rpm", "--root", node.root]
    call(*outside, "--initdb")
    call(*outside, "--nodeps", "--install", rpm)
    assert node.ran("freehold", "version").startswith("freehold ")
    assert node.run("systemd-analyze", "verify", "--man=no", "freehold.timer", "freehold-boot.service").err == ""
    assert call(*outside, "--nodeps", "--verify", "freehold") == ""  # no byte code was rewritten, nothing else either
    asked = call("rpm", "-qp", "--requires", rpm).split()
    assert {"python3.11", "git-core", "gnupg2", "systemd"} <= set(asked)
    assert call("rpm", "-qp", "--configfiles", rpm).split() == ["/etc/freehold/freehold.yaml"]
    assert "/usr/share/doc/freehold/sbom.cdx.json" in call("rpm", "-qpl", rpm)
    node.ran(
        "freehold",
        "init",
        "--repo",
        "file:///srv/x",
        "-e",
        "production",
        "-n",
        "a",
        "--trust",
        "unsigned",
        "--timer",
        "5m",
    )
    assert node.run("systemctl", "is-enabled", "freehold.timer").out.strip() == "enabled"

    call(*outside, "--nodeps", "--erase", "freehold")
    assert not node.path("/opt/freehold").exists()
    assert node.ran("find", "/etc/systemd", "/usr/lib/systemd", "-name", "*freehold*") == ""
    assert node.path("/etc/freehold/freehold.yaml.rpmsave").exists()
