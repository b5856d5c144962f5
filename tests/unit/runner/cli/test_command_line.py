"""The command line in a process of its own: help, errors, exit codes, lean start-up."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from runner.cli import failures
from runner.cli.given import Given
from runner.cli.main import main
from runner.cli.table import COMMANDS

HEAVY = ("git", "jinja2", "rich", "apscheduler", "yaml", "sqlite3", "gnupg")


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith("FREEHOLD_"):
            monkeypatch.delenv(name)
    config = tmp_path / "empty.yaml"
    config.write_text("")
    monkeypatch.setenv("FREEHOLD_CONFIG", str(config))
    monkeypatch.setenv("FREEHOLD_STATE_DIR", str(tmp_path / "state"))


def run(*words, **more):
    return subprocess.run([sys.executable, "-m", "runner", *words], capture_output=True, text=True, check=False, **more)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches(name, capsys):
    assert main([name, "--help"]) == 0

    text = capsys.readouterr().out
    assert "Examples:" in text
    assert "Exit codes:" in text
    assert f"freehold {name}" in text
    assert "--state-dir DIR" in text


def test_the_help_of_all_lists_every_command(capsys):
    assert main(["--help"]) == 0

    text = capsys.readouterr().out
    for name, entry in COMMANDS.items():
        assert f"  {name} " in text
        assert entry.summary.split()[0] in text


@pytest.mark.parametrize("word", ["--version", "--help", "version", "apply --help"])
def test_start_up_is_lean(word):
    code = (
        "import sys\nfrom runner.cli.main import main\n"
        f"code = main({word.split()!r})\n"
        f"print('heavy:', [name for name in {HEAVY!r} if name in sys.modules])\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "heavy: []"


def test_no_words_at_all_show_the_help(capsys):
    assert main([]) == 10
    assert capsys.readouterr().err.startswith("Usage: freehold")


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (["rnu"], "unknown-command", "did you mean 'run'?"),
        (["run", "--nop"], "unknown-option", "did you mean '--noop'?"),
        (["--enviroment", "x", "run"], "unknown-option", "did you mean '--environment'?"),
        (["run", "-n"], "usage", "a dry run is `--noop`"),
        (["run", "extra"], "usage", "freehold run --help"),
        (["show", "twelve"], "usage", "freehold show --help"),
        (["why", "a", "b", "c"], "bad-thing", "quoted"),
        (["completion", "tcsh"], "usage", "bash, zsh or fish"),
        (["release"], "usage", "freehold release --help"),
        (["release", "--keep", "--restore"], "usage", "freehold release --help"),
        (["facts", "os.famly"], "unknown-fact", "did you mean 'family'?"),
        (["log"], "no-state", "--state-dir"),
        (["pause", "--for", "a while"], "bad-setting", ""),
        (["validate", "--tree", "/nowhere"], "missing-file", "--tree"),
        (["apply", "/nowhere.yaml"], "missing-file", "manifest"),
        (["-n", "-v", "status"], "bad-setting", ""),
    ],
)
def test_wrong_usage_ends_with_ten_and_a_hint(words, code, hint, capsys):
    assert main(words) == 10

    text = capsys.readouterr().err
    assert f"[{code}]" in text
    assert hint in text
    assert "Traceback" not in text


def test_an_error_is_json_when_json_was_asked_for(capsys):
    assert main(["rnu", "--json"]) == 10
    assert json.loads(capsys.readouterr().out)["error"]["problems"][0]["code"] == "unknown-command"

    assert main(["log", "--json"]) == 10
    assert json.loads(capsys.readouterr().out)["error"]["exit_code"] == 10


def test_common_options_may_stand_before_and_after_the_command(tmp_path, capsys):
    assert main(["-e", "staging", "status"]) == 0
    assert "? staging" in capsys.readouterr().out
    assert main(["-e", "staging", "status", "-e", "lab", "-n", "web01"]) == 0
    assert "web01 lab" in capsys.readouterr().out
    assert main(["--json", "status"]) == 0
    assert json.loads(capsys.readouterr().out)["environment"] == "?"


def test_run_says_all_that_is_missing(capsys):
    assert main(["run"]) == 10

    text = capsys.readouterr().err
    for name in ("repo", "environment", "node", "trust"):
        assert f"needs '{name}'" in text


def test_the_lines_of_the_configuration_are_shown(tmp_path, capsys):
    config = tmp_path / "bad.yaml"
    config.write_text("branhc: main\n")

    assert main(["status", "--config", str(config)]) == 10
    assert "1 | branhc: main\n  | ^^^^^^\n" in capsys.readouterr().err


def test_ctrl_c_is_one_line(monkeypatch, capsys):
    def stop(_self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Given, "load", stop)

    assert main(["status"]) == 130
    assert capsys.readouterr().err.strip().splitlines() == ["interrupted; the next run goes on from here"]


def test_a_bug_is_one_line_and_a_private_report(monkeypatch, capsys, tmp_path):
    def fail(*_words, **_more):
        geheim = "the secret of a local variable"
        raise RuntimeError(f"with {geheim}")

    monkeypatch.setattr("runner.cli.status._gather", fail)

    assert main(["status"]) == 70

    text = capsys.readouterr().err
    assert len(text.splitlines()) == 1
    assert text.startswith("this is a bug in Freehold: RuntimeError; report: ")
    path = text.strip().rpartition(" ")[2]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    report = Path(path).read_text()
    assert "in fail" in report
    assert "secret of" not in report.replace('geheim = "the secret of a local variable"', "")
    assert "Traceback" not in text


def test_a_reader_that_went_away_is_no_error():
    done = subprocess.run(
        f"{sys.executable} -m runner --help | true", shell=True, capture_output=True, text=True, check=False
    )

    assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(shell, capsys):
    assert main(["completion", shell]) == 0
    assert "_FREEHOLD_COMPLETE" in capsys.readouterr().out


def test_completion_completes_commands():
    environ = {**os.environ, "_FREEHOLD_COMPLETE": "bash_complete", "COMP_WORDS": "freehold ro", "COMP_CWORD": "1"}

    assert "rollback" in run(env=environ).stdout


def test_lines_are_found_below_the_places_and_nowhere_else(tmp_path):
    (tmp_path / "a.yaml").write_text("one\ntwo\n")

    line_of = failures.reader([str(tmp_path)])

    assert line_of("a.yaml", 2) == "two\n"
    assert line_of("a.yaml", 9) is None
    assert failures.reader([])("a.yaml", 1) is None


def test_version_tells_what_it_stands_on(capsys):
    assert main(["version", "--json"]) == 0
    assert "msgspec" in json.loads(capsys.readouterr().out)
