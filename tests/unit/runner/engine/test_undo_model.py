"""The ledger against a plain model: whatever sequence of commits, drifts and reverts, the machine is as the model says."""

from __future__ import annotations

import copy
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hiera.errors import Location
from manifests.catalog import Catalog, ContentRef, Declaration, Ref
from runner.engine.converge import Order, converge
from runner.engine.journal import Journal
from runner.reporters.base import Silent
from runner.store.state import StateDirectory
from runner.system.local import LocalSystem

PATHS = ("/one", "/two", "/three")
ROOT = os.geteuid() == 0
NEW = {"content": "", "mode": "0644", "owner": str(os.geteuid())}

File = dict[str, str]
Catalogue = dict[str, File | None]  # path -> attributes, None for `ensure: absent`


@dataclass
class Model:
    """What the machine and the ledger should be, in the plainest words."""

    machine: dict[str, File | None] = field(default_factory=lambda: dict.fromkeys(PATHS))
    was_there: dict[str, bool] = field(default_factory=dict)
    baseline: dict[str, dict[str, str | None]] = field(default_factory=dict)
    applied: dict[str, File | None] = field(default_factory=dict)
    declared: dict[str, set[str]] = field(default_factory=dict)

    def run(self, catalog: Catalogue) -> None:
        for path in [path for path in self.was_there if path not in catalog]:
            self.leave(path)
        for path, wish in catalog.items():
            self.apply(path, wish)

    def apply(self, path: str, wish: File | None) -> None:
        now = self.machine[path]
        self.was_there.setdefault(path, now is not None)
        held = self.baseline.setdefault(path, {})
        before = self.applied.get(path)
        if wish is None:
            for name, value in (now or {}).items():
                held.setdefault(name, value)
            self.machine[path], self.applied[path], self.declared[path] = None, None, set()
            return
        new = dict(now or NEW)
        for name in self.declared.get(path, set()) - wish.keys():
            back = held.pop(name)
            back = NEW[name] if back is None else back
            if now is not None and before is not None and now[name] == before[name]:
                new[name] = back
        for name in wish:
            held.setdefault(name, None if now is None else now[name])
        new |= wish
        self.machine[path], self.applied[path], self.declared[path] = new, dict(new), set(wish)

    def leave(self, path: str) -> None:
        now, held, before = self.machine[path], self.baseline[path], self.applied[path]
        target = self.target(path)
        at_baseline = now == target if now is None or target is None else all(now[n] == target[n] for n in held)
        if not at_baseline:
            if (now is None) != (before is None):
                return
            if now is not None and before is not None:
                for name in self.declared[path]:
                    if now[name] not in (before[name], held[name]):
                        return
            self.machine[path] = target
        for table in (self.was_there, self.baseline, self.applied, self.declared):
            del table[path]

    def target(self, path: str) -> File | None:
        if not self.was_there[path]:
            return None
        now, held = self.machine[path], self.baseline[path]
        whole = now is None or held.keys() - self.declared[path]
        return {**({} if whole else now or {}), **{name: value for name, value in held.items() if value is not None}}


