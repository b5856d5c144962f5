"""What a run writes into the store, in waves: intents before the touches, results after."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from runner.engine.claims import Claims, Decision
from runner.engine.intents import confirmed, intended, uncertain
from runner.engine.preimages import preimages, too_large
from runner.engine.schedule import PURGED_BY, PURGED_BY_FORCE
from runner.engine.turn import Turn, holds_secret
from runner.resources.base import Identity, Resource, Undo
from runner.store.records import PRESENCE, Claim, Outcome, Owed, Status, Thing
from runner.store.state import StateDirectory
from runner.system.base import MachineError, System

MakeOutcome = Callable[[Turn, int], Outcome]


def thing_of(resource: Resource, revision: str) -> Thing:
    """Return what the ledger keeps of a declared resource, so that it can be taken back without its declaration."""
    declaration = resource.declaration
    kind, name = resource.identity
    options = dict(resource.options())
    if holds_secret(resource):
        options["secret"] = True
    if PURGED_BY in declaration.attributes:
        options[PURGED_BY] = declaration.attributes[PURGED_BY]
    where = declaration.location
    return Thing(kind, name, declaration.ref.title, options, declaration.prune, revision, where.file, where.line)


def _news(decision: Decision, known: Claims) -> bool:
    """Say whether somebody else brought about what is asked for now, so that it counts as applied from now on."""
    if decision.asked is None or decision.before is None:
        return False
    return not known[PRESENCE].applied or any(
        name not in known
        or not known[name].declared
        or (decision.before.get(name) == value and known[name].applied != value)
        for name, value in decision.asked.items()
    )


class Journal:
    """The record of one run. ``keeps_ledger`` is false for whatever may not open, close or prune claims."""

    def __init__(
        self,
        state: StateDirectory,
        begin: Mapping[str, Any],
        *,
        keeps_ledger: bool,
        backup_limit: int,
    ) -> None:
        self._state = state
        self._begin = begin
        self._keeps = keeps_ledger
        self._limit = backup_limit
        self._run = 0
        self._rows: dict[Identity, list[Claim]] = {}
        self._waiting: list[tuple[Turn, MakeOutcome]] = []
        self._excused: list[Identity] = []

    @property
    def run(self) -> int:
        """The number of the run; the row is made when it is first needed."""
        if not self._run:
            self._run = self._state.history.begin(**self._begin)
        return self._run

    def records(self, turn: Turn) -> bool:
        """Say whether the ledger has something to learn of a resource that is as it should be."""
        if not self._keeps or turn.decision is None or turn.resource.undo is Undo.NONE:
            return False
        known = turn.claims
        return bool(
            PRESENCE not in known
            or turn.decision.closes
            or (turn.decision.asked is not None and any(known[name].declared for name in turn.decision.aside))
            or any(not claim.confirmed for claim in known.values())
            or _news(turn.decision, known)
        )

    def announce_staging(self, turns: Iterable[Turn]) -> None:
        """Note, durably, the directories in which temporary files are about to be made."""
        directories = {os.path.dirname(path) for turn in turns for path in turn.resource.writes()}
        if directories:
            with self._state.database.transaction():
                self._state.ledger.will_stage(directories)

    def keep_preimages(self, turn: Turn, system: System) -> None:
        """Keep the bytes that the baselines of this turn's claims stand for, while they are still there."""
        if not self._keeps or turn.decision is None or turn.resource.undo is Undo.NONE or turn.before is None:
            return
        for name, digest in preimages(turn).items():
            data = turn.resource.content(system, name)
            if data is None or system.digest(data) != digest:
                raise MachineError(f"{name} changed while it was being saved")
            if len(data) <= self._limit:
                self._state.blobs.put(digest, data)
                continue
            turn.message = too_large(name, len(data))
            turn.lost.append(name)
            if turn.resource.attributes.get(PURGED_BY_FORCE) is False:
                raise MachineError(turn.message, hint="say `force: true` to purge it all the same")

    def intend(self, turns: list[Turn], outcome: MakeOutcome) -> None:
        """Write down what is about to be done, so that a run that dies leaves a true record."""
        if not turns:
            return
        self._state.blobs.flush()
        with self._state.database.transaction():
            run = self.run
            self._state.history.record(
                msgspec.structs.replace(outcome(turn, run), status=Status.STARTED) for turn in turns
            )
            if self._keeps:
                self._open(turns)

    def _open(self, turns: Iterable[Turn]) -> None:
        things: list[Thing] = []
        claims: list[Claim] = []
        for turn in turns:
            if turn.thing is not None:
                claims += uncertain(turn.claims)
            if turn.decision is None or turn.resource.undo is Undo.NONE:
                continue
            revision = str(self._begin["revision"])
            rows = intended(turn.resource, turn.decision, turn.claims, revision, turn.lost)
            self._rows[turn.node.key] = rows
            things.append(thing_of(turn.resource, revision))
            claims += rows
        self._state.ledger.put_things(things)
        self._state.ledger.put_claims(claims)

    def excuse(self, key: Identity) -> None:
        """Let nobody be owed a refresh of what means nothing here."""
        self._excused.append(key)

    def later(self, turn: Turn, outcome: MakeOutcome) -> None:
        """Take a turn that was not touched, to be written with the next commit."""
        self._waiting.append((turn, outcome))

    def conclude(self, turns: list[Turn], owing: Mapping[Identity, list[Identity]], outcome: MakeOutcome) -> None:
        """Write the results of touched turns and of those that waited."""
        waiting, self._waiting = self._waiting, []
        excused, self._excused = self._excused, []
        if not turns and not waiting and not excused:
            return
        with self._state.database.transaction():
            self._record(turns, outcome)
            for turn, make in waiting:
                self._record([turn], make)
            if self._keeps:
                self._confirm(turns)
                self._close([turn for turn in (*turns, *(turn for turn, _ in waiting)) if turn.thing is not None])
            self._owe(turns, owing)
            self._state.ledger.settle(excused)

    def _record(self, turns: Iterable[Turn], outcome: MakeOutcome) -> None:
        rows = [outcome(turn, self.run) for turn in turns if turn.status is not Status.UNCHANGED]
        if rows:
            self._state.history.record(rows)

    def _confirm(self, turns: Iterable[Turn]) -> None:
        """Confirm the claims of declared things that were touched; what failed stays in doubt."""
        rows: list[Claim] = []
        closed: list[tuple[str, str, str]] = []
        for turn in turns:
            key = turn.node.key
            if key in self._rows and not turn.failed:
                rows += confirmed(self._rows.pop(key), turn.now)
                closed += [(*key, name) for name in turn.decision.closes] if turn.decision is not None else []
        self._state.ledger.put_claims(rows)
        self._state.ledger.close_claims(closed)

    def _close(self, turns: Iterable[Turn]) -> None:
        """End the management of what has left; note why the rest waits."""
        gone: list[Identity] = []
        waits: list[Thing] = []
        for turn in turns:
            assert turn.thing is not None
            if turn.status in (Status.CHANGED, Status.UNCHANGED):
                gone.append(turn.node.key)
            else:
                waits.append(msgspec.structs.replace(turn.thing, pending=turn.message or str(turn.status)))
        self._state.ledger.close_things(gone)
        self._state.ledger.put_things(waits)

    def _owe(self, turns: Iterable[Turn], owing: Mapping[Identity, list[Identity]]) -> None:
        """Note the refreshes that changes call for, then strike out those that were done."""
        owed = [Owed(*key, str(turn.node.ref), self.run) for turn in turns for key in owing.get(turn.node.key, ())]
        done = [
            turn.node.key
            for turn in turns
            if turn.refreshed or (turn.status is Status.CHANGED and turn.change is not None)
        ]
        self._state.ledger.owe(owed)
        self._state.ledger.settle(done)
