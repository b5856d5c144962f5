"""The gpg decryptor over real gpg: what it opens, and what it must refuse."""

import logging
import os
import stat

import pytest

from hiera.secrets import Refusal, gpg
from hiera.secrets.gpg import GpgDecryptor


@pytest.fixture
def opened(node):
    def run(ciphertext, **settings):
        (answer,) = GpgDecryptor(node.path, **settings).decrypt([ciphertext])
        return answer

    return run


def test_opens_both_kinds_of_keys_in_order(node):
    texts = [f"secret {number}" for number in range(6)]
    ciphertexts = [node.encrypt(text, "curve" if at % 2 else "rsa") for at, text in enumerate(texts)]
    assert GpgDecryptor(node.path).decrypt(ciphertexts) == [text.encode() for text in texts]


@pytest.mark.parametrize(
    "more", [("--armor",), ("--compress-algo", "zlib"), ("--throw-keyids",), ("-r", "other@example.org")]
)
def test_opens_other_forms(node, opened, more):
    assert opened(node.encrypt("hello", "curve", more=more)) == b"hello"


def test_no_key_names_those_needed_and_held(node, opened):
    answer = opened(node.encrypt("hello", "other"))
    listed = node.run("--list-keys", "--with-colons", "other@example.org").decode()
    subkey = next(line.split(":")[4] for line in listed.splitlines() if line.startswith("sub:"))
    assert answer.reason == "no-key"
    assert answer.needed == (subkey,)
    assert subkey not in answer.held
    assert len(answer.held) == 4


def test_a_hidden_recipient_is_said_to_be_one(node, opened):
    answer = opened(node.run("-R", "other@example.org", "-e", stdin=b"x"))
    assert (answer.reason, answer.needed) == ("no-key", ("a hidden recipient",))


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at:][1:]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda good: b"no message at all", "damaged"),
        (lambda good: b"", "damaged"),
        (lambda good: good[:30], "damaged"),
        (lambda good: good[:-5], "damaged"),
        (lambda good: flipped(good, len(good) - 5), "damaged"),
        (lambda good: flipped(good, 40), "damaged"),
        (lambda good: good + b"tail", "damaged"),
        (lambda good: good + good, "several-messages"),
    ],
)
def test_spoiled_messages_give_no_plaintext(node, opened, spoil, reason):
    answer = opened(spoil(node.encrypt("hello", "curve")))
    assert isinstance(answer, Refusal)
    assert answer.reason == reason


def test_every_flipped_bit_of_a_message_is_noticed(node):
    good = node.encrypt("hello", "curve")
    spoiled = [flipped(good, at) for at in range(3, len(good), 9)]
    assert all(isinstance(answer, Refusal) for answer in GpgDecryptor(node.path).decrypt(spoiled))


def test_no_integrity_protection(node, opened):
    more = ("--rfc2440", "--disable-mdc", "--cipher-algo", "3DES")
    assert opened(node.encrypt("hello", "curve", more=more)) == Refusal("no-integrity")


def test_a_passphrase_alone_is_refused(node, opened):
    message = node.run("--passphrase", "x", "--pinentry-mode", "loopback", "-c", stdin=b"hello")
    assert opened(message).reason == "symmetric"


@pytest.mark.parametrize("how", [("--sign",), ("--store",)])
def test_what_is_not_encrypted_is_no_secret(node, opened, how):
    assert opened(node.run(*how, stdin=b"hello")).reason == "damaged"


def test_a_bomb_stops_at_the_limit(node, opened):
    bomb = node.encrypt(b"0" * 300_000, "curve")
    assert len(bomb) < 2000
    assert opened(bomb, limit=100_000).reason == "too-large"
    assert opened(bomb) == b"0" * 300_000


@pytest.mark.parametrize("home", ["/nonexistent", "/dev/null"])
def test_a_home_that_is_none(home):
    assert GpgDecryptor(home).decrypt([b"x", b"y"]) == [Refusal("unavailable")] * 2


def test_no_gpg_at_all(opened):
    assert opened(b"x", program="/nonexistent/gpg") == Refusal("unavailable")


def test_a_key_with_a_passphrase_asks_nobody(node, opened):
    node.make(
        "locked", "Key-Type: RSA\nKey-Length: 2048\nSubkey-Type: RSA\nSubkey-Length: 2048\n", "Passphrase: sesame\n"
    )
    message = node.encrypt("hello", "locked")
    node.lock()
    try:
        assert opened(message).reason == "unavailable"
    finally:
        fingerprint = node.run("--list-keys", "--with-colons", "locked@example.org").decode().split("fpr:::::::::")[1]
        node.run("--delete-secret-and-public-key", fingerprint.split(":")[0])


