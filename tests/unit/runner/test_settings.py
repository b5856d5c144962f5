"""The node's own configuration: layers, checks, errors with their places."""

import os

import pytest

from hiera.errors import UsageError
from runner import identity
from runner.settings import load


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "freehold.yaml"
        path.write_text(text)
        return str(path)

    return write


def problems(*args, **kwargs):
    with pytest.raises(UsageError) as caught:
        load(*args, **kwargs)
    return caught.value.problems


def test_without_anything_there_are_defaults(file):
    found = load({}, {}, file(""))

    assert (found.branch, found.root, found.max_prune, found.stale_after) == ("main", "/", 10, 86400)
    assert found.facts_dirs == ("/etc/freehold/facts.d",)
    assert (found.node, found.environment, found.trust) == (None, None, None)


def test_the_command_line_wins_over_variables_and_those_over_the_file(file):
    path = file("branch: one\nenvironment: one\nnode: one\n")

    found = load({"branch": "three"}, {"FREEHOLD_BRANCH": "two", "FREEHOLD_ENVIRONMENT": "two"}, path)

    assert (found.branch, found.environment, found.node) == ("three", "two", "one")


def test_every_setting_of_a_whole_file_is_read(file):
    path = file(
        "repo: ssh://git@host/control.git\nnode: web01\nrole: web\ntrusted: {rack: 7, spare: no}\nstate_dir: /s\n"
        "trust: {mode: signed, introduction: {commit: 123, signer: 0045}}\nsecrets: {gnupghome: /g}\n"
        "credentials: {ssh_key: /k, known_hosts: /h}\nmax_prune: 20%\nstale_after: 2d\nfetch_timeout: 90s\n"
        "backup_limit: 1GiB\nkeep_runs: 7\nkeep_trees: 2\nworkers: 4\nfacts_dirs: [/a, /b]\nshow_diff: yes\nnoop: on\n"
    )

    found = load({}, {}, path)

    assert found.repo == "ssh://git@host/control.git"
    assert found.trusted["rack"] == 7
    assert found.trust == {"mode": "signed", "introduction": {"commit": "123", "signer": "0045"}}
    assert (found.gnupghome, found.credentials) == ("/g", {"ssh_key": "/k", "known_hosts": "/h"})
    assert (found.max_prune, found.stale_after, found.fetch_timeout, found.backup_limit) == ("20%", 172800, 90, 1 << 30)
    assert (found.keep_runs, found.keep_trees, found.workers, found.facts_dirs) == (7, 2, 4, ("/a", "/b"))
    assert (found.show_diff, found.noop, found.config) == (True, True, path)


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        ("branhc: main", "unknown-setting", 1, "did you mean 'branch'"),
        ("a: 1\nb: 2", "unknown-setting", 1, "known settings"),
        ("repo: https://u:geheim@host/x", "bad-setting", 0, "token_file"),
        ("repo: https://geheim@host/x", "bad-setting", 0, "token_file"),
        ("branch: -x", "bad-setting", 1, "not a branch name"),
        ("\nenvironment: ../up", "bad-setting", 2, "is not a name"),
        ("environment: [a]", "bad-setting", 1, "is not a name"),
        ("node: {from: dns}", "bad-setting", 1, "machine-id"),
        ("node: {from: file}", "bad-setting", 1, "path"),
        ("node: -v", "bad-setting", 1, "is not a name"),
        ("trust: unsigned", "bad-setting", 1, "mapping with 'mode'"),
        ("secrets: {gnupghom: /x}", "bad-setting", 1, "did you mean 'gnupghome'"),
        ("secrets: [x]", "bad-setting", 1, "must be a mapping"),
        ("credentials: {password: x}", "bad-setting", 1, "no key 'password'"),
        ("max_prune: most", "bad-setting", 1, "percentage"),
        ("stale_after: soon", "bad-setting", 1, "duration"),
        ("backup_limit: big", "bad-setting", 1, "size"),
        ("keep_runs: 0", "bad-setting", 1, "at least 1"),
        ("workers: many", "bad-setting", 1, "whole number"),
        ("noop: perhaps", "bad-setting", 1, "true or false"),
        ("facts_dirs: {a: b}", "bad-setting", 1, "list of directories"),
        ("role:", "bad-setting", 1, "is not a name"),
        ("- a", "bad-setting", 1, "must be a mapping"),
        ("branch: a\nbranch: b", "duplicate-key", 2, ""),
    ],
)
def test_a_wrong_setting_is_located_and_explained(file, text, code, line, words):
    found = problems({}, {}, file(text))[0]

    assert found.code == code
    assert found.location.line == line
    assert words in f"{found.message} {found.hint}"
    assert "geheim" not in found.render(lambda _file, number: text.splitlines()[number - 1])


