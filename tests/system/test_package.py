"""The package as bytes."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_two_builds_are_the_same_bytes(package, tmp_path):
    build = ["sh", "-c", f"umask 077 && exec {ROOT}/packaging/deb/build {tmp_path}/out"]
    subprocess.run(
        build,
        check=True,
        env={"WORK": str(tmp_path / "elsewhere"), "PATH": "/usr/bin:/bin", "HOME": "/root", "TZ": "Asia/Tokyo"},
    )

    (second,) = (tmp_path / "out").glob("freehold_*.deb")
    assert second.name == package.name
    assert second.read_bytes() == package.read_bytes()