def test_plaintext_is_neither_in_argv_nor_in_logs(node, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    script = tmp_path / "gpg"
    script.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/argv\nenv >> {tmp_path}/env\nexec gpg "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    decryptor = GpgDecryptor(node.path, program=str(script))
    os.environ["FREEHOLD_CANARY"] = "canary"
    try:
        assert decryptor.decrypt([node.encrypt("geheim", "curve")]) == [b"geheim"]
        decryptor.held()
    finally:
        del os.environ["FREEHOLD_CANARY"]
    seen = (tmp_path / "argv").read_text() + (tmp_path / "env").read_text() + caplog.text
    assert "--decrypt" in seen
    assert "geheim" not in seen


def script(tmp_path, text):
    path = tmp_path / "gpg"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_gpg_that_hangs_is_ended(node, tmp_path):
    slow = GpgDecryptor(node.path, program=script(tmp_path, "exec sleep 60"), deadline=0.2)
    assert slow.decrypt([b"x"]) == [Refusal("unavailable")]


def test_keys_are_listed_once_and_a_gpg_that_cannot_list_has_none(node, tmp_path):
    decryptor = GpgDecryptor(node.path)
    assert len(decryptor.held()) == 4
    assert decryptor.held() is decryptor.held()
    assert GpgDecryptor(node.path, program=str(tmp_path / "none")).held() == ()


def test_somebody_at_a_terminal_may_be_asked(node, monkeypatch):
    monkeypatch.setattr("os.isatty", lambda _: True)
    monkeypatch.setattr("os.ttyname", lambda _: "/dev/pts/7")
    monkeypatch.delenv("GPG_TTY", raising=False)
    assert gpg._environment(("HOME",))["GPG_TTY"] == "/dev/pts/7"
    assert "GPG_TTY" not in gpg._environment(())
    assert GpgDecryptor(node.path, ask=True).decrypt([node.encrypt("x", "curve")]) == [b"x"]


COUNTED = 'echo x >>"{log}"\nexec gpg "$@"'


def test_many_messages_go_to_few_gpgs(node, tmp_path):
    log = tmp_path / "log"
    texts = [f"secret {number}" if number else "" for number in range(10)]
    messages = [node.encrypt(text, "curve") for text in texts]
    program = script(tmp_path, COUNTED.format(log=log))
    assert GpgDecryptor(node.path, program=program).decrypt(messages) == [text.encode() for text in texts]
    assert len(log.read_text().split()) == 4


def test_a_bad_message_among_many_is_judged_as_if_alone(node, opened):
    good = node.encrypt("hello", "curve")
    bad = [node.encrypt("x", "other"), flipped(good, -3), good + good, b"", node.encrypt("y" * 200_000, "curve")]
    among = [one for pair in zip([good] * len(bad), bad, strict=True) for one in pair]
    decryptor = GpgDecryptor(node.path, limit=100_000)
    answers = decryptor.decrypt(among)
    assert answers[::2] == [b"hello"] * len(bad)
    assert (
        [one.reason for one in answers[1::2]]
        == [opened(one, limit=100_000).reason for one in bad]
        == ["no-key", "damaged", "several-messages", "damaged", "too-large"]
    )


def test_plaintext_of_many_is_in_no_file(node, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen = tmp_path / "seen"
    look = f'gpg "$@"; code=$?; find {tmp_path} -name "*.gpg" >>{seen}; grep -rl geheim {tmp_path}/fh-* >>{seen}; exit $code'
    messages = [node.encrypt(f"geheim {number}", "curve") for number in range(4)]
    answers = GpgDecryptor(node.path, program=script(tmp_path, look)).decrypt(messages)
    assert answers == [b"geheim %d" % number for number in range(4)]
    names = seen.read_text().split()
    assert len(names) >= 4
    assert all(name.endswith(".gpg") for name in names), "grep found a plaintext"
    assert not list(tmp_path.glob("fh-*")), "the ciphertexts are gone as well"


def test_many_messages_without_a_gpg_that_can_batch(node, tmp_path):
    alone = 'case "$*" in *--decrypt-files*) exit 2;; esac\nexec gpg "$@"'
    messages = [node.encrypt(f"secret {number}", "curve") for number in range(4)]
    answers = GpgDecryptor(node.path, program=script(tmp_path, alone)).decrypt(messages)
    assert answers == [b"secret %d" % number for number in range(4)]


def test_many_messages_and_no_room_for_them(node, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent")
    messages = [node.encrypt(f"secret {number}", "curve") for number in range(4)]
    assert GpgDecryptor(node.path).decrypt(messages) == [b"secret %d" % number for number in range(4)]