class Node:
    """A real root directory with a real state directory."""

    def __init__(self, directory: str) -> None:
        self.root = os.path.join(directory, "root")
        os.mkdir(self.root)
        self.state = StateDirectory(os.path.join(directory, "state"))
        self.state.create()
        self.runs = 0

    def digest(self, data: bytes) -> str:
        return self.state.digester(data, secret=False)

    def run(self, catalogue: Catalogue) -> None:
        self.runs += 1
        revision = f"c{self.runs}"
        contents: dict[str, bytes] = {}
        declarations = tuple(self.declaration(path, wish, contents) for path, wish in catalogue.items())
        catalog = Catalog(revision, "production", "n", declarations, ())
        system = LocalSystem(
            self.root, self.state.digester, content=lambda digest: contents.get(digest) or self.state.blobs.find(digest)
        )
        begin = {
            "command": "run", "trigger": "manual", "revision": revision, "tree": revision, "environment": "production",
            "node": "n", "signer": "", "trust": "unsigned", "noop": False, "catalog": "", "started": 0.0,
        }  # fmt: skip
        journal = Journal(self.state, begin, keeps_ledger=True, backup_limit=2**20)
        order = Order(revision=revision, full=True, free=True)
        result = converge(catalog, order, system, self.state, journal, Silent())
        assert result.failed == []

    def declaration(self, path: str, wish: File | None, contents: dict[str, bytes]) -> Declaration:
        attributes: dict[str, Any] = {"ensure": "absent" if wish is None else "file"}
        for name, value in (wish or {}).items():
            attributes[name] = value
            if name == "content":
                data = value.encode()
                contents[self.digest(data)] = data
                attributes[name] = ContentRef(self.digest(data), len(data))
        return Declaration(Ref("file", f"the {path}"), path, attributes, Location("m.yaml", 1), Ref("class", "main"))

    def write(self, path: str, file: File | None) -> None:
        whole = self.root + path
        if file is None:
            Path(whole).unlink(missing_ok=True)
            return
        Path(whole).write_text(file["content"])
        os.chown(whole, int(file["owner"]), -1)
        os.chmod(whole, int(file["mode"], 8))

    def read(self, path: str) -> File | None:
        whole = self.root + path
        if not os.path.lexists(whole):
            return None
        found = os.lstat(whole)
        mode = f"{found.st_mode & 0o7777:04o}"
        return {"content": Path(whole).read_text(), "mode": mode, "owner": str(found.st_uid)}


_CONTENT = st.sampled_from(["", "a\n", "b\n", "c\n"])
_MODE = st.sampled_from(["0600", "0640", "0644", "0755"])
_OWNER = st.sampled_from(["1", "2", "0"]) if ROOT else st.just(NEW["owner"])
_FILE = st.fixed_dictionaries({"content": _CONTENT, "mode": _MODE, "owner": _OWNER})
_WISH = st.one_of(st.none(), st.fixed_dictionaries({}, optional={"content": _CONTENT, "mode": _MODE, "owner": _OWNER}))
_CATALOGUE = st.dictionaries(st.sampled_from(PATHS), _WISH)
_DRIFT = st.tuples(st.sampled_from(PATHS), st.one_of(st.none(), _FILE))
_STEP = st.one_of(
    st.tuples(st.just("commit"), _CATALOGUE),
    st.tuples(st.just("drift"), _DRIFT),
    st.tuples(st.just("revert"), st.integers(0, 5)),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(start=st.dictionaries(st.sampled_from(PATHS), _FILE), steps=st.lists(_STEP, min_size=1, max_size=8))
def test_any_history_leaves_the_machine_as_the_model_says(start: dict[str, File], steps: list[Any]) -> None:
    directory = tempfile.mkdtemp(prefix="freehold-undo-")
    try:
        follow(Node(directory), start, steps)
    finally:
        shutil.rmtree(directory)


def follow(node: Node, start: dict[str, File], steps: list[Any]) -> None:
    model = Model()
    for path, file in start.items():
        node.write(path, file)
        model.machine[path] = dict(file)
    history: list[Catalogue] = [{}]
    for what, detail in steps:
        if what == "drift":
            path, file = detail
            node.write(path, file)
            model.machine[path] = copy.copy(file)
        else:
            catalogue = detail if what == "commit" else history[-1 - detail % len(history)]
            history.append(catalogue)
            node.run(catalogue)
            model.run(catalogue)
        assert {path: node.read(path) for path in PATHS} == model.machine
    node.state.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(start=st.dictionaries(st.sampled_from(PATHS), _FILE), commits=st.lists(_CATALOGUE, min_size=1, max_size=6))
def test_leaving_everything_gives_the_machine_back_as_it_was(start: dict[str, File], commits: list[Catalogue]) -> None:
    directory = tempfile.mkdtemp(prefix="freehold-undo-")
    try:
        node = Node(directory)
        for path, file in start.items():
            node.write(path, file)
        for catalogue in [*commits, {}]:
            node.run(catalogue)

        assert {path: node.read(path) for path in PATHS} == {path: start.get(path) for path in PATHS}
        node.state.close()
    finally:
        shutil.rmtree(directory)
