"""Whole catalogs, held against what the real Puppet 7 and 8 make of the same manifests.

``catalogs/*.jsonl`` has our own manifests, each on one point that is easily got wrong, and Puppet's answers: under "7",
and under "8" where that differs. All of a version are compiled by one process, as ``compile --batch`` does it.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.catalogs import differences

HERE = Path(__file__).parent / "catalogs"
CASES = [json.loads(line) for file in sorted(HERE.glob("*.jsonl")) for line in file.read_text().splitlines()]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Return what Freehold makes of every case: version -> id -> answer."""
    answers = {}
    for version in ("7", "8"):
        place = tmp_path_factory.mktemp(f"puppet{version}")
        lines = [json.dumps({"id": c["id"], "code": c["code"]}) for c in CASES]
        (place / "cases.jsonl").write_text("\n".join(lines) + "\n")
        argv = [sys.executable, "-m", "runner", "compile", "--batch", place / "cases.jsonl", "--out", place / "out"]
        done = subprocess.run([*argv, "--puppet-version", version], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        answers[version] = {
            case["id"]: json.loads((place / "out" / f"{n}.json").read_text()) for n, case in enumerate(CASES)
        }
    return answers


@pytest.mark.parametrize("version", ["7", "8"])
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_catalog_is_puppets(compiled, case, version):
    wanted = case.get(version, case["7"])
    got = compiled[version][case["id"]]

    if "error" in wanted:
        assert got["ok"] is False, f"Puppet refuses it: {wanted['error']}"
    else:
        assert got["ok"], got.get("error")
        assert differences(wanted, got) == []
