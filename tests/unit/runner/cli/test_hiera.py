"""The commands hiera and lookup on a small control repository with two environments and three nodes."""

import json

import pytest
import yaml

from runner.cli.main import main

FILES = {
    "environments/prod/hiera.yaml": "version: 5\nhierarchy:\n  - {name: n, path: 'nodes/%{trusted.certname}.yaml'}\n  - {name: o, path: 'os/%{facts.os.family}.yaml'}\n  - {name: c, path: c.yaml}\n",
    "environments/prod/data/nodes/a.yaml": "web::port: 81\nhidden: 1\n",
    "environments/prod/data/nodes/b.yaml": "web::port: '82'\nhidden: 2\n",
    "environments/prod/data/c.yaml": "lookup_options: {l: {merge: unique}, deep: {merge: deep}}\nweb::port: 80\nweb::prot: 1\nhidden: 3\nlost: 1\nl: [x]\nused: \"%{lookup('inner')}\"\ninner: 5\nnobody::is: here\n"
    "pp::known: 1\npp::unknown: 2\nclasses: [web]\ndeep: {a: [2], b: [{x: 1}]}\ns: ENC[GPG,aGVsbG8=]\n",
    "environments/prod/data/os/Debian.yaml": "l: [y]\ndeep: {a: [1, --2], b: [{y: 2}]}\n",
    "environments/prod/nodes/a.yaml": "os: {family: Debian}\n",
    "environments/prod/nodes/b.yaml": "os: {family: RedHat}\n",
    "environments/prod/manifests/site.yaml": "resources:\n  - notify: \"{{ lookup('used') }} {{ lookup('l') }} {{ lookup('deep.a') }} {{ lookup('s') }}\"\n",
    "environments/lab/hiera.yaml": "version: 5\nhierarchy: [{name: c, path: c.yaml}]\n",
    "environments/lab/data/c.yaml": "web::port: 8080\n",
    "environments/lab/nodes/z.yaml": "os: {family: Debian}\n",
    "modules/web/manifests/init.yaml": "class: web\nparameters:\n  port: {type: Integer, default: 1}\n",
    "modules/pp/manifests/init.pp": "class pp (\n  Integer $known = 1,\n) {\n}\n",
}


@pytest.fixture
def repo(tmp_path, monkeypatch):
    config = tmp_path / "freehold.yaml"
    config.write_text("")
    monkeypatch.setenv("FREEHOLD_CONFIG", str(config))
    root = tmp_path / "control"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(root)
    return root


def test_lint_tells_what_is_wrong_with_the_data(repo, capsys):
    assert main(["hiera", "lint", "--json", "-e", "prod"]) == 11
    found = {
        (one["code"], one["location"]["file"].rpartition("/")[2], one["location"]["line"])
        for one in json.loads(capsys.readouterr().out)
    }
    assert found == {
        ("type-mismatch", "b.yaml", 1),
        ("shadowed-key", "c.yaml", 2),
        ("shadowed-key", "c.yaml", 4),
        ("unknown-parameter", "c.yaml", 3),
        ("unread-key", "c.yaml", 4),
        ("unread-key", "c.yaml", 5),
        ("unread-key", "c.yaml", 9),
        ("unknown-parameter", "c.yaml", 11),
    }


PUPPET = """
class pp (
  Optional[Integer[1, 5]] $few = lookup('byparam', Integer, 'first', 3),
  Enum['a', "b"]          $word = 'a',
  Strange::Type           $strange = 1,
  $untyped = 1,
) inherits pp::params {
  # lookup('incomment')
  $one = lookup({name => 'byname', 'default_value' => 1})
  $two = 'bymethod'.lookup
  $three = lookup(['list1', 'list2.deep'])
  $four = lookup("dyn::${facts['x']}::end")
  $five = hiera_hash('byhash', {})
  $six = other('notread')
  $seven = lookup($one)
  class inner (Integer $n = 1) { }
}
"""


