"""One body for every resource type: look twice, do not touch in a dry run, reach the wish, rest, go back."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from contract import (
    Row,
    Table,
    World,
    in_sync,
    keep_preimages,
    keys_of,
    resource_of,
    rows,
    snapshot,
    wish_of,
)

from runner.resources import load
from runner.resources.base import Change, Resource, Undo
from runner.system.base import MachineError


def _tables() -> list[Table]:
    """Return the tables of all files in ``cases/``."""
    found: list[Table] = []
    for path in sorted((Path(__file__).parent / "cases").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"contract_cases_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found += module.TABLES
    return found


ROWS = list(rows(_tables()))


class Scene:
    """A row set up: the world in its start state, the resource, and what was there before."""

    def __init__(self, row: Row, directory: Path) -> None:
        self.row = row
        self.world: World = row.world(str(directory))
        row.table.starts[row.start](self.world)
        self.attributes = row.attributes(self.world)
        self.resource = resource_of(row.table.kind, row.table.name, self.attributes)
        self.keys = keys_of(self.resource)
        self.wish = wish_of(self.resource, self.world.probe)
        self.machine = snapshot(self.world.probe)

    def again(self) -> Resource:
        """Return the resource made anew."""
        return resource_of(self.row.table.kind, self.resource.declaration.name, self.attributes)

    def read(self, resource: Resource) -> dict[str, Any] | None:
        """Return the state now, for all attributes."""
        return resource.read(self.world.probe, self.keys)

    def change(self) -> Change:
        """Return the change that a run would make now."""
        before = self.read(self.resource)
        return Change(before, self.resource.after(before, self.wish))

    def run(self) -> list[Step]:
        """Make all that is to be made, as the engine does; return the steps that did something."""
        children = list(self.resource.expand(self.world.probe))
        steps = [self._step(load(self.row.table.kind)(child.declaration)) for child in children if child.purge]
        steps.append(self._step(self.resource))
        steps += [self._step(load(self.row.table.kind)(child.declaration)) for child in children if not child.purge]
        return [step for step in steps if step.before != step.after]

    def _step(self, resource: Resource) -> Step:
        """Bring one resource to its wish."""
        wish = wish_of(resource, self.world.probe)
        before = resource.read(self.world.probe, self.keys)
        if in_sync(resource, before, wish):
            return Step(resource, before, before)
        change = Change(before, resource.after(before, wish))
        keep_preimages(self.world, resource, change)
        resource.stage(self.world.system, change)
        resource.converge(self.world.system, change)
        self.world.system.flush()
        fresh = load(self.row.table.kind)(resource.declaration)
        after = fresh.read(self.world.probe, self.keys)
        assert in_sync(fresh, after, wish), f"not reached: {after} is not {wish}"
        assert fresh.after(after, wish) == after
        return Step(resource, before, after)

    def undo(self, steps: list[Step], *, bare: bool) -> None:
        """Take the steps back, the newest first."""
        for step in reversed(steps):
            declaration = step.resource.declaration
            if bare:
                declaration = msgspec.structs.replace(declaration, attributes=step.resource.options())
            back = load(self.row.table.kind)(declaration)
            change = Change(step.before, step.after).reversed()
            back.stage(self.world.system, change)
            back.converge(self.world.system, change)


class Step(NamedTuple):
    """What happened to one resource."""

    resource: Resource
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@pytest.fixture(params=ROWS, ids=str)
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    return Scene(request.param, tmp_path)


def _refused(scene: Scene) -> bool:
    return (scene.row.start, scene.row.wish) in scene.row.table.refused


def test_the_declaration_is_right(scene: Scene) -> None:
    assert list(scene.resource.problems(scene.world.probe)) == []


def test_looking_changes_nothing_and_says_the_same_twice(scene: Scene) -> None:
    first = scene.read(scene.resource)
    assert scene.read(scene.again()) == first
    change = scene.change()
    list(scene.resource.expand(scene.world.probe))
    list(scene.resource.missing(scene.world.probe))
    scene.resource.diff(scene.world.probe, change, scene.world.contents.get)
    keep_preimages(scene.world, scene.resource, change)
    assert snapshot(scene.world.probe) == scene.machine


def test_converge_reaches_the_wish_and_rests(scene: Scene) -> None:
    if _refused(scene):
        with pytest.raises(MachineError):
            scene.run()
        assert snapshot(scene.world.probe) == scene.machine
        return
    steps = scene.run()
    assert not steps or (scene.row.start, scene.row.wish) not in scene.row.table.unchanged
    assert not [path for path in snapshot(scene.world.probe) if ".freehold-" in path]
    if scene.row.wish in scene.row.table.check:
        assert scene.row.table.check[scene.row.wish](scene.world.probe)
    scene.resource = scene.again()
    assert scene.run() == []


@pytest.mark.parametrize("bare", [False, True], ids=["itself", "from-its-record"])
def test_the_way_back_is_exact(scene: Scene, bare: bool) -> None:
    if _refused(scene) or scene.resource.undo is Undo.NONE:
        return
    before = scene.read(scene.resource)
    scene.undo(scene.run(), bare=bare)
    if scene.resource.undo is Undo.EXACT:
        assert snapshot(scene.world.probe) == scene.machine
    now = scene.again().read(scene.world.probe, scene.keys)
    assert _without(now, scene.resource.volatile) == _without(before, scene.resource.volatile)


def _without(state: dict[str, Any] | None, keys: frozenset[str]) -> dict[str, Any] | None:
    return state and {key: value for key, value in state.items() if key not in keys}
