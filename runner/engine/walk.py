"""The walk through the graph that a plan, a noop run and a real run share; this one only looks.

Each resource is decided at its turn, after all it depends on. What depends on a failure is skipped with the cause
named; what depends on a pending change is graded.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING

import msgspec

from runner.engine.bind import Bound
from runner.engine.claims import Claims
from runner.engine.preimages import preimages, too_large
from runner.engine.schedule import PURGED_BY, PURGED_BY_FORCE, Key, Node, Why, firing
from runner.engine.turn import Turn, holds_secret, inspect, outcome_of
from runner.engine.verdict import Verdict
from runner.reporters.base import Reporter, ResourceDone
from runner.resources.base import Identity, Refreshable, Resource
from runner.store.records import Outcome, Owed, Status, Thing
from runner.system.base import Probe

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor


_REDACTED = "[diff redacted: secret]"


@dataclass(frozen=True, slots=True)
class Course:
    """What a walk goes by.

    ``claims`` gives the ledger's claims on a thing; ``restore`` lets dropped attributes go back to their baselines.
    ``was_secret`` says whether the ledger knows a secret under a name, of whatever type.
    """

    revision: str
    claims: Callable[[Identity], Claims]
    things: Mapping[Identity, Thing]
    owed: Mapping[Identity, Owed]
    restore: bool
    settled: bool = False  # the ledger agrees with the catalog: claims are looked up only for what changes
    noop: bool = False
    sealed: bool = False  # secrets are not opened: what holds one is deferred, and what depends on it
    show_diff: bool = False
    content: Callable[[str], bytes | None] = lambda _: None  # the bytes behind a digest
    was_secret: Callable[[str], bool] = lambda _: False
    workers: int = 8
    backup_limit: int = 64 * 2**20  # bytes of a pre-image that are kept
    selected: frozenset[Key] | None = None  # --tags: the resources that take part; None is all


class Walk:
    """Walks the bound catalog and only looks: whatever would change ends as *pending*."""

    def __init__(self, bound: Bound, probe: Probe, course: Course, reporter: Reporter) -> None:
        self.bound = bound
        self.probe = probe
        self.course = course
        self.reporter = reporter
        self.counts: Counter[str] = Counter()
        self.failed: list[str] = []
        self.deferred: dict[str, str] = {}
        self._left = len(bound.schedule.nodes)
        self._ready: list[tuple[float, int, Node]] = []
        self._pushed = 0
        self._parked: list[Node] = []
        self._held: set[str] = set()
        self._flying = 0
        self._landed: SimpleQueue[Turn | BaseException] = SimpleQueue()
        self._pool: ThreadPoolExecutor | None = None
        self._seq = 0
        self._selected = None if course.selected is None else set(course.selected)

    def run(self) -> None:
        """Walk until every node is decided."""
        for node in self.bound.schedule.nodes.values():
            if not node.waiting:
                self._push(node)
        try:
            while self._left:
                turns = self._gather()
                if turns:
                    self._act(turns)
                elif self._flying:
                    self._land()
                elif self._left:
                    raise RuntimeError("the walk stands still; this is a bug in Freehold")
        finally:
            if self._pool is not None:
                self._pool.shutdown(wait=True, cancel_futures=True)

    def _act(self, turns: list[Turn]) -> None:
        """Take turns that have something to do; here they only become pending."""
        for turn in turns:
            turn.status = Status.PENDING
            for name in preimages(turn) if turn.change else ():
                data = turn.resource.content(self.probe, name)
                if data is not None and len(data) > self.course.backup_limit:
                    turn.message = too_large(name, len(data))
            self.finish(turn)

    def _push(self, node: Node) -> None:
        self._pushed += 1
        heapq.heappush(self._ready, (node.order, self._pushed, node))

    def _gather(self) -> list[Turn]:
        """Take everything that is ready, as far as it can be decided at once; return the turns with work to do."""
        turns: list[Turn] = []
        while self._ready:
            node = heapq.heappop(self._ready)[2]
            turn = self._begin(node)
            if turn is not None and self._decided(turn):
                turns.append(turn)
        return turns

    def _begin(self, node: Node) -> Turn | None:
        """Start a node; return its turn if it was inspected here and now."""
        resource = node.resource
        if resource is None:
            self._pass(node)
            return None
        if self._selected is not None and node.key not in self._selected:
            self.counts["left-out"] += 1
            self._pass(node)
            return None
        if node.blocked_by is not None:
            self._skip(node)
            return None
        if node.deferred_by is not None or (self.course.sealed and holds_secret(resource)):
            self._defer(node, resource)
            return None
        if expands(resource) and not (node.expanded or node.leaving) and self._purge_first(node, resource):
            return None
        locks = resource.exclusive
        if locks & self._held:
            self._parked.append(node)
            return None
        self._held |= locks
        thing = self.course.things.get(node.key) if node.leaving else None
        turn = Turn(node, resource, {} if self.course.settled else self.course.claims(node.key), thing)
        if resource.cheap or node.leaving:
            return inspect(turn, self.probe, restore=self.course.restore)
        self.fly(lambda: inspect(turn, self.probe, restore=self.course.restore))
        return None

    def fly(self, work: Callable[[], Turn]) -> None:
        """Give work to a thread; what it returns lands in this one."""
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  cheap resources need no thread

            self._pool = ThreadPoolExecutor(self.course.workers, thread_name_prefix="freehold")
        self._flying += 1

        def report() -> None:
            try:
                self._landed.put(work())
            except BaseException as error:  # noqa: BLE001  a worker's bug is raised in the thread that owns the run
                self._landed.put(error)

        self._pool.submit(report)

    def _land(self) -> None:
        """Wait for one piece of work and take all that are done."""
        turns = [self._landed.get()]
        while not self._landed.empty():
            turns.append(self._landed.get())
        self._flying -= len(turns)
        inspected: list[Turn] = []
        touched: list[Turn] = []
        for turn in turns:
            if isinstance(turn, BaseException):
                raise turn
            (touched if turn.touched else inspected).append(turn)
        if touched:
            self._settle(touched)
        work = [turn for turn in inspected if self._decided(turn)]
        if work:
            self._act(work)

    def _settle(self, turns: list[Turn]) -> None:
        """Take turns whose touch is over; a walk that only looks has none."""
        raise AssertionError(turns)

    def _decided(self, turn: Turn) -> bool:
        """Finish a turn that has nothing to do; say whether it has."""
        if self.course.settled and turn.change is not None:
            turn.know(self.course.claims(turn.node.key))
        turn.refreshes = self._refreshes(turn)
        if turn.status is Status.FAILED and turn.node.upstream_pending and self.course.noop:
            turn.status = Status.PENDING
        if turn.leave is not None and turn.leave.verdict is Verdict.KEPT:
            turn.status, turn.message = Status.KEPT, turn.leave.reason
        if turn.status is not Status.UNCHANGED or not (turn.change or turn.refreshes or self._records(turn)):
            self.finish(turn)
            return False
        if self.course.show_diff:
            turn.diff = self._diff(turn)
        declared_noop = turn.resource.declaration.noop
        if declared_noop or (self.bound.catalog.noop and declared_noop is None):
            turn.status = Status.PENDING if turn.change or turn.refreshes else Status.UNCHANGED
            self.finish(turn)
            return False
        return True

    def _diff(self, turn: Turn) -> str | None:
        """Return the diff of a turn for people; hidden if what comes or what goes is secret."""
        if turn.change is None:
            return None
        if turn.secret or self.course.was_secret(turn.resource.identity[1]):
            return _REDACTED if "content" in turn.change.keys else None
        return turn.resource.diff(self.probe, turn.change, self.course.content)

    def _records(self, turn: Turn) -> bool:  # noqa: ARG002  a walk that writes asks it
        """Say whether an unchanged resource has something to write into the ledger."""
        return False

    def _refreshes(self, turn: Turn) -> bool:
        """Say whether the resource is owed a refresh that its own change does not already give."""
        if not isinstance(turn.resource, Refreshable) or turn.thing is not None:
            return False
        if not turn.node.notified and turn.node.key not in self.course.owed:
            return False
        return turn.change is None or not turn.resource.discharged_by(turn.change)

    def finish(self, turn: Turn) -> None:
        """Conclude a turn: let go of its locks, tell its outcome, go on with what waited for it."""
        self._held -= turn.resource.exclusive
        parked, self._parked = self._parked, []
        for node in parked:
            self._push(node)
        if expands(turn.resource):
            self._expand(turn)
        self._tell(turn)
        node = turn.node
        fires = turn.status is Status.CHANGED or (turn.status is Status.PENDING and self._pends(turn))
        if turn.status is Status.FAILED:
            self.failed.append(str(node.ref))
            node.blocked_by = f"{node.ref} failed"
        self._pass(node, fires=fires)

    def _pends(self, turn: Turn) -> bool:
        return bool(turn.change or turn.refreshes)

    def _skip(self, node: Node) -> None:
        """Leave out a node because something it depends on failed."""
        assert node.resource is not None
        thing = self.course.things.get(node.key) if node.leaving else None
        status = Status.HELD_BACK if node.leaving else Status.SKIPPED
        turn = Turn(node, node.resource, {}, thing, status=status, message=f"because {node.blocked_by}")
        self._tell(turn)
        self._pass(node)

    def _defer(self, node: Node, resource: Resource) -> None:
        """Leave a node for the first boot because its secret is sealed, or because of something it depends on."""
        why = f"because {node.deferred_by} is deferred" if node.deferred_by is not None else "its secret is sealed"
        node.deferred_by = node.deferred_by or str(node.ref)
        status = Status.HELD_BACK if node.leaving else Status.DEFERRED
        if not node.leaving:
            self.deferred[str(node.ref)] = why
        thing = self.course.things.get(node.key) if node.leaving else None
        self._tell(Turn(node, resource, {}, thing, status=status, message=why))
        self._pass(node)

    def _pass(self, node: Node, *, fires: bool = False) -> None:
        """Mark a node as decided and let go of those that waited for it alone."""
        node.done = True
        self._left -= 1
        anchor = node.resource is None
        for target, notify, why, _ in node.targets:
            if notify and (fires or (anchor and node.notified)):
                target.notified = True
            if why is not Why.ORDER:
                target.blocked_by = target.blocked_by or node.blocked_by
                target.deferred_by = target.deferred_by or node.deferred_by
                target.upstream_pending |= node.upstream_pending or (fires and self.course.noop)
            target.waiting -= 1
            if not target.waiting:
                self._push(target)

    def _purge_first(self, node: Node, resource: Resource) -> bool:
        """Add what ``resource`` purges, to be done before it; say whether there is any."""
        node.expanded = True
        if self.course.noop and node.upstream_pending:
            return False
        strays = [child.declaration for child in resource.expand(self.probe) if child.purge]
        occupied = self.bound.occupied() if strays else set()
        marks = {PURGED_BY: node.key[1], PURGED_BY_FORCE: resource.attributes.get("force") is True}
        marked = [msgspec.structs.replace(stray, attributes={**stray.attributes, **marks}) for stray in strays]
        found = [self.bound.purged(stray, node) for stray in marked if stray.name not in occupied]
        added = [stray for stray in found if stray is not None]
        self._adopt(added)
        return bool(added)

    def _expand(self, turn: Turn) -> None:
        """Add the entries of a directory that could not be seen before its turn."""
        if turn.thing is not None or turn.status in (Status.FAILED, Status.NOT_APPLICABLE):
            return
        self._adopt(self.bound.stand_ins(turn.node, self.probe))

    def _adopt(self, nodes: list[Node]) -> None:
        """Take new nodes into the walk and start those that wait for nothing."""
        self._left += len(nodes)
        for node in nodes:
            if self._selected is not None:
                self._selected.add(node.key)
            if not node.waiting:
                self._push(node)

    def _tell(self, turn: Turn) -> Outcome:
        """Count and report what became of a turn."""
        self._seq += 1
        turn.seq = turn.seq or self._seq
        outcome = self._outcome(turn)
        self.counts[str(turn.status)] += 1
        if turn.decision is not None and turn.decision.drift and turn.status is not Status.UNCHANGED:
            self.counts["drifted"] += 1
        self.reporter.on(
            ResourceDone(
                outcome,
                str(turn.node.ref),
                turn.diff,
                _grade(turn) if self.course.noop and turn.status is Status.PENDING else "",
                str(turn.resource.undo),
                turn.resource.announcement,
            )
        )
        return outcome

    def _outcome(self, turn: Turn, run: int = 0) -> Outcome:
        """Return the outcome of a turn as the store keeps it."""
        return outcome_of(turn, self.course.revision, run)


def expands(resource: Resource) -> bool:
    """Say whether the type of ``resource`` can stand for more than itself."""
    return type(resource).expand is not Resource.expand


def _grade(turn: Turn) -> str:
    """Return how sure a plan is of a pending change."""
    if not turn.node.upstream_pending:
        return "certain"
    return "unknowable" if turn.resource.asks_commands or (turn.decision is None and turn.leave is None) else "assumed"


def refreshed_by(nodes: list[Node]) -> list[Node]:
    """Return the refreshable resources that a change of ``nodes`` notifies."""
    return [node for node in firing(nodes) if isinstance(node.resource, Refreshable)]
