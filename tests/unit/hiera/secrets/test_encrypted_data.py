"""Encrypted values in data, from ``hiera.yaml`` to the plaintext, over real gpg."""

import textwrap

import pytest

from hiera.errors import DataError
from hiera.lookup import Hiera
from hiera.secrets.gpg import GpgDecryptor
from hiera.tree import DirectoryTree
from hiera.values import Secret, redacted

CONFIG = """
version: 5
hierarchy:
  - {name: node, path: n.yaml}
  - {name: sealed, path: s.yaml.gpg}
  - {name: eyaml, path: e.eyaml, lookup_key: eyaml_lookup_key}
  - {name: json, path: j.json, data_hash: json_data}
"""


class Counting:
    """A decryptor that counts what it is asked."""

    def __init__(self, inner):
        self.inner, self.calls = inner, []

    def decrypt(self, ciphertexts):
        self.calls.append(len(ciphertexts))
        return self.inner.decrypt(ciphertexts)


@pytest.fixture
def build(tmp_path, node):
    def make(files, decryptor=None, **more):
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "hiera.yaml").write_text(CONFIG)
        for name, content in files.items():
            path = tmp_path / "data" / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        decryptor = decryptor or GpgDecryptor(node.path)
        return Hiera.build(DirectoryTree(tmp_path), "production", "", {}, decryptor, **more)

    return make


def problem_of(call):
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.problems[0]


def test_blocks_inline_folded_several_and_with_text_around(build, node):
    one, two = node.block(node.encrypt("one", "curve")), node.block(node.encrypt("zwö", "rsa"))
    folded = "\n    ".join(textwrap.wrap(one, 60))
    text = f"a: {one}\nb: >\n    {folded}\nc: 'user:{one}@{two}/db'\nd: {{l: [x, \"{two}\"]}}\nplain: no\n"
    for name in ("n.yaml", "e.eyaml"):
        hiera = build({"n.yaml": "", "e.eyaml": "", name: text})
        assert hiera.lookup("a", {}).reveal() == "one"
        assert hiera.lookup("b", {}).reveal() == "one"
        assert hiera.lookup("c", {}).reveal() == "user:one@zwö/db"
        assert hiera.lookup("d.l.1", {}).reveal() == "zwö"
        assert hiera.lookup("d.l.0", {}) == "x"
        assert hiera.lookup("plain", {}) is False


def test_json_is_decrypted_too(build, node):
    hiera = build({"j.json": '{"x": 1,\n "a": {"b": ["' + node.block(node.encrypt("one", "curve")) + '"]}}'})
    secret = hiera.lookup("a.b.0", {})
    assert secret.reveal() == "one"
    assert secret.location.line == 2


def test_nothing_is_decrypted_before_it_is_revealed_and_then_once(build, node):
    counting = Counting(GpgDecryptor(node.path))
    one, two = node.block(node.encrypt("one", "curve")), node.block(node.encrypt("two", "curve"))
    hiera = build({"n.yaml": f'a: {one}\nb: {one}\nc: {two}\nt: \'%{{lookup("a")}}-%{{lookup("c")}}\'\n'}, counting)
    values = [hiera.lookup(key, {}) for key in "abct"]
    hiera.explain("a", {})
    assert counting.calls == []
    assert values[0].reveal() == values[1].reveal() == "one"
    assert counting.calls == [1]
    assert values[3].reveal() == "one-two"
    assert counting.calls == [1, 1]


def test_prefetch_asks_once_for_all(build, node):
    counting = Counting(GpgDecryptor(node.path))
    blocks = [node.block(node.encrypt(f"v{number}", "curve")) for number in range(3)]
    hiera = build(
        {"n.yaml": f"a: {blocks[0]}\nb: {{c: '{blocks[1]}'}}\nt: 'x%{{lookup(\"d\")}}'\nd: {blocks[2]}\n"}, counting
    )
    values = [hiera.lookup(key, {}) for key in "abt"]
    hiera.prefetch(values)
    assert counting.calls == [3]
    assert values[2].reveal() == "xv2"
    assert values[1]["c"].reveal() == "v1"
    assert counting.calls == [3]


def test_expressions_in_the_plaintext_are_replaced_as_puppet_does(build, node):
    hiera = build({"n.yaml": f"a: {node.block(node.encrypt('on %{facts.os}', 'curve'))}\n"})
    assert hiera.lookup("a", {"facts": {"os": "Debian"}}).reveal() == "on Debian"


def test_merges_keep_secrets_where_they_are(build, node):
    one = node.block(node.encrypt("one", "curve"))
    files = {"n.yaml": f"h: {{a: '{one}', l: ['{one}']}}\n", "e.eyaml": "h: {b: 2, l: [x]}\n"}
    merged = build(files).lookup("h", {}, "deep")
    assert redacted(merged) == {"b": 2, "l": ["x", "[redacted]"], "a": "[redacted]"}
    assert redacted(build(files).lookup("h", {}, "hash")) == {"b": 2, "l": ["[redacted]"], "a": "[redacted]"}


def test_what_only_looks_like_a_block_is_text(build):
    hiera = build({"n.yaml": "a: 'see ENC[...] blocks'\nb: 'ENC['\n"})
    assert hiera.lookup("a", {}) == "see ENC[...] blocks"
    assert hiera.lookup("b", {}) == "ENC["


