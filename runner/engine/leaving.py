"""What left the catalog: as nodes of the same graph, ordered by the relations under which they were applied.

A leaving thing comes *before* a declared one that conflicts with it or that it notified or preceded, and otherwise
after everything; among themselves leaving things go in reverse. A failure holds one back only along such a relation.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping

from hiera.errors import Location
from manifests.catalog import Declaration, Ref
from runner.engine.bind import Bound
from runner.engine.claims import Claims, dropped
from runner.engine.schedule import PURGED_BY, Key, Node, Why
from runner.resources import BUILT_IN, load
from runner.resources.base import Identity, Resource, State
from runner.store.records import PRESENCE, LedgerEdge, Thing

BARRIER: Key = ("#", "leaving")


def leaving(bound: Bound, things: Mapping[Identity, Thing]) -> dict[Identity, Thing]:
    """Return the managed things that the catalog no longer declares."""
    declared = bound.identities()
    return {
        identity: thing
        for identity, thing in things.items()
        if identity not in declared and identity[0] in BUILT_IN and not _stays_purged(bound, thing)
    }


def _stays_purged(bound: Bound, thing: Thing) -> bool:
    """Say whether the directory that purged a thing would do so again."""
    purger = bound.schedule.nodes.get((thing.kind, str(thing.options.get(PURGED_BY))))
    return purger is not None and purger.resource is not None and purger.resource.purges(thing.name)


def with_dropped(bound: Bound, claims: Mapping[Identity, Claims]) -> set[Identity]:
    """Return the declared things of which single attributes left the catalog and go back."""
    found = set()
    for node in bound.by_ref.values():
        held = claims.get(node.key)
        if not held or node.resource is None or node.resource.declaration.prune == "keep":
            continue
        wanted = node.resource.wanted()
        if dropped(wanted, held) and not _changes_kind(wanted, held):
            found.add(node.key)
    return found


def _changes_kind(wanted: State | None, held: Claims) -> bool:
    """Say whether something of another kind shall stand there: all of the old goes, which is no removal."""
    return bool(wanted and "type" in wanted and "type" in held and held["type"].applied != wanted["type"])


def budget(allowed: int | str, managed: int) -> int:
    """Return how many things may leave at once; ``allowed`` is a number or a percentage of what is managed."""
    if isinstance(allowed, str):
        return math.floor(managed * float(allowed.rstrip("% ")) / 100)
    return allowed


def resource_of(thing: Thing) -> Resource:
    """Return a resource that can act on a managed thing whose declaration is gone."""
    ref = Ref(thing.kind, thing.title)
    declaration = Declaration(
        ref=ref,
        name=thing.name,
        attributes=dict(thing.options),
        location=Location(thing.file, thing.line),
        container=Ref("class", ""),
        prune=thing.prune,
    )
    return load(thing.kind)(declaration)


def add(
    bound: Bound,
    gone: Mapping[Identity, Thing],
    recorded: Iterable[LedgerEdge],
    claims: Mapping[Identity, Claims],
) -> None:
    """Put leaving things into the schedule.

    One that was removed by us comes back, so what it needs comes first again; of all others the dependants go first.
    """
    if not gone:
        return
    schedule = bound.schedule
    declared = [node for node in schedule.nodes.values() if node.resource is not None]
    barrier = schedule.add(Node(BARRIER, Ref("#", "leaving"), math.inf))
    for node in declared:
        schedule.relate(node, barrier, notify=False, why=Why.ORDER)
    nodes: dict[Key, Node] = {}
    for number, (identity, thing) in enumerate(reversed(list(gone.items()))):
        node = schedule.add(Node(identity, Ref(thing.kind, thing.title), len(declared) + number, resource_of(thing)))
        node.leaving = True
        nodes[identity] = node
    early = _relate_recorded(bound, nodes, recorded)
    places = _places(declared)
    for node in nodes.values():
        first = gone[node.key].prune == "first"
        conflicts = _conflicting(node.key, places)
        for other in conflicts:
            schedule.relate(node, other, notify=False, why=Why.AUTOMATIC)
        for other in declared if first else ():
            schedule.relate(node, other, notify=False, why=Why.ORDER)
        if not (first or conflicts) and node.key not in early:
            schedule.relate(barrier, node, notify=False, why=Why.ORDER)
        if node.resource is not None:
            presence = claims.get(node.key, {}).get(PRESENCE)
            returns = presence is not None and presence.baseline is True and presence.applied is False
            _relate_needs(bound, nodes, node, returns=returns)


def _relate_recorded(bound: Bound, nodes: Mapping[Key, Node], recorded: Iterable[LedgerEdge]) -> set[Key]:
    """Add the old relations; return the leaving things that come before something declared by them."""
    schedule = bound.schedule
    early: set[Key] = set()
    old: dict[Key, Node] = dict(nodes)
    for edge in recorded:
        source, target = (edge.source_kind, edge.source_name), (edge.target_kind, edge.target_name)
        first, second = old.get(source), old.get(target)
        if first is None and second is None:
            continue
        if first is not None and second is not None:
            schedule.relate(second, first, notify=False, why=Why.RECORDED)
        elif first is not None and (there := schedule.nodes.get(target)) is not None and _matters(there):
            schedule.relate(first, there, notify=edge.notify, why=Why.RECORDED)
            early.add(source)
        elif second is not None and (there := schedule.nodes.get(source)) is not None and there.resource is not None:
            schedule.relate(there, second, notify=False, why=Why.RECORDED)
    return early


def _matters(node: Node) -> bool:
    """Say whether a leaving thing's relation to ``node`` places it: a resource, or a container others wait for."""
    return node.resource is not None or any(why is Why.MANUAL for _, _, why, _ in node.targets)


