"""The smallest signed control repository: one class, one file, one value from data.

def test_it(repo, ann, node):
    web = node(repo)
    change(repo, ann, BASE.replace("0644", "0600"))
"""

from __future__ import annotations

from typing import Any

import pytest

SITE = "nodes:\n  web01: [base]\n  default: [base]\n"
BASE = """\
class: base
parameters:
  greeting: {type: String, default: hello}
resources:
  file[/etc/motd]:
    content: "{{ greeting }}\\n"
    mode: 0644
"""
HIERA = "version: 5\nhierarchy:\n  - {name: common, path: common.yaml}\n"


def tree(manifest: str = BASE, data: str = "base::greeting: good morning\n") -> dict[str, str]:
    return {
        "environments/production/manifests/site.yaml": SITE,
        "environments/production/modules/base/manifests/init.yaml": manifest,
        "environments/production/hiera.yaml": HIERA,
        "environments/production/data/common.yaml": data,
    }


@pytest.fixture
def ann(keyring: Any) -> Any:
    return keyring.gpg("ann")


@pytest.fixture
def repo(git_repo: Any, ann: Any) -> Any:
    return git_repo(policy=[ann], files=tree())


def change(repo: Any, ann: Any, manifest: str, message: str = "change") -> str:
    sha: str = repo.commit(message, tree(manifest), key=ann, push=True)
    return sha
