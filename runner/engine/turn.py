"""One resource's turn: what was read, what was decided, what became of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from hiera.errors import FreeholdError
from manifests.catalog import ContentRef
from runner.engine.claims import Claims, Decision, decide
from runner.engine.schedule import Node
from runner.engine.verdict import Leave, leave
from runner.resources.base import Change, Resource, State
from runner.store.records import Action, Outcome, Status, Thing
from runner.system.base import MachineError, Probe


@dataclass(slots=True)
class Turn:
    """A resource between its inspection and its outcome. Worked on by one thread at a time."""

    node: Node
    resource: Resource
    claims: Claims
    thing: Thing | None = None  # set for what left the catalog
    seq: int = 0
    decision: Decision | None = None
    leave: Leave | None = None
    now: State | None = None
    status: Status = Status.UNCHANGED
    message: str = ""
    refreshes: bool = False
    refreshed: bool = False
    diff: str | None = None
    started: float = field(default_factory=time.time)
    clock: float = field(default_factory=time.perf_counter)
    touched: bool = False
    lost: list[str] = field(default_factory=list)  # attributes of which the pre-image is too large to keep

    @property
    def action(self) -> Action:
        """Whether this applies a declaration or takes back what left."""
        return Action.APPLY if self.thing is None else Action.PRUNE

    @property
    def change(self) -> Change | None:
        """The change to make, or None."""
        if self.leave is not None:
            return self.leave.change
        return self.decision.change if self.decision is not None else None

    @property
    def before(self) -> State | None:
        """What was read first."""
        if self.decision is not None:
            return self.decision.before
        return self.leave.change.before if self.leave is not None and self.leave.change is not None else None

    @property
    def secret(self) -> bool:
        """Whether something of this resource must not be shown."""
        if self.thing is not None:
            return bool(self.thing.options.get("secret"))
        return holds_secret(self.resource)

    @property
    def failed(self) -> bool:
        """Whether it did not come to what was decided, or something stands in its way."""
        return self.status in (Status.FAILED, Status.KEPT)

    def know(self, claims: Claims) -> None:
        """Take the claims that were not looked up before it was known that something changes."""
        self.claims = claims
        if self.decision is not None:
            before, asked = self.decision.before, self.decision.asked
            self.decision = decide(self.resource, before, asked, claims, restore=False)

    def fail(self, message: str) -> None:
        """Let this turn end in failure."""
        self.status = Status.FAILED
        self.message = message


def holds_secret(resource: Resource) -> bool:
    """Say whether an attribute of ``resource`` stands for a secret."""
    return any(isinstance(value, ContentRef) and value.secret for value in resource.attributes.values())


def inspect(turn: Turn, probe: Probe, *, restore: bool) -> Turn:
    """Read and decide; never raises for the machine's sake. May run in a worker."""
    try:
        if turn.thing is None:
            _inspect_declared(turn, probe, restore=restore)
        else:
            keys = frozenset(turn.claims)
            turn.leave = leave(turn.resource, turn.thing, turn.resource.read(probe, keys), turn.claims)
    except (MachineError, FreeholdError) as error:
        turn.fail(words(error))
    except OSError as error:
        turn.fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
    return turn


def _inspect_declared(turn: Turn, probe: Probe, *, restore: bool) -> None:
    reason = turn.resource.not_applicable(probe)
    if reason is not None:
        turn.status, turn.message = Status.NOT_APPLICABLE, reason
        return
    asked = applicable(turn.resource, probe)
    keys = frozenset(asked or ()) | (frozenset(turn.claims) if restore else frozenset())
    before = turn.resource.read(probe, keys)
    turn.decision = decide(turn.resource, before, asked, turn.claims, restore=restore)


def outcome_of(turn: Turn, revision: str, run: int = 0) -> Outcome:
    """Return what became of a turn so far, as the store keeps it."""
    declaration = turn.resource.declaration
    kind, name = turn.resource.identity
    change = turn.change
    remarks = turn.decision.left if turn.decision is not None else ()
    return Outcome(
        run=run,
        seq=turn.seq,
        kind=kind,
        name=name,
        title=turn.node.ref.title,
        action=turn.action,
        status=turn.status,
        before=turn.before,
        after=turn.now if turn.touched else (change.after if change is not None else turn.before),
        drift=bool(turn.decision and turn.decision.drift),
        refreshed=turn.refreshed or (turn.refreshes and turn.status is Status.PENDING),
        revision=revision,
        file=declaration.location.file,
        line=declaration.location.line,
        message=turn.message or "; ".join(remarks),
        at=turn.started,
        seconds=time.perf_counter() - turn.clock,
    )


def applicable(resource: Resource, probe: Probe) -> State | None:
    """Return what the declaration asks for without the attributes that mean nothing here."""
    asked = resource.wanted()
    if asked:
        for name in resource.inapplicable(probe):
            asked.pop(name, None)
    return asked


def words(error: Exception) -> str:
    """Return an error as one line for an outcome."""
    if isinstance(error, MachineError):
        return error.message if error.hint is None else f"{error.message} ({error.hint})"
    if isinstance(error, FreeholdError):
        return "; ".join(problem.message for problem in error.problems)
    return str(error)
