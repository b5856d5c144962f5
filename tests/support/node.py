"""A node for end-to-end tests: its configuration, its scratch root, and the real command line in a process.

def test_it(node, git_repo, keyring):
    repo = git_repo(policy=[keyring.gpg("ann")])
    web = node(repo)
    assert web.run().code == 0
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml


@dataclass
class Ended:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Node:
    """A machine in a directory: ``root`` is managed, ``config`` is its freehold.yaml."""

    def __init__(self, directory: Path, repo: Any, *, mode: str = "signed", **settings: Any) -> None:
        self.root = directory / "root"
        self.state = directory / "state"
        self.config = directory / "freehold.yaml"
        (self.root / "etc").mkdir(parents=True)
        self.settings = {
            "repo": repo.url, "environment": "production", "node": "web01", "root": str(self.root),
            "state_dir": str(self.state), "trust": repo.trust(mode), "fetch_timeout": "20s", **settings,
        }  # fmt: skip
        self.write_config()

    def write_config(self, **changes: Any) -> None:
        self.settings |= changes
        self.config.write_text(yaml.safe_dump(self.settings))

    def command(self, *argv: str) -> list[str]:
        return [sys.executable, "-m", "runner", argv[0], "--config", str(self.config), *argv[1:]]

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
        return kept | {"LC_ALL": "C.UTF-8"}

    def freehold(self, *argv: str, timeout: float = 120) -> Ended:
        done = subprocess.run(
            self.command(*argv), capture_output=True, text=True, env=self.environment(), cwd="/", timeout=timeout,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr + done.stdout, done.stderr + done.stdout
        return Ended(done.returncode, done.stdout, done.stderr)

    def run(self, *argv: str) -> Ended:
        return self.freehold("run", *argv)

    def ran(self, *argv: str) -> dict[str, int]:
        """Run well, and return how many resources ended in which status."""
        done = self.run("--json", *argv)
        assert done.code == 0, done.text
        counts: dict[str, int] = done.json["run"]["counts"]
        return counts

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = self.freehold("status", "--json").json
        return found

    def reasons(self) -> list[str]:
        """Return the reasons that status gives, from its closed list."""
        return sorted(reason["name"] for reason in self.status()["reasons"])

    def path(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def picture(self) -> dict[str, tuple[Any, ...]]:
        """Return everything below the root: type, content or target, mode, owner, group."""
        return picture(self.root)


def picture(root: Path) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for path in sorted(root.rglob("*")):
        about = path.lstat()
        what: Any = None
        if path.is_symlink():
            what = os.readlink(path)
        elif path.is_file():
            what = path.read_bytes()
        mode = stat.S_IMODE(about.st_mode)
        found[str(path.relative_to(root))] = (stat.S_IFMT(about.st_mode), what, mode, about.st_uid, about.st_gid)
    return found


@pytest.fixture
def node(tmp_path: Path) -> Any:
    """Return a function that makes a :class:`Node` following a repository."""
    made: list[Node] = []

    def make(repo: Any, **settings: Any) -> Node:
        directory = tmp_path / f"node{len(made)}"
        directory.mkdir()
        made.append(Node(directory, repo, **settings))
        return made[-1]

    return make