def test_all_problems_of_all_layers_come_at_once(file):
    found = problems(
        {"branch": ".."}, {"FREEHOLD_NOOP": "perhaps", "FREEHOLD_ENVIROMENT": "x"}, file("workers: -1\nx: y\n")
    )

    text = " ".join(problem.message for problem in found)
    assert len(found) == 5
    for words in ("option --branch", "variable FREEHOLD_NOOP", "FREEHOLD_ENVIROMENT", "'workers'", "'x'"):
        assert words in text


def test_a_variable_that_is_not_ours_is_left_alone(file):
    assert load({}, {"FREEHOLD_BENCH": "1", "FREEHOLD_DEBUG": "1"}, file("")).branch == "main"


def test_a_named_file_must_be_there():
    assert problems({}, {"FREEHOLD_CONFIG": "/nowhere/x.yaml"})[0].code == "config-unreadable"


def test_a_root_keeps_its_state_below_it_unless_told_otherwise(file):
    path = file("state_dir: /of/the/host\n")

    assert load({}, {}, path).state_dir == "/of/the/host"
    assert load({"root": "/r"}, {}, path).state_dir == "/r/var/lib/freehold"
    assert load({"root": "/r", "state_dir": "/s"}, {}, path).state_dir == "/s"
    assert load({"root": "/r"}, {}, path).facts_dirs == ("/r/etc/freehold/facts.d",)


def test_an_unprivileged_user_has_a_state_of_their_own(file, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert load({}, {"XDG_STATE_HOME": "/home/a/.state"}, file("")).state_dir == "/home/a/.state/freehold"


def test_a_missing_setting_teaches(file):
    with pytest.raises(UsageError) as caught:
        load({}, {}, file("")).require("repo", "node", "trust", "environment")

    assert [problem.code for problem in caught.value.problems] == ["missing-setting"] * 4
    assert "a host name alone proves nothing" in caught.value.problems[1].hint


def test_a_node_may_be_named_by_a_file(file, tmp_path):
    (tmp_path / "name").write_text("web07\n")

    assert load({}, {}, file(f"node: {{from: file, path: {tmp_path}/name}}")).node == "web07"


def test_a_node_that_cannot_be_named_is_an_error_only_when_it_is_needed(file):
    found = load({}, {}, file("node: {from: file, path: /nowhere/name}"))

    assert found.node is None
    with pytest.raises(UsageError, match="'/nowhere/name' names no machine"):
        found.require("node")


def test_a_node_may_be_named_by_its_machine_id(file, tmp_path, monkeypatch):
    (tmp_path / "machine-id").write_text("uninitialized\n")
    monkeypatch.setattr(identity, "MACHINE_ID", str(tmp_path / "machine-id"))
    path = file("node: {from: machine-id}")

    assert load({}, {}, path).node is None
    (tmp_path / "machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    assert load({}, {}, path).node == "0123456789abcdef0123456789abcdef"


def test_a_node_may_be_named_by_its_instance(file, tmp_path, monkeypatch):
    monkeypatch.setattr(identity, "INSTANCE_DATA", str(tmp_path / "data.json"))
    monkeypatch.setattr(identity, "INSTANCE_ID", str(tmp_path / "id"))
    (tmp_path / "id").write_text("i-old\n")
    path = file("node: {from: instance-id}")

    assert load({}, {}, path).node == "i-old"
    (tmp_path / "data.json").write_text('{"v1": {"instance_id": "i-0abc"}}')
    assert load({}, {}, path).node == "i-0abc"


def test_a_key_pair_of_eyaml_is_named_whole(file):
    found = load({}, {}, file("secrets: {pkcs7_private_key: /k/private.pem, pkcs7_public_key: /k/public.pem}\n"))

    assert (found.pkcs7_private_key, found.pkcs7_public_key) == ("/k/private.pem", "/k/public.pem")
    (problem,) = problems({}, {}, file("secrets: {pkcs7_private_key: /k/private.pem}\n"))
    assert (problem.code, problem.location.line) == ("bad-setting", 1)
    assert "pkcs7_public_key" in problem.message
