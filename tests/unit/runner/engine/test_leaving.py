"""What leaves a small world in memory: the order, what holds it back, the budget."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from support.jars import Bell, Jar, Node, catalog, declare

from runner.store.records import Status


@pytest.fixture
def node(jars: Node) -> Node:
    return jars


def test_what_leaves_is_taken_back_in_reverse(node: Node) -> None:
    Jar.world["c"] = "old"
    wish = catalog(*(declare(f"jar {name}") for name in "abc"), edges=("jar a -> jar b", "jar b -> jar c"))
    node.run(wish)
    Jar.deeds.clear()
    node.run(catalog(declare("jar k")))

    assert Jar.deeds == ["+k", "+c", "-b", "-a"]
    assert Jar.world == {"c": "old", "k": "jam"}
    assert node.state.ledger.things().keys() == {("jar", "k")}


def test_what_somebody_else_changed_is_kept_and_reported(node: Node) -> None:
    node.run(catalog(declare("jar a"), declare("jar k")))
    Jar.world["a"] = "somebody's"
    result = node.run(catalog(declare("jar k")))

    assert Jar.world["a"] == "somebody's"
    assert node.outcome("a").status is Status.KEPT
    assert (result.pending_prunes, result.failed) == (1, [])
    assert [thing.pending for thing in node.state.ledger.pending()] == ["somebody else changed value"]


def test_prune_keep_lets_go_without_touching(node: Node) -> None:
    node.run(catalog(declare("jar a", prune="keep"), declare("jar k")))
    node.run(catalog(declare("jar k")))

    assert Jar.world == {"a": "jam", "k": "jam"}
    assert node.state.ledger.things().keys() == {("jar", "k")}


def test_an_unrelated_failure_does_not_block_a_revert_and_a_related_one_does(node: Node) -> None:
    node.run(catalog(declare("jar a"), declare("jar b"), declare("jar k"), edges=("jar k -> jar a",)))
    Jar.broken.add("k")
    Jar.world.pop("k")
    result = node.run(catalog(declare("jar k")))

    assert result.failed == ["jar[k]"]
    assert "b" not in Jar.world
    assert "a" in Jar.world
    assert node.outcome("a").status is Status.HELD_BACK
    assert result.pending_prunes == 1


def test_what_is_in_use_is_kept(node: Node) -> None:
    node.run(catalog(declare("jar a"), declare("jar k")))
    Jar.broken.add("used a")
    result = node.run(catalog(declare("jar k")))

    assert (result.failed, result.pending_prunes) == ([], 1)
    assert node.outcome("a").message == "somebody sits on it"


def test_a_leaving_thing_notifies_whom_it_notified(node: Node) -> None:
    node.run(catalog(declare("jar a"), declare("bell b"), edges=("jar a ~> bell b",)))
    Bell.rings.clear()
    node.run(catalog(declare("bell b")))

    assert Bell.rings == ["b"]
    assert Jar.world == {}


def test_the_budget_stops_the_prune_until_confirmed(node: Node) -> None:
    node.run(catalog(*(declare(f"jar {number}") for number in range(12)), declare("jar k")))
    result = node.run(catalog(declare("jar k")))
    assert result.over_budget == (12, 10)
    assert len(Jar.world) == 13

    assert node.run(catalog(declare("jar k")), free=True).over_budget is None
    assert Jar.world == {"k": "jam"}


def test_an_empty_catalog_over_a_ledger_never_prunes_unasked(node: Node) -> None:
    node.run(catalog(declare("jar a")))

    assert node.run(catalog()).over_budget == (1, 0)
    assert Jar.world == {"a": "jam"}


@pytest.mark.parametrize("more", [{"full": False}, {"full": False, "tags": ("x",)}, {"noop": True}])
def test_only_a_full_run_prunes(node: Node, more: dict[str, Any]) -> None:
    node.run(catalog(declare("jar a"), declare("jar k", tags=("x",))))
    node.run(catalog(declare("jar k", tags=("x",))), **more)

    assert "a" in Jar.world
    assert ("jar", "a") in node.state.ledger.things()


def test_on_a_node_that_only_looks_nothing_leaves_either(node: Node) -> None:
    node.run(catalog(declare("jar a"), declare("jar k")))
    looking = msgspec.structs.replace(catalog(declare("jar k"), declare("jar n")), noop=True)
    node.run(looking)

    assert Jar.world == {"a": "jam", "k": "jam"}
    assert node.outcome("a").status is Status.PENDING
    node.run(catalog(declare("jar k")))
    assert Jar.world == {"k": "jam"}


def test_what_leaves_first_comes_before_all_and_holds_nobody_back(node: Node) -> None:
    node.run(catalog(declare("jar a", prune="first"), declare("jar k")))
    Jar.deeds.clear()
    node.run(catalog(declare("jar k", value="new")))
    assert Jar.deeds == ["-a", "+k"]

    node.run(catalog(declare("jar b", prune="first"), declare("jar k", value="new")))
    Jar.broken.add("b")
    result = node.run(catalog(declare("jar k", value="newer")))
    assert result.failed == ["jar[b]"]
    assert Jar.world["k"] == "newer"


def test_a_refresh_owed_to_what_left_is_owed_no_more(node: Node) -> None:
    Bell.broken.add("b")
    node.run(catalog(declare("jar a"), declare("bell b"), edges=("jar a ~> bell b",)))
    assert node.state.ledger.owed()
    node.run(catalog(declare("jar a")))

    assert node.state.ledger.owed() == {}


def test_the_budget_may_be_a_percentage(node: Node) -> None:
    node.run(catalog(*(declare(f"jar {number}") for number in range(9)), declare("jar k")))
    assert node.run(catalog(declare("jar k")), max_prune="50%").over_budget == (9, 5)
    assert node.run(catalog(declare("jar k")), max_prune="90%").over_budget is None


def test_what_is_kept_does_not_count_and_a_look_shows_all_that_would_leave(node: Node) -> None:
    node.run(catalog(*(declare(f"jar {number}", prune="keep") for number in range(12)), declare("jar k")))
    assert node.run(catalog(declare("jar k"))).over_budget is None
    node.run(catalog(*(declare(f"jar m{number}") for number in range(12)), declare("jar k")))
    result = node.run(catalog(declare("jar k")), noop=True)

    assert (result.over_budget, result.counts["pending"]) == ((12, 10), 12)


def test_what_was_removed_comes_back_after_what_it_needs(node: Node) -> None:
    Jar.world |= {"a": "old", "b": "old"}
    node.run(
        catalog(declare("jar a", ensure="absent"), declare("jar b", requires="a", ensure="absent"), declare("jar k"))
    )
    assert Jar.deeds.index("-b") < Jar.deeds.index("-a")
    Jar.deeds.clear()
    node.run(catalog(declare("jar k")))

    assert Jar.deeds == ["+a", "+b"]
