import os
import time

import pytest

from runner.source.address import Credentials
from runner.source.git import Unreachable
from runner.source.mirror import Mirror


@pytest.fixture
def repo(git_repo):
    repo = git_repo()
    repo.commit("first", {"a.txt": "one\n", "d/b.txt": "two\n"}, push=True)
    return repo


@pytest.fixture
def mirror(repo, tmp_path):
    return Mirror(tmp_path / "mirror", repo.url, "main", deadline=20)


def test_fetches_the_tip_into_a_private_bare_repository(mirror, repo):
    assert mirror.fetch() == repo.head == mirror.tip() == mirror.remote_tip()
    assert os.stat(mirror.directory).st_mode & 0o777 == 0o700
    assert not os.path.exists(os.path.join(mirror.directory, "hooks"))
    assert mirror.read_blob(repo.head, "d/b.txt") == b"two\n"


def test_a_second_fetch_only_asks(mirror, repo, monkeypatch):
    mirror.fetch()
    asked = []
    run = mirror.git.run
    monkeypatch.setattr(mirror.git, "run", lambda *argv, **more: asked.append(argv[0]) or run(*argv, **more))
    mirror.fetch()
    assert asked == ["ls-remote"]


def test_a_force_push_keeps_what_was_accepted(mirror, repo):
    first = repo.head
    second = repo.commit("second", {"a.txt": "2\n"}, push=True)
    mirror.fetch()
    mirror.accept(second)
    repo.reset(first)
    other = repo.commit("other", {"a.txt": "3\n"})
    repo.push(force=True)
    assert mirror.fetch() == other
    assert mirror.accepted() == second
    mirror._local("repack", "-a", "-d", "-q")
    assert mirror.read_blob(second, "a.txt") == b"2\n"
    assert not mirror.is_ancestor(second, other)
    assert mirror.is_ancestor(first, other)


def test_ssh_with_pinned_host_key(sshd, repo, tmp_path):
    mirror = Mirror(tmp_path / "m", sshd.url(repo.bare), "main", Credentials(**sshd.credentials), deadline=20)
    assert mirror.fetch() == repo.head
    sshd.stop()
    start = time.monotonic()
    with pytest.raises(Unreachable) as failure:
        mirror.fetch()
    assert "127.0.0.1" in str(failure.value)
    assert time.monotonic() - start < 20
    assert mirror.tip() == repo.head
