"""Values tied to their place, over real gpg: what was carried elsewhere is refused, under any label."""

import base64
from functools import partial

import pytest

from hiera.errors import DataError
from hiera.lookup import Hiera
from hiera.secrets import BOUND, GPG, Ciphertext
from hiera.secrets.bound import bind
from hiera.secrets.editing import Edit
from hiera.secrets.gpg import GpgDecryptor
from hiera.secrets.keyring import Keyring
from hiera.secrets.policy import read_policy
from hiera.secrets.rewriting import rekeyed
from hiera.secrets.spans import block_of
from hiera.secrets.vault import Vault
from hiera.secrets.writer import Writer
from hiera.tree import DirectoryTree

FILE = "data/common.yaml"


@pytest.fixture(scope="module")
def ring(node):
    with Keyring([node.run("--export")]) as found:
        yield found


@pytest.fixture
def writer(tmp_path, ring):
    fingerprint = next(key.fingerprint for key in ring.known.values() if "curve@" in key.name)
    (tmp_path / "secrets.yaml").write_text(
        f"recipients: {{curve: {fingerprint}}}\nrules: [{{path: 'old/**', pkcs7: c.pem}}, {{path: '**', to: [curve]}}]\n"
    )
    tree = DirectoryTree(tmp_path)
    return Writer(tree, read_policy(tree), ring)


@pytest.fixture
def lookup(tmp_path, node):
    def ask(key, text, file=FILE):
        (tmp_path / "hiera.yaml").write_text("version: 5\nhierarchy: [{name: a, glob: '**/*.yaml'}]\n")
        (tmp_path / file).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / file).write_text(text)
        return Hiera.build(DirectoryTree(tmp_path), "p", "", {}, GpgDecryptor(node.path)).lookup(key, {}).reveal()

    return ask


def refusal(call):
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.problems[0]


def test_it_opens_where_it_was_made_for_and_nowhere_else(writer, lookup):
    block = block_of(writer.encrypt(FILE, b"geheim", BOUND, "db::password"))
    assert block.startswith("ENC[BOUND,")
    assert lookup("db::password", f"db::password: {block}\n") == "geheim"
    assert lookup("db::password", f"db::password: 'u:{block}@h'\n") == "u:geheim@h"
    assert lookup("db::password.a.0", f"db::password: {{a: ['{block}']}}\n") == "geheim"
    moved = refusal(lambda: lookup("motd", f"x: 1\nmotd: {block}\n"))
    assert (moved.code, moved.location.file, moved.location.line) == ("damaged-secret", FILE, 2)
    assert "made for another place" in moved.message
    assert "geheim" not in moved.render()
    elsewhere = refusal(lambda: lookup("db::password", f"db::password: {block}\n", "data/a.yaml"))
    assert elsewhere.location.file == "data/a.yaml"


def test_another_label_does_not_free_it(writer, lookup):
    sealed = writer.encrypt(FILE, b"geheim", BOUND, "a")
    renamed = block_of(Ciphertext(GPG, sealed.data))
    assert "another place" in refusal(lambda: lookup("a", f"a: {renamed}\n")).message
    unbound = block_of(Ciphertext(BOUND, writer.encrypt(FILE, b"geheim").data))
    assert "damaged" in refusal(lambda: lookup("a", f"a: {unbound}\n")).message
    assert refusal(lambda: lookup("a", "a: ENC[BOUND,aa\n")).code == "damaged-secret"


def test_a_message_for_pkcs7_cannot_be_bound(writer):
    assert refusal(lambda: writer.encrypt("old/x.yaml", b"x", BOUND, "a")).code == "secret-scheme"


def test_an_edit_keeps_it_bound(writer, node, lookup):
    opened = Vault({GPG: GpgDecryptor(node.path)}).open
    text = f"a: {block_of(writer.encrypt(FILE, b'one', BOUND, 'a'))}\nb: 2\n"
    edit = Edit(text, FILE, opened)
    assert edit.form() == "a: DEC(1)::BOUND[one]!\nb: 2\n"

    def encrypt(key, plain, scheme):
        return writer.encrypt(FILE, plain, scheme, key)

    assert edit.closed(edit.form(), encrypt) == text
    new = edit.closed("a: DEC(1)::BOUND[x: 1\ny: 2]!\nb: DEC::BOUND[neu]!\n", encrypt)
    assert (lookup("a", new), lookup("b", new)) == ("x: 1\ny: 2", "neu")
    moved = Edit(text.replace("a:", "c:"), FILE, opened)
    assert (moved.sealed, moved.form()) == (1, text.replace("a:", "c:"))


def test_rekeying_keeps_it_bound(writer, node, lookup):
    text = f"a: {block_of(writer.encrypt(FILE, b'one', BOUND, 'a'))}\n"
    opened = Vault({GPG: GpgDecryptor(node.path)}).open
    again = rekeyed(text, lambda _: True, opened, lambda plain, before: writer.encrypt(FILE, plain, before.scheme))
    assert again.text != text
    assert lookup("a", again.text) == "one"


def test_the_place_is_part_of_what_is_encrypted(writer, node):
    sealed = writer.encrypt(FILE, b"one", BOUND, "a")
    (plain,) = GpgDecryptor(node.path).decrypt([sealed.data])
    assert plain == bind(b"one", FILE, "a")
    assert base64.b64encode(plain) != sealed.data
    assert partial(bind, b"")("data/x", "y") != bind(b"", "data/x\ny", "")
