"""One catalog, one machine: bind, decide what leaves, walk, and sum up."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from hiera.errors import DataError, Problem
from manifests.catalog import Catalog
from runner.engine import leaving
from runner.engine.apply import Apply
from runner.engine.bind import Bound, check
from runner.engine.claims import Claims
from runner.engine.journal import Journal, thing_of
from runner.engine.schedule import Key, Why
from runner.engine.walk import Course, Walk
from runner.reporters.base import Reporter
from runner.resources.base import Identity
from runner.store.ledger import Ledger
from runner.store.records import LedgerEdge, Status, Thing
from runner.store.state import StateDirectory
from runner.system.base import Probe, System

SETTLED = "settled"
"""The remembered digest of the catalog that the ledger agrees with in every row."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a person or the timer asks of a converge.

    ``full`` lets things leave; ``tags`` narrow it. ``free`` says that the budget does not count this time. ``secret``
    contents come through the system that is handed in. ``sealed`` defers what holds a secret.
    """

    revision: str
    full: bool
    noop: bool = False
    sealed: bool = False
    tags: tuple[str, ...] = ()
    max_prune: int | str = 10
    free: bool = False
    show_diff: bool = False
    workers: int = 0
    backup_limit: int = 64 * 2**20


@dataclass(slots=True)
class Result:
    """What a converge came to. ``over_budget`` is ``(wanted, allowed)`` when the prune was held back."""

    counts: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    deferred: dict[str, str] = field(default_factory=dict)  # resource -> why it waits for the first boot
    over_budget: tuple[int, int] | None = None
    pending_prunes: int = 0
    owed: int = 0
    pruned: bool = False  # something left, or single attributes did

    @property
    def changed(self) -> bool:
        """Whether anything was changed."""
        return self.counts.get(Status.CHANGED, 0) > 0


def converge(  # noqa: PLR0917  each is a different kind of thing
    catalog: Catalog,
    order: Order,
    machine: Probe | System,
    state: StateDirectory | None,
    journal: Journal | None,
    reporter: Reporter,
    content: Callable[[str], bytes | None] = lambda _: None,
) -> Result:
    """Bring the machine to ``catalog``, or with ``order.noop`` only look.

    ``state`` is None for a walk without a memory; ``content`` returns the bytes behind a digest, for diffs. Raises
    ``DataError`` with everything that can be known before the first touch, and ``UsageError`` for tags that select
    nothing.
    """
    bound = Bound(catalog)
    bound.expand(machine)
    ledger = state.ledger if state is not None else None
    settled = state is not None and order.full and state.standing.recall(SETTLED) == catalog.digest()
    if not settled:
        check((node.resource for node in bound.schedule.resources() if node.resource is not None), machine)
    book = _Book(ledger, settled=settled)
    result = Result()
    gone: dict[Identity, Thing] = {}
    restore = False
    if order.full and ledger is not None and not settled:
        gone, restore = _leavers(bound, book, order, result)
        result.pruned = restore
        leaving.add(bound, gone, ledger.edges() if gone else (), book.all)
    bound.schedule.settle()
    course = Course(
        revision=order.revision,
        claims=book.claims_of,
        things=gone,
        owed=ledger.owed() if ledger is not None else {},
        restore=restore,
        settled=settled,
        noop=order.noop,
        sealed=order.sealed,
        show_diff=order.show_diff,
        content=content,
        was_secret=ledger.is_secret if ledger is not None else lambda _: False,
        workers=order.workers or min(32, 4 * (os.cpu_count() or 1)),
        selected=_selected(bound, order.tags),
        backup_limit=order.backup_limit,
    )
    if state is not None and journal is not None and order.full and not settled:
        state.standing.remember(SETTLED, None)  # a run that dies must not leave it standing
    walk = _walk(bound, machine, course, reporter, journal, noop=order.noop)
    walk.run()
    _sum_up(result, walk, ledger, journal)
    if state is not None and journal is not None and order.full and not order.noop:
        _conclude(state, bound, book, course, result, settled=settled)
    return result


def _walk(
    bound: Bound, machine: Probe | System, course: Course, reporter: Reporter, journal: Journal | None, *, noop: bool
) -> Walk:
    if noop or journal is None:
        return Walk(bound, machine, course, reporter)
    return Apply(bound, machine, course, reporter, journal)  # type: ignore[arg-type]  # not noop: it is a System


class _Book:
    """The ledger's claims as one run reads them: all at once when the catalog is new, one by one when it is not."""

    def __init__(self, ledger: Ledger | None, *, settled: bool) -> None:
        self._ledger = ledger
        self._settled = settled
        self.things: dict[Identity, Thing] = {}
        self.all: Mapping[Identity, Claims] = {}
        if ledger is not None and not settled:
            self.things = ledger.things()
            self.all = ledger.claims()

    def claims_of(self, identity: Identity) -> Claims:
        """Return the claims on one thing."""
        if self._ledger is not None and self._settled:
            return self._ledger.claims_of(*identity)
        return self.all.get(identity, {})


