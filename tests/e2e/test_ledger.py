"""What the ledger and the kept catalogs are worth over the life of a node, through the real command line."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.motd_repo import BASE, change


def test_after_release_a_run_manages_anew(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    change(repo, ann, BASE + "  file[/etc/extra]: {content: ours}\n")
    web.ran()
    assert web.freehold("release", "--keep").code == 0
    web.path("/etc/extra").unlink()
    web.ran()
    repo.revert("HEAD", key=ann, push=True)
    web.ran()

    assert not web.path("/etc/extra").exists()


def test_another_root_begins_with_an_empty_ledger(repo: Any, ann: Any, node: Any, tmp_path: Path) -> None:
    web = node(repo)
    web.ran()
    other = tmp_path / "other"
    (other / "etc").mkdir(parents=True)
    (other / "etc/motd").write_text("theirs")
    web.write_config(root=str(other))
    assert web.run().code == 10
    assert web.run("--switch").code == 0
    assert (other / "etc/motd").read_text() == "good morning\n"
    change(repo, ann, BASE.replace("motd", "issue"))
    web.ran()

    assert (other / "etc/motd").read_text() == "theirs"
    assert web.path("/etc/motd").exists()


def test_one_failed_run_does_not_make_a_good_commit_a_bad_one(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    change(repo, ann, BASE + "  file[/etc/d/f]: {content: x}\n")
    web.path("/etc/d").mkdir()
    web.ran()
    shutil.rmtree(web.path("/etc/d"))
    assert web.run().code == 4
    change(repo, ann, BASE.replace("mode:", "mdoe:"))
    web.path("/etc/d").mkdir()
    done = web.run()

    assert done.code == 11
    assert "staying with" in done.text
    assert web.path("/etc/d/f").exists()


def test_the_same_tree_is_compiled_anew_when_what_it_reads_changes(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    facts = web.path("/etc/freehold/facts.d/site.yaml")
    facts.parent.mkdir(parents=True)
    facts.write_text("site: north\nother: 1\n")
    web.path("/etc/machine-id").write_text("1234\n")
    asking = BASE + "  file[/etc/site]: {content: \"{{ facts.site }} {{ file('/etc/machine-id') }}\"}\n"
    change(repo, ann, BASE + "  file[/etc/site]: {content: '{{ facts.site }}'}\n")
    web.ran()
    facts.write_text("site: south\nother: 1\n")
    assert web.ran()["changed"] == 1
    assert web.path("/etc/site").read_text() == "south"

    kept = sorted((path.name, path.stat().st_mtime_ns) for path in (web.state / "catalogs").iterdir())
    facts.write_text("site: south\nother: 2\n")
    assert web.ran() == {"unchanged": 2}
    assert sorted((path.name, path.stat().st_mtime_ns) for path in (web.state / "catalogs").iterdir()) == kept

    web.path("/etc/site").unlink()
    assert web.ran()["drifted"] == 1
    change(repo, ann, asking)
    web.ran()
    web.path("/etc/machine-id").write_text("5678\n")
    web.ran()
    assert "5678" in web.path("/etc/site").read_text()


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_run_that_was_killed_and_then_a_revert_without_a_run_between(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    web.path("/etc/old").write_text("old")
    web.ran()
    before = web.picture()
    files = "".join(f"  file[/etc/f{number}]: {{content: x}}\n" for number in range(9))
    change(repo, ann, BASE + files + "  file[/etc/old]: {ensure: absent}\n")
    inject = "inject=rename,renameat,renameat2:signal=SIGKILL:when="
    for point in range(1, 40, 4):
        argv = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"{inject}{point}", *web.command("run")]
        if subprocess.run(argv, env=web.environment(), capture_output=True, check=False).returncode == 0:
            break
        if web.path("/etc/f0").exists():
            break
    repo.revert("HEAD", key=ann, push=True)
    assert web.run().code == 0
    assert web.picture() == before
