"""The walk over a small world in memory: order, failures, refreshes, what is owed."""

from __future__ import annotations

import pytest
from support.jars import MAIN, Bell, Jar, Node, Slow, catalog, declare

from hiera.errors import DataError
from manifests.catalog import Declaration, Ref
from runner.resources.base import Missing, State
from runner.store.records import Status
from runner.system.base import MachineError


@pytest.fixture
def node(jars: Node) -> Node:
    return jars


def test_relations_order_and_declaration_order_breaks_ties(node: Node) -> None:
    node.run(catalog(declare("jar a"), declare("jar b"), declare("jar c"), edges=("jar c -> jar a",)))

    assert Jar.deeds == ["+b", "+c", "+a"]


def test_a_second_run_does_nothing(node: Node) -> None:
    wish = catalog(declare("jar a"), declare("bell b"), edges=("jar a ~> bell b",))
    first, second = node.run(wish), node.run(wish)

    assert (first.counts, second.counts) == ({"changed": 2}, {"unchanged": 2})
    assert (Jar.deeds, Bell.rings) == (["+a"], ["b"])


def test_a_failure_is_passed_on_with_its_cause_and_the_rest_goes_on(node: Node) -> None:
    Jar.broken.add("a")
    wish = catalog(*(declare(f"jar {name}") for name in "abcd"), edges=("jar a -> jar b", "jar b -> jar c"))
    result = node.run(wish)

    assert result.failed == ["jar[a]"]
    assert node.outcome("a").message == "it is broken"
    assert [node.outcome(name).status for name in "bcd"] == [Status.SKIPPED, Status.SKIPPED, Status.CHANGED]
    assert node.outcome("c").message == "because jar[a] failed"


def test_who_claims_success_and_did_nothing_has_failed(node: Node) -> None:
    Jar.broken.add("lazy a")
    result = node.run(catalog(declare("jar a")))

    assert result.failed == ["jar[a]"]
    assert "still differs" in node.outcome("a").message


def test_a_failed_refresh_is_owed_and_paid_by_the_next_run(node: Node) -> None:
    wish = catalog(declare("jar a"), declare("bell b"), edges=("jar a ~> bell b",))
    Bell.broken.add("b")
    first = node.run(wish)
    assert (first.failed, first.owed) == (["bell[b]"], 1)

    Bell.broken.clear()
    second = node.run(wish)
    assert (second.failed, second.owed) == ([], 0)
    assert node.outcome("b").refreshed
    assert node.run(wish).counts == {"unchanged": 2}


def test_a_refresh_skipped_by_a_failure_is_owed(node: Node) -> None:
    Jar.broken.add("x")
    wish = catalog(declare("jar a"), declare("jar x"), declare("bell b"), edges=("jar a ~> bell b", "jar x -> bell b"))
    assert node.run(wish).owed == 1
    Jar.broken.clear()
    node.run(wish)

    assert Bell.rings == ["b"]


def test_changes_pass_through_containers(node: Node) -> None:
    inner = Ref("class", "inner")
    wish = catalog(
        declare("jar a", container=inner), declare("bell in", container=inner), declare("bell out"), declare("jar z"),
        edges=("class inner ~> bell out", "jar z ~> class inner"), containers=("inner",),
    )  # fmt: skip
    node.run(wish)

    assert Jar.deeds == ["+z", "+a"]
    assert sorted(Bell.rings) == ["in", "out"]


def test_a_failure_in_a_container_stops_who_waits_for_it(node: Node) -> None:
    Jar.broken.add("a")
    wish = catalog(
        declare("jar a", container=Ref("class", "inner")), declare("jar b"),
        edges=("class inner -> jar b",), containers=("inner",),
    )  # fmt: skip
    node.run(wish)

    assert node.outcome("b").status is Status.SKIPPED


def test_independent_work_runs_at_the_same_time(node: Node) -> None:
    result = node.run(catalog(declare("slow a"), declare("slow b")))

    assert result.counts == {"changed": 2}


def test_what_is_exclusive_runs_alone(node: Node) -> None:
    result = node.run(catalog(*(declare(f"slow {number}", lock="dpkg") for number in range(6))))

    assert result.counts == {"changed": 6}
    assert Slow.inside[1] == 1


def test_a_walk_that_looks_touches_nothing_and_grades(node: Node) -> None:
    wish = catalog(declare("jar a"), declare("jar b"), declare("bell c"), edges=("jar a -> jar b", "jar a ~> bell c"))
    result = node.run(wish, noop=True)

    assert result.counts == {"pending": 3}
    assert Jar.deeds == []
    assert {event.ref: event.grade for event in node.heard.events} == {
        "jar[a]": "certain",
        "jar[b]": "assumed",
        "bell[c]": "assumed",
    }
    assert node.state.ledger.count() == 0


