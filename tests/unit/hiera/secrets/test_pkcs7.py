"""hiera-eyaml's own scheme: round trips with the real ``eyaml`` in both directions, and what stays closed."""

import base64
import shutil
import subprocess

import pytest

from hiera.errors import DataError
from hiera.lookup import Hiera
from hiera.secrets import Refusal
from hiera.secrets.pkcs7 import Pkcs7Decryptor, encrypt_pkcs7
from hiera.tree import DirectoryTree

needs_eyaml = pytest.mark.skipif(shutil.which("eyaml") is None, reason="needs eyaml (Debian's hiera-eyaml)")
CONFIG = "version: 5\nhierarchy:\n  - {name: e, lookup_key: eyaml_lookup_key, path: e.eyaml}\n"


class Pair:
    """A key pair in files, as ``eyaml createkeys`` names them."""

    def __init__(self, directory):
        self.private, self.public = str(directory / "private.pem"), str(directory / "public.pem")
        words = [
            "openssl",
            "req",
            "-x509",
            "-nodes",
            "-newkey",
            "rsa:2048",
            "-days",
            "9",
            "-subj",
            "/",
            "-set_serial",
            "1",
        ]
        subprocess.run([*words, "-keyout", self.private, "-out", self.public], check=True, capture_output=True)

    @property
    def options(self):
        return [f"--pkcs7-private-key={self.private}", f"--pkcs7-public-key={self.public}"]

    def decryptor(self):
        return Pkcs7Decryptor(self.private, self.public)

    def encrypt(self, text):
        with open(self.public, "rb") as stream:
            return encrypt_pkcs7(text.encode(), stream.read())

    def block(self, text):
        return f"ENC[PKCS7,{base64.b64encode(self.encrypt(text)).decode()}]"


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return Pair(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return Pair(tmp_path_factory.mktemp("others"))


def hiera_of(tmp_path, text, pkcs7=None):
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "hiera.yaml").write_text(CONFIG)
    (tmp_path / "data/e.eyaml").write_text(text)
    return Hiera.build(DirectoryTree(tmp_path), "production", "", {}, pkcs7=pkcs7)


def problem_of(call):
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.problems[0]


@needs_eyaml
@pytest.mark.parametrize("form", ["string", "block"])
@pytest.mark.parametrize("text", ["s3cret", "zwölf ]! Boxkämpfer", "x" * 3000])
def test_what_eyaml_writes_is_read(pair, tmp_path, form, text):
    words = ["eyaml", "encrypt", "-o", form, "-l", "key", "-s", text, f"--pkcs7-public-key={pair.public}"]
    written = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    assert "ENC[PKCS7," in written
    assert hiera_of(tmp_path, written, pair.decryptor()).lookup("key", {}).reveal() == text


@needs_eyaml
def test_eyaml_reads_what_is_written(pair):
    words = ["eyaml", "decrypt", "-s", pair.block("zwölf"), *pair.options]
    assert subprocess.run(words, check=True, capture_output=True, text=True).stdout.rstrip("\n") == "zwölf"


def test_blocks_in_a_text_and_without_a_scheme(pair, tmp_path):
    bare = pair.block("two").replace("PKCS7,", "")
    hiera = hiera_of(tmp_path, f"a: 'user:{pair.block('one')}@{bare}'\nn: {{l: ['{bare}']}}\n", pair.decryptor())
    assert hiera.lookup("a", {}).reveal() == "user:one@two"
    assert hiera.lookup("n.l.0", {}).reveal() == "two"


def test_without_a_key_pair_it_is_sealed(pair, tmp_path):
    hiera = hiera_of(tmp_path, f"ok: 1\na: {pair.block('one')}\n")
    assert hiera.lookup("ok", {}) == 1
    problem = problem_of(hiera.lookup("a", {}).reveal)
    assert (problem.code, problem.location.file, problem.location.line) == ("sealed-secret", "data/e.eyaml", 2)
    assert "pkcs7_private_key" in problem.hint


def test_another_key_pair_leaves_it_sealed(pair, other, tmp_path):
    problem = problem_of(hiera_of(tmp_path, f"a: {other.block('one')}\n", pair.decryptor()).lookup("a", {}).reveal)
    assert problem.code == "sealed-secret"
    assert "'a' in data/e.eyaml" in problem.message


def test_damage_is_refused(pair):
    whole = pair.encrypt("a secret that is longer than one block of the cipher")
    cut, longer, none = pair.decryptor().decrypt([whole[:-1], whole + b"x", b"hello"])
    assert [cut, longer, none] == [Refusal("damaged")] * 3
    assert pair.decryptor().decrypt([b"\x30\x80" + whole]) == [Refusal("damaged")]
    assert pair.decryptor().decrypt([b"\x30" + bytes([10]) + b"x" * 10]) == [Refusal("not-opened")]
    assert pair.decryptor().decrypt([b"\x30" + bytes(17 << 20)]) == [Refusal("too-large")]


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_key_pair_that_cannot_be_read(pair, tmp_path, content):
    if content is not None:
        (tmp_path / "key.pem").write_bytes(content)
    for decryptor in (
        Pkcs7Decryptor(str(tmp_path / "key.pem"), pair.public),
        Pkcs7Decryptor(pair.private, str(tmp_path / "key.pem")),
    ):
        assert decryptor.decrypt([pair.encrypt("x")]) == [Refusal("unavailable")]


def test_only_rsa_keys_are_taken(pair, tmp_path):
    key = tmp_path / "ed.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
    assert Pkcs7Decryptor(str(key), pair.public).decrypt([pair.encrypt("x")]) == [Refusal("unavailable")]
    assert problem_of(lambda: encrypt_pkcs7(b"x", b"none")).code == "bad-key"
