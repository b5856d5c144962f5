"""A node's first configuration and the repository to start from."""

import json
import os
import shutil
import stat
import subprocess
import tempfile

import pytest

from hiera.yaml import strict
from runner import init
from runner.cli.main import main
from runner.node_key import key_pair
from runner.settings import load

FLAGS = ["--repo", "ssh://git@host/control.git", "-n", "web01", "-e", "production"]
SHA, KEY = "1" * 40, "A" * 40


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    path = tmp_path / "etc" / "freehold.yaml"
    monkeypatch.setenv("FREEHOLD_CONFIG", str(path))
    return path


def test_what_init_writes_is_what_settings_read(config, capsys):
    argv = ["init", *FLAGS, "--trust", "signed", "--commit", SHA, "--signer", KEY, "--branch", "ring-1"]

    assert main(argv) == 0

    found = load({}, {}, str(config))
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert (found.repo, found.branch, found.node, found.environment) == (FLAGS[1], "ring-1", "web01", "production")
    assert found.trust == {"mode": "signed", "introduction": {"commit": SHA, "signer": KEY}}


def test_the_same_command_twice_changes_nothing(config, capsys):
    main(["init", *FLAGS, "--trust", "unsigned"])
    before = config.stat().st_mtime_ns

    assert main(["init", *FLAGS, "--trust", "unsigned", "--json"]) == 0

    assert config.stat().st_mtime_ns == before
    assert json.loads(capsys.readouterr().out.partition("run -t\n")[2])["changed"] is False


def test_another_configuration_is_not_replaced_unasked(config, capsys):
    main(["init", *FLAGS, "--trust", "unsigned"])

    assert main(["init", *FLAGS, "-n", "web02", "--trust", "unsigned"]) == 10
    assert "[config-exists]" in capsys.readouterr().err
    assert main(["init", *FLAGS, "-n", "web02", "--trust", "unsigned", "--force"]) == 0
    assert load({}, {}, str(config)).node == "web02"


def test_print_writes_nothing(config, capsys):
    assert main(["init", *FLAGS, "--trust", "unsigned", "--print"]) == 0
    assert "mode: unsigned" in capsys.readouterr().out
    assert not config.exists()


def test_all_that_is_missing_is_said_at_once(capsys):
    assert main(["init"]) == 10

    text = capsys.readouterr().err
    for name in ("repo", "environment", "node", "trust"):
        assert f"'{name}' is missing" in text


def test_a_wrong_address_is_not_written(config, capsys):
    assert main(["init", "--repo", "https://u:geheim@host/x", "-n", "a", "-e", "b", "--trust", "unsigned"]) == 10
    assert "geheim" not in capsys.readouterr().err
    assert not config.exists()


@pytest.mark.parametrize("value", ["no", "null", "4e5", "a: b", "#x", "- y", 'say "hi"', "web01"])
def test_any_text_comes_back_as_it_went_in(value, tmp_path):
    found = strict.plain(strict.read(init.text({"role": value}).encode(), "x"))

    assert found == {"role": value}


def test_a_key_pair_is_made_once_and_shown():
    home = tempfile.mkdtemp(dir="/tmp")
    try:
        first = key_pair(home, "web01")
        assert first[1].startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----")
        assert key_pair(home, "web01") == first
        assert stat.S_IMODE(os.stat(home).st_mode) == 0o700
    finally:
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
        shutil.rmtree(home)


def test_a_new_repository_is_small_and_whole(tmp_path, capsys):
    assert main(["init", "--new", str(tmp_path / "repo")]) == 0

    made = {str(path.relative_to(tmp_path / "repo")) for path in (tmp_path / "repo").rglob("*") if path.is_file()}
    assert {"hiera.yaml", "data/common.yaml", "manifests/site.yaml", "trust/policy.yaml"} <= made
    assert main(["init", "--new", str(tmp_path / "repo")]) == 10
    assert "[not-empty]" in capsys.readouterr().err


def test_the_configuration_a_package_brings_is_filled_in(config, capsys):
    config.parent.mkdir(parents=True)
    config.write_text("# repo: ssh://git@host/control.git\n\n  # node: web01\n")

    assert main(["init", *FLAGS, "--trust", "unsigned"]) == 0
    assert load({}, {}, str(config)).node == "web01"


def test_a_timer_that_cannot_be_is_told_before_anything_is_written(config, capsys):
    assert main(["init", *FLAGS, "--trust", "unsigned", "--timer", "7m"]) == 10
    assert "option --timer must fit evenly" in capsys.readouterr().err
    assert not config.exists()


def test_what_opens_the_repository_is_written_too(config, tmp_path, capsys):
    credentials = ["--ssh-key", str(tmp_path / "key"), "--known-hosts", str(tmp_path / "hosts")]

    assert main(["init", *FLAGS, "--trust", "unsigned", *credentials]) == 0
    found = load({}, {}, str(config)).credentials
    assert dict(found) == {"ssh_key": str(tmp_path / "key"), "known_hosts": str(tmp_path / "hosts")}
