"""A machine in a directory under the real engine: real files, a real memory, catalogs without a compiler.

machine = Machine(tmp_path)
machine.run({"file /etc/motd": {"content": "hello\\n"}})
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hiera.errors import Location
from manifests.catalog import Catalog, ContentRef, Declaration, Edge, Ref
from runner.engine.converge import Order, Result, converge
from runner.engine.journal import Journal
from runner.reporters.base import Event, ResourceDone
from runner.store.records import Outcome
from runner.store.state import StateDirectory
from runner.system.local import LocalSystem

MAIN = Ref("class", "main")
FIELDS = {"prune", "noop", "tags"}

Wishes = Mapping[str, Mapping[str, Any]]


class Died(BaseException):
    """Thrown in the middle of a run, as if the process had been killed there."""


class Machine:
    """A root directory and a state directory; each run has a revision of its own."""

    def __init__(self, directory: Path | str) -> None:
        self.root = Path(directory) / "root"
        (self.root / "etc").mkdir(parents=True)
        self.state = StateDirectory(str(Path(directory) / "state"))
        self.state.create()
        self.contents: dict[str, bytes] = {}
        self.outcomes: dict[tuple[str, str], Outcome] = {}
        self.system: type[LocalSystem] = LocalSystem
        self.runs = 0

    def on(self, event: Event) -> None:
        if isinstance(event, ResourceDone):
            self.outcomes[event.outcome.kind, event.outcome.name] = event.outcome

    def ref(self, data: bytes) -> ContentRef:
        digest = self.state.digester(data, secret=False)
        self.contents[digest] = data
        return ContentRef(digest, len(data))

    def declaration(self, reference: str, wish: Mapping[str, Any]) -> Declaration:
        """Return the declaration ``kind title``; the name is the title unless ``path`` says otherwise."""
        kind, _, title = reference.partition(" ")
        attributes = {name: value for name, value in wish.items() if name not in FIELDS}
        if isinstance(attributes.get("content"), str):
            attributes["content"] = self.ref(attributes["content"].encode())
        if "source_tree" in attributes:
            tree = attributes["source_tree"].items()
            attributes["source_tree"] = {name: text and self.ref(text.encode()) for name, text in tree}
        more = {name: value for name, value in wish.items() if name in FIELDS}
        path = str(attributes.pop("path", title))
        return Declaration(Ref(kind, title), path, attributes, Location("m.yaml", 1), MAIN, **more)

    def catalog(self, wishes: Wishes, edges: tuple[str, ...] = ()) -> Catalog:
        """Return a catalog of ``kind title`` -> attributes, with relations such as ``file /a -> file /b``."""
        declarations = tuple(self.declaration(reference, wish) for reference, wish in wishes.items())
        arrows = [text.partition(" -> ") for text in edges]
        related = tuple(Edge(Ref(*left.split()), Ref(*right.split())) for left, _, right in arrows)
        return Catalog("", "production", "n", declarations, related)

    def run(self, wishes: Wishes, edges: tuple[str, ...] = (), *, limit: int = 2**20, **more: Any) -> Result:
        """Run; returns the result, whatever became of the resources."""
        self.runs += 1
        self.outcomes = {}
        revision = f"c{self.runs}"
        begin = {
            "command": "run", "trigger": "manual", "revision": revision, "tree": revision, "environment": "production",
            "node": "n", "signer": "", "trust": "unsigned", "noop": False, "catalog": "", "started": 0.0,
        }  # fmt: skip
        order = Order(revision=revision, backup_limit=limit, **({"full": True, "free": True} | more))
        journal = None if order.noop else Journal(self.state, begin, keeps_ledger=order.full, backup_limit=limit)
        system = self.system(str(self.root), self.state.digester, content=self.find)
        LocalSystem.sweep(system, self.state.ledger.staging())
        return converge(self.catalog(wishes, edges), order, system, self.state, journal, self, self.find)

    def ran(self, wishes: Wishes, edges: tuple[str, ...] = (), **more: Any) -> dict[str, int]:
        """Run well, and return how many resources ended in which status."""
        result = self.run(wishes, edges, **more)
        assert result.failed == [], [outcome.message for outcome in self.outcomes.values()]
        return result.counts

    def find(self, digest: str) -> bytes | None:
        found = self.contents.get(digest)
        return self.state.blobs.find(digest) if found is None else found

    def died(self, wishes: Wishes, calls: int, edges: tuple[str, ...] = ()) -> bool:
        """Run and die before the touch number ``calls``; say whether it died before it was done."""
        self.system = _dying(calls)
        try:
            self.run(wishes, edges)
        except Died:
            return True
        finally:
            self.system = LocalSystem
        return False

    def path(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        whole = self.path(path)
        whole.parent.mkdir(parents=True, exist_ok=True)
        whole.write_text(text)
        whole.chmod(mode)

    def status(self, kind: str, name: str) -> str:
        return str(self.outcomes[kind, name].status)

    def pending(self) -> dict[str, str]:
        """Return why removals wait, by name."""
        return {thing.name: thing.pending for thing in self.state.ledger.pending()}

    def picture(self) -> dict[str, tuple[Any, ...]]:
        """Return everything below the root: type, content or target, mode, owner, group."""
        found: dict[str, tuple[Any, ...]] = {}
        for path in sorted(self.root.rglob("*")):
            about = path.lstat()
            what: Any = None
            if path.is_symlink():
                what = os.readlink(path)
            elif path.is_file():
                what = path.read_bytes()
            mode = 0 if path.is_symlink() else stat.S_IMODE(about.st_mode)
            found[str(path.relative_to(self.root))] = (stat.S_IFMT(about.st_mode), what, mode, about.st_uid, about.st_gid)  # fmt: skip
        return found


def _dying(calls: int) -> type[LocalSystem]:
    """Return a system that dies before its touch number ``calls``."""
    left = [calls]

    def counted(name: str) -> Any:
        real = getattr(LocalSystem, name)

        def touch(self: LocalSystem, *given: Any, **more: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise Died
            return real(self, *given, **more)

        return touch

    names = ("write", "mkdir", "symlink", "chmod", "chown", "remove", "flush")
    return type("Dying", (LocalSystem,), {name: counted(name) for name in names})
