"""The package as bytes."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_two_builds_are_the_same_bytes(package, tmp_path):
    build = ["sh", "-c", f"umask 077 && exec {ROOT}/packaging/deb/build {tmp_path}/out"]
    elsewhere = {"WORK": str(tmp_path / "elsewhere"), "TZ": "Asia/Tokyo", "LANG": "C"}
    subprocess.run(build, check=True, env=os.environ | elsewhere)

    (second,) = (tmp_path / "out").glob("freehold_*.deb")
    assert second.name == package.name
    assert second.read_bytes() == package.read_bytes()
