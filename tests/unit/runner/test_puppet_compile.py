"""`freehold compile` for the Puppet language: one catalog, and a list of cases."""

import json
import os
import stat

import pytest

from runner.cli.main import main


@pytest.fixture
def freehold(tmp_path, capsys, monkeypatch):
    """Return what runs a command line in ``tmp_path``: ``freehold(words...) -> (code, out, err)``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INVOCATION_ID", raising=False)
    (tmp_path / "facts.json").write_text(json.dumps({"os": {"family": "Debian"}, "clientcert": "web.example.com"}))

    def run(*words):
        code = main(["compile", "--facts", "facts.json", *words])
        done = capsys.readouterr()
        return code, done.out, done.err

    return run


def titles(out):
    return [f"{item['type']}[{item['title']}]" for item in json.loads(out)["resources"]][3:]


def test_code_is_compiled_without_any_file(freehold):
    code, out, _ = freehold("-e", "notify { $facts['os']['family']: }", "--json")
    assert (code, titles(out)) == (0, ["Notify[Debian]"])
    assert json.loads(out)["name"] == "web.example.com"


def test_places_are_absolute_in_the_document(freehold, tmp_path):
    (tmp_path / "site.pp").write_text("notify { 'n': }\n")
    item = json.loads(freehold("site.pp", "--json")[1])["resources"][3]
    assert (item["file"], item["line"]) == (str(tmp_path / "site.pp"), 1)


def test_modules_may_be_links_and_the_environment_has_data(freehold, tmp_path):
    (tmp_path / "far/manifests").mkdir(parents=True)
    (tmp_path / "far/manifests/init.pp").write_text("class near($x) { notify { $x: } }")
    (tmp_path / "mods").mkdir()
    (tmp_path / "mods/near").symlink_to(tmp_path / "far")
    (tmp_path / "env/data").mkdir(parents=True)
    (tmp_path / "env/hiera.yaml").write_text("version: 5\nhierarchy: [{name: c, path: common.yaml}]\n")
    (tmp_path / "env/data/common.yaml").write_text("near::x: from data\n")
    (tmp_path / "site.pp").write_text("include near")
    code, out, _ = freehold("site.pp", "--modulepath", "mods", "--env-dir", "env", "--json")
    assert (code, titles(out)) == (0, ["Class[Near]", "Notify[from data]"])
    (tmp_path / "global.yaml").write_text(
        "version: 5\nhierarchy: [{name: g, path: g.yaml}]\ndefaults: {datadir: ., data_hash: yaml_data}\n"
    )
    (tmp_path / "g.yaml").write_text("near::x: from above\n")
    words = ("site.pp", "--modulepath", "mods", "--env-dir", "env", "--hiera-config", "global.yaml", "--json")
    assert titles(freehold(*words)[1]) == ["Class[Near]", "Notify[from above]"]


def test_sensitive_values_are_hidden_unless_revealed(freehold):
    words = ("-e", "notify { 'n': message => Sensitive('hush') }", "--json")
    assert "hush" not in freehold(*words)[1]
    if os.geteuid() == 0:
        assert "hush" in freehold(*words, "--reveal")[1]


def test_a_problem_is_shown_where_it_stands(freehold, tmp_path):
    (tmp_path / "site.pp").write_text("file { '/a': modus => 1 }\n")
    code, out, err = freehold("site.pp")
    assert (code, out) == (11, "")
    assert "error[unknown-attribute]" in err
    assert "modus => 1" in err
    assert "--> site.pp:1:14" in err


def test_the_version_decides_how_strict_it_is(freehold):
    assert freehold("-e", 'notify { "x${nosuch}": }')[0] == 11
    code, _, err = freehold("-e", 'notify { "x${nosuch}": }', "--puppet-version", "7")
    assert code == 0
    assert "warning[unknown-variable]" in err


def test_a_list_of_cases_is_answered_line_by_line(freehold, tmp_path):
    cases = [
        {"code": "notify { $environment: message => Sensitive('hush') }", "environment": "test"},
        {"code": "fail('no')"},
        {"manifest": "none.pp"},
        {"code": "notify { \"${x}${facts['os']['family']}\": }", "extra_facts": {"x": "y"}, "facts": "facts.json"},
        {"code": 'notify { "a${nosuch}": }', "settings": {"strict": "warning", "strict_variables": False}},
    ]
    (tmp_path / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    code, _, _ = freehold("--batch", "cases.jsonl", "--out", "out", "--jobs", "2")
    found = [json.loads((tmp_path / f"out/{n}.json").read_text()) for n in range(5)]
    assert code == 0
    assert [item["ok"] for item in found] == [True, False, False, True, True]
    first = found[0]["resources"][3]
    assert (first["title"], first["parameters"], first["sensitive_parameters"]) == (
        "test", {"message": "hush"}, ["message"],
    )  # fmt: skip
    assert "no" in found[1]["error"]
    assert found[3]["resources"][3]["title"] == "yDebian"
    assert stat.S_IMODE((tmp_path / "out/0.json").stat().st_mode) == 0o600


def test_a_list_is_not_compiled_by_a_service(freehold, tmp_path, monkeypatch):
    (tmp_path / "cases.jsonl").write_text('{"code": ""}\n')
    monkeypatch.setenv("INVOCATION_ID", "x")
    code, _, err = freehold("--batch", "cases.jsonl", "--out", "out")
    assert code == 10
    assert "batch-service" in err


@pytest.mark.parametrize("words", [("none.pp",), ("--batch", "none.jsonl", "--out", "o"), ("--batch", "facts.json")])
def test_what_is_not_there_is_told(freehold, words):
    assert freehold(*words)[0] == 10


def test_code_of_the_command_line_is_applied(tmp_path, capsys):
    code = f"file {{ '{tmp_path}/made': content => \"x\\n\" }}"
    words = ["apply", "--state-dir", str(tmp_path / "state"), "-e", code]
    assert main(words) == 0
    assert (tmp_path / "made").read_text() == "x\n"
    assert "code.pp:1" in capsys.readouterr().out
    assert main(["apply"]) == 10
