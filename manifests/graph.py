"""The order of a catalog: resources as nodes, each class and define as a pair of anchors around what it holds.

A relation to a class of a thousand resources is one edge to its anchor, not a thousand. What the anchors mean for
refreshes is the runner's to play out: along an edge with ``contains`` a change of what is inside counts as a change
of the end anchor, and a refresh of the begin anchor is a refresh of what is inside.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import NamedTuple, TypeAlias

import msgspec

from hiera.errors import Location, Note, Problem
from manifests.catalog import Catalog, Ref


class Anchor(msgspec.Struct, frozen=True):
    """The point before everything in a container, or with ``end`` the point after it."""

    ref: Ref
    end: bool = False

    def __str__(self) -> str:
        return str(self.ref)


Node: TypeAlias = Ref | Anchor


class Arc(NamedTuple):
    """An edge between two node numbers: ``source`` comes first; ``contains`` marks those that anchors bring."""

    source: int
    target: int
    notify: bool = False
    contains: bool = False
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in declaration order, numbered from 0, and the edges between their numbers."""

    nodes: Sequence[Node]
    edges: Sequence[Arc]

    def successors(self) -> list[list[Arc]]:
        """Return for each node the edges that leave it."""
        leaving: list[list[Arc]] = [[] for _ in self.nodes]
        for arc in self.edges:
            leaving[arc.source].append(arc)
        return leaving

    def sequence(self) -> list[int]:
        """Return the nodes so that each stands after those it depends on, declaration order breaking ties.

        Nodes on a cycle, and those behind one, are left out.
        """
        leaving = self.successors()
        waiting = [0] * len(self.nodes)
        for arc in self.edges:
            waiting[arc.target] += 1
        ready = [number for number, count in enumerate(waiting) if not count]
        heapify(ready)
        done: list[int] = []
        while ready:
            number = heappop(ready)
            done.append(number)
            for arc in leaving[number]:
                waiting[arc.target] -= 1
                if not waiting[arc.target]:
                    heappush(ready, arc.target)
        return done

    def cycle(self) -> list[Arc]:
        """Return the edges of a shortest cycle through some node, in order; [] where there is none."""
        done = set(self.sequence())
        if len(done) == len(self.nodes):
            return []
        entering: dict[int, Arc] = {}
        for arc in self.edges:
            if arc.source not in done and arc.target not in done:
                entering.setdefault(arc.target, arc)
        number, seen = next(iter(entering)), set[int]()
        while number not in seen:
            seen.add(number)
            number = entering[number].source
        return self._shortest(number, done)

    def _shortest(self, start: int, outside: set[int]) -> list[Arc]:
        """Return the shortest way from ``start`` back to it that avoids ``outside``."""
        leaving = self.successors()
        came: dict[int, Arc] = {}
        queue = deque([start])
        while queue and start not in came:
            for arc in leaving[queue.popleft()]:
                if arc.target not in outside and arc.target not in came:
                    came[arc.target] = arc
                    queue.append(arc.target)
        path = [came[start]]
        while path[-1].source != start:
            path.append(came[path[-1].source])
        return path[::-1]


def order(catalog: Catalog) -> Graph:
    """Return the graph of ``catalog``: containers as anchors, relations between what they name."""
    nodes: list[Node] = []
    begin: dict[Ref, int] = {}
    end: dict[Ref, int] = {}
    for container in catalog.containers:
        if container.ref not in begin:
            begin[container.ref], end[container.ref] = len(nodes), len(nodes) + 1
            nodes += [Anchor(container.ref), Anchor(container.ref, end=True)]
    edges = [Arc(begin[ref], end[ref], contains=True) for ref in begin]
    inside = [(container.ref, container.parent, container.location) for container in catalog.containers]
    for declaration in catalog.declarations:
        begin[declaration.ref] = end[declaration.ref] = len(nodes)
        nodes.append(declaration.ref)
        inside.append((declaration.ref, declaration.container, declaration.location))
    for ref, parent, place in inside:
        if parent is not None and parent in begin:
            edges.append(Arc(begin[parent], begin[ref], contains=True, location=place))
            edges.append(Arc(end[ref], end[parent], contains=True, location=place))
    edges += [Arc(end[edge.source], begin[edge.target], edge.notify, location=edge.location) for edge in catalog.edges]
    return Graph(nodes, edges)


def cycle_problem(graph: Graph) -> Problem | None:
    """Return the problem that shows a cycle of ``graph`` edge by edge, or None."""
    path = graph.cycle()
    if not path:
        return None
    names = [str(graph.nodes[path[0].source])]
    notes = []
    for arc in path:
        source, target = str(graph.nodes[arc.source]), str(graph.nodes[arc.target])
        if target != names[-1]:
            names.append(target)
        if arc.location is not None and source != target:
            notes.append(Note(_words(graph, arc), arc.location))
    if names[-1] != names[0]:
        names.append(names[0])
    place = next((arc.location for arc in path if arc.location and not arc.contains), None)
    return Problem(
        "cycle",
        f"these depend on each other in a circle: {' -> '.join(names)}",
        place,
        hint="take one of the relations away",
        notes=tuple(notes),
    )


def _words(graph: Graph, arc: Arc) -> str:
    """Return what the edge ``arc`` says."""
    source, target = graph.nodes[arc.source], graph.nodes[arc.target]
    if not arc.contains:
        return f"{source} {'~>' if arc.notify else '->'} {target}"
    outer, inner = (source, target) if isinstance(source, Anchor) and not source.end else (target, source)
    return f"{outer} contains {inner}"
