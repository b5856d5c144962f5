"""sops files for age keys and with several key groups; the messages are made by the library itself."""

import os
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hiera.errors import DataError, Location
from hiera.lookup import Hiera
from hiera.secrets import AGE, GPG, Refusal
from hiera.secrets.age import AgeDecryptor
from hiera.secrets.gpg import GpgDecryptor
from hiera.secrets.sops import METADATA
from hiera.secrets.sops_keys import combined, keys_of
from hiera.secrets.vault import Vault
from hiera.tree import DirectoryTree

pyrage = pytest.importorskip("pyrage", reason="needs the library pyrage (freehold[age])")

from support.sops import TIME, SopsWriter, as_yaml  # noqa: E402  only where the library is


@pytest.fixture(scope="module")
def identity():
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def file(tmp_path, identity):
    path = tmp_path / "keys.txt"
    path.write_text(f"# created: {TIME}\n# public key: {identity.to_public()}\n{identity}\n\n")
    return path


def message(plain, identity):
    return pyrage.encrypt(plain, [identity.to_public()], armored=True).decode()


def age_entry(plain, identity):
    return {"recipient": str(identity.to_public()), "enc": message(plain, identity)}


@pytest.fixture
def ask(tmp_path):
    def lookup(document, age=None, gpg=None, key="a"):
        (tmp_path / "hiera.yaml").write_text("version: 5\nhierarchy: [{name: y, path: s.yaml}]\n")
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data/s.yaml").write_text(as_yaml(document))
        return Hiera.build(DirectoryTree(tmp_path), "p", "", {}, gpg, age=age).lookup(key, {}).reveal()

    return lookup


def refusal(call):
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.problems[0]


def test_a_file_for_an_age_key(ask, identity, file):
    writer = SopsWriter()
    document = writer.document({"a": "geheim", "n": 5}, [], age=[age_entry(writer.key, identity)])
    assert ask(document, AgeDecryptor(str(file))) == "geheim"
    assert ask(document, AgeDecryptor(str(file)), key="n") == 5
    other = pyrage.x25519.Identity.generate()
    foreign = writer.document({"a": "geheim"}, [], age=[age_entry(writer.key, other)])
    problem = refusal(lambda: ask(foreign, AgeDecryptor(str(file))))
    assert (problem.code, problem.location.file) == ("sealed-secret", "data/s.yaml")
    assert str(other.to_public()) in problem.hint
    without = refusal(lambda: ask(document))
    assert "age_identity" in without.hint


def test_identities_in_a_file(tmp_path, identity, file):
    sealed = message(b"x", identity).encode()
    assert AgeDecryptor(str(file)).decrypt([sealed, sealed]) == [b"x", b"x"]
    assert AgeDecryptor(str(file)).decrypt([sealed[:-60], b"nonsense", bytes(1 << 21)]) == [
        Refusal("damaged"),
        Refusal("damaged"),
        Refusal("too-large"),
    ]
    for text in ("AGE-SECRET-KEY-1NONSENSE", "ä", "-----BEGIN OPENSSH PRIVATE KEY-----\n"):
        (tmp_path / "bad").write_text(text)
        assert AgeDecryptor(str(tmp_path / "bad")).decrypt([sealed]) == [Refusal("unavailable")]
    assert AgeDecryptor(str(tmp_path / "none")).decrypt([sealed]) == [Refusal("unavailable")]


def test_an_ssh_key_is_an_identity(tmp_path):
    key = Ed25519PrivateKey.generate()
    forms = serialization.Encoding, serialization.PrivateFormat, serialization.PublicFormat
    private = key.private_bytes(forms[0].PEM, forms[1].OpenSSH, serialization.NoEncryption())
    public = key.public_key().public_bytes(forms[0].OpenSSH, forms[2].OpenSSH).decode()
    (tmp_path / "id").write_bytes(private)
    sealed = pyrage.encrypt(b"x", [pyrage.ssh.Recipient.from_str(public)])
    assert AgeDecryptor(str(tmp_path / "id")).decrypt([sealed]) == [b"x"]


