"""Where the key of a node's secrets lies, and what protects it; by real gpg."""

import json
import os
import pty
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hiera.errors import UsageError
from hiera.secrets import Refusal
from hiera.secrets.gpg import GpgDecryptor
from hiera.values import Secret
from runner import custody
from runner.cli.main import main
from runner.node_key import key_pair
from runner.settings import load

FLAGS = ["--repo", "ssh://git@host/control.git", "-n", "web01", "-e", "production", "--trust", "unsigned"]


@pytest.fixture
def place():
    """A short path: the agent's socket lies below it."""
    path = Path(tempfile.mkdtemp(prefix="fhc", dir="/tmp"))
    yield path
    for home in path.glob("*"):
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
    shutil.rmtree(path)


@pytest.fixture
def config(place, monkeypatch):
    monkeypatch.setenv("FREEHOLD_CONFIG", str(place / "freehold.yaml"))
    return place / "freehold.yaml"


def encrypted(public, text):
    home = tempfile.mkdtemp(prefix="fhc", dir="/tmp")
    try:
        gpg = ["gpg", "--homedir", home, "--quiet", "--batch", "--trust-model", "always"]
        subprocess.run([*gpg, "--import"], input=public.encode(), check=True, capture_output=True)
        words = [*gpg, "--recipient", "freehold web01", "--encrypt"]
        return subprocess.run(words, input=text.encode(), check=True, capture_output=True).stdout
    finally:
        shutil.rmtree(home)


def test_the_passphrase_is_made_and_opens_what_is_encrypted(config, place, capsys):
    argv = ["init", *FLAGS, "--passphrase-file", str(place / "phrase"), "--json"]
    assert main(argv) == 0
    told = json.loads(capsys.readouterr().out)
    settings = load({}, {}, str(config))
    assert stat.S_IMODE((place / "phrase").stat().st_mode) == 0o600
    assert settings.passphrase_file == str(place / "phrase")

    message = encrypted(told["public_key"], "geheim")
    opened = GpgDecryptor(settings.gnupghome, passphrase=custody.of(settings))
    assert opened.decrypt([message] * 3) == [b"geheim"] * 3
    assert GpgDecryptor(settings.gnupghome).decrypt([message]) == [Refusal("unavailable", *_keys(opened, message))]

    assert main(argv) == 0
    again = json.loads(capsys.readouterr().out)
    assert again == {**told, "changed": False}


def _keys(decryptor, message):
    (refusal,) = GpgDecryptor(decryptor._home, passphrase=lambda: Secret("other")).decrypt([message])
    return refusal.needed, refusal.held


def test_another_passphrase_or_none_is_said_to_be_so(place):
    _, public = key_pair(str(place / "home"), "web01", lambda: Secret("right"))
    message = encrypted(public, "geheim")
    home = str(place / "home")

    (refusal,) = GpgDecryptor(home, passphrase=lambda: Secret("wrong")).decrypt([message])
    assert refusal.reason == "no-passphrase"
    assert refusal.needed != ()
    missing = custody.Passphrase(str(place / "not-there"))
    assert GpgDecryptor(home, passphrase=missing).decrypt([message]) == [Refusal("no-passphrase")]
    assert GpgDecryptor(home, passphrase=lambda: Secret("right")).decrypt([message]) == [b"geheim"]
    assert GpgDecryptor(home, passphrase=lambda: Secret("right")).decrypt([message] * 5) == [b"geheim"] * 5


def test_no_passphrase_is_pretended(place):
    key_pair(str(place / "open"), "web01")
    with pytest.raises(UsageError, match="has no passphrase"):
        key_pair(str(place / "open"), "web01", lambda: Secret("x"))
    key_pair(str(place / "shut"), "web01", lambda: Secret("right"))
    with pytest.raises(UsageError, match="has another passphrase"):
        key_pair(str(place / "shut"), "web01", lambda: Secret("wrong"))


def test_a_passphrase_comes_from_what_systemd_handed_over(place, monkeypatch):
    (place / "freehold.passphrase").write_text("from systemd\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(place))
    found = custody.of(load({"secrets": {"passphrase_credential": "freehold.passphrase"}}, {}, os.devnull))
    assert found().reveal() == "from systemd"
    assert custody.Passphrase(credential="another")() is None


def test_a_passphrase_from_a_pipe_serves_a_whole_run():
    reader, writer = os.pipe()
    try:
        os.write(writer, b"from a pipe\n")
        path = f"/dev/fd/{reader}"
        assert [custody.Passphrase(path)().reveal() for _ in range(2)] == ["from a pipe"] * 2
    finally:
        os.close(reader)
        os.close(writer)
        custody._PIPED.clear()


@pytest.mark.parametrize(
    "more", [["--credential", "--passphrase-file", "/x"], ["--credential", "--root", "/mnt"]], ids=["two", "image"]
)
def test_options_that_exclude_each_other(config, capsys, more):
    assert main(["init", *FLAGS, *more]) == 10
    assert "--credential goes with no" in capsys.readouterr().err
    assert not config.exists()


def test_a_key_that_cannot_be_made_leaves_no_configuration(config, place, capsys):
    (place / "phrase").write_text("\n")
    assert main(["init", *FLAGS, "--passphrase-file", str(place / "phrase")]) == 10
    assert "there is no passphrase in it" in capsys.readouterr().err
    assert not config.exists()


def test_a_person_is_asked(config):
    """By a terminal of its own: what is asked, in its order, and what comes of the answers."""
    answers = ["ssh://git@host/control.git", "", "web01", "unsigned", "y", "no"]
    ours, theirs = pty.openpty()
    argv = [sys.executable, "-m", "runner", "init"]
    with subprocess.Popen(argv, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
        out = process.communicate(timeout=60)[0].decode()
        text = os.read(ours, 1 << 16).decode()
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0, text
    questions = ("URL", "environment [production]", "node's name", "whom to trust", "key pair")
    assert [text.index(one) for one in questions] == sorted(text.index(one) for one in questions)
    found = load({}, {}, str(config))
    assert (found.node, found.environment, found.trust) == ("web01", "production", {"mode": "unsigned"})
    assert "BEGIN PGP PUBLIC KEY BLOCK" in out
    assert found.gnupghome == str(config.parent / "gnupg")
