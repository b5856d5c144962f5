"""``secrets.yaml``: what is wrong with one is told all at once, and age keys are recipients that only sops uses."""

import pytest

from hiera.errors import DataError
from hiera.secrets.audit import Audit
from hiera.secrets.keyring import Keyring
from hiera.secrets.policy import read_policy
from hiera.secrets.writer import Writer
from hiera.tree import DirectoryTree

AGE = "age1" + "q" * 58
GOOD = f"recipients: {{a: {'A' * 40}, b: {AGE}}}\n"


@pytest.fixture
def read(tmp_path):
    def policy(text):
        (tmp_path / "secrets.yaml").write_text(text)
        return read_policy(DirectoryTree(tmp_path))

    return policy


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("recipients: [a]\n", [("must be a mapping", 1)]),
        ("recipients: {a: }\nrules: {}\n", [("'a' must be a text", 1), ("rules must be a list", 2)]),
        ("recipients: {a: ABC}\n", [("whole fingerprint", 1)]),
        (f"{GOOD}groups: {{a: [b]}}\n", [("a recipient and a group", 2)]),
        (f"{GOOD}groups: {{g: [c, '']}}\n", [("no recipient 'c'", 2), ("'a name' must be a text", 2)]),
        (
            f"{GOOD}rules: [{{path: x}}, {{to: [a]}}, {{path: y, to: []}}]\n",
            [("a rule needs", 2)] * 2 + [("nobody", 2)],
        ),
        ("rule: 1\n", [("no key 'rule'", 1)]),
        ("rules: [{path: x, pkcs7: ''}]\n", [("'pkcs7' must be a text", 1)]),
    ],
)
def test_what_is_wrong_is_told_at_once(read, text, wrong):
    with pytest.raises(DataError) as caught:
        read(text)
    found = caught.value.problems
    assert [(words in one.message, one.location.line) for one, (words, _) in zip(found, wrong, strict=True)] == [
        (True, line) for _, line in wrong
    ]


def test_there_is_none(tmp_path):
    with pytest.raises(DataError) as caught:
        read_policy(DirectoryTree(tmp_path))
    assert caught.value.problems[0].code == "no-secret-policy"


def test_an_age_key_is_a_recipient_that_only_sops_uses(read, tmp_path):
    policy = read(f"keys: /pub/\n{GOOD}rules: [{{path: '*.yaml', to: [b]}}]\n")
    assert (policy.keys, policy.recipients["b"].age, policy.recipients["a"].age) == ("pub", True, False)
    with Keyring([]) as ring:
        writer = Writer(DirectoryTree(tmp_path), policy, ring)
        with pytest.raises(DataError) as caught:
            writer.encrypt("x.yaml", b"x")
        assert "one of age" in caught.value.problems[0].message
        audit = Audit(writer)
        audit.keys()
        text = f"sops: {{lastmodified: x, age: [{{recipient: {AGE}, enc: x}}]}}\nn: 5\n"
        audit.file("x.yaml", text.encode())
        audit.file("x.yaml", text.encode())
        for _ in range(2):
            audit.file("z.json", b'{"password": "in the clear", "n": 1}')
        audit.file("y.json", b'{"sops": {"lastmodified": "x"}, "password": 5, "l": [{"token": "abcdef"}, null]}')
    assert [one.readers for one in audit.readings] == [("b",), ("b",), ()]
    assert [one.code for one in audit.problems] == ["plaintext-secret", "no-secret-rule"]