def test_without_the_library_it_is_said_what_to_install(ask, identity, file, monkeypatch):
    writer = SopsWriter()
    document = writer.document({"a": "geheim"}, [], age=[age_entry(writer.key, identity)])
    monkeypatch.setitem(sys.modules, "pyrage", None)
    problem = refusal(lambda: ask(document, AgeDecryptor(str(file))))
    assert (problem.code, "freehold[age]" in problem.hint) == ("sealed-secret", True)


def product(one, other):
    result = 0
    for bit in range(8):
        result ^= (one << bit) * (other >> bit & 1)
    for bit in range(14, 7, -1):
        result ^= (0x11B << (bit - 8)) * (result >> bit & 1)
    return result


def shares(secret, count, threshold):
    """Return the shares of ``secret`` by Shamir's scheme, the point of each as its last byte."""
    higher = [os.urandom(len(secret)) for _ in range(threshold - 1)]
    made = []
    for point in range(1, count + 1):
        values = []
        for at, byte in enumerate(secret):
            value, power = byte, 1
            for coefficients in higher:
                power = product(power, point)
                value ^= product(coefficients[at], power)
            values.append(value)
        made.append(bytes([*values, point]))
    return made


@pytest.mark.parametrize(("count", "threshold"), [(2, 2), (3, 2), (5, 3)])
def test_a_key_in_shares(count, threshold):
    secret = os.urandom(32)
    made = shares(secret, count, threshold)
    assert combined(made[-threshold:]) == combined(made[:threshold]) == secret
    assert combined(made[: threshold - 1]) != secret
    assert combined([made[0], made[0]]) is None
    assert combined([made[0], made[1][1:]]) is None
    assert combined([b"", made[0]]) is None


def grouped(writer, groups, threshold):
    document = writer.document({"a": "geheim"}, [], key_groups=groups, shamir_threshold=threshold)
    del document[METADATA]["pgp"]
    return document


def test_key_groups(ask, identity, file, node):
    writer = SopsWriter()
    one, two, three = shares(writer.key, 3, 2)
    pgp = {"pgp": [{"enc": node.encrypt(two, "curve", more=["--armor"]).decode(), "fp": "X"}]}
    other = pyrage.x25519.Identity.generate()
    groups = [{"age": [age_entry(one, identity)]}, {"age": [age_entry(three, other)]}, pgp]
    age, gpg = AgeDecryptor(str(file)), GpgDecryptor(node.path)
    assert ask(grouped(writer, groups, 2), age, gpg) == "geheim"
    few = refusal(lambda: ask(grouped(writer, groups, 2), age))
    assert (few.code, few.location.line) == ("sealed-secret", 1)
    assert "2 of its 3 key groups are needed, 1 can be opened" in few.message
    same = [{"age": [age_entry(one, identity)]}, {"age": [age_entry(one, identity)]}]
    assert refusal(lambda: ask(grouped(writer, same, 2), age)).code == "damaged-secret"
    for wrong in (4, "x", -1):
        assert refusal(lambda wrong=wrong: ask(grouped(writer, groups, wrong), age)).code == "sops-format"


def test_what_the_metadata_tells():
    place = Location("s.yaml")
    keys = keys_of({"age": [{"recipient": "age1x", "enc": "x"}, "odd"], "pgp": [{"enc": 5}], "hc_vault": [{}]}, place)
    assert [one.scheme for one in keys.messages] == [AGE]
    assert (keys.recipients, keys.others, keys.threshold) == (("age1x",), ("hc_vault",), 1)
    for wrong in ({"key_groups": [1]}, {"key_groups": {"a": 1}}, {"pgp": {"a": 1}}):
        assert refusal(lambda wrong=wrong: keys_of(wrong, place)).code == "sops-format"
    assert Vault({GPG: None}).open(keys.messages) == [Refusal("no-scheme")]
