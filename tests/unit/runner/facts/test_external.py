import os
import time

import pytest

from runner.facts import collect, external


@pytest.fixture
def facts_d(tmp_path):
    directory = tmp_path / "facts.d"
    directory.mkdir()
    return directory


def executable(path, text, mode=0o755):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(mode)


def gather(directory):
    facts = collect(external=[str(directory)])
    found = dict(facts._external())
    return found, facts.warnings


def test_every_format(facts_d):
    (facts_d / "a.yaml").write_text("site: {name: one}\nrole: yaml\n")
    (facts_d / "b.json").write_text('{"role": "json", "n": 1}')
    (facts_d / "c.txt").write_text("rack = r1\n\n# nothing\n")
    executable(facts_d / "d", "echo tier=gold; echo zone=a=b")
    executable(facts_d / "e.sh", 'echo \'{"deep": {"x": [1]}}\'')
    executable(facts_d / "f", "printf 'list:\\n  - 1\\n'")
    found, warnings = gather(facts_d)
    assert warnings == ()
    assert found == {
        "site": {"name": "one"},
        "role": "json",
        "n": 1,
        "rack": "r1",
        "tier": "gold",
        "zone": "a=b",
        "deep": {"x": [1]},
        "list": [1],
    }


def test_external_facts_override_the_built_in_ones(facts_d):
    (facts_d / "a.yaml").write_text("kernel: Mine\n1: number\n")
    facts = collect(external=[str(facts_d)])
    assert facts["kernel"] == "Mine"
    assert facts["1"] == "number"
    assert "Mine" in facts.values()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.yaml", "a: [", "not YAML"),
        ("a.yaml", "- 1\n", "mapping"),
        ("a.yaml", "a: &x 1\nb: *x\n", "aliases"),
        ("a.json", "{", "not JSON"),
        ("a.json", "[" * 100000, "not JSON"),
        ("a.txt", "\udcff", "UTF-8"),
        ("a.conf", "a=1", "neither"),
        ("a.yaml", "a: " + "x" * (1 << 20), "1 MiB"),
    ],
)
def test_garbage_is_a_warning_that_names_the_file(facts_d, name, text, says):
    (facts_d / name).write_bytes(text.encode(errors="surrogateescape"))
    (facts_d / "z.txt").write_text("fine=yes")
    found, warnings = gather(facts_d)
    assert found == {"fine": "yes"}
    assert len(warnings) == 1
    assert warnings[0].severity == "warning"
    assert str(facts_d / name) in warnings[0].message
    assert says in warnings[0].message


def test_a_failing_executable_is_a_warning(facts_d):
    executable(facts_d / "a", "echo a=1; echo 'no such thing' >&2; exit 3")
    executable(facts_d / "b", "echo '- x'")
    found, warnings = gather(facts_d)
    assert found == {}
    assert "exit status 3: no such thing" in warnings[0].message
    assert "mapping" in warnings[1].message


def test_executables_run_at_the_same_time_and_end_with_their_children(facts_d, monkeypatch, tmp_path):
    monkeypatch.setattr(external, "DEADLINE", 0.5)
    pid = tmp_path / "pid"
    executable(facts_d / "a", f"sleep 60 & echo $! > {pid}; wait")
    executable(facts_d / "b", "sleep 60")
    executable(facts_d / "c", "echo c=1")
    start = time.monotonic()
    found, warnings = gather(facts_d)
    assert time.monotonic() - start < 5
    assert found == {"c": "1"}
    assert all("longer than 0.5 s" in warning.message for warning in warnings)
    assert len(warnings) == 2
    deadline = time.monotonic() + 2
    while alive(pid.read_text().strip()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(pid.read_text().strip())


def alive(pid):
    try:
        with open(f"/proc/{pid}/status") as file:
            return "State:\tZ" not in file.read()
    except FileNotFoundError:
        return False


def test_a_background_child_does_not_hold_the_run(facts_d, monkeypatch):
    monkeypatch.setattr(external, "DEADLINE", 1.0)
    executable(facts_d / "a", "echo a=1; sleep 60 >/dev/null 2>&1 &")
    found, warnings = gather(facts_d)
    assert found == {"a": "1"}
    assert warnings == ()


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files away")
@pytest.mark.parametrize(("mode", "owner", "says"), [(0o757, 0, "everybody"), (0o755, 1, "root")])
def test_root_runs_only_what_root_wrote(facts_d, mode, owner, says):
    executable(facts_d / "a", "echo a=1", mode)
    os.chown(facts_d / "a", owner, owner)
    found, warnings = gather(facts_d)
    assert found == {}
    assert says in warnings[0].message


def test_a_directory_that_is_not_there_is_nothing(tmp_path):
    facts = collect(external=[str(tmp_path / "nothing")])
    assert facts["kernel"] == "Linux"
    assert facts.warnings == ()


def test_of_two_directories_the_later_wins(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.txt").write_text(f"x={name}")
    assert collect(external=[str(tmp_path / "a"), str(tmp_path / "b")])["x"] == "b"
