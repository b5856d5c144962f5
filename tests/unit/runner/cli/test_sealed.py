"""compile --sealed: a full catalog without any key, its secrets placeholders of their types."""

import json
import os

import pytest

from hiera.secrets.placeholders import could_be, is_placeholder, placeholder
from hiera.types import parse
from runner.cli.main import main

BLOCK = "ENC[GPG,aGVsbG8=]"
FILES = {
    "hiera.yaml": "version: 5\nhierarchy:\n  - {name: w, path: w.yaml.gpg}\n  - {name: s, path: s.yaml}\n  - {name: c, path: c.yaml}\n",
    "data/c.yaml": f"lookup_options:\n  app::port: {{convert_to: 'Integer[1024]'}}\napp::password: 'x{BLOCK}'\napp::port: {BLOCK}\n"
    f"app::level: {BLOCK}\napp::list: [a, '{BLOCK}']\napp::other: ENC[PKCS7,aGVsbG8=]\n",
    "data/s.yaml": "app::count: ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:int]\nsops: {lastmodified: x, mac: x}\n",
    "modules/app/manifests/init.yaml": """class: app
parameters:
  password: {type: "String[40]"}
  port: {type: "Integer[1024]"}
  level: {type: "Enum[low, high]"}
  list: {type: "Array[String]"}
  other: {type: "Pattern[/^[a-z]+$/]"}
  count: {type: Integer}
resources:
  file[/etc/app]:
    content: "{{ password }} {{ port + 1 }} {{ level | upper }} {{ list | join(',') }} {{ other }} {{ count * 2 }}"
""",
    "manifests/site.yaml": "include: [app]\n",
}


@pytest.fixture
def repo(tmp_path, monkeypatch):
    (tmp_path / "freehold.yaml").write_text("")
    monkeypatch.setenv("FREEHOLD_CONFIG", str(tmp_path / "freehold.yaml"))
    root = tmp_path / "control"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "data/w.yaml.gpg").write_bytes(b"nobody opens this")
    monkeypatch.chdir(root)
    return root


def test_the_catalog_is_whole_without_a_key(repo, capsys):
    assert main(["compile", "--tree", ".", "--sealed", "--json"]) == 0
    shown = capsys.readouterr()
    (declared,) = [one for one in json.loads(shown.out)["declarations"] if one["ref"]["kind"] == "file"]
    assert declared["attributes"]["content"] == "[redacted]"
    assert "warning[sealed-file]" in shown.err
    assert main(["validate", "--sealed"]) == 0
    (repo / "data/w.yaml.gpg").unlink()
    assert main(["compile", "--tree", "."]) == 11
    assert "[sealed-secret]" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may reveal")
def test_placeholders_have_the_types_of_what_they_stand_for(repo, capsys):
    assert main(["compile", "--tree", ".", "--sealed", "--json", "--reveal"]) == 0
    (declared,) = [one for one in json.loads(capsys.readouterr().out)["declarations"] if one["ref"]["kind"] == "file"]
    mark = placeholder(b"hello")
    assert declared["attributes"]["content"] == f"x{mark} 1025 {mark.upper()} a,{mark} {mark} 0"


WHOLE = {
    "site.yaml": """resources:
  file[/etc/app]: {content: "{{ lookup('app::motto') }} {{ hiera('app::old') }}"}
include: [app]
""",
    "site.pp": """class app(
  String[80] $password, Integer[1] $port, Sensitive[String] $key, Array[String] $list,
  Optional[Sensitive[Pattern[/^x/]]] $more, Boolean $on = true,
) {
  file { '/etc/app':
    content => Sensitive("${password} ${$port + 1} ${key.unwrap} ${list} ${lookup('n', Integer)} ${more.unwrap}"),
  }
  if $on { notify { 'on': } }
}
include app
""",
}


@pytest.mark.parametrize("site", WHOLE)
def test_keys_of_a_file_that_is_sealed_as_a_whole(repo, capsys, site):
    """What is found nowhere is taken to stand there, typed and with a warning; a default still counts."""
    (repo / "data/c.yaml").write_text("{}\n")
    (repo / "manifests/site.yaml").unlink()
    (repo / "manifests" / site).write_text(WHOLE[site])
    init = repo / "modules/app/manifests/init.yaml"
    init.write_text("class: app\nparameters:\n  port: {type: Integer}\n" if site.endswith("yaml") else "")
    if site.endswith("pp"):
        init.unlink()
    (repo / "data/s.yaml").unlink()

    assert main(["compile", "--tree", ".", "--sealed", "--json"]) == 0
    shown = capsys.readouterr()
    assert "warning[sealed-key]" in shown.err
    assert "'app::port' is found nowhere" in shown.err
    assert "'app::on'" not in shown.err
    (repo / "data/w.yaml.gpg").unlink()
    assert main(["compile", "--tree", ".", "--sealed"]) == 11  # nothing is sealed, so a missing key is one


def test_a_text_where_none_can_be_is_an_error_still(repo, capsys):
    path = repo / "data/c.yaml"
    path.write_text(path.read_text().replace("app::port: {convert_to", "app::x: {convert_to"))
    assert main(["compile", "--tree", ".", "--sealed"]) == 11
    assert "the secret is no Integer[1024]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "could"),
    [
        ("String[99]", True),
        ("Optional[Enum[a]]", True),
        ("Variant[Integer, Pattern[/x/]]", True),
        ("Integer", False),
        ("Any", True),
        ("Array", False),
    ],
)
def test_what_a_placeholder_may_stand_for(kind, could):
    assert could_be(parse(kind)) is could


@pytest.mark.parametrize("text", ["", "[sealed:]", "[sealed:xyz]", 5, None])
def test_what_is_no_placeholder(text):
    assert not is_placeholder(text)
