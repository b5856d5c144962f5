"""sops files, written here by the format's description and sealed with real gpg; each change to one is noticed."""

import json

import pytest
from support.sops import SopsWriter, as_yaml

from hiera.errors import DataError
from hiera.lookup import Hiera
from hiera.secrets.gpg import GpgDecryptor
from hiera.tree import DirectoryTree
from hiera.values import Secret, redacted

CONFIG = "version: 5\nhierarchy:\n  - {name: y, path: s.yaml}\n  - {name: j, path: s.json, data_hash: json_data}\n"
PLAIN = {
    "a": "geheim",
    "n": 42,
    "f": 1.5,
    "t": True,
    "empty": "",
    "nothing": None,
    "h": {"deep": {"l": ["one", 2]}, "x_unencrypted": "open", "port_unencrypted": 8080},
}


@pytest.fixture
def document(node):
    def make(*recipients, plain=None, wanted=None, only=False, **more):
        writer = SopsWriter(only=only, **({"wanted": wanted} if wanted else {}))
        if only:
            more["mac_only_encrypted"] = True
        messages = [node.encrypt(writer.key, name, more=["--armor"]).decode() for name in recipients or ("curve",)]
        return writer.document(plain or PLAIN, messages, **more)

    return make


@pytest.fixture
def build(tmp_path, node):
    def make(name, text, decryptor=None):
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "hiera.yaml").write_text(CONFIG)
        (tmp_path / "data" / name).write_text(text)
        return Hiera.build(DirectoryTree(tmp_path), "p", "", {}, decryptor or GpgDecryptor(node.path))

    return make


def as_json(value):
    return json.dumps(value, indent="\t")


def problem_of(call):
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.problems[0]


@pytest.mark.parametrize(("name", "write"), [("s.yaml", as_yaml), ("s.json", as_json)])
def test_values_of_every_type(build, document, name, write):
    hiera = build(name, write(document()))
    revealed = {key: hiera.lookup(key, {}).reveal() for key in ("a", "n", "f", "t")}
    assert revealed == {"a": "geheim", "n": 42, "f": 1.5, "t": True}
    assert [type(value) for value in revealed.values()] == [str, int, float, bool]
    assert (hiera.lookup("empty", {}), hiera.lookup("nothing", {})) == ("", None)
    assert redacted(hiera.lookup("h", {})) == {
        "deep": {"l": ["[redacted]", "[redacted]"]},
        "x_unencrypted": "open",
        "port_unencrypted": 8080,
    }
    assert hiera.lookup("h.deep.l.1", {}).reveal() == 2
    assert not hiera.lookup("sops", {})


def test_nothing_is_opened_before_it_is_needed_and_a_foreign_key_is_passed_over(build, document, node):
    class Counting(GpgDecryptor):
        calls = 0

        def decrypt(self, ciphertexts):
            self.calls += 1
            return super().decrypt(ciphertexts)

    decryptor = Counting(node.path)
    hiera = build("s.yaml", as_yaml(document("other", "curve")), decryptor)
    values = [hiera.lookup(key, {}) for key in ("a", "n", "h.x_unencrypted")]
    assert (values[2], decryptor.calls) == ("open", 0)
    assert (values[0].reveal(), values[1].reveal(), decryptor.calls) == ("geheim", 42, 2)


def test_a_file_for_others_is_sealed_and_its_open_values_are_not(build, document):
    hiera = build("s.yaml", as_yaml(document("other")))
    assert hiera.lookup("h.x_unencrypted", {}) == "open"
    problem = problem_of(hiera.lookup("a", {}).reveal)
    assert (problem.code, problem.location.file, problem.location.line) == ("sealed-secret", "data/s.yaml", 1)
    assert "encrypted for" in problem.hint


def test_a_file_for_no_key_that_is_read_is_sealed(build, document):
    value = document()
    value["sops"] |= {"pgp": None, "kms": [{"arn": "x", "enc": "x"}]}
    problem = problem_of(build("s.yaml", as_yaml(value)).lookup("a", {}).reveal)
    assert problem.code == "sealed-secret"
    assert "no PGP and no age key but for kms" in problem.message


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value["h"].update(x_unencrypted="changed"),
        lambda value: value["h"].update(more_unencrypted="added"),
        lambda value: value["h"].pop("port_unencrypted"),
        lambda value: value.update(a=value["a"].replace("data:", "data:AA==")),
        lambda value: value.update(a=value["h"]["deep"]["l"][0]),
        lambda value: value.update(n="not encrypted"),
        lambda value: value["sops"].update(lastmodified="2027-01-02T03:04:05Z"),
        lambda value: value["sops"].pop("mac"),
        lambda value: value["h"]["deep"]["l"].reverse(),
    ],
)
@pytest.mark.parametrize(("name", "write"), [("s.yaml", as_yaml), ("s.json", as_json)])
def test_every_change_is_noticed(build, document, change, name, write):
    value = document()
    change(value)
    assert problem_of(build(name, write(value)).lookup("t", {}).reveal).code == "damaged-secret"


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"encrypted_regex": "^a$"}, lambda path: "a" in path),
        ({"unencrypted_regex": "^(h|n)$"}, lambda path: path[0] not in ("h", "n")),
        ({"encrypted_suffix": "a"}, lambda path: path[-1].endswith("a")),
        ({"unencrypted_suffix": "_unencrypted"}, None),
    ],
)
@pytest.mark.parametrize("only", [False, True])
def test_rules_of_what_is_encrypted(build, document, more, wanted, only):
    hiera = build("s.yaml", as_yaml(document(wanted=wanted, only=only, **more)))
    assert hiera.lookup("a", {}).reveal() == "geheim"
    assert isinstance(hiera.lookup("h.deep.l.0", {}), Secret) == (wanted is None)


def test_open_values_count_as_go_reads_them(build, document):
    """The MAC is over what sops saw: an octal number, a word that is a boolean to Ruby only, a fraction."""
    plain = {
        "a": "x",
        "h": {"o_unencrypted": 8, "y_unencrypted": "yes", "f_unencrypted": "0.25", "b_unencrypted": True},
    }
    text = as_yaml(document(plain=plain)).replace("'yes'", "yes").replace("'0.25'", "0.250").replace(": 8", ": 010")
    hiera = build("s.yaml", text)
    assert hiera.lookup("a", {}).reveal() == "x"
    assert hiera.lookup("h.y_unencrypted", {}) is True


@pytest.mark.parametrize("more", [{"encrypted_regex": "("}, {"key_groups": "x"}, {"key_groups": [{}, 1]}, {"pgp": "x"}])
def test_metadata_that_cannot_be_read(build, document, more):
    problem = problem_of(lambda: build("s.yaml", as_yaml(document(**more))).lookup("a", {}))
    assert (problem.code, problem.location.file) == ("sops-format", "data/s.yaml")


def test_one_key_group_is_read(build, document):
    value = document()
    value["sops"]["key_groups"] = [{"pgp": value["sops"].pop("pgp")}]
    assert build("s.yaml", as_yaml(value)).lookup("a", {}).reveal() == "geheim"


def test_a_value_of_a_wrong_type(build, document):
    text = as_yaml(document(plain={"n": "none"})).replace("type:str]\nsops", "type:int]\nsops")
    assert problem_of(build("s.yaml", text).lookup("n", {}).reveal).code == "damaged-secret"


def test_a_key_named_sops_alone_makes_no_such_file(build):
    assert build("s.yaml", "sops: {a: 1}\nb: 2\n").lookup("sops.a", {}) == 1