def test_sealed_is_harmless_until_it_is_revealed(build, node):
    hiera = build({"n.yaml": f"x: 1\nh:\n  ok: 1\n  bad: {node.block(node.encrypt('one', 'other'))}\n"})
    value = hiera.lookup("h", {})
    assert value["ok"] == 1
    problem = problem_of(value["bad"].reveal)
    assert (problem.code, problem.location.file, problem.location.line) == ("sealed-secret", "data/n.yaml", 4)
    assert "'h' in data/n.yaml" in problem.message
    held = GpgDecryptor(node.path).held()
    assert "encrypted for " in problem.hint
    assert all(key in problem.hint for key in held)


@pytest.mark.parametrize(
    "text",
    [
        "ENC[GPG,!!!!]",
        "ENC[GPG,aGVsbG8=]",
        "ENC[GPG,aGVsbG8",
        "ENC[GPG,]",
        "ENC[GPG,abc]",
        "ENC[PKCS7,",
    ],
)
def test_damaged_blocks_never_become_a_value(build, text):
    secret = build({"n.yaml": f"a: '{text}'\n"}).lookup("a", {})
    assert isinstance(secret, Secret)
    assert problem_of(secret.reveal).code == "damaged-secret"


def test_other_schemes_are_named(build):
    secret = build({"n.yaml": "a: ENC[KMS,aGVsbG8=]\n"}).lookup("a", {})
    problem = problem_of(secret.reveal)
    assert (problem.code, problem.location.line) == ("sealed-secret", 1)
    assert "ENC[KMS]" in problem.message
    assert "no decryptor" in problem.message


def test_plaintext_that_is_no_text(build, node):
    secret = build({"n.yaml": f"a: {node.block(node.encrypt(bytes([255, 254]), 'curve'))}\n"}).lookup("a", {})
    assert problem_of(secret.reveal).code == "damaged-secret"


def test_without_a_keyring(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "hiera.yaml").write_text("version: 5\n")
    (tmp_path / "data/common.yaml").write_text("a: ENC[GPG,aGVsbG8=]\nb: 1\n")
    hiera = Hiera.build(DirectoryTree(tmp_path), "production", "", {})
    assert hiera.lookup("b", {}) == 1
    problem = problem_of(hiera.lookup("a", {}).reveal)
    assert "gnupghome" in problem.hint


def test_a_secret_cannot_name_a_file(build, node, tmp_path):
    hiera = build({"n.yaml": "a: 1\n"})
    (tmp_path / "hiera.yaml").write_text("version: 5\nhierarchy:\n  - {name: x, path: '%{secret}.yaml'}\n")
    hiera = Hiera.build(DirectoryTree(tmp_path), "production", "", {})
    assert problem_of(lambda: hiera.lookup("a", {"secret": Secret("x")})).code == "secret-in-path"


WHOLE = "lookup_options: {h: {merge: hash}}\nw: geheim\nn: 5\nt: true\nz: ~\nh: {a: {b: geheim}, l: [1]}\n"


def test_a_whole_file_is_decrypted_when_a_lookup_reaches_it(build, node):
    counting = Counting(GpgDecryptor(node.path))
    files = {"n.yaml": "top: 1\nh: {x: 1}\n", "s.yaml.gpg": node.encrypt(WHOLE, "curve")}
    hiera = build(files, counting)
    assert hiera.lookup("top", {}) == 1
    assert counting.calls == []
    assert hiera.lookup("w", {}).reveal() == "geheim"
    assert hiera.lookup("n", {}).reveal() == 5
    assert hiera.lookup("t", {}).reveal() is True
    assert hiera.lookup("z", {}) is None
    assert hiera.lookup("w", {}).location.line == 2
    assert hiera.lookup("h", {}) == {"x": 1}
    merged = hiera.lookup("h", {}, "hash")
    assert redacted(merged) == {"a": {"b": "[redacted]"}, "l": ["[redacted]"], "x": 1}
    assert counting.calls == [1]


def test_a_sealed_file_is_harmless_until_a_lookup_reaches_it(build, node):
    hiera = build({"n.yaml": "top: 1\n", "s.yaml.gpg": node.encrypt(WHOLE, "other"), "e.eyaml": "low: 1\n"})
    assert hiera.lookup("top", {}) == 1
    for key, merge in (("low", None), ("nope", None), ("top", "unique")):
        problem = problem_of(lambda key=key, merge=merge: hiera.lookup(key, {}, merge))
        assert (problem.code, problem.location.file) == ("sealed-secret", "data/s.yaml.gpg")
        assert "encrypted for" in problem.hint


@pytest.mark.parametrize(
    "text", ["geheim: [geheim\n", "a: 2001-01-01 # geheim\n", "geheim: 1\ngeheim: 2\na: :geheim\n", "a: *geheim\n"]
)
def test_errors_in_an_encrypted_file_quote_nothing(build, node, text):
    warnings = []
    hiera = build({"s.yaml.gpg": node.encrypt(text, "curve")}, warn=warnings.append)
    problem = problem_of(lambda: hiera.lookup("a", {}))
    assert problem.location.file == "data/s.yaml.gpg"
    assert "geheim" not in problem.render() + "".join(warning.render() for warning in warnings)
    assert "2001" not in problem.render()


def test_damage_to_a_whole_file(build, node):
    hiera = build({"s.yaml.gpg": node.encrypt(WHOLE, "curve")[:-9]})
    assert problem_of(lambda: hiera.lookup("w", {})).code == "damaged-secret"
