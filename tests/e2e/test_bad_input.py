"""Wrong input of every kind: a located error, the documented exit code, no traceback, and nothing touched."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.bad_input import HIERA, HIERARCHY, MEANING, SECRETS, SITE, SYNTAX, Case
from support.node import picture

CASES = (*SYNTAX, *MEANING, *HIERARCHY, *SECRETS)
GOOD = "class: base\nresources:\n  file[/etc/motd]: {content: hello, mode: 0644}\n"
CANARY = "correct-horse-battery-staple"
LOADED = ("PATH", "PYTHONPATH", "HOME", "FREEHOLD_STATE_DIR")


@pytest.fixture(autouse=True)
def state_of_our_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep whatever a command might write, even the report of a bug, out of this machine's own state directory."""
    monkeypatch.setenv("FREEHOLD_STATE_DIR", str(tmp_path / "state"))


def freehold(*argv: str, cwd: str | Path = "/", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command line away from any node; no bad input may show a traceback or end as a bug."""
    kept = {name: os.environ[name] for name in LOADED if name in os.environ}
    environment = kept | {"LC_ALL": "C.UTF-8", **variables}
    done = subprocess.run(
        [sys.executable, "-m", "runner", *argv], capture_output=True, text=True, cwd=cwd, env=environment,
        stdin=subprocess.DEVNULL, timeout=120, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert done.returncode != 70, said
    assert CANARY not in said
    return done


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, gpg_home: Any) -> tuple[Path, str]:
    """Write every case into one tree, an environment each, and the configuration with a key beside it."""
    place = tmp_path_factory.mktemp("bad")
    blocks = {b"MINE": gpg_home("mine").block(CANARY), b"OTHER": gpg_home("other").block("other")}
    assert len({case.environment for case in CASES}) == len(CASES)
    for case in CASES:
        for path, data in case.written().items():
            content = data
            for word, block in blocks.items():
                content = content.replace(word, block.encode())
            target = place / "tree" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    config = place / "freehold.yaml"
    config.write_text(f"node: web01\nsecrets: {{gnupghome: {gpg_home('mine').path}}}\nstate_dir: {place / 'state'}\n")
    return place / "tree", str(config)


def located(problem: dict[str, Any]) -> str:
    """Return the place of a problem as people read it."""
    place = problem["location"]
    return ":".join(str(place[key]) for key in ("file", "line", "column") if place[key]) if place else ""


@pytest.fixture(scope="module")
def problems(written: tuple[Path, str]) -> list[dict[str, Any]]:
    """Return what one ``validate`` says of all cases."""
    tree, config = written
    done = freehold("validate", "--tree", str(tree), "--config", config, "--json")
    assert done.returncode == 11
    found: list[dict[str, Any]] = json.loads(done.stdout)["problems"]
    return found


def check(case: Case, problems: list[dict[str, Any]]) -> None:
    """Compare the problems of one environment with the marks in its files."""
    found = sorted((located(item), item["code"], item["hint"] or "") for item in problems)
    wanted = sorted((place, code, hint) for code, place, hint in case.expected())
    assert [item[:2] for item in found] == [item[:2] for item in wanted]
    for (_, _, said), (_, _, part) in zip(found, wanted, strict=True):
        assert part in said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.environment)
def test_each_mistake_is_named_where_it_stands(case: Case, problems: list[dict[str, Any]]) -> None:
    own = f"environments/{case.environment}/"
    check(case, [item for item in problems if located(item).startswith(own)])


def test_people_see_the_line_and_a_caret_and_no_other_file(written: tuple[Path, str]) -> None:
    tree, config = written
    state = tree.parent / "state"
    done = freehold("validate", "--tree", str(tree), "--config", config, "--state-dir", str(state))
    assert done.returncode == 11
    for case in CASES:
        for code, place, _ in case.expected():
            assert f"error[{code}]" in done.stderr
            assert f"--> {place}\n" in done.stderr, place
    assert "    |     ^^^^\n".strip() in done.stderr
    assert not state.exists()


@pytest.mark.parametrize(
    "case", [CASES[0], CASES[25], MEANING[0], HIERARCHY[0], SECRETS[0]], ids=lambda case: case.name
)
@pytest.mark.parametrize("command", ["compile", "plan"])
def test_compile_and_plan_say_the_same(written: tuple[Path, str], command: str, case: Case) -> None:
    tree, config = written
    root = tree.parent / "root"
    root.mkdir(exist_ok=True)
    argv = ["--tree", str(tree), "--config", config, "--environment", case.environment, "--root", str(root), "--json"]
    done = freehold(command, *argv)

    assert done.returncode == 11, done.stdout + done.stderr
    check(case, json.loads(done.stdout)["error"]["problems"])
    assert not (root / "etc").exists()


def test_several_mistakes_are_all_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        "vars: {greeting: x}\n"
        "resources:\n"
        "  file[/etc/a]: {content: x, mdoe: 0644}\n"
        "  fiel[/etc/b]: {}\n"
        "  file[/etc/c]: {content: '{{ greting }}'}\n"
        "  service[d]: {enable: perhaps}\n"
        "include: nothing\n"
    )
    root = tmp_path / "root"
    root.mkdir()
    done = freehold("apply", "bad.yaml", "--root", str(root), cwd=tmp_path)

    assert done.returncode == 11
    for place, code, hint in (
        ("3:30", "unknown-attribute", "did you mean 'mode'?"),
        ("4:3", "unknown-type", "did you mean 'file'?"),
        ("5:31", "undefined-variable", "did you mean 'greeting'?"),
        ("6:24", "type-mismatch", ""),
        ("7:10", "missing-class", "there is no module 'nothing'"),
    ):
        assert f"--> bad.yaml:{place}\n" in done.stderr, done.stderr
        assert code in done.stderr
        assert hint in done.stderr
    assert not (root / "etc").exists()


def test_what_only_the_machine_knows_is_reported_before_the_first_touch(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        "resources:\n"
        "  file[/etc/good]: {content: x}\n"
        "  file[etc/a]: {content: x}\n"
        "  host[a]: {ip: 1.2.3}\n"
        "  cron[x]: {command: a, minute: 99}\n"
    )
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    done = freehold("apply", "bad.yaml", "--root", str(root), cwd=tmp_path)

    assert done.returncode == 11
    for place, code in (("3:3", "relative-path"), ("4:3", "bad-address"), ("5:3", "bad-schedule")):
        assert f"--> bad.yaml:{place}\n" in done.stderr
        assert f"error[{code}]" in done.stderr
    assert not list((root / "etc").iterdir())


KEPT = {
    "file[/etc/a]: {content: x, mode: 0644}": {"content": "x", "mode": "0644"},
    "package[a]: {ensure: 1.10}": {"ensure": "1.10"},
    "service[a]: {enable: no, ensure: running}": {"enable": False, "ensure": "running"},
    "service[b]: {enable: off}": {"enable": False},
    "notify[a]: {message: 22:30}": {"message": "22:30"},
    "notify[b]: {message: 2026-01-02}": {"message": "2026-01-02"},
    "notify[c]: {message: 2026-01-02T03:04:05Z}": {"message": "2026-01-02T03:04:05Z"},
    "notify[d]: {message: 99999999999999999999999999999}": {"message": 99999999999999999999999999999},
    "notify[e]: {message: 0x1F}": {"message": 31},
    "notify[f]: {message: 1e3}": {"message": 1000.0},
    "cron[c]: {command: 99999999999999999999999999999}": {"command": "99999999999999999999999999999"},
    "cron[d]: {command: 0x1F}": {"command": "0x1F"},
    "cron[e]: {command: 1e3}": {"command": "1e3"},
    "cron[f]: {command: .inf}": {"command": ".inf"},
    "cron[g]: {command: on}": {"command": "on"},
    "cron[h]: {command: true}": {"command": "true"},
    "notify[g]: {message: on}": {"message": "on"},
    "notify[h]: {message: true}": {"message": True},
    "notify[j]: {message: '~'}": {"message": "~"},
    "notify[k]: {message: !raw '{{ x }} ${#a[@]}'}": {"message": "{{ x }} ${#a[@]}"},
    "notify[l]: {message: '{{ 7 }}'}": {"message": 7},
    "notify[m]: {message: =}": {"message": "="},
    "notify[n]: {message: 1_000}": {"message": "1_000"},
    "exec[/bin/a]: {unless: [test, -f, /x]}": {"unless": ["test", "-f", "/x"]},
    "exec[/bin/b]: {unless: '! grep x f'}": {"unless": "! grep x f"},
    "exec[/bin/c]: {unless: '[ -f /x ]'}": {"unless": "[ -f /x ]"},
    "exec[/bin/d]: {timeout: 010}": {"timeout": 10},
    "cron[a]: {command: a, minute: 030, hour: '*/2'}": {"command": "a", "minute": "030", "hour": "*/2"},
    "cron[b]: {command: a, schedule: '*/5 3 * * *'}": {"command": "a", "schedule": "*/5 3 * * *"},
}


def test_odd_scalars_keep_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("resources:\n" + "".join(f"  {text}\n" for text in KEPT))
    done = freehold("compile", "good.yaml", "--json", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    compiled = [item["attributes"] for item in json.loads(done.stdout)["declarations"]]
    assert compiled == list(KEPT.values())


# ---- on a node ---------------------------------------------------------------------------------------------------

PRODUCTION = "environments/production"


def good() -> dict[str, str]:
    return {
        f"{PRODUCTION}/manifests/site.yaml": SITE,
        f"{PRODUCTION}/hiera.yaml": HIERA,
        f"{PRODUCTION}/modules/base/manifests/init.yaml": GOOD,
    }


def ledger(state: Path) -> dict[str, list[Any]]:
    """Return every table that says what is managed and what is owed."""
    with sqlite3.connect(f"file:{state / 'state.db'}?mode=ro", uri=True) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: list(database.execute(f"SELECT * FROM {name}")) for name in names}
    database.close()
    return {name: rows for name, rows in found.items() if name in LEDGER}


LEDGER = {"thing", "claim", "edge", "owed", "outcome"}

ON_A_NODE = (
    "broken yaml", "not utf8", "bang", "undefined variable", "unknown attribute", "missing class", "cycle",
    "missing key", "missing template", "wrong parameter type", "hiera version", "damaged secret", "secret of another",
    "secret in command",
)  # fmt: skip


def test_a_bad_commit_touches_neither_machine_nor_ledger(
    git_repo: Any, keyring: Any, node: Any, written: tuple[Path, str], gpg_home: Any
) -> None:
    ann = keyring.gpg("ann")
    repo = git_repo(policy=[ann], files=good())
    web = node(repo, secrets={"gnupghome": gpg_home("mine").path})
    web.ran()
    before, known = web.picture(), ledger(web.state)
    assert known
    cases = {case.name: case for case in CASES}
    for name in ON_A_NODE:
        case = cases[name]
        shutil.rmtree(repo.path / PRODUCTION)
        place = written[0] / "environments" / case.environment
        shutil.copytree(place, repo.path / PRODUCTION, copy_function=shutil.copyfile)  # new times: git looks at them
        repo.commit(name, key=ann, push=True)
        done = web.run()

        assert done.code == 11, done.text
        for code, place, hint in case.expected():
            assert f"error[{code}]" in done.text
            assert f"--> {place.replace(case.environment, 'production')}\n" in done.text
            assert hint in done.text
        assert CANARY not in done.text
        assert web.picture() == before
        assert ledger(web.state) == known
    assert web.reasons() == ["compile-error"]
    shutil.rmtree(repo.path / PRODUCTION)
    repo.commit("mended", good(), key=ann, push=True)
    assert web.ran() == {"unchanged": 2}


def test_an_environment_that_is_not_there(git_repo: Any, keyring: Any, node: Any) -> None:
    web = node(git_repo(policy=[keyring.gpg("ann")], files=good()))
    done = web.run("--environment", "producton")
    assert done.code == 11
    assert "error[unknown-environment]" in done.text
    assert "did you mean 'production'?" in done.text
    assert not list(web.path("/etc").iterdir())
    assert web.ran() == {"changed": 2}


FACTS = {
    "syntax": (b"os: {family: Debian\n", "yaml-syntax", "f.yaml:1:20"),
    "tab": (b"os:\n\tfamily: x\n", "yaml-tab", "f.yaml:2:1"),
    "a list": (b"- os\n", "facts-file", "f.yaml\n"),
    "not utf8": (b"os: \xff\n", "encoding", "f.yaml:1:5"),
    "json": (b'{"os": {"family": }}', "facts-file", "f.yaml:1:19"),
    "python": (b"os: !!python/object/apply:os.system ['id']\n", "facts-file", "f.yaml:1:5"),
    "deep": (b"os: " + b"[" * 5000 + b"]" * 5000, "yaml-depth", "f.yaml:1:54"),
    "alias": (b"os: *x\n", "yaml-alias", "f.yaml:1:5"),
}


@pytest.mark.parametrize("name", FACTS)
def test_a_bad_facts_file(tmp_path: Path, name: str) -> None:
    data, code, place = FACTS[name]
    (tmp_path / "f.yaml").write_bytes(data)
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/site.yaml").write_text("nodes: {default: []}\n")
    done = freehold("compile", "--tree", ".", "--facts", "f.yaml", cwd=tmp_path)

    assert done.returncode == 11
    assert f"error[{code}]" in done.stderr
    assert f"--> {place}" in done.stderr


# ---- the node's own configuration --------------------------------------------------------------------------------

CONFIGURATIONS = {
    "broken": ("repo: [\n", "yaml-syntax", ":1:8", ""),
    "duplicate": ("node: a\nnode: b\n", "duplicate-key", ":2:1", ""),
    "unknown": ("enviroment: a\n", "unknown-setting", ":1:1", "did you mean 'environment'?"),
    "wrong number": ("keep_runs: many\n", "bad-setting", ":1:1", ""),
    "wrong flag": ("noop: perhaps\n", "bad-setting", ":1:1", ""),
    "wrong duration": ("stale_after: a while\n", "bad-setting", ":1:1", ""),
    "wrong budget": ("max_prune: -1\n", "bad-setting", ":1:1", ""),
    "wrong size": ("backup_limit: big\n", "bad-setting", ":1:1", ""),
    "list for text": ("environment: [a]\n", "bad-setting", ":1:1", ""),
    "text for mapping": ("secrets: here\n", "bad-setting", ":1:1", ""),
    "unknown inside": ("secrets: {gnupghom: /x}\n", "bad-setting", ":1:1", "did you mean 'gnupghome'?"),
    "password": ("repo: https://ann:hunter2@example.org/r.git\n", "bad-setting", "", ""),
    "tag": ("node: !secret x\n", "yaml-tag", ":1:7", ""),
    "not a mapping": ("- a\n", "bad-setting", ":1:1", ""),
    "trust text": ("trust: signed\n", "bad-setting", ":1:1", "mode"),
    "a name with a slash": ("environment: ../../etc\n", "bad-setting", ":1:1", ""),
}


def test_a_wrong_configuration(tmp_path: Path) -> None:
    path = tmp_path / "freehold.yaml"
    for name, (text, code, place, hint) in CONFIGURATIONS.items():
        path.write_text(text)
        done = freehold("status", "--config", str(path))

        assert done.returncode == 10, name
        assert f"error[{code}]" in done.stderr, name
        assert f"--> {path}{place}" in done.stderr, done.stderr
        assert hint in done.stderr, done.stderr
        assert "hunter2" not in done.stderr


def test_all_mistakes_of_a_configuration_at_once(tmp_path: Path) -> None:
    path = tmp_path / "freehold.yaml"
    path.write_text("nod: a\nkeep_runs: 0\n")
    done = freehold("run", "--config", str(path), "--max-prune", "x", FREEHOLD_NOOP="perhaps")

    assert done.returncode == 10
    for words in ("'nod'", "'keep_runs'", "--max-prune", "FREEHOLD_NOOP"):
        assert words in done.stderr


def test_a_configuration_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"node: caf\xe9\n")
    for path, code in (
        (tmp_path / "none", "config-unreadable"),
        (tmp_path, "config-unreadable"),
        (tmp_path / "latin", "encoding"),
    ):
        done = freehold("run", "--config", str(path))
        assert done.returncode == 10
        assert f"error[{code}]" in done.stderr


@pytest.mark.parametrize(
    ("trust", "said"),
    [
        (None, "trust: {mode: signed"),
        ({"mode": "singed"}, "did you mean 'signed'?"),
        ({"mode": "signed"}, "introduction"),
        ({"mode": "signed", "introduction": {"commit": "main", "signer": "A" * 40}}, "commit"),
        ({"mode": "signed", "introduction": {"commit": "0" * 40, "signer": "ann"}}, "signer"),
        ({"mode": "unsigned", "introdution": {}}, "introdution"),
    ],
)
def test_trust_that_is_missing_or_wrong(tmp_path: Path, trust: Any, said: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    settings = {"repo": f"file://{tmp_path}/none", "environment": "production", "node": "web01", "root": str(root)}
    path = tmp_path / "freehold.yaml"
    path.write_text(yaml.safe_dump(settings | ({} if trust is None else {"trust": trust})))
    done = freehold("run", "--config", str(path))

    assert done.returncode == 10
    assert said in done.stderr
    assert not picture(root)
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("what", ["a file", "below a file", "a dangling link"])
def test_a_state_directory_that_cannot_be_one(tmp_path: Path, what: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("/nonexistent/place")
    state = {"a file": "file", "below a file": "file/state", "a dangling link": "link"}[what]
    (tmp_path / "a.yaml").write_text("resources: {'file[/etc/a]': {content: x}}\n")
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    done = freehold("apply", "a.yaml", "--root", str(root), "--state-dir", str(tmp_path / state), cwd=tmp_path)

    assert done.returncode == 10, done.stderr
    assert "error[" in done.stderr
    assert str(tmp_path / state) in done.stderr
    assert not list((root / "etc").iterdir())


@pytest.mark.parametrize(
    ("argv", "code", "hint"),
    [
        (["rnu"], "unknown-command", "did you mean 'run'?"),
        (["run", "--nop"], "unknown-option", "did you mean '--noop'?"),
        (["apply", "--rot", "/x", "a.yaml"], "unknown-option", "did you mean '--root'?"),
        (["apply"], "no-manifest", "freehold apply site.pp"),
        (["apply", "nothing.yaml"], "missing-file", ""),
        (["validate", "--tree", "nowhere"], "missing-file", "--tree"),
        (["lookup", "k", "--tree", ".", "--merge", "deeep"], "usage", "deep"),
        (["run", "--repo", "https://ann:hunter2@example.org/r.git"], "bad-setting", ""),
        (["run", "--repo", "ext::sh -c id"], "bad-setting", ""),
        (["run", "--branch", "-x"], "bad-setting", ""),
    ],
)
def test_a_wrong_command_line(tmp_path: Path, argv: list[str], code: str, hint: str) -> None:
    done = freehold(*argv, cwd=tmp_path, FREEHOLD_STATE_DIR=str(tmp_path / "state"))

    assert done.returncode == 10
    assert f"error[{code}]" in done.stderr, done.stderr
    assert hint in done.stderr
    assert "hunter2" not in done.stderr


def test_validate_sees_what_the_types_know(tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/site.yaml").write_text(
        "resources:\n  - file[etc/a]: {content: x}\n  - host[a]: {ip: 999.1.1.1}\n"
        "  - cron[x]: {command: a, minute: 99, user: root}\n"
    )
    done = freehold("validate", "--tree", ".", cwd=tmp_path)

    assert done.returncode == 11
    for code, line in (("relative-path", 2), ("bad-address", 3), ("bad-schedule", 4)):
        assert f"error[{code}]" in done.stderr
        assert f"manifests/site.yaml:{line}:5" in done.stderr
