"""Whom messages are for, keys that cannot be used, and what the audit says of odd ciphertexts; over real gpg."""

import base64
import json
import time
from functools import partial

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hiera.errors import DataError
from hiera.secrets import Ciphertext, Refusal
from hiera.secrets.audit import SOON, Audit
from hiera.secrets.editing import Edit
from hiera.secrets.keyring import Keyring
from hiera.secrets.openpgp import HIDDEN, recipients_of
from hiera.secrets.policy import read_policy
from hiera.secrets.spans import block_of, key_above, spans_of
from hiera.secrets.writer import Writer
from hiera.tree import DirectoryTree


@pytest.fixture(scope="session")
def ring(node):
    with Keyring([node.run("--export")]) as found:
        yield found


def key_of(ring, name):
    return next(key for key in ring.known.values() if f"{name}@" in key.name)


@pytest.mark.parametrize("armor", [[], ["--armor"]])
def test_the_recipients_stand_in_the_message(node, ring, armor):
    message = node.encrypt("x" * 9000, "curve", "rsa", more=armor)
    found = [ring.by_id(key) for key in recipients_of(message)]
    assert found == [key_of(ring, "curve"), key_of(ring, "rsa")]
    hidden = node.run("--hidden-recipient", "rsa@example.org", *armor, "--encrypt", stdin=b"x")
    assert recipients_of(hidden) == (HIDDEN,)


def test_what_is_no_message_for_keys(node):
    symmetric = node.run("--pinentry-mode", "loopback", "--passphrase", "x", "--symmetric", stdin=b"x")
    assert recipients_of(symmetric) in ((), None)
    whole = node.encrypt("x", "curve")
    for data in (b"", b"hello", whole[:1], b"\x85", node.run("--export", "curve@example.org"), whole[:4]):
        assert not recipients_of(data)
    armored = node.encrypt("x", "curve", more=["--armor"])
    assert recipients_of(armored.replace(b"\n\nh", b"\n\n!")) is None


def test_the_old_and_the_new_form_of_packets():
    body = b"\x03" + bytes(range(8)) + b"\x12" + bytes(300)
    data = b"\xd2\x01"
    name = bytes(range(8)).hex().upper()
    for head in (b"\x85" + len(body).to_bytes(2, "big"), b"\x86" + len(body).to_bytes(4, "big")):
        assert recipients_of(head + body + data) == (name,)
    new = bytes([0xC1, 192 + ((len(body) - 192) >> 8), (len(body) - 192) & 0xFF])
    assert recipients_of(new + body + data) == (name,)
    assert recipients_of(b"\xc1\xff" + len(body).to_bytes(4, "big") + body + b"\xd2\xe1") == (name,)
    assert recipients_of(b"\xc1\x0a" + body[:10] + b"\xa7") == (name,)


def test_nobody_and_unknown_keys_get_nothing(ring):
    for fingerprints in ([], ["0" * 40]):
        with pytest.raises(DataError) as caught:
            ring.encrypt(b"x", fingerprints)
        assert caught.value.problems[0].code == "unusable-key"
    with pytest.raises(DataError) as caught, Keyring([b"x"], program="/nonexistent"):
        pass
    assert caught.value.problems[0].code == "no-gpg"


@pytest.fixture
def writer(tmp_path, ring):
    def make(*names, path="data/**"):
        rows = "".join(f"  {name}: {key_of(ring, name).fingerprint}\n" for name in ("curve", "rsa", "other"))
        rule = f"{{path: '{path}', to: [{', '.join(names)}]}}"
        (tmp_path / "secrets.yaml").write_text(f"recipients:\n{rows}rules: [{rule}]\n")
        tree = DirectoryTree(tmp_path)
        return Writer(tree, read_policy(tree), ring)

    return make


def audited(writer, text, now=None, path="data/x.yaml"):
    audit = Audit(writer, now)
    audit.keys()
    audit.file(path, text if isinstance(text, bytes) else text.encode())
    return audit, [problem.code for problem in audit.problems]


def test_the_audit_of_odd_ciphertexts(writer, node):
    curve = writer("curve")
    hidden = node.run("--hidden-recipient", "curve@example.org", "--encrypt", stdin=b"x")
    audit, codes = audited(curve, f"a: {node.block(hidden)}\n")
    assert (codes, audit.readings[0].readers) == (["reader-hidden", "reader-missing"], ("somebody hidden",))
    assert audited(curve, "a: ENC[GPG,aGVsbG8=]\n")[1] == ["damaged-secret"]
    assert audited(curve, "a: ENC[PKCS7,aGVsbG8=]\n")[1] == ["secret-scheme"]
    assert audited(curve, b"\xff\xfe")[1] == []
    assert audited(curve, "a: [\n")[1] == []
    whole, codes = audited(curve, node.encrypt("x", "curve", "other"), path="data/x.yaml.gpg")
    assert (codes, whole.readings[0].readers) == (["reader-left"], ("curve", "other"))


