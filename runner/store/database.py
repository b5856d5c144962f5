"""The SQLite file: opened carefully, migrated step by step, written by one thread."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from hiera.errors import Problem, UsageError

APPLICATION_ID: Final = 0x46524844  # "FRHD"
SCHEMA: Final = Path(__file__).with_name("schema")

T = TypeVar("T")


class Database:
    """A connection with the few ways of asking that the rooms of the store need.

    Raises ``UsageError``: ``state-newer`` (a newer Freehold wrote it), ``state-damaged`` (not ours, or corrupt).
    """

    def __init__(self, path: str) -> None:
        self.path = path
        new = not os.path.exists(path)
        if new:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=30.0)
            self._prepare()
        except sqlite3.DatabaseError as error:
            raise _damaged(path, str(error)) from None

    def _prepare(self) -> None:
        """Set the connection up and bring the schema to this version."""
        ask = self._connection.execute
        ask("PRAGMA trusted_schema=OFF")
        ask("PRAGMA foreign_keys=ON")
        ask("PRAGMA synchronous=FULL")
        version = ask("PRAGMA user_version").fetchone()[0]
        steps = _steps()
        if version == len(steps):
            return
        if version > len(steps):
            raise UsageError(
                Problem(
                    "state-newer",
                    f"'{self.path}' has schema {version}, this Freehold knows {len(steps)}",
                    hint="a newer Freehold wrote it: upgrade, or name another --state-dir",
                )
            )
        if version == 0 and ask("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise _damaged(self.path, "it holds tables of something else")
        ask("PRAGMA cell_size_check=ON")
        ask("PRAGMA journal_mode=WAL")
        for number, path in enumerate(steps[version:], start=version + 1):
            script = path.read_text(encoding="utf-8")
            self._connection.executescript(
                f"BEGIN IMMEDIATE;\n{script}\nPRAGMA application_id={APPLICATION_ID};"
                f"\nPRAGMA user_version={number};\nCOMMIT;"
            )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything within one durable step, or nothing of it; inner ones join the outer."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run one statement; return the number of rows it touched."""
        return self._connection.execute(sql, values).rowcount

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each of ``rows``."""
        self._connection.executemany(sql, rows)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, or None."""
        found: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
        return found


def _steps() -> list[Path]:
    """Return the migration scripts in order."""
    return sorted(SCHEMA.glob("[0-9]*.sql"))


def _damaged(path: str, why: str) -> UsageError:
    return UsageError(
        Problem(
            "state-damaged",
            f"the state database '{path}' cannot be used: {why}",
            hint="move it aside; the next run makes a new one and takes the accepted commit from its second copy",
        )
    )


def dump(value: Any) -> str:
    """Return ``value`` as canonical JSON text."""
    return msgspec.json.encode(value, order="sorted").decode()


def load(text: str | None) -> Any:
    """Return the value of a JSON text; None for NULL."""
    return None if text is None else msgspec.json.decode(text)
