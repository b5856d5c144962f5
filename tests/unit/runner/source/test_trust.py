"""Real commits and real keys against the rules of trust; every attack is refused, every honest history passes."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from support.git_repo import run

from hiera.errors import TrustError, UsageError
from runner.source.mirror import Mirror
from runner.source.trust import Trust


@pytest.fixture
def ann(keyring):
    return keyring.gpg("ann")


@pytest.fixture
def bob(keyring):
    return keyring.gpg("bob")


@pytest.fixture
def eve(keyring):
    return keyring.gpg("eve")


@pytest.fixture
def repo(git_repo, ann, bob):
    return git_repo(policy=[ann, bob])


@pytest.fixture
def mirror(repo, tmp_path):
    return Mirror(tmp_path / "mirror", repo.url, "main", deadline=30)


def snapshot(mirror):
    refs = mirror.git.run("for-each-ref").out
    return refs, sorted(os.listdir(Path(mirror.directory).parent))


def verify(mirror, repo, accepted=None, mode="signed"):
    """Push, fetch and verify the tip of the repository."""
    repo.push(force=True)
    mirror.fetch()
    return Trust.from_settings(repo.trust(mode)).verify(mirror, accepted, mirror.tip())


def refused(mirror, repo, accepted=None, mode="signed"):
    """Return the codes the tip is refused with, after proving that the refusal left everything as it was."""
    repo.push(force=True)
    mirror.fetch()
    before = snapshot(mirror)
    with pytest.raises(TrustError) as failure:
        Trust.from_settings(repo.trust(mode)).verify(mirror, accepted, mirror.tip())
    assert snapshot(mirror) == before
    assert failure.value.exit_code == 13
    return [problem.code for problem in failure.value.problems]


# Honest histories -----------------------------------------------------------------------------------------------


def test_the_introduction_itself_is_accepted(mirror, repo, ann):
    verdict = verify(mirror, repo)
    assert (verdict.state, verdict.target, verdict.signer) == ("first", repo.head, f"ann ({ann.fingerprint})")


def test_a_signed_chain_with_revert_and_merge_passes(mirror, repo, ann, bob):
    start = repo.head
    motd = repo.commit("motd", {"a": "1"}, key=ann)
    repo.branch("side", start)
    side = repo.commit("side", {"b": "1"}, key=bob)
    repo.switch("main")
    revert = repo.revert(motd, key=bob)
    merge = repo.merge("side", key=ann)
    verdict = verify(mirror, repo)
    shas = [checked.sha for checked in verdict.commits]
    assert set(shas) == {motd, side, revert, merge}
    assert shas[-1] == merge
    assert shas.index(motd) < shas.index(revert)
    assert verdict.signer == f"ann ({ann.fingerprint})"
    again = verify(mirror, repo, accepted=motd)
    assert again.state == "forward"
    assert {checked.sha for checked in again.commits} == {side, revert, merge}


def test_same_and_ahead_keep_the_tree(mirror, repo, ann):
    first = repo.head
    second = repo.commit("more", key=ann)
    assert verify(mirror, repo, accepted=second).state == "same"
    repo.reset(first)
    verdict = verify(mirror, repo, accepted=second)
    assert (verdict.state, verdict.target, verdict.tip) == ("ahead", second, first)


def test_a_new_key_signs_from_the_next_commit_on(mirror, repo, ann, bob, eve):
    repo.set_policy(ann, eve)
    repo.commit("eve is welcome", key=bob)
    repo.commit("hello", {"a": "1"}, key=eve)
    assert verify(mirror, repo).commits[-1].signer.name == "eve"


def test_a_dropped_key_signs_no_more(mirror, repo, ann, bob):
    repo.set_policy(ann)
    repo.commit("bob left", key=bob)
    repo.commit("bob again", {"a": "1"}, key=bob)
    assert refused(mirror, repo) == ["unknown-signer"]


def test_an_expired_key_still_listed_is_accepted(git_repo, keyring, tmp_path):
    brief = keyring.gpg("brief", expires="seconds=4")
    repo = git_repo(policy=[brief])
    tip = repo.commit("in time", {"a": "1"}, key=brief)
    time.sleep(5)
    verdict = verify(Mirror(tmp_path / "m", repo.url, "main"), repo)
    assert (verdict.target, verdict.commits[-1].expired) == (tip, True)


@pytest.mark.parametrize("seconds", ["@0 +0000", "@4294967296 +0000", "@1 -1200"])
def test_odd_dates_change_nothing(mirror, repo, ann, seconds):
    dates = {"GIT_AUTHOR_DATE": seconds, "GIT_COMMITTER_DATE": seconds}
    repo.commit("odd", {"a": "1"}, key=ann, env=dates)
    odd = repo.commit("odd again", {"a": "2"}, key=ann, env=dates)
    tip = repo.commit("even", {"a": "3"}, key=ann)
    assert [checked.sha for checked in verify(mirror, repo).commits][-2:] == [odd, tip]
    repo.commit("unsigned", {"a": "4"}, env=dates)
    assert refused(mirror, repo) == ["unsigned-commit"]


def test_ssh_keys(git_repo, keyring, tmp_path):
    carl, dora, mallory = (keyring.ssh(name) for name in ("carl", "dora", "mallory"))
    repo = git_repo(policy=[carl, dora])
    mirror = Mirror(tmp_path / "m", repo.url, "main")
    repo.commit("one", {"a": "1"}, key=dora)
    assert verify(mirror, repo).commits[-1].signer.fingerprint == dora.fingerprint
    good = repo.commit("two", {"a": "2"}, key=carl)
    repo.commit("three", {"a": "3"}, key=mallory)
    assert refused(mirror, repo) == ["unknown-signer"]
    repo.reset(good)
    raw = repo.git("cat-file", "commit", good) + "\n"
    repo.raw_commit(raw.replace("two", "too").encode())
    assert refused(mirror, repo, accepted=repo.introduction) == ["bad-signature"]


def test_gpg_and_ssh_side_by_side(git_repo, keyring, ann, tmp_path):
    carl = keyring.ssh("carl")
    repo = git_repo(policy=[ann, carl])
    for number in range(8):
        repo.commit("more", {"a": str(number)}, key=(ann, carl)[number % 2])
    assert len(verify(Mirror(tmp_path / "m", repo.url, "main"), repo).commits) == 8


# Attacks: signatures --------------------------------------------------------------------------------------------


def test_unsigned_tip(mirror, repo):
    repo.commit("unsigned", {"a": "1"})
    assert refused(mirror, repo) == ["unsigned-commit"]


def test_unsigned_middle_below_a_good_tip(mirror, repo, ann):
    good = repo.commit("good", {"a": "1"}, key=ann)
    repo.commit("unsigned", {"a": "2"})
    repo.commit("good again", {"a": "3"}, key=ann)
    assert refused(mirror, repo, accepted=good) == ["unsigned-commit"]


def test_unsigned_side_branch_of_a_signed_merge(mirror, repo, ann):
    repo.branch("side")
    repo.commit("unsigned", {"b": "1"})
    repo.switch("main")
    repo.commit("good", {"a": "1"}, key=ann)
    repo.merge("side", key=ann)
    assert refused(mirror, repo) == ["unsigned-commit"]


def test_wrong_key(mirror, repo, eve):
    repo.commit("mine", {"a": "1"}, key=eve)
    assert refused(mirror, repo) == ["unknown-signer"]


def test_a_key_that_lies_in_keys_but_is_not_listed(git_repo, ann, eve, tmp_path):
    repo = git_repo()
    repo.set_policy(ann, files=[ann, eve])
    repo.introducer = ann
    repo.introduction = repo.commit("introduce", key=ann)
    repo.commit("mine", {"a": "1"}, key=eve)
    assert refused(Mirror(tmp_path / "m", repo.url, "main"), repo) == ["unknown-signer"]


def test_a_key_added_and_used_in_the_same_commit(mirror, repo, ann, bob, eve):
    repo.set_policy(ann, bob, eve)
    repo.commit("let me in", key=eve)
    assert refused(mirror, repo) == ["unknown-signer"]


def test_a_merge_needs_a_key_of_every_parent(mirror, repo, ann, bob, eve):
    start = repo.head
    repo.set_policy(ann)
    repo.commit("bob left", key=ann)
    repo.branch("old", start)
    repo.commit("bob's branch", {"b": "1"}, key=bob)
    repo.switch("main")
    good = repo.merge("old", key=ann)
    assert verify(mirror, repo).target == good
    for ours, theirs in ((good + "^1", good + "^2"), (good + "^2", good + "^1")):
        repo.reset(ours)
        repo.git("merge", "-q", "--no-ff", "--no-edit", theirs, key=bob)
        assert refused(mirror, repo) == ["unknown-signer"]


def test_tampered_commit(mirror, repo, ann):
    good = repo.commit("good", {"a": "1"}, key=ann)
    raw = repo.git("cat-file", "commit", good) + "\n"
    repo.raw_commit(raw.replace("good", "evil").encode())
    assert refused(mirror, repo) == ["bad-signature"]


def test_a_revoked_key(git_repo, keyring, ann, tmp_path):
    lost = keyring.gpg("lost")
    repo = git_repo(policy=[ann, lost])
    good = repo.commit("still good", {"a": "1"}, key=lost)
    mirror = Mirror(tmp_path / "m", repo.url, "main")
    assert verify(mirror, repo).target == good
    repo.set_policy(ann, keyring.revoked(lost))
    repo.commit("revoked", key=ann)
    repo.commit("after", {"a": "2"}, key=lost)
    assert refused(mirror, repo, accepted=good) == ["revoked-key"]


def test_a_revoked_key_that_has_expired_too(git_repo, keyring, ann, tmp_path):
    gone = keyring.gpg("gone", expires="seconds=5")
    repo = git_repo(policy=[ann, gone])
    signed = repo.commit("in time", {"a": "1"}, key=gone)
    repo.reset(repo.introduction)
    repo.set_policy(ann, keyring.revoked(gone))
    repo.commit("revoked", key=ann)
    repo.git("cherry-pick", signed, key=gone)
    time.sleep(5)
    assert refused(Mirror(tmp_path / "m", repo.url, "main"), repo) == ["revoked-key"]


def test_a_sha1_signature(git_repo, keyring, ann, tmp_path):
    weak = keyring.gpg("weak", algorithm="rsa2048")
    repo = git_repo(policy=[ann, weak])
    Path(weak.home, "gpg.conf").write_text("digest-algo SHA1\n")
    repo.commit("weak", {"a": "1"}, key=weak)
    assert refused(Mirror(tmp_path / "m", repo.url, "main"), repo) == ["weak-signature"]


def test_two_signatures(mirror, repo, ann, eve):
    good = repo.commit("good", {"a": "1"}, key=ann)
    raw = repo.git("cat-file", "commit", good) + "\n"
    head, _, message = raw.partition("\n\n")
    block = head[head.index("gpgsig ") + 7 :]
    repo.raw_commit(f"{head}\n {block}\n\n{message}".encode())
    assert refused(mirror, repo) == ["bad-signature"]


def test_two_signatures_in_one_armor(mirror, repo, ann, bob):
    good = repo.commit("good", {"a": "1"}, key=ann)
    payload = re.sub(
        r"gpgsig .*?-----END PGP SIGNATURE-----\n", "", repo.git("cat-file", "commit", good) + "\n", flags=re.DOTALL
    )
    packets = b""
    for key in (ann, bob):
        argv = ["gpg", "--homedir", key.home, "--batch", "--quiet", "--detach-sign"]
        packets += subprocess.run(argv, input=payload.encode(), capture_output=True, check=True).stdout
    armor = run("gpg", "--homedir", ann.home, "--enarmor", data=packets).replace("ARMORED FILE", "SIGNATURE")
    armor = "\n".join(line for line in armor.strip().splitlines() if not line.startswith("Comment"))
    head, _, message = payload.partition("\n\n")
    repo.raw_commit(f"{head}\ngpgsig {armor.replace(chr(10), chr(10) + ' ')}\n\n{message}".encode())
    assert refused(mirror, repo) == ["bad-signature"]


def test_a_private_key_in_the_repository(mirror, repo, ann):
    repo.write("trust/keys/oops.key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n")
    repo.commit("oops", key=ann)
    assert refused(mirror, repo) == ["bad-key-file"]


# Attacks: policy and history ------------------------------------------------------------------------------------


def test_policy_deleted_then_added_again(mirror, repo, ann, bob, eve):
    repo.remove("trust")
    repo.commit("no more policy", {"a": "1"}, key=ann)
    assert refused(mirror, repo) == ["policy-missing"]
    repo.set_policy(eve)
    repo.commit("my policy", key=eve)
    assert refused(mirror, repo) == ["policy-missing", "policy-missing"]


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ("version: 1\nkeys: []\n", "bad-policy"),
        ("version: 2\nkeys: [{fingerprint: 'F'}]\n", "bad-policy"),
        ("version: 1\nkeys: [{fingerprint: 'ABCD1234'}]\n", "bad-policy"),
        ("version: 1\nkeys: [{fingerprint: '0123456789012345678901234567890123456789'}]\n", "key-missing"),
        ("version: 1\nkeys: [{fingerprint: '0123456789012345678901234567890123456789', paths: [a]}]\n", "bad-policy"),
        ("- no\n", "bad-policy"),
    ],
)
def test_a_policy_that_would_lock_everybody_out(mirror, repo, ann, policy, code):
    repo.commit("broken", {"trust/policy.yaml": policy}, key=ann)
    assert set(refused(mirror, repo)) == {code}


def test_force_push_to_an_older_signed_commit_on_another_line(mirror, repo, ann):
    base = repo.head
    accepted = repo.commit("accepted", {"a": "1"}, key=ann)
    verify(mirror, repo)
    repo.reset(base)
    repo.commit("signed too", {"a": "2"}, key=ann)
    assert refused(mirror, repo, accepted=accepted) == ["force-push"]
    assert refused(mirror, repo, accepted=accepted, mode="signed-tip") == ["force-push"]
    assert refused(mirror, repo, accepted=accepted, mode="unsigned") == ["force-push"]


def test_force_push_to_an_unrelated_history(mirror, repo, ann):
    accepted = repo.head
    verify(mirror, repo)
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit("unrelated", {"a": "2"}, key=ann)
    assert refused(mirror, repo, accepted=accepted) == ["force-push"]
    assert refused(mirror, repo) == ["not-introduced"]


def test_an_unrelated_history_merged_in(mirror, repo, ann, eve):
    repo.git("checkout", "-q", "--orphan", "other")
    repo.set_policy(eve)
    repo.commit("root of eve", key=eve)
    repo.switch("main")
    repo.git("merge", "-q", "-s", "ours", "--allow-unrelated-histories", "--no-edit", "other", key=ann)
    assert "not-introduced" in refused(mirror, repo)


def test_a_branch_from_before_the_introduction_merged_in(git_repo, ann, eve, tmp_path):
    repo = git_repo()
    repo.set_policy(eve)
    old = repo.commit("before trust", {"a": "1"})
    repo.introduce(ann)
    repo.branch("side", old)
    repo.commit("by the old policy", {"b": "1"}, key=eve)
    repo.switch("main")
    repo.merge("side", key=ann)
    assert refused(Mirror(tmp_path / "m", repo.url, "main"), repo) == ["not-introduced", "unknown-signer"]


def test_introduction_not_in_history(mirror, repo, ann):
    repo.introduction = "1" * 40
    assert refused(mirror, repo) == ["not-introduced"]


def test_introduction_by_another_signer(mirror, repo, bob):
    repo.introducer = bob
    assert refused(mirror, repo) == ["unknown-signer"]


def test_introduction_without_a_signature(git_repo, ann, tmp_path):
    repo = git_repo()
    repo.set_policy(ann)
    repo.introducer, repo.introduction = ann, repo.commit("unsigned introduction")
    assert refused(Mirror(tmp_path / "m", repo.url, "main"), repo) == ["unsigned-commit"]


def test_an_accepted_commit_beside_the_introduction_proves_nothing(mirror, repo, ann):
    repo.git("checkout", "-q", "--orphan", "other")
    repo.git("rm", "-rqf", ".")
    stranger = repo.commit("accepted under another trust", {"b": "1"})
    repo.switch("main")
    repo.merge("other", key=ann)
    assert refused(mirror, repo, accepted=stranger) == ["not-introduced"]


def test_a_replace_ref_changes_nothing(mirror, repo, ann, eve):
    good = repo.commit("good", {"a": "good"}, key=ann)
    evil = repo.commit("evil", {"a": "evil"}, key=eve)
    repo.push()
    mirror.fetch()
    mirror.git.run("update-ref", f"refs/replace/{good}", evil)
    assert mirror.read_blob(good, "a") == b"good"
    assert mirror.tree_id(good) == repo.git("rev-parse", f"{good}^{{tree}}")
    repo.reset(good)
    assert verify(mirror, repo).target == good
    mirror.git.run("update-ref", "-d", f"refs/replace/{good}")
    mirror.git.run("update-ref", f"refs/replace/{evil}", good)
    repo.reset(evil)
    assert refused(mirror, repo) == ["unknown-signer"]


def test_a_commit_with_two_trees_is_not_even_fetched(mirror, repo, ann):
    verify(mirror, repo)
    tip = mirror.tip()
    good = repo.commit("good", {"a": "1"}, key=ann)
    raw = repo.git("cat-file", "commit", good) + "\n"
    repo.raw_commit((raw.split("\n")[0] + "\n" + raw).encode())
    repo.push(force=True)
    with pytest.raises(TrustError) as failure:
        mirror.fetch()
    assert failure.value.problems[0].code == "bad-object"
    assert mirror.tip() == tip


def test_too_many_commits(mirror, repo, monkeypatch, ann):
    monkeypatch.setattr("runner.source.chain.MOST_COMMITS", 2)
    for number in range(3):
        repo.commit("more", {"a": str(number)}, key=ann)
    assert refused(mirror, repo) == ["too-many-commits"]


# The other modes ------------------------------------------------------------------------------------------------


def test_signed_tip_looks_at_the_tip_only(mirror, repo, ann, eve):
    repo.commit("unsigned", {"a": "1"})
    tip = repo.commit("good", {"a": "2"}, key=ann)
    assert verify(mirror, repo, mode="signed-tip").commits[-1].signer.name == "ann"
    repo.commit("unsigned", {"a": "3"})
    assert refused(mirror, repo, accepted=tip, mode="signed-tip") == ["unsigned-commit"]


def test_signed_tip_takes_a_signed_tag(mirror, repo, ann, eve):
    repo.commit("unsigned", {"a": "1"})
    repo.push()
    repo.tag("by-eve", key=eve)
    repo.tag("by-nobody")
    assert refused(mirror, repo, mode="signed-tip") == ["unsigned-commit"]
    repo.tag("v1", key=ann)
    assert verify(mirror, repo, mode="signed-tip").commits[-1].signer.name == "ann"
    repo.commit("next", {"a": "2"})
    assert refused(mirror, repo, mode="signed-tip") == ["unsigned-commit"]


def test_a_server_that_offers_the_tag_of_another_commit(mirror, repo, ann, monkeypatch):
    repo.push()
    repo.tag("v1", key=ann)
    mirror.fetch()
    tags = mirror.fetch_tags(repo.head)
    assert len(tags) == 1
    repo.commit("unsigned", {"a": "1"})
    monkeypatch.setattr(mirror, "fetch_tags", lambda _: tags)
    assert refused(mirror, repo, mode="signed-tip") == ["unsigned-commit"]


def test_signed_tip_keys_come_from_the_accepted_commit(mirror, repo, ann, bob, eve):
    accepted = repo.head
    repo.set_policy(ann, bob, eve)
    repo.commit("unsigned, adds eve")
    repo.commit("by eve", {"a": "1"}, key=eve)
    assert refused(mirror, repo, accepted=accepted, mode="signed-tip") == ["unknown-signer"]


def test_unsigned_takes_every_descendant(mirror, repo):
    accepted = repo.head
    tip = repo.commit("unsigned", {"a": "1"})
    verdict = verify(mirror, repo, accepted=accepted, mode="unsigned")
    assert (verdict.target, verdict.signer, verdict.mode) == (tip, "", "unsigned")


# Configuration --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        (None, ["trust-missing"]),
        ({}, ["trust-mode"]),
        ({"mode": "sigend"}, ["trust-mode"]),
        ({"mode": "signed"}, ["trust-introduction"]),
        ({"mode": "signed", "introduction": {"commit": "abc", "signer": "ABCD"}}, ["trust-introduction"] * 2),
        ({"mode": "unsigned", "introduction": {}}, ["trust-introduction"]),
        ({"mode": "unsigned", "Mode": 1}, ["unknown-setting"]),
    ],
)
def test_configuration_is_checked(settings, codes):
    with pytest.raises(UsageError) as failure:
        Trust.from_settings(settings)
    problems = failure.value.problems
    assert [problem.code for problem in problems] == codes
    assert all(problem.hint for problem in problems)