def _relate_needs(bound: Bound, nodes: Mapping[Key, Node], node: Node, *, returns: bool) -> None:
    """Let a leaving thing go before the leaving things it needs, or come back after them."""
    assert node.resource is not None
    for identity in node.resource.needs():
        other = nodes.get(identity)
        if other is not None:
            first, second = (other, node) if returns else (node, other)
            bound.schedule.relate(first, second, notify=False, why=Why.RECORDED)


def hold_up(bound: Bound, gone: Mapping[Identity, Thing]) -> None:
    """Hold back the declared things that take the place of one that may not leave in this run."""
    places = _places([node for node in bound.schedule.nodes.values() if node.resource is not None])
    for identity, thing in gone.items():
        for node in _conflicting(identity, places):
            node.blocked_by = f"{thing.kind}[{thing.title}] is still there: over budget"


def _places(nodes: Iterable[Node]) -> dict[str, list[Node]]:
    """Return nodes by what they are called, whatever their kind."""
    places: dict[str, list[Node]] = {}
    for node in nodes:
        places.setdefault(node.key[1], []).append(node)
    return places


def _conflicting(key: Key, places: Mapping[str, list[Node]]) -> list[Node]:
    """Return the declared things that stand where the leaving one stands, or above it as something else."""
    path = key[1]
    if not os.path.isabs(path):
        return []
    found = [other for other in places.get(path, ()) if other.key != key]
    above = os.path.dirname(path)
    while above != "/":
        found += [other for other in places.get(above, ()) if not _stays_directory(other)]
        above = os.path.dirname(above)
    return found


def _stays_directory(node: Node) -> bool:
    """Say whether a declared thing leaves room for others below it."""
    wish = node.resource.wanted() if node.resource is not None else None
    return wish is not None and wish.get("type", "directory") == "directory"


def occupied(path: str, bound: Bound) -> str | None:
    """Return what is still declared below the directory ``path``, as a reference, or None."""
    for node in bound.by_ref.values():
        if node.resource is not None and node.key[1].startswith(path + "/") and node.resource.wanted() is not None:
            return str(node.ref)
    return None