def _leavers(bound: Bound, book: _Book, order: Order, result: Result) -> tuple[dict[Identity, Thing], bool]:
    """Return what leaves and whether dropped attributes go back, as far as the budget lets them."""
    gone = leaving.leaving(bound, book.things)
    fading = leaving.with_dropped(bound, book.all)
    counted = sum(1 for thing in gone.values() if thing.prune != "keep") + len(fading)
    empty = not bound.by_ref and bool(book.things)
    allowed = 0 if empty else leaving.budget(order.max_prune, len(book.things))
    if counted > allowed and not order.free:
        result.over_budget = (counted, allowed)
        if not order.noop:
            leaving.hold_up(bound, gone)
            return {}, False
    return gone, True


def _selected(bound: Bound, tags: tuple[str, ...]) -> frozenset[Key] | None:
    """Return the resources that ``--tags`` selects, None for all. Raises ``DataError`` if it selects none."""
    if not tags:
        return None
    wanted = {tag.lower() for tag in tags}
    found = frozenset(
        node.key
        for node in bound.by_ref.values()
        if node.resource is not None and wanted & set(node.resource.declaration.tags)
    )
    if not found:
        raise DataError(
            Problem(
                "no-such-tag", f"no resource has a tag among: {', '.join(tags)}", hint="nothing selected is not all"
            )
        )
    return found


def _sum_up(result: Result, walk: Walk, ledger: Ledger | None, journal: Journal | None) -> None:
    result.counts = dict(walk.counts)
    result.failed = walk.failed
    result.deferred = walk.deferred
    if ledger is not None:
        result.pending_prunes = len(ledger.pending()) if journal is not None else 0
        result.owed = len(ledger.owed())


def _conclude(
    state: StateDirectory, bound: Bound, book: _Book, course: Course, result: Result, *, settled: bool
) -> None:
    """After a full run: strike out what nobody is owed any more, keep the relations, remember a settled ledger."""
    ledger = state.ledger
    stale = [key for key in course.owed if key not in bound.schedule.nodes]
    with state.database.transaction():
        if stale:
            ledger.settle(stale)
        if not settled:
            ledger.put_things(_declared_anew(bound, book.things, course.revision))
            result.pending_prunes = len(ledger.pending())
        if not settled and result.over_budget is None:
            ledger.replace_edges([*_edges(bound), *_kept_edges(ledger, course.things)])
        left = result.failed or result.deferred or result.counts.get(Status.SKIPPED) or result.pending_prunes
        clean = not (left or result.over_budget)
        if not settled or not clean:
            state.standing.remember(SETTLED, bound.catalog.digest() if clean else None)


def _declared_anew(bound: Bound, things: Mapping[Identity, Thing], revision: str) -> list[Thing]:
    """Return the things whose declaration says something new (``prune``, the title, the place), changed or not."""
    found = []
    for node in bound.by_ref.values():
        old = things.get(node.key)
        if old is not None and node.resource is not None:
            new = thing_of(node.resource, old.revision)
            found += [] if new == old else [msgspec.structs.replace(new, revision=revision)]
    return found


def _edges(bound: Bound) -> Iterable[LedgerEdge]:
    """Yield the relations among what is declared."""
    for node in bound.schedule.nodes.values():
        if node.leaving or node.key == leaving.BARRIER:
            continue
        for target, notify, why, _ in node.targets:
            if not target.leaving and why is not Why.ORDER:
                yield LedgerEdge(*node.key, *target.key, notify=notify)


def _kept_edges(ledger: Ledger, gone: Mapping[Identity, Thing]) -> list[LedgerEdge]:
    """Return the old relations of things whose removal is pending, so that they keep their order."""
    pending = {(thing.kind, thing.name) for thing in ledger.pending()} & gone.keys()
    return [
        edge
        for edge in (ledger.edges() if pending else ())
        if (edge.source_kind, edge.source_name) in pending or (edge.target_kind, edge.target_name) in pending
    ]