def test_lint_parses_manifests_of_puppet(repo, capsys):
    (repo / "modules/pp/manifests/init.pp").write_text(PUPPET)
    (repo / "modules/pp/manifests/broken.pp").write_text("class { lookup('inbroken')")
    keys = ("byparam", "byname", "bymethod", "list1", "list2", "dyn::a::end", "byhash", "inbroken")
    wrong = ("incomment", "notread", "dyn::a", "pp::inner::m")
    rows = [f"{key}: 1" for key in (*keys, *wrong)]
    rows += ["pp::few: 6", "pp::word: c", "pp::strange: x", "pp::untyped: x", "pp::inner::n: x", "pp::params::x: 1"]
    (repo / "environments/lab/data/c.yaml").write_text("\n".join(rows) + "\n")
    assert main(["hiera", "lint", "--json", "-e", "lab"]) == 11
    found = [(one["code"], rows[one["location"]["line"] - 1]) for one in json.loads(capsys.readouterr().out)]
    assert sorted(found) == [
        ("type-mismatch", "pp::few: 6"),
        ("type-mismatch", "pp::inner::n: x"),
        ("type-mismatch", "pp::word: c"),
        ("unknown-parameter", "pp::inner::m: 1"),
        ("unread-key", "dyn::a: 1"),
        ("unread-key", "incomment: 1"),
        ("unread-key", "notread: 1"),
        ("unread-key", "pp::params::x: 1"),
    ]


def test_lint_of_sound_data_is_quiet(repo, capsys):
    assert main(["hiera", "lint", "-e", "lab"]) == 0
    assert capsys.readouterr().out == "1 node(s): 0 errors, 0 warnings\n"


def test_trace_shows_every_node_of_every_environment(repo, capsys):
    assert main(["hiera", "trace", "web::port"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "lab   z  8080  (environments/lab/data/c.yaml:1:1)",
        "prod  a  81  (environments/prod/data/nodes/a.yaml:1:1)",
        "prod  b  82  (environments/prod/data/nodes/b.yaml:1:1)",
    ]
    assert main(["hiera", "trace", "s", "--json"]) == 0
    values = [(row["node"], row["outcome"], row["value"]) for row in json.loads(capsys.readouterr().out)]
    assert values == [("z", "not-found", None), ("a", "found", "[redacted]"), ("b", "found", "[redacted]")]
    assert main(["hiera", "trace", "l", "--merge", "hash"]) == 11
    assert "error: " in capsys.readouterr().out


def test_convert(repo, capsys):
    (repo / "hiera.yaml").write_text(":backends: [yaml, redis]\n:hierarchy: [common]\n")
    assert main(["hiera", "convert"]) == 0
    shown = capsys.readouterr()
    level = {"name": "common (yaml)", "data_hash": "yaml_data", "path": "common.yaml", "datadir": "hieradata"}
    assert yaml.safe_load(shown.out) == {"version": 5, "hierarchy": [level]}
    assert "redis" in shown.err
    assert main(["hiera", "convert", "--write"]) == 0
    assert (repo / "hiera.yaml").read_text() == shown.out
    assert (repo / "hiera.yaml.v3").read_text().startswith(":backends")
    assert main(["hiera", "convert"]) == 10
    assert main(["hiera", "convert", "nothing.yaml"]) == 10


def lookup(*words):
    return main(["lookup", "--tree", ".", "-e", "prod", "-n", "a", "--facts", "environments/prod/nodes/a.yaml", *words])


def test_lookup_with_the_options_of_a_deep_merge(repo, capsys):
    assert lookup("deep", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"a": [2, 1, "--2"], "b": [{"x": 1}, {"y": 2}]}
    words = ("--merge", "deep", "--knock-out-prefix=--", "--sort-merged-arrays", "--merge-hash-arrays", "--json")
    assert lookup("deep.b", *words[:2], words[4], words[5]) == 0
    assert json.loads(capsys.readouterr().out) == [{"x": 1, "y": 2}]
    assert lookup("deep", "--sort-merged-arrays") == 10
    assert lookup("deep", "--knock-out-prefix=--", "--merge", "hash") == 10


def test_lookup_of_a_type(repo, capsys):
    assert lookup("web::port", "--type", "Integer[1, 100]") == 0
    assert lookup("web::port", "--type", "String") == 11
    assert "type-mismatch" in capsys.readouterr().err
    assert lookup("web::port", "--type", "Integr[") == 10


def test_lookup_explains_its_options(repo, capsys):
    assert lookup("l", "--explain-options") == 0
    text = capsys.readouterr().out
    assert text.startswith('Searching for "lookup_options"')
    assert 'Path "environments/prod/data/c.yaml"' in text
    assert '"merge" => "unique"' in text