def test_keys_that_cannot_be_used(writer, ring, monkeypatch):
    curve = writer("curve")
    key = key_of(ring, "curve")
    changes = {"revoked": {"revoked": True}, "expired": {"expires": 5}, "cannot encrypt": {"usable": False}}
    for words, change in changes.items():
        monkeypatch.setitem(ring.known, key.fingerprint, msgspec.structs.replace(key, **change))
        with pytest.raises(DataError) as caught:
            curve.encrypt("data/x.yaml", b"x")
        assert words in caught.value.problems[0].message
        assert audited(curve, "")[1] == ["unusable-key"]
    later = int(time.time()) + SOON - 86400
    monkeypatch.setitem(ring.known, key.fingerprint, msgspec.structs.replace(key, expires=later))
    assert audited(curve, "")[1] == ["key-expires"]
    assert audited(curve, "", now=time.time() - 3 * 86400)[1] == []


def test_a_value_that_cannot_be_shown_in_a_form_stays(node):
    blocks = [node.block(node.encrypt(text, "curve")) for text in ("a]!b", "a\rb", "ok")]
    text = "".join(f"k{number}: {block}\n" for number, block in enumerate(blocks))
    plains = [b"a]!b", b"\xff", b"ok"]
    edit = Edit(text, "x.yaml", lambda _: plains)
    assert edit.sealed == 2
    assert edit.form() == f"k0: {blocks[0]}\nk1: {blocks[1]}\nk2: DEC(3)::GPG[ok]!\n"
    assert edit.closed(edit.form(), lambda *_: Ciphertext("GPG", b"new")) == text


def test_a_block_is_folded_as_the_one_it_replaces():
    made = block_of(Ciphertext("GPG", bytes(120)), "ENC[GPG,abc\n      def]")
    assert "\n      " in made
    (span,) = spans_of(f"key: >\n      {made}\n")
    assert (span.key, span.line, span.ciphertext.data) == ("key", 2, bytes(120))
    assert base64.b64encode(bytes(120)).decode() in block_of(Ciphertext("GPG", bytes(120)))


@pytest.mark.parametrize(
    ("path", "write"), [("data/s.yaml", yaml.safe_dump), ("data/s.json", partial(json.dumps, indent="\t"))]
)
def test_a_sops_file_counts_as_one_value(writer, node, path, write):
    entries = [{"enc": node.encrypt("key", name, more=["--armor"]).decode()} for name in ("curve", "rsa")]
    text = write({"password": "ENC[AES256_GCM,data:x]", "sops": {"lastmodified": "x", "pgp": entries}})
    audit, codes = audited(writer("curve", "rsa"), text, path=path)
    assert ([one.readers for one in audit.readings], codes) == ([("curve", "rsa")], [])
    assert audited(writer("curve", "other"), text, path=path)[1] == ["reader-left", "reader-missing"]
    assert audited(writer("curve", path="elsewhere/**"), text, path=path)[1] == ["no-secret-rule"]
    broken = write({"sops": {"lastmodified": "x", "key_groups": [{}, 1]}})
    assert audited(writer("curve"), broken, path=path)[1] == ["sops-format"]


AROUND = st.text(st.sampled_from("aB1:#-'\"[]{}!,| \n\r\täñ☃") | st.characters(codec="utf-8"), max_size=30).filter(
    lambda text: "DEC" not in text and "ENC[" not in text
)
SCHEMES = st.sampled_from(["GPG", "PKCS7"])


@given(st.lists(st.tuples(AROUND, SCHEMES, st.binary(min_size=1, max_size=90), st.booleans())), AROUND, st.data())
def test_an_edit_without_a_change_keeps_every_byte(pieces, end, data):
    """Whatever the file looks like, and whatever its values are: in the clear, not text, or not to be opened."""
    text, plains = "", []
    for before, scheme, ciphertext, folded in pieces:
        block = block_of(Ciphertext(scheme, ciphertext), "\n   " if folded else "")
        text += before + block
        plains.append(data.draw(st.text().map(str.encode) | st.binary() | st.just(Refusal("no-key"))))
    text += end
    edit = Edit(text, "x.yaml", lambda spans: plains[: len(spans)])

    def never(*_):
        raise AssertionError("something was encrypted again")

    assert edit.closed(edit.form(), never).encode() == text.encode()


def test_a_session_key_of_another_version_names_nobody(node):
    message = node.encrypt("x", "curve")
    assert recipients_of(b"\x84\x03\x06ab" + message) == recipients_of(message)


def test_a_block_that_is_no_base64_has_no_place():
    assert spans_of("a: ENC[GPG,abc]\nb: ENC[GPG,aGVsbG8=]\n") == spans_of("a: ENC[GPG,abc]\nb: ENC[GPG,aGVsbG8=]\n")
    assert [span.key for span in spans_of("a: ENC[GPG,abc]\nb: ENC[GPG,aGVsbG8=]\n")] == ["b"]
    assert key_above("- x\n") == ""
