"""The graph of a run: what waits for what, and who is told of changes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from enum import IntEnum

from hiera.errors import DataError, Note, Problem
from manifests.catalog import Edge, Ref
from runner.resources.base import Resource

Key = tuple[str, str]
"""A node's name in the graph: the identity of a resource, or ``(kind + "<", title)`` and ``(kind + ">", title)``
for the begin and end anchors of a container."""


PURGED_BY = "purged_by"
"""Where declaration and ledger keep which directory purged a thing; while that one still does, it stays away."""

PURGED_BY_FORCE = "purged_by_force"
"""Where such a declaration says that even what is too large to be kept may go."""


class Why(IntEnum):
    """Where a relation comes from; the higher ones give way when a cycle would close."""

    MANUAL = 0
    MEMBER = 1
    AUTOMATIC = 2
    RECORDED = 3
    ORDER = 4  # a matter of order alone: a failure does not pass along it


class Node:
    """A resource or an anchor in the graph of a run."""

    __slots__ = (
        "blocked_by", "deferred_by", "done", "expanded", "key", "leaving", "notified", "order", "ref", "resource",
        "sources", "targets", "upstream_pending", "waiting",
    )  # fmt: skip

    def __init__(self, key: Key, ref: Ref, order: float, resource: Resource | None = None) -> None:
        self.key = key
        self.ref = ref
        self.order = order
        self.resource = resource
        self.leaving = False
        self.targets: list[tuple[Node, bool, Why, Edge | None]] = []
        self.sources = 0
        self.waiting = 0
        self.notified = False
        self.blocked_by: str | None = None
        self.deferred_by: str | None = None
        self.upstream_pending = False
        self.done = False
        self.expanded = False

    def __repr__(self) -> str:
        return f"Node({self.key[0]}[{self.key[1]}])"


class Schedule:
    """Nodes and their relations."""

    def __init__(self) -> None:
        self.nodes: dict[Key, Node] = {}

    def add(self, node: Node) -> Node:
        """Take a node; one with the same key already there is returned instead."""
        return self.nodes.setdefault(node.key, node)

    def relate(self, source: Node, target: Node, *, notify: bool, why: Why, edge: Edge | None = None) -> None:
        """Let ``target`` wait for ``source``; what is done already keeps nobody waiting."""
        if source is not target and not source.done:
            source.targets.append((target, notify, why, edge))
            target.waiting += 1

    def resources(self) -> Iterator[Node]:
        """Yield the nodes that stand for resources."""
        return (node for node in self.nodes.values() if node.resource is not None)

    def settle(self) -> None:
        """Count what each node waits for and break cycles at relations that may give way.

        Raises ``DataError`` (``cycle``) if one is left that people wrote.
        """
        while loop := self._loop():
            self._break(loop)
        for node in self.nodes.values():
            node.waiting = node.sources

    def _loop(self) -> list[Node]:
        """Return the nodes of one cycle, or [] if there is none; counts ``sources`` on the way."""
        for node in self.nodes.values():
            node.sources = 0
        for node in self.nodes.values():
            for target, *_ in node.targets:
                target.sources += 1
        left = {node.key: node.sources for node in self.nodes.values()}
        ready = deque(node for node in self.nodes.values() if not node.sources)
        while ready:
            node = ready.popleft()
            del left[node.key]
            for target, *_ in node.targets:
                left[target.key] -= 1
                if not left[target.key]:
                    ready.append(target)
        return _trace(self.nodes, left) if left else []

    def _break(self, loop: list[Node]) -> None:
        """Remove the relation of ``loop`` that gives way most easily. Raises ``DataError`` if none does."""
        pairs = list(zip(loop, [*loop[1:], loop[0]], strict=True))
        steps = [(node, item) for node, after in pairs for item in node.targets if item[0] is after]
        node, item = max(steps, key=lambda step: step[1][2])
        if item[2] <= Why.MEMBER:
            raise DataError(_cycle(loop, steps))
        node.targets.remove(item)


def _trace(nodes: dict[Key, Node], left: dict[Key, int]) -> list[Node]:
    """Return a cycle among the nodes in ``left``, each of which is on one or behind one."""
    inner = {key: [target for target, *_ in nodes[key].targets if target.key in left] for key in left}
    seen: dict[Key, int] = {}
    path: list[Node] = []
    back: dict[Key, Node] = {}
    for key, targets in inner.items():
        for target in targets:
            back[target.key] = nodes[key]
    node = nodes[next(iter(left))]
    while node.key not in seen:
        seen[node.key] = len(path)
        path.append(node)
        node = back[node.key]
    return path[seen[node.key] :][::-1]


def _cycle(loop: list[Node], steps: list[tuple[Node, tuple[Node, bool, Why, Edge | None]]]) -> Problem:
    shown = [str(node.ref) for node in loop if node.resource is not None or len(loop) <= 2] or [
        str(node.ref) for node in loop
    ]
    edges = [item[3] for _, item in steps if item[3] is not None]
    notes = tuple(
        Note(f"{edge.source} before {edge.target}", edge.location) for edge in edges if edge.location is not None
    )
    location = notes[0].location if notes else None
    return Problem("cycle", f"these wait for each other: {' -> '.join([*shown, shown[0]])}", location, notes=notes)


def begin(ref: Ref) -> Key:
    """Return the key of the begin anchor of a container."""
    return (ref.kind + "<", ref.title)


def end(ref: Ref) -> Key:
    """Return the key of the end anchor of a container."""
    return (ref.kind + ">", ref.title)


def firing(nodes: Iterable[Node]) -> list[Node]:
    """Return the resources that a change of ``nodes`` refreshes, anchors passed through."""
    found: dict[Key, Node] = {}
    open_ = [target for node in nodes for target, notify, *_ in node.targets if notify]
    seen: set[Key] = set()
    while open_:
        node = open_.pop()
        if node.key in seen:
            continue
        seen.add(node.key)
        if node.resource is not None:
            found[node.key] = node
        else:
            open_ += [target for target, notify, *_ in node.targets if notify]
    return list(found.values())