def test_tags_select_and_an_empty_selection_is_an_error(node: Node) -> None:
    wish = catalog(declare("jar a", tags=("web",)), declare("jar b", tags=("db",)))
    node.run(wish, full=False, tags=("web",))
    assert Jar.world == {"a": "jam"}

    with pytest.raises(DataError) as raised:
        node.run(wish, full=False, tags=("wbe",))
    assert raised.value.problems[0].code == "no-such-tag"


def test_automatic_relations_give_way_to_written_ones(node: Node) -> None:
    node.run(catalog(declare("jar a", requires="b"), declare("jar b"), edges=("jar a -> jar b",)))

    assert Jar.deeds == ["+a", "+b"]


def test_a_cycle_is_found_before_anything_is_touched(node: Node) -> None:
    with pytest.raises(DataError) as raised:
        node.run(catalog(declare("jar a"), declare("jar b"), edges=("jar a -> jar b", "jar b -> jar a")))
    assert raised.value.problems[0].code == "cycle"
    assert Jar.deeds == []


def test_noop_of_a_resource_beats_the_run_and_is_reported(node: Node) -> None:
    resource = declare("jar a")
    wish = catalog(
        Declaration(resource.ref, "a", {"value": "jam"}, resource.location, MAIN, noop=True), declare("jar b")
    )
    node.run(wish)

    assert Jar.world == {"b": "jam"}
    assert node.outcome("a").status is Status.PENDING


def test_drift_is_told_from_change(node: Node) -> None:
    wish = catalog(declare("jar a"))
    node.run(wish)
    assert not node.outcome("a").drift
    Jar.world["a"] = "mould"
    node.run(wish)

    assert node.outcome("a").drift
    assert Jar.world["a"] == "jam"


def test_what_means_nothing_here_is_owed_nothing(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bell, "not_applicable", lambda *_: "it has no tower")
    result = node.run(catalog(declare("jar a"), declare("bell b"), edges=("jar a ~> bell b",)))

    assert result.counts == {"changed": 1, "not-applicable": 1}
    assert result.owed == 0


def test_the_causes_of_a_refresh_survive_a_selection(node: Node) -> None:
    Bell.broken.add("b")
    wish = catalog(declare("jar a", tags=("x",)), declare("bell b"), edges=("jar a ~> bell b",))
    node.run(wish, full=False, tags=("x",))
    assert (Bell.rings, len(node.state.ledger.owed())) == ([], 1)
    Bell.broken.clear()
    node.run(wish)

    assert Bell.rings == ["b"]


def test_a_failed_repair_does_not_make_anothers_change_ours(node: Node) -> None:
    node.run(catalog(declare("jar a"), declare("jar k")))
    Jar.world["a"] = "mould"
    Jar.broken.add("a")
    assert node.run(catalog(declare("jar a"), declare("jar k"))).failed == ["jar[a]"]
    Jar.broken.clear()
    node.run(catalog(declare("jar k")))

    assert Jar.world["a"] == "mould"
    assert node.outcome("a").status is Status.KEPT


def test_a_plan_is_unknowable_where_a_look_fails_for_want_of_what_is_pending(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(self: Jar, *_: object) -> State | None:
        if self.name == "b":
            raise MachineError("not there yet")
        return None

    monkeypatch.setattr(Jar, "read", read)
    result = node.run(catalog(declare("jar a"), declare("jar b"), edges=("jar a -> jar b",)), noop=True)

    assert (result.failed, result.counts) == ([], {"pending": 2})
    assert [event.grade for event in node.heard.events] == ["certain", "unknowable"]


def test_what_cannot_be_is_missing_unless_something_brings_it(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Jar, "missing", lambda self, _: iter([Missing("user", "ann", "there is no ann")] * (self.name == "a"))
    )
    with pytest.raises(DataError) as raised:
        node.run(catalog(declare("jar a")))
    assert raised.value.problems[0].code == "missing-user"
    monkeypatch.setattr(Jar, "missing", lambda *_: iter([Missing("jar", "b", "there is no b")]))
    node.run(catalog(declare("jar a"), declare("jar b")))
    assert Jar.world == {"a": "jam", "b": "jam"}


def test_a_cycle_through_a_container_is_one(node: Node) -> None:
    wish = catalog(
        declare("jar a", container=Ref("class", "inner")), declare("jar b"),
        edges=("class inner -> jar b", "jar b -> jar a"), containers=("inner",),
    )  # fmt: skip
    with pytest.raises(DataError) as raised:
        node.run(wish)
    assert raised.value.problems[0].code == "cycle"


def test_a_change_that_does_what_a_refresh_would_is_not_followed_by_one(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bell, "read", lambda *_: {"up": Bell.rings != []})
    monkeypatch.setattr(Bell, "wanted", lambda _: {"up": True})
    monkeypatch.setattr(Bell, "converge", lambda self, *_: Bell.rings.append("converged"))
    monkeypatch.setattr(Bell, "discharged_by", lambda *_: True)
    result = node.run(catalog(declare("jar a"), declare("bell b"), edges=("jar a ~> bell b",)))

    assert (Bell.rings, result.owed) == (["converged"], 0)
