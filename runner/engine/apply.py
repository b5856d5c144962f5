"""The walk that touches. Everything is written down before it is done, and read again after.

Durability comes in waves (SEMANTICS 21): the temporary files and pre-images of all that is ready, one flush, one
commit of the intents; then the touches, one flush, one commit of the results.
"""

from __future__ import annotations

from collections.abc import Callable

from hiera.errors import FreeholdError
from runner.engine.bind import Bound
from runner.engine.claims import still_differs
from runner.engine.journal import Journal
from runner.engine.leaving import occupied
from runner.engine.schedule import PURGED_BY
from runner.engine.turn import Turn, words
from runner.engine.walk import Course, Walk, refreshed_by
from runner.reporters.base import Reporter
from runner.resources.base import Refreshable, Resource
from runner.store.records import Outcome, Status
from runner.system.base import InUse, MachineError, System


class Apply(Walk):
    """Walks the bound catalog and brings the machine to it."""

    def __init__(self, bound: Bound, system: System, course: Course, reporter: Reporter, journal: Journal) -> None:
        super().__init__(bound, system, course, reporter)
        self.system = system
        self.journal = journal
        self._outcomes: list[Outcome] = []

    def run(self) -> None:
        """Walk until every node is decided."""
        super().run()
        self._write([])

    def _records(self, turn: Turn) -> bool:
        return not self.course.settled and self.journal.records(turn)

    def _act(self, turns: list[Turn]) -> None:
        """Prepare a wave, write down what is intended, and touch: cheap things here, others in threads."""
        for turn in turns:
            self._seq += 1
            turn.seq = self._seq
        self.journal.announce_staging([turn for turn in turns if turn.change])
        for turn in turns:
            _guard(turn, lambda turn=turn: self._prepare(turn))  # type: ignore[misc]  # mypy cannot infer the default
        ready = [turn for turn in turns if turn.status is Status.UNCHANGED]
        self.system.flush()
        self.journal.intend(ready, self._outcome)
        here: list[Turn] = []
        for turn in turns:
            if turn.status is not Status.UNCHANGED:
                self.finish(turn)
        for turn in ready:
            if turn.resource.cheap:
                here.append(self._touch(turn))
            else:
                self.fly(lambda turn=turn: self._touch(turn))  # type: ignore[misc]  # as above
        if here:
            self.system.flush()
            self._settle(here)

    def _prepare(self, turn: Turn) -> None:
        """Do what has no effect yet: keep pre-images, stage files."""
        change = turn.change
        if change is None:
            return
        if turn.thing is not None and change.removes and (other := occupied(turn.node.key[1], self.bound)):
            raise InUse(f"{other} is below it")
        self.journal.keep_preimages(turn, self.system)
        turn.resource.stage(self.system, change)

    def _touch(self, turn: Turn) -> Turn:
        """Converge, refresh, read again. May run in a worker; never raises for the machine's sake."""
        turn.touched = True
        change = turn.change
        if change is not None:
            _guard(turn, lambda: turn.resource.converge(self.system, change))
            self._read_again(turn)
            if turn.status is Status.UNCHANGED:
                turn.status = Status.CHANGED
        else:
            turn.now = turn.before
        if turn.refreshes and not turn.failed:
            _guard(turn, lambda: _refresh(turn.resource, self.system))
            if not turn.failed:
                turn.status, turn.refreshed = Status.CHANGED, True
        return turn

    def _read_again(self, turn: Turn) -> None:
        """Record what there is now; a resource that says it converged and did not has failed."""
        asked = turn.decision.asked if turn.decision is not None else None
        keys = frozenset(turn.claims) | frozenset(asked or ())
        failed = turn.failed
        _guard(turn, lambda: setattr(turn, "now", turn.resource.read(self.system, keys)))
        if failed or turn.status is not Status.UNCHANGED:
            return
        differs = self._differs(turn)
        if differs:
            turn.fail(f"still differs after converging: {', '.join(differs)}")

    def _differs(self, turn: Turn) -> list[str]:
        if turn.decision is not None:
            return still_differs(turn.resource, turn.decision, turn.now)
        assert turn.change is not None
        target = turn.change.after
        if target is None or turn.now is None:
            return [] if target is turn.now else ["presence"]
        return sorted(name for name in turn.claims if name in target and turn.now.get(name) != target[name])

    def _settle(self, turns: list[Turn]) -> None:
        """Conclude touched turns: outcomes, claims and owed refreshes in one commit, then go on."""
        self._write(turns)
        for turn in turns:
            self.finish(turn)

    def _tell(self, turn: Turn) -> Outcome:
        """Report a turn; what was not touched is written with the next commit."""
        outcome = super()._tell(turn)
        if turn.status is Status.NOT_APPLICABLE:
            if turn.node.notified or turn.node.key in self.course.owed:
                self.journal.excuse(turn.node.key)
        elif not turn.touched and (turn.status is not Status.UNCHANGED or turn.leave is not None):
            self.journal.later(turn, self._outcome)
        return outcome

    def _write(self, turns: list[Turn]) -> None:
        owing = {
            turn.node.key: [node.key for node in refreshed_by([turn.node])]
            for turn in turns
            if turn.status is Status.CHANGED
        }
        self.journal.conclude(turns, owing, self._outcome)


def _refresh(resource: Resource, system: System) -> None:
    assert isinstance(resource, Refreshable)
    resource.refresh(system)


def _guard(turn: Turn, work: Callable[[], None]) -> None:
    """Do ``work`` for a turn; what the machine says against it becomes the turn's failure."""
    try:
        work()
    except InUse as error:
        asked = turn.thing is None and PURGED_BY not in turn.resource.attributes
        turn.status, turn.message = Status.FAILED if asked else Status.KEPT, words(error)
    except (MachineError, FreeholdError) as error:
        turn.fail(words(error))
    except OSError as error:
        turn.fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
