"""Modules, data and environments that the command line names."""

import pytest

from runner.cli.main import main


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Modules that lie elsewhere, an environment and a global layer."""
    files = {
        "mods/x/manifests/init.pp": "class x(String $who = 'nobody') { file { '/x': content => $who } }",
        "mods/x/files/y": "from the module",
        "env/environment.conf": "modulepath = ../mods\n",
        "env/hiera.yaml": "version: 5\n",
        "env/data/common.yaml": "x::who: the environment\n",
        "env/manifests/site.pp": "include x\n",
        "global/own.yaml": "version: 5\nhierarchy: [{name: g, path: g.yaml, datadir: .}]\n",
        "global/g.yaml": "x::who: everywhere\n",
        "site.pp": "include x\nfile { '/y': source => 'puppet:///modules/x/y' }\n",
        "bad.pp": "include x\nfile { '/z': mdoe => 1 }\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def applied(*words):
    return main(["apply", "--root", "root", *words])


def test_modules_from_anywhere(world):
    assert applied("site.pp", "--modulepath", "nowhere:mods") == 0
    assert (world / "root/x").read_text() == "nobody"
    assert (world / "root/y").read_text() == "from the module"


def test_code_with_modules(world):
    assert applied("-e", "include x", "--modulepath", "mods") == 0
    assert (world / "root/x").read_text() == "nobody"


def test_an_environment_has_its_own_manifest_modules_and_data(world):
    assert applied("--environment-dir", "env") == 0
    assert (world / "root/x").read_text() == "the environment"


def test_the_global_layer_comes_first(world):
    assert applied("--environment-dir", "env", "--hiera-config", "global/own.yaml") == 0
    assert (world / "root/x").read_text() == "everywhere"


def test_errors_name_files_as_people_do(world, capsys):
    assert applied("bad.pp", "--modulepath", "mods") == 11
    said = capsys.readouterr().err
    assert "--> bad.pp:2:" in said
    assert "mdoe => 1" in said


@pytest.mark.parametrize("option", ["--environment-dir", "--hiera-config"])
def test_what_is_not_there_is_told(world, capsys, option):
    assert applied("site.pp", option, "nowhere") == 10
    assert "there is no" in capsys.readouterr().err


def test_how_strict_the_language_is_read(world):
    code = "file { '/v': content => \"x${nobody}\" }"
    assert applied("-e", code) == 11
    assert applied("-e", code, "--puppet-version", "7") == 0
    assert (world / "root/v").read_text() == "x"
