"""The walk over a small world in memory: order, failures, refreshes, what is owed, what leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from hiera.errors import DataError, Location
from manifests.catalog import Catalog, Container, Declaration, Edge, Ref
from runner import resources
from runner.engine.converge import Order, Result, converge
from runner.engine.journal import Journal
from runner.reporters.base import Event, ResourceDone
from runner.resources.base import Change, Identity, Refreshable, Resource, State, Undo, option, state
from runner.store.records import Outcome, Status
from runner.store.state import StateDirectory
from runner.system.base import InUse, MachineError, Probe, System
from runner.system.fake import FakeSystem

MAIN = Ref("class", "main")


class Jar(Resource):
    """A thing in memory that may be told to misbehave."""

    kind = "jar"
    undo = Undo.EXACT
    cheap = True
    world: ClassVar[dict[str, str]] = {}
    deeds: ClassVar[list[str]] = []
    broken: ClassVar[set[str]] = set()
    value = state[str]("String", "what is in it")
    requires = option[str]("String", "what it needs by itself")

    def needs(self) -> Iterator[Identity]:
        if self.requires is not None:
            yield ("jar", self.requires)

    def read(self, probe: Probe, keys: frozenset[str]) -> State | None:
        return {"value": self.world[self.name]} if self.name in self.world else None

    def converge(self, system: System, change: Change) -> None:
        self.deeds.append(f"{'-' if change.removes else '+'}{self.name}")
        if self.name in self.broken:
            raise MachineError("it is broken")
        if f"lazy {self.name}" in self.broken:
            return
        if f"used {self.name}" in self.broken:
            raise InUse("somebody sits on it")
        if change.after is None:
            del self.world[self.name]
        else:
            self.world[self.name] = change.after["value"]


class Bell(Resource, Refreshable):
    """A thing that rings when it is notified."""

    kind = "bell"
    undo = Undo.NONE
    rings: ClassVar[list[str]] = []
    broken: ClassVar[set[str]] = set()

    def read(self, probe: Probe, keys: frozenset[str]) -> State | None:
        return {}

    def converge(self, system: System, change: Change) -> None:
        raise AssertionError

    def refresh(self, system: System) -> None:
        self.rings.append(self.name)
        if self.name in self.broken:
            raise MachineError("it does not ring")


class Slow(Resource):
    """A thing that takes its time in a thread; the time is a meeting of two, or a look at who else is there."""

    kind = "slow"
    undo = Undo.NONE
    meeting: ClassVar[threading.Barrier] = threading.Barrier(2)
    inside: ClassVar[list[int]] = [0, 0]
    guard: ClassVar[threading.Lock] = threading.Lock()
    done: ClassVar[set[str]] = set()
    lock = option[str]("String", "what it needs for itself alone")

    @property
    def exclusive(self) -> frozenset[str]:
        return frozenset({self.lock}) if self.lock else frozenset()

    def wanted(self) -> State | None:
        return {"done": True}

    def read(self, probe: Probe, keys: frozenset[str]) -> State | None:
        return {"done": self.name in self.done}

    def converge(self, system: System, change: Change) -> None:
        if self.lock is None:
            self.meeting.wait(timeout=20)
        else:
            with self.guard:
                self.inside[0] += 1
                self.inside[1] = max(self.inside)
            threading.Event().wait(0.02)
            with self.guard:
                self.inside[0] -= 1
        self.done.add(self.name)


@pytest.fixture(autouse=True)
def _world(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {name.lower(): f"{__name__}:{name}" for name in ("Jar", "Bell", "Slow")}
    kinds: dict[str, type[Resource]] = {"jar": Jar, "bell": Bell, "slow": Slow}
    monkeypatch.setattr("runner.engine.bind.load", kinds.__getitem__)
    monkeypatch.setattr("runner.engine.leaving.load", kinds.__getitem__)
    monkeypatch.setattr("runner.engine.leaving.BUILT_IN", resources.BUILT_IN | table)
    for each in (Jar.world, Jar.deeds, Jar.broken, Bell.rings, Bell.broken, Slow.done):
        each.clear()
    Slow.inside[:] = [0, 0]


class Listener:
    def __init__(self) -> None:
        self.events: list[ResourceDone] = []

    def on(self, event: Event) -> None:
        if isinstance(event, ResourceDone):
            self.events.append(event)


class Node:
    """A node with a memory on disk and a world in memory."""

    def __init__(self, directory: Path) -> None:
        self.state = StateDirectory(str(directory / "state"))
        self.state.create()
        self.runs = 0
        self.heard = Listener()

    def run(self, catalog: Catalog, *, free: bool = False, **more: Any) -> Result:
        self.runs += 1
        self.heard = Listener()
        revision = f"c{self.runs}"
        begin = {
            "command": "run", "trigger": "manual", "revision": revision, "tree": revision, "environment": "production",
            "node": "n", "signer": "", "trust": "unsigned", "noop": False, "catalog": "", "started": 0.0,
        }  # fmt: skip
        order = Order(revision=revision, free=free, **({"full": True} | more))
        journal = None if order.noop else Journal(self.state, begin, keeps_ledger=order.full, backup_limit=100)
        return converge(catalog, order, FakeSystem(), self.state, journal, self.heard)

    def outcome(self, name: str) -> Outcome:
        return next(event.outcome for event in self.heard.events if event.outcome.name == name)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def declare(reference: str, tags: tuple[str, ...] = (), prune: str = "restore", **attributes: Any) -> Declaration:
    kind, _, title = reference.partition(" ")
    container = attributes.pop("container", MAIN)
    if kind == "jar":
        attributes.setdefault("value", "jam")
    return Declaration(Ref(kind, title), title, attributes, Location("m.yaml", 1), container, tags, prune=prune)


def arrow(text: str) -> Edge:
    notify = "~>" in text
    left, right = (Ref(*part.split()) for part in text.split(" ~> " if notify else " -> "))
    return Edge(left, right, notify)


def catalog(*items: Declaration, edges: tuple[str, ...] = (), containers: tuple[str, ...] = ()) -> Catalog:
    boxes = tuple(Container(Ref("class", name), Location("m.yaml", 1)) for name in containers)
    return Catalog("c", "production", "n", items, tuple(arrow(text) for text in edges), boxes)


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


def test_the_causes_of_a_refresh_survive_a_selection(node: Node) -> None:
    Bell.broken.add("b")
    wish = catalog(declare("jar a", tags=("x",)), declare("bell b"), edges=("jar a ~> bell b",))
    node.run(wish, full=False, tags=("x",))
    assert (Bell.rings, len(node.state.ledger.owed())) == ([], 1)
    Bell.broken.clear()
    node.run(wish)

    assert Bell.rings == ["b"]


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
