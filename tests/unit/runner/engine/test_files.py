"""Files under the ledger: what goes back, in which order, and what is left to its owner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.machine import Machine

KEEP: dict[str, dict[str, Any]] = {"file /keep": {"content": "k"}}


@pytest.fixture
def machine(tmp_path: Path) -> Any:
    found = Machine(tmp_path)
    yield found
    found.state.close()


def took_back(machine: Machine, *steps: dict[str, dict[str, Any]]) -> None:
    """Run ``steps`` one after the other and check that leaving them gives the machine back as it was."""
    machine.ran(KEEP)
    before = machine.picture()
    for wishes in steps:
        machine.ran(KEEP | wishes)
        assert machine.ran(KEEP | wishes).keys() == {"unchanged"}, machine.outcomes
    machine.ran(KEEP)
    assert machine.picture() == before
    assert machine.ran(KEEP) == {"unchanged": 1}
    assert machine.pending() == {}
    assert machine.state.ledger.things().keys() == {("file", "/keep")}


FILE = {"file /etc/x": {"content": "new", "mode": "0640"}}
BARE = {"file /etc/x": {"content": "bare"}}
LINK = {"file /etc/x": {"ensure": "link", "target": "y"}}
DIRECTORY = {"file /etc/x": {"ensure": "directory", "mode": "0700"}}
PLAIN = {"file /etc/x": {"ensure": "directory"}}
ABSENT = {"file /etc/x": {"ensure": "absent"}}
CONCAT = {"concat /etc/x": {"content": "joined", "mode": "0600"}}
DIRECTORIES = {"directory", "plain"}
KINDS = {
    "file": FILE, "bare": BARE, "link": LINK, "directory": DIRECTORY, "plain": PLAIN, "absent": ABSENT,
    "concat": CONCAT,
}  # fmt: skip


@pytest.mark.parametrize("start", ["nothing", "file", "link"])
@pytest.mark.parametrize("second", list(KINDS))
@pytest.mark.parametrize("first", list(KINDS))
def test_one_kind_of_thing_after_another_goes_back(machine: Machine, start: str, first: str, second: str) -> None:
    if start == "file":
        machine.write("/etc/x", "old", 0o604)
    elif start == "link":
        machine.path("/etc/x").symlink_to("nowhere")
    forced = {name: wish | {"force": first in DIRECTORIES} for name, wish in KINDS[second].items()}
    took_back(machine, KINDS[first], forced)


@pytest.mark.parametrize("first", ["file", "bare", "link", "absent", "directory"])
def test_an_empty_directory_goes_back(machine: Machine, first: str) -> None:
    machine.path("/etc/x").mkdir(mode=0o711)
    wish = {name: attributes | {"force": True} for name, attributes in KINDS[first].items()}
    took_back(machine, wish)


@pytest.mark.parametrize("attribute", [{"mode": "0700"}, {"owner": "1"}, {"group": "1"}])
def test_a_dropped_attribute_of_a_directory_goes_back(machine: Machine, attribute: dict[str, str]) -> None:
    machine.path("/etc/x").mkdir(mode=0o711)
    before = machine.picture()
    machine.ran({"file /etc/x": {"ensure": "directory", **attribute}})
    machine.ran({"file /etc/x": {"ensure": "directory"}})
    assert machine.picture() == before


def test_a_directory_with_somebodys_file_in_it_stays_and_is_reported(machine: Machine) -> None:
    machine.ran(KEEP | {"file /etc/d": {"ensure": "directory"}, "file /etc/d/ours": {"content": "o"}})
    machine.write("/etc/d/theirs", "t")
    machine.ran(KEEP)

    assert machine.path("/etc/d/theirs").read_text() == "t"
    assert not machine.path("/etc/d/ours").exists()
    assert "not empty" in machine.pending()["/etc/d"]
    machine.path("/etc/d/theirs").unlink()
    machine.ran(KEEP)
    assert not machine.path("/etc/d").exists()
    assert machine.pending() == {}


def test_a_directory_stays_while_something_declared_is_in_it(machine: Machine) -> None:
    below = {"file /etc/d/f": {"content": "f"}}
    machine.ran({"file /etc/d": {"ensure": "directory"}, **below})
    machine.ran(below)

    assert machine.path("/etc/d/f").exists()
    assert "file[/etc/d/f] is below it" in machine.pending()["/etc/d"]
    machine.ran(KEEP)
    assert not machine.path("/etc/d").exists()


def test_a_file_leaves_before_a_declared_one_stands_below_it(machine: Machine) -> None:
    below = {"file /etc/d/x": {"content": "f"}}
    took = {"file /etc/d": {"ensure": "directory"}, **below}
    machine.ran(took)
    machine.ran({"file /etc/d": {"ensure": "link", "target": "elsewhere", "force": True}})

    assert machine.path("/etc/d").is_symlink()
    machine.ran(KEEP)
    assert not machine.path("/etc/d").is_symlink()
    assert not machine.path("/etc/d").exists()


def test_keeping_may_be_asked_for_later(machine: Machine) -> None:
    machine.ran(KEEP | {"file /etc/x": {"content": "x"}})
    machine.ran(KEEP | {"file /etc/x": {"content": "x", "prune": "keep"}})
    machine.ran(KEEP)

    assert machine.path("/etc/x").read_text() == "x"
    assert machine.state.ledger.things().keys() == {("file", "/keep")}


def test_a_new_title_is_no_removal_and_is_remembered(machine: Machine) -> None:
    machine.ran({"file one": {"path": "/etc/x", "content": "x"}})
    inode = machine.path("/etc/x").stat().st_ino
    assert machine.ran({"file two": {"path": "/etc/x", "content": "x"}}) == {"unchanged": 1}

    assert machine.path("/etc/x").stat().st_ino == inode
    thing = machine.state.ledger.thing("file", "/etc/x")
    assert thing is not None
    assert thing.title == "two"


def test_what_waited_and_is_declared_again_waits_no_more(machine: Machine) -> None:
    both = {"file /etc/d": {"ensure": "directory"}, "file /etc/d/f": {"content": "f"}}
    machine.ran(both)
    machine.ran({"file /etc/d/f": {"content": "f"}})
    assert machine.pending().keys() == {"/etc/d"}
    result = machine.run(both)

    assert (machine.pending(), result.pending_prunes) == ({}, 0)


def test_what_somebody_else_made_so_first_is_ours_when_a_commit_says_so_too(machine: Machine) -> None:
    machine.write("/etc/x", "old")
    machine.ran({"file /etc/x": {"content": "one"}, **KEEP})
    machine.write("/etc/x", "two")
    assert machine.ran({"file /etc/x": {"content": "two"}, **KEEP}) == {"unchanged": 2}
    machine.ran(KEEP)

    assert machine.path("/etc/x").read_text() == "old"


def test_what_came_back_by_itself_before_it_was_declared_again_is_ours(machine: Machine) -> None:
    machine.write("/etc/x", "old", 0o604)
    before = machine.picture()
    machine.ran(ABSENT)
    machine.write("/etc/x", "new", 0o640)
    machine.ran(FILE)
    machine.ran({"file /etc/none": {"ensure": "absent"}})

    assert machine.picture() == before


def test_with_replace_false_the_changes_of_others_stay_theirs(machine: Machine) -> None:
    wish = {"file /etc/x": {"content": "seed", "replace": False}, **KEEP}
    machine.ran(wish)
    machine.write("/etc/x", "grown")
    machine.ran({**wish, "file /etc/other": {"content": "o"}})
    machine.ran(KEEP)

    assert machine.path("/etc/x").read_text() == "grown"
    assert machine.pending() == {"/etc/x": "somebody else changed content"}


@pytest.mark.parametrize("there", [True, False])
def test_what_a_failed_update_left_is_still_ours(machine: Machine, there: bool) -> None:
    if there:
        machine.write("/etc/x", "old")
    machine.ran(KEEP)
    before = machine.picture()
    good = {"file /etc/x": {"content": "good", "mode": "0640"}}
    machine.ran(KEEP | good)
    bad = {"file /etc/x": {"content": "bad", "mode": "0600"}}
    machine.died(KEEP | bad, 1)
    assert machine.path("/etc/x").read_text() == "good"
    machine.ran(KEEP)

    assert machine.picture() == before


def test_what_a_failed_update_left_goes_back_attribute_by_attribute(machine: Machine) -> None:
    machine.write("/etc/x", "x", 0o604)
    machine.ran({"file /etc/x": {"content": "x", "mode": "0640"}})
    machine.died({"file /etc/x": {"content": "y", "mode": "0600"}}, 1)
    machine.ran({"file /etc/x": {"content": "z"}})

    assert machine.path("/etc/x").stat().st_mode & 0o777 == 0o604


@pytest.mark.parametrize("calls", range(1, 14))
def test_a_run_that_died_and_then_a_revert(machine: Machine, calls: int) -> None:
    machine.write("/etc/x", "old", 0o604)
    machine.write("/etc/gone", "gone", 0o604)
    first = {"file /etc/x": {"content": "one"}, "file /etc/one": {"content": "1"}}
    machine.ran(first)
    before = machine.picture()
    second = {
        "file /etc/x": {"content": "two", "mode": "0600"},
        "file /etc/gone": {"ensure": "absent"},
        "file /etc/d": {"ensure": "directory"},
        "file /etc/d/f": {"content": "f"},
        "file /etc/l": {"ensure": "link", "target": "x"},
    }
    machine.died(second, calls)
    machine.ran(first)

    assert {path: what for path, what in machine.picture().items() if ".freehold-" not in path} == before


def test_a_settled_ledger_is_one_look_only_while_it_is_settled(machine: Machine) -> None:
    machine.ran(KEEP)
    machine.ran(KEEP | BARE, full=False)
    machine.path("/keep").write_text("drift")
    assert machine.ran(KEEP)["drifted"] == 1
    machine.path("/keep").chmod(0o600)
    assert machine.ran(KEEP) == {"unchanged": 1}
    assert machine.path("/etc/x").exists()
    assert machine.state.ledger.things().keys() == {("file", "/keep")}


@pytest.mark.parametrize("more", [{"full": False}, {"noop": True}])
def test_what_a_partial_run_does_leaves_the_claims_alone(machine: Machine, more: dict[str, bool]) -> None:
    machine.write("/etc/x", "old")
    machine.ran(KEEP)
    claims, things = machine.state.ledger.claims(), machine.state.ledger.things()
    machine.ran({"file /keep": {"content": "other"}, **BARE}, **more)

    assert (machine.state.ledger.claims(), machine.state.ledger.things()) == (claims, things)


def test_what_is_too_large_to_keep_is_told_and_stays_as_it_is(machine: Machine) -> None:
    machine.write("/etc/x", "long" * 100)
    machine.ran(KEEP | BARE, limit=100)
    assert "not reversible" in machine.outcomes["file", "/etc/x"].message
    result = machine.run(KEEP, limit=100)

    assert result.failed == []
    assert machine.path("/etc/x").read_text() == "bare"
    assert "not reversible" in machine.pending()["/etc/x"]


def test_too_large_a_content_dropped_stays_as_it_is(machine: Machine) -> None:
    machine.write("/etc/x", "long" * 100)
    machine.ran({"file /etc/x": {"content": "bare", "mode": "0640"}}, limit=100)
    result = machine.run({"file /etc/x": {"ensure": "file", "mode": "0640"}}, limit=100)

    assert result.failed == []
    assert machine.path("/etc/x").read_text() == "bare"
    assert "content left as is: not reversible" in machine.outcomes["file", "/etc/x"].message


def test_a_declared_removal_that_cannot_be_has_failed(machine: Machine) -> None:
    machine.write("/etc/d/theirs", "t")
    result = machine.run({"file /etc/d": {"ensure": "absent"}})
    assert result.failed == ["file[/etc/d]"]
    assert "not empty" in machine.outcomes["file", "/etc/d"].message


def test_over_budget_dropped_attributes_wait_too(machine: Machine) -> None:
    machine.write("/etc/x", "x", 0o604)
    many = {f"file /etc/many{number}": {"content": "m"} for number in range(11)}
    machine.ran({"file /etc/x": {"ensure": "file", "mode": "0600"}, **many})
    calm = {"file /etc/x": {"ensure": "file"}}
    assert machine.run(calm, free=False).over_budget == (12, 10)
    assert machine.path("/etc/x").stat().st_mode & 0o777 == 0o600
    machine.ran(calm)

    assert machine.path("/etc/x").stat().st_mode & 0o777 == 0o604
    assert not machine.path("/etc/many3").exists()


def test_a_change_of_kind_and_what_is_kept_do_not_count_against_the_budget(machine: Machine) -> None:
    files = {f"file /etc/f{number}": {"content": "f", "mode": "0600"} for number in range(6)}
    kept = {f"file /etc/k{number}": {"content": "k", "mode": "0600", "prune": "keep"} for number in range(6)}
    left = {f"file /etc/l{number}": {"content": "l", "prune": "keep"} for number in range(6)}
    machine.ran({**files, **kept, **left, **KEEP})
    links = {reference: {"ensure": "link", "target": "x"} for reference in files}
    bare = {reference: {"content": "k", "prune": "keep"} for reference in kept}

    assert machine.run({**links, **bare, **KEEP}, free=False, max_prune=0).over_budget is None


def test_too_large_a_content_is_not_made_up_when_the_file_comes_back(machine: Machine) -> None:
    machine.write("/etc/x", "long" * 100, 0o604)
    machine.ran({"file /etc/x": {"ensure": "file", "mode": "0640"}}, limit=100)
    machine.ran(ABSENT, limit=100)
    machine.ran({"file /etc/x": {"ensure": "file", "mode": "0640"}}, limit=100)

    assert machine.path("/etc/x").read_text() == ""
    assert "content is not what it was: not reversible" in machine.outcomes["file", "/etc/x"].message


def test_a_stale_settled_digest_never_survives_a_failure(machine: Machine) -> None:
    machine.ran(KEEP)
    machine.path("/keep").unlink()
    machine.path("/keep").mkdir()
    assert machine.run(KEEP).failed == ["file[/keep]"]
    machine.path("/keep").rmdir()
    machine.ran(KEEP)
    machine.ran({"file /etc/none": {"ensure": "absent"}})
    assert not machine.path("/keep").exists()


def test_an_absent_thing_that_is_declared_again_is_as_it_was(machine: Machine) -> None:
    machine.write("/etc/x", "old", 0o604)
    details = {"file /etc/x": {"mode": "0640"}}
    machine.ran(details)
    machine.ran(ABSENT)
    machine.ran(details)
    assert (machine.path("/etc/x").read_text(), machine.path("/etc/x").stat().st_mode & 0o777) == ("old", 0o640)
    machine.ran(KEEP)
    assert machine.path("/etc/x").stat().st_mode & 0o777 == 0o604


def test_relations_of_what_waits_stay_known(machine: Machine) -> None:
    edges = ("file /etc/a -> file /etc/b",)
    machine.ran({"file /etc/a": {"content": "a"}, "file /etc/b": {"content": "b"}}, edges)
    machine.write("/etc/b", "theirs")
    machine.ran({"file /etc/a": {"content": "a"}})
    assert machine.pending() == {"/etc/b": "somebody else changed content"}
    assert ("/etc/a", "/etc/b") in {(edge.source_name, edge.target_name) for edge in machine.state.ledger.edges()}


def test_over_budget_nothing_takes_the_place_of_what_may_not_leave(machine: Machine) -> None:
    machine.write("/etc/x", "old")
    machine.ran({"file /etc/x": {"content": "ours"}, **KEEP})
    result = machine.run({**CONCAT, **KEEP}, free=False, max_prune=0)
    assert result.over_budget == (1, 0)
    assert (machine.status("concat", "/etc/x"), machine.path("/etc/x").read_text()) == ("skipped", "ours")
    machine.ran({**CONCAT, **KEEP})
    assert machine.path("/etc/x").read_text() == "joined"
    machine.ran(KEEP)
    assert machine.path("/etc/x").read_text() == "old"


@pytest.mark.parametrize("calls", range(1, 6))
def test_a_restore_that_died_goes_on(machine: Machine, calls: int) -> None:
    machine.path("/etc/x").mkdir(mode=0o711)
    machine.ran(KEEP)
    before = machine.picture()
    machine.ran({"file /etc/x": {"content": "x", "force": True}, **KEEP})
    machine.died(KEEP, calls)
    machine.ran(KEEP)

    assert machine.picture() == before


def test_the_next_run_confirms_what_died(machine: Machine) -> None:
    machine.ran(BARE)
    assert machine.died(FILE, 2)
    assert machine.ran(FILE) == {"unchanged": 1}

    assert all(claim.confirmed for claim in machine.state.ledger.claims()["file", "/etc/x"].values())


def test_what_was_replaced_lends_its_claims_to_nobody(machine: Machine) -> None:
    machine.write("/etc/x", "old")
    machine.ran({"file /etc/x": {"ensure": "link", "target": "y", "owner": "0"}})
    machine.ran(LINK)

    assert not machine.state.ledger.claims()["file", "/etc/x"]["owner"].declared


def test_nothing_is_touched_whose_content_moves_while_it_is_saved(machine: Machine) -> None:
    machine.write("/etc/x", "old")
    machine.system = type("Racing", (machine.system,), {"read": lambda *_: b"moved"})
    assert machine.run(BARE).failed == ["file[/etc/x]"]
    assert "changed while it was being saved" in machine.outcomes["file", "/etc/x"].message
    assert machine.path("/etc/x").read_text() == "old"


def test_a_secret_is_never_shown_in_a_diff(machine: Machine) -> None:
    diffs = []
    listen, machine.on = machine.on, lambda event: (diffs.append(getattr(event, "diff", None)), listen(event))  # type: ignore[method-assign,assignment,func-returns-value]
    secret = msgspec.structs.replace(machine.ref(b"hidden"), secret=True)
    machine.ran({"file /etc/s": {"content": secret}, **BARE}, show_diff=True)

    shown = [str(diff) for diff in diffs if diff]
    assert not any("hidden" in diff for diff in shown)
    assert any("bare" in diff for diff in shown)


def test_a_directory_and_what_is_in_it_go_and_come_back(machine: Machine) -> None:
    machine.write("/etc/d/f", "f", 0o604)
    before = machine.picture()
    machine.ran({"file /etc/d": {"ensure": "absent"}, "file /etc/d/f": {"ensure": "absent"}})
    assert not machine.path("/etc/d").exists()
    machine.ran({"file /etc/none": {"ensure": "absent"}})

    assert machine.picture() == before


def test_noop_of_a_resource_touches_no_claims(machine: Machine) -> None:
    machine.ran({**BARE, **KEEP})
    machine.ran({"file /etc/x": {"content": "other", "noop": True}, **KEEP})
    assert machine.status("file", "/etc/x") == "pending"
    assert machine.path("/etc/x").read_text() == "bare"
    machine.ran(KEEP)
    assert not machine.path("/etc/x").exists()
