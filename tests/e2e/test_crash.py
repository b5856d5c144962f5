"""Killed at any of many system calls: each file old or new, the record true, and the next run and a revert go well."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest

CALLS = "renameat,renameat2,rename,fsync,fdatasync,syncfs,unlinkat,unlink,fchmod,fchmodat,pwrite64,mkdirat,symlinkat"
SITE = "nodes:\n  default: [base]\n"
BEFORE = """\
class: base
resources:
  file[/etc/one]: {content: "one\\n", mode: 0644}
"""
AFTER = """\
class: base
resources:
  file[/etc/one]: {content: "ONE\\n", mode: 0600}
  file[/etc/dir]: {ensure: directory}
  file[/etc/dir/two]: {content: "two\\n"}
  file[/etc/three]: {ensure: absent}
  file[/etc/four]: {ensure: link, target: one}
  file[/etc/five]: {content: "FIVE\\n"}
  host[db]: {ip: 10.0.0.1}
"""
CONTENT = {
    "etc/one": {b"one\n", b"ONE\n"},
    "etc/dir/two": {b"two\n"},
    "etc/three": {b"three"},
    "etc/five": {b"five", b"FIVE\n"},
    "etc/hosts": {b"127.0.0.1 localhost\n", b"127.0.0.1 localhost\n10.0.0.1\tdb\n"},
}

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def tree(manifest: str) -> dict[str, str]:
    return {"manifests/site.yaml": SITE, "modules/base/manifests/init.yaml": manifest}


def killed_at(node: Any, point: int) -> bool:
    """Run and kill at the ``point``-th call; say whether it was killed before it was done."""
    inject = f"inject={CALLS}:signal=SIGKILL:when={point}"
    argv = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS}", "-e", inject, *node.command("run")]
    done = subprocess.run(argv, env=node.environment(), capture_output=True, cwd="/", timeout=120, check=False)
    return done.returncode != 0


@pytest.mark.parametrize("first", range(4))
def test_killed_anywhere_nothing_is_half_and_the_next_run_heals(
    git_repo: Any, keyring: Any, node: Any, first: int
) -> None:
    ann = keyring.gpg("ann")
    repo = git_repo(policy=[ann], files=tree(BEFORE))
    after = repo.commit("after", tree(AFTER), key=ann)
    points = 0
    for point in range(1 + first * 3, 400, 12):
        repo.reset(repo.introduction)
        repo.push(force=True)
        web = node(repo)
        web.path("/etc/three").write_text("three")
        web.path("/etc/five").write_text("five")
        web.path("/etc/hosts").write_text("127.0.0.1 localhost\n")
        web.ran()
        before = web.picture()
        repo.reset(after)
        repo.push(force=True)
        died = killed_at(web, point)
        for name, allowed in CONTENT.items():
            path = web.root / name
            assert not path.exists() or path.read_bytes() in allowed, name

        assert web.run().code == 0
        assert web.path("/etc/one").read_text() == "ONE\n"
        assert not web.path("/etc/three").exists()
        assert not [path for path in web.picture() if ".freehold-" in path]
        repo.revert("HEAD", key=ann, push=True)
        assert web.run().code == 0
        assert web.picture() == before
        points += died
        shutil.rmtree(web.root.parent)
        if not died:
            break
    assert points >= 3
