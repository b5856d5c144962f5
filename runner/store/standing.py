"""Which commit is in force, and what a person said about it: accepted, marks, pins, pauses, remembered values."""

from __future__ import annotations

import time
from typing import Any

from runner.store.database import Database, dump, load
from runner.store.records import Accepted, Hold, Mark


class Standing:
    """Small tables that decide what the next run does."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def accepted(self, branch: str) -> Accepted | None:
        """Return the highest accepted commit of ``branch`` (the database's copy), or None."""
        row = self._db.row("SELECT branch, revision, signer, at FROM accepted WHERE branch=?", (branch,))
        return Accepted(*row) if row else None

    def accept(self, branch: str, revision: str, signer: str) -> None:
        """Move the accepted commit of ``branch``; the caller has verified it and written the file copy first."""
        values = (branch, revision, signer, time.time())
        self._db.execute("INSERT OR REPLACE INTO accepted VALUES (?,?,?,?)", values)

    def mark(self, revision: str, tree: str, verdict: str, note: str = "") -> None:
        """Remember what became of a commit here. One that was applied well once stays good unless it is marked bad."""
        values = (revision, tree, verdict, note, time.time())
        self._db.execute(
            "INSERT INTO mark VALUES (?,?,?,?,?) ON CONFLICT (revision) DO UPDATE SET"
            " tree=excluded.tree, verdict=excluded.verdict, note=excluded.note, at=excluded.at"
            " WHERE mark.verdict NOT IN ('good', 'bad') OR excluded.verdict IN ('good', 'bad')",
            values,
        )

    def mark_of(self, revision: str) -> Mark | None:
        """Return what is remembered of a commit, or None."""
        row = self._db.row("SELECT revision, tree, verdict, note, at FROM mark WHERE revision=?", (revision,))
        return Mark(*row) if row else None

    def last_good(self) -> Mark | None:
        """Return the anchor: the last revision applied well, or None."""
        row = self._db.row("SELECT revision, tree, verdict, note, at FROM mark WHERE verdict='good' ORDER BY at DESC")
        return Mark(*row) if row else None

    def tree_was_good(self, tree: str) -> bool:
        """Say whether a commit with this tree was applied well here before."""
        return self._db.row("SELECT 1 FROM mark WHERE tree=? AND verdict='good'", (tree,)) is not None

    def hold(self, kind: str, *, now: float | None = None) -> Hold | None:
        """Return the ``pin`` or ``pause`` in force, or None; an expired one counts as none."""
        row = self._db.row("SELECT kind, value, reason, since, until FROM hold WHERE kind=?", (kind,))
        found = Hold(*row) if row else None
        return found if found and found.until > (time.time() if now is None else now) else None

    def set_hold(self, kind: str, value: str, reason: str, until: float) -> None:
        """Set the ``pin`` or ``pause``."""
        self._db.execute("INSERT OR REPLACE INTO hold VALUES (?,?,?,?,?)", (kind, value, reason, time.time(), until))

    def lift(self, kind: str) -> bool:
        """End the ``pin`` or ``pause``; return whether there was one."""
        return self._db.execute("DELETE FROM hold WHERE kind=?", (kind,)) > 0

    def recall(self, key: str) -> Any:
        """Return the remembered value ``key``, or None."""
        row = self._db.row("SELECT value FROM fact WHERE key=?", (key,))
        return load(row[0]) if row else None

    def remember(self, key: str, value: Any) -> None:
        """Remember a plain value under ``key``; None forgets it."""
        if value is None:
            self._db.execute("DELETE FROM fact WHERE key=?", (key,))
        else:
            self._db.execute("INSERT OR REPLACE INTO fact VALUES (?,?)", (key, dump(value)))
