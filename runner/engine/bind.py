"""Declarations become resources, relations become a graph; what is missing is reported before anything is touched."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from hiera.errors import Collector, Problem
from manifests.catalog import Catalog, Declaration, Ref
from runner.engine.schedule import Key, Node, Schedule, Why, begin, end
from runner.resources import load
from runner.resources.base import Identity, Resource
from runner.system.base import Probe

BRINGERS = ("package", "exec", "file")
"""Types that could bring a command a resource misses."""


class Bound:
    """A catalog bound to its types: resources in declaration order and the schedule of the run."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.schedule = Schedule()
        self.by_ref: dict[Ref, Node] = {}
        for container in catalog.containers:
            self._anchor(container.ref)
        for container in catalog.containers:
            if container.parent is not None:
                self._contain(container.parent, self._begin(container.ref), self._end(container.ref))
        for order, declaration in enumerate(catalog.declarations):
            self.add(declaration, order)
        for edge in catalog.edges:
            source = self.by_ref.get(edge.source) or self._end(edge.source)
            target = self.by_ref.get(edge.target) or self._begin(edge.target)
            self.schedule.relate(source, target, notify=edge.notify, why=Why.MANUAL, edge=edge)
        self._relate_automatically(self.by_ref.values(), self.schedule.nodes)

    def add(self, declaration: Declaration, order: float) -> Node:
        """Bind one declaration and put it into its container."""
        resource = load(declaration.ref.kind)(declaration)
        node = self.schedule.add(Node(resource.identity, declaration.ref, order, resource))
        self.by_ref[declaration.ref] = node
        self._contain(declaration.container, node, node)
        return node

    def expand(self, probe: Probe) -> None:
        """Add what recursive resources stand for, as far as the machine shows it now; purging waits for the turn."""
        added = [node for parent in list(self.by_ref.values()) for node in self.stand_ins(parent, probe)]
        self._relate_automatically(added, self.schedule.nodes)

    def stand_ins(self, parent: Node, probe: Probe) -> list[Node]:
        """Add the entries that ``parent`` stands for and that are not there yet, each after those it needs."""
        assert parent.resource is not None
        found = [
            self._stand_in(child.declaration, parent) for child in parent.resource.expand(probe) if not child.purge
        ]
        added = {node.key: node for node in found if node is not None}
        self._relate_automatically(added.values(), added)
        return list(added.values())

    def _stand_in(self, declaration: Declaration, parent: Node) -> Node | None:
        """Add an entry of ``parent``, after it and before all that waits for it; None if it is there already."""
        node = self._new(declaration, parent)
        if node is None:
            return None
        targets = list(parent.targets)
        self.schedule.relate(parent, node, notify=False, why=Why.AUTOMATIC)
        for target, notify, why, edge in targets:
            if target.key != node.key and why is not Why.AUTOMATIC:
                self.schedule.relate(node, target, notify=notify, why=why, edge=edge)
        return node

    def purged(self, declaration: Declaration, parent: Node) -> Node | None:
        """Add what ``parent`` purges, before what it stands in; None if it is declared."""
        node = self._new(declaration, parent)
        if node is None:
            return None
        above = (declaration.ref.kind, os.path.dirname(declaration.name))
        self.schedule.relate(node, self.schedule.nodes.get(above, parent), notify=False, why=Why.MEMBER)
        for target, notify, why, edge in parent.targets:
            if notify:
                self.schedule.relate(node, target, notify=True, why=why, edge=edge)
        return node

    def _new(self, declaration: Declaration, parent: Node) -> Node | None:
        resource = load(declaration.ref.kind)(declaration)
        if resource.identity in self.schedule.nodes:
            return None
        node = self.schedule.add(Node(resource.identity, declaration.ref, parent.order, resource))
        if resource.declaration.attributes.get("ensure") != "absent":
            self.by_ref[declaration.ref] = node
        return node

    def occupied(self) -> set[str]:
        """Return the directories in which, however deep, something declared stands."""
        found: set[str] = set()
        for _, name in self.identities():
            above = os.path.dirname(name)
            while above not in found and above != os.path.dirname(above):
                found.add(above)
                above = os.path.dirname(above)
        return found

    def identities(self) -> set[Identity]:
        """Return what the catalog declares, by identity."""
        return {node.key for node in self.by_ref.values()}

    def _anchor(self, ref: Ref) -> None:
        first = self.schedule.add(Node(begin(ref), ref, -1))
        last = self.schedule.add(Node(end(ref), ref, -1))
        self.schedule.relate(first, last, notify=False, why=Why.MEMBER)

    def _begin(self, ref: Ref) -> Node:
        return self.schedule.nodes[begin(ref)]

    def _end(self, ref: Ref) -> Node:
        return self.schedule.nodes[end(ref)]

    def _contain(self, container: Ref, first: Node, last: Node) -> None:
        if begin(container) in self.schedule.nodes:
            self.schedule.relate(self._begin(container), first, notify=True, why=Why.MEMBER)
            self.schedule.relate(last, self._end(container), notify=True, why=Why.MEMBER)

    def _relate_automatically(self, nodes: Iterable[Node], known: Mapping[Key, Node]) -> None:
        """Add the relations to ``known`` that types know of themselves; they give way to those that people wrote.

        Where both shall go, what is needed goes last.
        """
        for node in nodes:
            assert node.resource is not None
            for identity in node.resource.needs():
                found = known.get(identity)
                if found is not None:
                    first, second = (node, found) if _goes(node) and _goes(found) else (found, node)
                    self.schedule.relate(first, second, notify=False, why=Why.AUTOMATIC)


def _goes(node: Node) -> bool:
    """Say whether the resource of ``node`` asks for absence."""
    return node.resource is not None and node.resource.wanted() is None


def check(resources: Iterable[Resource], probe: Probe) -> None:
    """Raise all that is wrong with the resources before anything is touched.

    What one needs and the machine lacks is wrong only if no declared resource could bring it.
    """
    resources = list(resources)
    brought = {resource.identity for resource in resources}
    bringers = any(resource.kind in BRINGERS for resource in resources)
    collector = Collector()
    for resource in resources:
        if resource.not_applicable(probe) is not None:
            continue
        for problem in resource.problems(probe):
            collector.add(problem)
        for item in resource.missing(probe):
            tolerated = bringers if item.what == "command" else (item.what, item.name) in brought
            if not tolerated:
                where = resource.declaration.location
                collector.add(Problem(f"missing-{item.what}", f"{resource.ref}: {item.message}", where))
    collector.check()
