"""Directories under the ledger: what they purge, what a source gives them, and that all of it comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.machine import Machine

KEEP: dict[str, dict[str, Any]] = {"file /keep": {"content": "k"}}


@pytest.fixture
def machine(tmp_path: Path) -> Any:
    found = Machine(tmp_path)
    yield found
    found.state.close()


PURGE = {"ensure": "directory", "recurse": True, "purge": True}


@pytest.fixture
def purged(machine: Machine) -> Machine:
    machine.path("/etc/d").mkdir(mode=0o711)
    for name in ("a", "b", "c.bak"):
        machine.write(f"/etc/d/{name}", name, 0o640)
    machine.before = machine.picture()  # type: ignore[attr-defined]  # this test's own
    machine.ran({"file /etc/d": PURGE, "file /etc/d/a": {"content": "A"}})
    assert sorted(path.name for path in machine.path("/etc/d").iterdir()) == ["a"]
    return machine


@pytest.mark.parametrize(
    "wishes", [{"file /etc/none": {"ensure": "absent"}}, {"file /etc/d": {"ensure": "directory"}}], ids=["gone", "calm"]
)
def test_purged_files_come_back_with_the_purge(purged: Machine, wishes: dict[str, Any]) -> None:
    purged.ran(wishes)

    assert purged.picture() == purged.before  # type: ignore[attr-defined]


def test_purged_files_stay_away_while_the_purge_stands(purged: Machine) -> None:
    purged.ran({"file /etc/d": {**PURGE, "mode": "0711"}, "file /etc/d/a": {"content": "B"}})

    assert sorted(path.name for path in purged.path("/etc/d").iterdir()) == ["a"]


@pytest.mark.parametrize("more", [{"ignore": "*.bak"}, {"ignore": ["c.*"]}])
def test_a_purged_file_comes_back_when_the_purge_leaves_it_out(purged: Machine, more: dict[str, Any]) -> None:
    purged.ran({"file /etc/d": {**PURGE, **more}, "file /etc/d/a": {"content": "A"}})
    assert sorted(path.name for path in purged.path("/etc/d").iterdir()) == ["a", "c.bak"]
    assert purged.path("/etc/d/c.bak").stat().st_mode & 0o777 == 0o640


def test_a_purged_file_that_is_declared_and_left_again(purged: Machine) -> None:
    purged.ran({"file /etc/d": PURGE, "file /etc/d/a": {"content": "A"}, "file /etc/d/b": {"content": "B"}})
    assert purged.path("/etc/d/b").read_text() == "B"
    for _ in range(2):
        purged.ran({"file /etc/d": PURGE, "file /etc/d/a": {"content": "A"}})
    assert not purged.path("/etc/d/b").exists()
    purged.ran({"file /etc/none": {"ensure": "absent"}})

    assert purged.picture() == purged.before  # type: ignore[attr-defined]


def test_a_source_that_shrinks_gives_back_what_it_no_longer_holds(machine: Machine) -> None:
    machine.write("/etc/d/one", "1")
    before = machine.picture()
    wish = {"ensure": "directory", "recurse": True}
    machine.ran({"file /etc/d": {**wish, "source_tree": {"one": "ONE", "two": "TWO", "sub/three": "THREE"}}})
    assert machine.path("/etc/d/sub/three").read_text() == "THREE"
    machine.ran({"file /etc/d": {**wish, "source_tree": {"two": "TWO"}}})
    assert machine.path("/etc/d/one").read_text() == "1"
    assert not machine.path("/etc/d/sub").exists()
    machine.ran(KEEP)
    machine.path("/keep").unlink()

    assert machine.picture() == before


def test_what_recursion_adopted_and_somebody_removed_is_no_matter(machine: Machine) -> None:
    machine.write("/etc/d/log.1", "1", 0o600)
    wish = {"file /etc/d": {"ensure": "directory", "recurse": True, "mode": "0640"}}
    machine.ran(wish)
    machine.path("/etc/d/log.1").unlink()
    machine.ran({**wish, **KEEP})

    assert machine.pending() == {}
    assert machine.ran({**wish, **KEEP}) == {"unchanged": 2}


def test_purging_is_stopped_by_what_is_too_large_to_keep(machine: Machine) -> None:
    machine.write("/etc/d/large", "l" * 200)
    result = machine.run({"file /etc/d": PURGE}, limit=100)
    assert machine.path("/etc/d/large").exists()
    assert result.failed == ["file[/etc/d/large]"]
    machine.ran({"file /etc/d": {**PURGE, "force": True}}, limit=100)
    assert not machine.path("/etc/d/large").exists()


def test_what_is_declared_deep_in_a_purged_directory_stays(machine: Machine) -> None:
    machine.write("/etc/d/sub/deep/stray", "s")
    machine.write("/etc/d/other/stray", "s")
    before = machine.picture()
    forced = {"file /etc/d": {**PURGE, "force": True}}
    machine.ran({**forced, "file /etc/d/sub/deep/ours": {"content": "o"}})
    assert sorted(path.name for path in machine.path("/etc/d").rglob("*")) == ["deep", "ours", "sub"]
    machine.ran({"file /etc/none": {"ensure": "absent"}})

    assert machine.picture() == before
