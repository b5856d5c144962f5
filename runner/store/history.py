"""Runs and what became of each resource in them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from runner.store.database import Database, dump, load
from runner.store.records import Action, Outcome, Run, Status

_RUN = (
    "id, command, trigger, revision, tree, environment, node, signer, trust, noop, catalog, started, ended, result,"
    " exit_code, counts, message"
)
_OUTCOME = (
    "run, seq, kind, name, title, action, status, before, after, drift, refreshed, revision, file, line, message, at,"
    " seconds"
)


class History:
    """What runs did, newest last in the file and newest first in every answer."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, **fields: Any) -> int:
        """Record that a run began and return its number. ``fields`` are those of ``Run`` known by then."""
        names = ", ".join(fields)
        marks = ", ".join("?" * len(fields))
        self._db.execute(
            f"INSERT INTO run ({names}, result, counts, message) VALUES ({marks}, 'running', '{{}}', '')",  # noqa: S608
            [int(value) if isinstance(value, bool) else value for value in fields.values()],
        )
        row = self._db.row("SELECT last_insert_rowid()")
        assert row is not None
        return int(row[0])

    def conclude(self, run: int, *, result: str, exit_code: int, counts: dict[str, int], message: str = "") -> None:
        """Record how a run ended."""
        self._db.execute(
            "UPDATE run SET ended=?, result=?, exit_code=?, counts=?, message=? WHERE id=?",
            (time.time(), result, exit_code, dump(counts), message, run),
        )

    def record(self, outcomes: Iterable[Outcome]) -> None:
        """Write outcomes; one with the same run and ``seq`` (the row of its start) is replaced."""
        self._db.executemany(
            f"INSERT OR REPLACE INTO outcome ({_OUTCOME}) VALUES ({', '.join('?' * 17)})",  # noqa: S608
            [_outcome_row(item) for item in outcomes],
        )

    def runs(self, limit: int = 20, *, changed: bool = False) -> list[Run]:
        """Return the newest runs; with ``changed`` only those that did or tried something."""
        where = "WHERE result NOT IN ('unchanged')" if changed else ""
        sql = f"SELECT {_RUN} FROM run {where} ORDER BY id DESC LIMIT ?"  # noqa: S608
        return [_run(row) for row in self._db.rows(sql, (limit,))]

    def run(self, number: int) -> Run | None:
        """Return the run ``number``, or None."""
        row = self._db.row(f"SELECT {_RUN} FROM run WHERE id=?", (number,))  # noqa: S608
        return _run(row) if row else None

    def outcomes(self, run: int) -> list[Outcome]:
        """Return the outcomes of a run in the order they were decided."""
        rows = self._db.rows(f"SELECT {_OUTCOME} FROM outcome WHERE run=? ORDER BY seq", (run,))  # noqa: S608
        return [_outcome(row) for row in rows]

    def of_thing(self, kind: str, name: str, limit: int = 10) -> list[Outcome]:
        """Return the newest outcomes of one thing."""
        sql = f"SELECT {_OUTCOME} FROM outcome WHERE kind=? AND name=? ORDER BY run DESC, seq DESC LIMIT ?"  # noqa: S608
        return [_outcome(row) for row in self._db.rows(sql, (kind, name, limit))]

    def interrupted(self) -> list[Run]:
        """Return the runs that never ended. Ask only while holding the lock."""
        return [_run(row) for row in self._db.rows(f"SELECT {_RUN} FROM run WHERE result='running'")]  # noqa: S608

    def forget(self, keep: int) -> None:
        """Drop all but the newest ``keep`` runs with their outcomes."""
        self._db.execute("DELETE FROM run WHERE id <= (SELECT max(id) FROM run) - ?", (keep,))


def _run(row: Sequence[Any]) -> Run:
    values = list(row)
    values[9], values[15] = bool(values[9]), load(values[15])
    return Run(*values)


def _outcome(row: Sequence[Any]) -> Outcome:
    values = list(row)
    values[5], values[6] = Action(values[5]), Status(values[6])
    values[7], values[8] = load(values[7]), load(values[8])
    values[9], values[10] = bool(values[9]), bool(values[10])
    return Outcome(*values)


def _outcome_row(item: Outcome) -> tuple[Any, ...]:
    return (
        item.run, item.seq, item.kind, item.name, item.title, str(item.action), str(item.status),
        None if item.before is None else dump(item.before), None if item.after is None else dump(item.after),
        int(item.drift), int(item.refreshed), item.revision, item.file, item.line, item.message, item.at, item.seconds,
    )  # fmt: skip
