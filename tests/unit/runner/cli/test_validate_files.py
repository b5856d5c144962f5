"""`freehold validate FILE.pp`: single files in the Puppet language."""

import json

import pytest

from runner.cli.main import main


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch, tmp_path):
    config = tmp_path / "empty.yaml"
    config.write_text("")
    monkeypatch.setenv("FREEHOLD_CONFIG", str(config))
    monkeypatch.setenv("FREEHOLD_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def test_good_files_are_counted(tmp_path, capsys):
    (tmp_path / "a.pp").write_text("include a\n")
    (tmp_path / "b.epp").write_text("<%- | $x | -%>\n<%= $x %>\n")

    assert main(["validate", "a.pp", "b.epp"]) == 0
    assert capsys.readouterr().out == "2 file(s): 0 errors, 0 warnings\n"


def test_every_problem_of_every_file_is_told(tmp_path, capsys):
    (tmp_path / "a.pp").write_text("$x = ]\n\nclass b($name) { }\n$y = )\n")
    (tmp_path / "b.pp").write_bytes(b"\xff")

    assert main(["validate", "a.pp", "b.pp"]) == 11

    told = capsys.readouterr()
    assert told.err.count("error[") == 3
    assert "  --> a.pp:1:6\n1 | $x = ]\n  |      ^\n" in told.err
    assert "error[not-utf8]" in told.err
    assert told.out == "2 file(s): 3 errors, 0 warnings\n"


def test_trees_are_printed_as_puppet_notation(tmp_path, capsys):
    (tmp_path / "a.pp").write_text("include a\n")

    assert main(["validate", "--ast", "a.pp"]) == 0
    assert capsys.readouterr().out == '(invoke {:functor (qn "include") :args [(qn "a")]})\n'


def test_machines_get_json(tmp_path, capsys):
    (tmp_path / "a.pp").write_text("$x = { a => 1, a => 2 }\n")

    assert main(["validate", "--json", "--ast", "--puppet-version", "7", "a.pp"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["files"][0]["ast"].startswith("(= ")
    assert [item["severity"] for item in shown["problems"]] == ["warning"]

    assert main(["validate", "--json", "a.pp"]) == 11
    shown = json.loads(capsys.readouterr().out)
    assert shown["files"] == [{"file": "a.pp", "ok": False}]
    assert [item["code"] for item in shown["problems"]] == ["duplicate-key"]


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--ast"], "no-files"), (["a.yaml"], "bad-manifest"), (["gone.pp"], "missing-file")],
)
def test_files_that_cannot_be_read_are_the_command_lines_fault(words, code, capsys):
    assert main(["validate", *words]) == 10
    assert f"error[{code}]" in capsys.readouterr().err


def test_a_manifest_of_the_language_is_compiled_and_not_only_read(tmp_path, capsys):
    (tmp_path / "site.pp").write_text("include a\n")

    assert main(["compile", "site.pp"]) == 11
    assert "unknown-class" in capsys.readouterr().err


def test_templates_and_directories_are_checked_too(tmp_path, capsys):
    for place in ("m/manifests", "m/templates", "m/plans", "m/spec"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "bad.pp").write_text("$x = ]\n")
    (tmp_path / "m/templates/a.erb").write_text("<% if @x %>\n")

    assert main(["validate", "m", "m/templates/a.erb"]) == 11

    told = capsys.readouterr()
    assert "--> m/manifests/bad.pp:1:6" in told.err
    assert "--> m/templates/a.erb:2:1" in told.err
    assert "plans" not in told.err
    assert "spec" not in told.err


def test_a_control_repository_is_read_where_no_node_comes_by(tmp_path, capsys):
    for place in ("manifests", "modules/m/manifests", "modules/m/templates"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "manifests/site.pp").write_text("node default { }\n")
    (tmp_path / "modules/m/manifests/unused.pp").write_text("class m::unused { $x = ] }\n")
    (tmp_path / "modules/m/templates/unused.epp").write_text("<% if true { %>\n")
    (tmp_path / "modules/m/templates/beyond.erb").write_text("<%= `id` %>\n")

    assert main(["validate"]) == 11

    told = capsys.readouterr()
    assert "--> modules/m/manifests/unused.pp:1:24" in told.err
    assert "--> modules/m/templates/unused.epp:1:12" in told.err
    assert "warning[erb-unsupported]" in told.err
    assert "2 errors, 1 warnings" in told.out


def test_the_version_of_the_language_is_a_setting(tmp_path, capsys, monkeypatch):
    (tmp_path / "site.pp").write_text("notice($unknown)\n")

    assert main(["compile", "site.pp"]) == 11
    assert main(["compile", "site.pp", "--puppet-version", "7"]) == 0
    monkeypatch.setenv("FREEHOLD_PUPPET_VERSION", "7")
    assert main(["apply", "--noop", "site.pp"]) == 0
    assert "warning[unknown-variable]" in capsys.readouterr().err
