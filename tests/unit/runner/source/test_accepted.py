import os
import shutil

import pytest

from hiera.errors import TrustError
from runner.source.accepted import AcceptedFile, reconcile
from runner.source.mirror import Mirror
from runner.source.trust import Trust


@pytest.fixture
def ann(keyring):
    return keyring.gpg("ann")


@pytest.fixture
def repo(git_repo, ann):
    return git_repo(policy=[ann])


@pytest.fixture
def mirror(repo, tmp_path):
    return Mirror(tmp_path / "mirror", repo.url, "main")


@pytest.fixture
def trust(repo):
    return Trust.from_settings(repo.trust())


@pytest.fixture
def file(tmp_path, trust):
    return AcceptedFile(tmp_path / "accepted", "rings/one", trust.basis)


def code_of(call, *arguments):
    with pytest.raises(TrustError) as failure:
        call(*arguments)
    return failure.value.problems[0].code


def test_what_is_written_is_read(file, repo):
    assert file.read() is None
    file.write(repo.head)
    assert file.read() == repo.head
    assert os.stat(file.path).st_mode & 0o777 == 0o600
    assert os.listdir(os.path.dirname(file.path)) == ["rings%2Fone"]


def test_two_copies(file, mirror, trust, repo, ann):
    first = repo.head
    second = repo.commit("good", {"a": "1"}, key=ann, push=True)
    third = repo.commit("unsigned", {"a": "2"}, push=True)
    repo.branch("other", first)
    other = repo.commit("other", {"b": "1"}, key=ann)
    repo.switch("main")
    mirror.fetch()
    mirror.git.run("fetch", "--", repo.path.as_uri(), "refs/heads/other:refs/freehold/other")
    assert reconcile(None, None, mirror, trust) is None
    assert reconcile(first, None, mirror, trust) == reconcile(None, first, mirror, trust) == first
    assert reconcile(first, second, mirror, trust) == reconcile(second, first, mirror, trust) == second
    assert code_of(reconcile, second, third, mirror, trust) == "accepted-mismatch"
    assert mirror.has(other)
    assert code_of(reconcile, second, other, mirror, trust) == "accepted-mismatch"
    assert code_of(reconcile, second, "1" * 40, mirror, trust) == "accepted-mismatch"


def test_a_damaged_or_missing_file_is_borne_if_the_store_has_a_copy(file, mirror, trust, repo):
    mirror.fetch()
    file.write(repo.head)
    with open(file.path, "w") as stream:
        stream.write("garbage")
    assert file.read() is None
    assert code_of(file.reconcile, None, mirror, trust) == "accepted-corrupt"
    assert file.reconcile(repo.head, mirror, trust) == repo.head
    shutil.rmtree(os.path.dirname(file.path))
    assert file.reconcile(repo.head, mirror, trust) == repo.head
    assert file.reconcile(None, mirror, trust) is None


def test_a_commit_accepted_unsigned_has_to_be_proven_once_signatures_count(tmp_path, mirror, trust, repo, ann):
    loose = Trust.from_settings({"mode": "unsigned"})
    before = AcceptedFile(tmp_path / "accepted", "main", loose.basis)
    after = AcceptedFile(tmp_path / "accepted", "main", trust.basis)
    good = repo.commit("good", {"a": "1"}, key=ann, push=True)
    mirror.fetch()
    before.write(good)
    assert after.read() is None
    assert after.reconcile(good, mirror, trust) == good
    bad = repo.commit("unsigned", {"a": "2"}, push=True)
    mirror.fetch()
    before.write(bad)
    assert before.reconcile(bad, mirror, loose) == bad
    assert code_of(after.reconcile, bad, mirror, trust) == "unsigned-commit"
