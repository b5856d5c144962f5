"""freehold diff-catalog: two revisions of a real repository, compiled for the same node."""

import json

import pytest

from tests.e2e.test_examples import freehold

OLD = 'resources:\n  file[/etc/motd]: {content: "hello\\nworld\\n", mode: 0644}\n  file[/etc/a]: {content: a}\n'
NEW = (
    'resources:\n  file[/etc/motd]: {content: "hello\\nfree\\n", mode: 0600}\n'
    '  file[/etc/b]: {content: b, require: "file[/etc/motd]"}\n'
)


@pytest.fixture
def repo(git_repo):
    """Return a repository with two commits and a work tree."""
    made = git_repo()
    made.commit("one", {"manifests/site.yaml": OLD})
    made.commit("two", {"manifests/site.yaml": NEW})
    return made


def test_differences_between_revisions(repo):
    """What is added, removed and changed stands there with place, values and relations."""
    done = freehold("diff-catalog", "--tree", repo.path, "--from", "HEAD~1", "--to", "HEAD", "--json")

    assert done.returncode == 2, done.stderr
    (row,) = json.loads(done.stdout)
    found = {item["resource"]: item for item in row["differences"]}
    assert {name: item["change"] for name, item in found.items()} == {
        "file[/etc/motd]": "changed", "file[/etc/b]": "added", "file[/etc/a]": "removed",
    }  # fmt: skip
    motd = found["file[/etc/motd]"]
    assert motd["old"] == {"content": "hello\nworld\n", "mode": "0644"}
    assert motd["new"] == {"content": "hello\nfree\n", "mode": "0600", "before": ["file[/etc/b]"]}
    assert (motd["file"], motd["line"]) == ("manifests/site.yaml", 2)


def test_the_files_as_they_lie(repo):
    """Without options the work tree is held against the last commit."""
    same = freehold("diff-catalog", "--tree", repo.path)
    repo.write("manifests/site.yaml", OLD)
    changed = freehold("diff-catalog", "--tree", repo.path)

    assert (same.returncode, same.stdout) == (0, "local (production): no difference\n")
    assert changed.returncode == 2
    assert "-free\n" in changed.stdout
    assert "+world\n" in changed.stdout


def test_what_cannot_be_compared(repo):
    """An unknown revision is a wrong use; a revision that does not compile says where."""
    unknown = freehold("diff-catalog", "--tree", repo.path, "--from", "nowhere")
    repo.commit("broken", {"manifests/site.yaml": "resources:\n  file[/etc/motd]: {mdoe: 0644}\n"})
    broken = freehold("diff-catalog", "--tree", repo.path, "--from", "HEAD~1", "--to", "HEAD")

    assert (unknown.returncode, "unknown-revision" in unknown.stderr) == (10, True)
    assert broken.returncode == 11
    assert "manifests/site.yaml:2:" in broken.stderr
