"""A small world in memory under the real engine: jars that hold something, bells that ring, things that are slow."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from hiera.errors import Location
from manifests.catalog import Catalog, Container, Declaration, Edge, Ref
from runner import resources
from runner.engine.converge import Order, Result, converge
from runner.engine.journal import Journal
from runner.reporters.base import Event, ResourceDone
from runner.resources.base import Change, Identity, Refreshable, Resource, State, Undo, option, state
from runner.store.records import Outcome
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
    ensure = state[str]("String", "whether it shall be there")
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


def put_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the engine know the types of this world, empty."""
    table = {name.lower(): f"support.jars:{name}" for name in ("Jar", "Bell", "Slow")}
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
def jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    """Return a node that manages this world."""
    put_up(monkeypatch)
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
