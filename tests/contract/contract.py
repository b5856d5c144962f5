"""The contract of resource types: what a table of start states and wishes consists of.

A new type costs one file in ``cases/`` with ``TABLES = [Table(...)]``. Each start state is combined with each wish, on
each world, and undone twice: by the resource itself, and by one that knows nothing but ``options()``.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hiera.errors import Location
from hiera.tree import digest_of
from manifests.catalog import ContentRef, Declaration, Ref
from runner.resources import load
from runner.resources.base import Change, Resource
from runner.system.base import Probe, System
from runner.system.fake import FakeSystem
from runner.system.local import LocalProbe, LocalSystem

HERE = Location("site.yaml", 1, 1)
PASSWD = "root:x:0:0:root:/root:/bin/sh\nbob:x:1001:1001:Bob:/home/bob:/bin/sh\n"
GROUP = "root:x:0:\nbob:x:1001:\nwww:x:33:\n"


class World:
    """A machine to act on, a probe of it that cannot touch, and the bytes that somebody knows."""

    def __init__(self, make: Callable[[Callable[[str], bytes | None]], tuple[Probe, System]]) -> None:
        self.contents: dict[str, bytes] = {}
        self.probe, self.system = make(self.contents.get)

    def ref(self, data: bytes | str) -> ContentRef:
        """Return the ContentRef of ``data``, which is known from now on."""
        raw = data.encode() if isinstance(data, str) else data
        digest = self.system.digest(raw)
        self.contents[digest] = raw
        return ContentRef(digest, len(raw))

    def directory(self, path: str, mode: int = 0o755, uid: int = 0, gid: int = 0) -> None:
        """Let there be a directory, and its parents."""
        if path not in {"", "/"} and self.system.lstat(path) is None:
            self.directory(os.path.dirname(path))
            self.system.mkdir(path, mode=mode, **self._owner(uid, gid))

    def file(self, path: str, data: bytes | str = b"", mode: int = 0o644, uid: int = 0, gid: int = 0) -> None:
        """Let there be a file, and its parents."""
        self.directory(os.path.dirname(path))
        self.system.write(path, self.ref(data).digest, mode=mode, **self._owner(uid, gid))

    def link(self, path: str, target: str) -> None:
        """Let there be a link, and its parents."""
        self.directory(os.path.dirname(path))
        self.system.symlink(path, target)

    def _owner(self, uid: int, gid: int) -> dict[str, int]:
        return {"uid": uid, "gid": gid} if self.system.privileged else {}


def fake(_directory: str) -> World:
    """A machine in memory."""

    def make(content: Callable[[str], bytes | None]) -> tuple[Probe, System]:
        system = FakeSystem(content, passwd=PASSWD, group=GROUP)
        return system, system

    return World(make)


def local(directory: str) -> World:
    """A real directory tree with accounts of its own."""

    def make(content: Callable[[str], bytes | None]) -> tuple[Probe, System]:
        return LocalProbe(directory), LocalSystem(directory, content=content)

    return _with_accounts(World(make))


def bulk(directory: str) -> World:
    """A real directory tree whose one system is the probe too, as in a run: for types that cache bulk state."""

    def make(content: Callable[[str], bytes | None]) -> tuple[Probe, System]:
        system = LocalSystem(directory, content=content)
        return system, system

    return _with_accounts(World(make))


def _with_accounts(world: World) -> World:
    world.file("/etc/passwd", PASSWD)
    world.file("/etc/group", GROUP)
    return world


@dataclass(frozen=True)
class Table:
    """Start states x wishes of one thing.

    ``starts`` prepare a world; ``wishes`` are attributes, or functions of the world that return them; ``refused`` are
    the (start, wish) pairs that end as a ``MachineError`` with nothing touched; ``worlds`` the machines to try.
    """

    kind: str
    name: str
    starts: dict[str, Callable[[World], None]]
    wishes: dict[str, dict[str, Any] | Callable[[World], dict[str, Any]]]
    refused: frozenset[tuple[str, str]] = frozenset()
    worlds: tuple[Callable[[str], World], ...] = (fake, local)
    label: str = ""
    unchanged: frozenset[tuple[str, str]] = frozenset()  # pairs that must be in sync from the start
    check: dict[str, Callable[[Probe], object]] = field(default_factory=dict)  # wish -> asserts about the machine after


@dataclass(frozen=True)
class Row:
    """One combination."""

    table: Table
    world: Callable[[str], World]
    start: str
    wish: str

    def __str__(self) -> str:
        return f"{self.table.label or self.table.kind}-{self.world.__name__}-{self.start}-{self.wish}"

    def attributes(self, world: World) -> dict[str, Any]:
        """Return the attributes wished for."""
        wish = self.table.wishes[self.wish]
        return wish(world) if callable(wish) else wish


def rows(tables: list[Table]) -> Iterator[Row]:
    """Yield every combination of ``tables``."""
    for table in tables:
        for world, start, wish in itertools.product(table.worlds, table.starts, table.wishes):
            yield Row(table, world, start, wish)


def resource_of(kind: str, name: str, attributes: dict[str, Any]) -> Resource:
    """Return the resource that a manifest with these attributes would lead to."""
    return load(kind)(Declaration(Ref(kind, name), name, attributes, HERE, Ref("class", "main")))


def wish_of(resource: Resource, probe: Probe) -> dict[str, Any] | None:
    """Return what is wanted of the resource on this machine."""
    wish = resource.wanted()
    left_out = resource.inapplicable(probe)
    return wish if wish is None else {key: value for key, value in wish.items() if key not in left_out}


def keys_of(resource: Resource) -> frozenset[str]:
    """Return all attributes that a state of the resource may have."""
    compared = {name for name, item in resource.attribute_table.items() if item.spec.compared}
    return frozenset(compared - {"ensure"})


def in_sync(resource: Resource, state: dict[str, Any] | None, wish: dict[str, Any] | None) -> bool:
    """Say whether nothing is to be done."""
    if wish is None or state is None:
        return resource.after(state, wish) == state
    return all(resource.satisfied(key, state, value) for key, value in wish.items())


def snapshot(probe: Probe, path: str = "/") -> dict[str, tuple[Any, ...]]:
    """Return all that stands below ``path``: kind, mode, owner, group, and bytes or target."""
    found: dict[str, tuple[Any, ...]] = {}
    for name in probe.listdir(path):
        entry = os.path.join(path, name)
        stat = probe.lstat(entry)
        assert stat is not None
        data = probe.read(entry) if stat.kind == "file" else probe.readlink(entry) if stat.kind == "link" else None
        found[entry] = (stat.kind, None if stat.kind == "link" else stat.mode, stat.uid, stat.gid, data)
        if stat.kind == "directory":
            found |= snapshot(probe, entry)
    return found


def keep_preimages(world: World, resource: Resource, change: Change) -> None:
    """Keep the bytes that ``change`` would lose, as the engine does."""
    for key in change.keys:
        digest = (change.before or {}).get(key)
        data = resource.content(world.probe, key) if digest is not None else None
        if data is not None:
            assert world.probe.digest(data) == digest
            world.contents[digest] = data


__all__ = ["Row", "Table", "World", "bulk", "digest_of", "fake", "local"]
