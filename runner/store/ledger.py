"""What is managed: things, claims with their baselines, relations, owed refreshes.

A claim closes only after its restore is confirmed or its thing is released; its baseline is never overwritten while it
lives (SEMANTICS: ledger, revert, prune).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from runner.store.database import Database, dump, load
from runner.store.records import Claim, LedgerEdge, Owed, Thing

_THING = "kind, name, title, options, prune, revision, file, line, pending"
_CLAIM = "kind, name, attribute, baseline, applied, confirmed, declared, revision, file, line, previous, lost"


class Ledger:
    """Reads and writes of the ledger's tables. Identities are ``(kind, name)``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def things(self) -> dict[tuple[str, str], Thing]:
        """Return every managed thing by its identity."""
        rows = self._db.rows(f"SELECT {_THING} FROM thing")  # noqa: S608
        return {(row[0], row[1]): _thing(row) for row in rows}

    def thing(self, kind: str, name: str) -> Thing | None:
        """Return one managed thing, or None."""
        row = self._db.row(f"SELECT {_THING} FROM thing WHERE kind=? AND name=?", (kind, name))  # noqa: S608
        return _thing(row) if row else None

    def find(self, name: str) -> list[Thing]:
        """Return the things whose name or title is ``name``, of whatever kind."""
        rows = self._db.rows(f"SELECT {_THING} FROM thing WHERE name=? OR title=?", (name, name))  # noqa: S608
        return [_thing(row) for row in rows]

    def is_secret(self, name: str) -> bool:
        """Say whether something of this name or title, of whatever kind, was last applied with a secret."""
        return any(thing.options.get("secret") for thing in self.find(name))

    def count(self) -> int:
        """Return how many things are managed."""
        row = self._db.row("SELECT count(*) FROM thing")
        return int(row[0]) if row else 0

    def pending(self) -> list[Thing]:
        """Return the things whose removal waits."""
        return [_thing(row) for row in self._db.rows(f"SELECT {_THING} FROM thing WHERE pending != ''")]  # noqa: S608

    def claims(self) -> dict[tuple[str, str], dict[str, Claim]]:
        """Return every claim, by identity and attribute."""
        found: dict[tuple[str, str], dict[str, Claim]] = {}
        for row in self._db.rows(f"SELECT {_CLAIM} FROM claim"):  # noqa: S608
            found.setdefault((row[0], row[1]), {})[row[2]] = _claim(row)
        return found

    def claims_of(self, kind: str, name: str) -> dict[str, Claim]:
        """Return the claims on one thing by attribute."""
        sql = f"SELECT {_CLAIM} FROM claim WHERE kind=? AND name=?"  # noqa: S608
        return {row[2]: _claim(row) for row in self._db.rows(sql, (kind, name))}

    def digests(self) -> list[str]:
        """Return the digests among the baselines: the pre-images that somebody may still go back to."""
        sql = "SELECT baseline FROM claim WHERE baseline LIKE '\"node:%' OR baseline LIKE '\"sha256:%'"
        return [load(row[0]) for row in self._db.rows(sql)]

    def rekey(self, rows: Iterable[tuple[Claim, Any, Any, Any]]) -> None:
        """Write the same values of claims (baseline, applied, previous) with other digests."""
        self._db.executemany(
            "UPDATE claim SET baseline=?, applied=?, previous=? WHERE kind=? AND name=? AND attribute=?",
            [(*map(dump, values), claim.kind, claim.name, claim.attribute) for claim, *values in rows],
        )

    def put_things(self, things: Iterable[Thing]) -> None:
        """Write things; the claims of those already there stay."""
        self._db.executemany(
            f"INSERT INTO thing ({_THING}) VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (kind, name) DO UPDATE SET"  # noqa: S608
            " title=excluded.title, options=excluded.options, prune=excluded.prune, revision=excluded.revision,"
            " file=excluded.file, line=excluded.line, pending=excluded.pending",
            [
                (t.kind, t.name, t.title, dump(t.options), t.prune, t.revision, t.file, t.line, t.pending)
                for t in things
            ],
        )

    def put_claims(self, claims: Iterable[Claim]) -> None:
        """Write claims. An open one keeps its baseline, whatever the new row says."""
        self._db.executemany(
            f"INSERT INTO claim ({_CLAIM}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (kind, name, attribute)"  # noqa: S608
            " DO UPDATE SET applied=excluded.applied, confirmed=excluded.confirmed, declared=excluded.declared,"
            " revision=excluded.revision, file=excluded.file, line=excluded.line, previous=excluded.previous",
            [_claim_row(claim) for claim in claims],
        )

    def close_claims(self, keys: Iterable[tuple[str, str, str]]) -> None:
        """Close claims given as ``(kind, name, attribute)``."""
        self._db.executemany("DELETE FROM claim WHERE kind=? AND name=? AND attribute=?", list(keys))

    def close_things(self, identities: Iterable[tuple[str, str]]) -> None:
        """End the management of things: their claims and relations close too."""
        rows = list(identities)
        self._db.executemany("DELETE FROM thing WHERE kind=? AND name=?", rows)
        self._db.executemany("DELETE FROM edge WHERE source_kind=? AND source_name=?", rows)
        self._db.executemany("DELETE FROM edge WHERE target_kind=? AND target_name=?", rows)
        self._db.executemany("DELETE FROM owed WHERE kind=? AND name=?", rows)

    def edges(self) -> list[LedgerEdge]:
        """Return the relations as last applied."""
        rows = self._db.rows("SELECT source_kind, source_name, target_kind, target_name, notify FROM edge")
        return [LedgerEdge(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]

    def replace_edges(self, edges: Iterable[LedgerEdge]) -> None:
        """Make ``edges`` the relations as last applied."""
        self._db.execute("DELETE FROM edge")
        self._db.executemany(
            "INSERT OR REPLACE INTO edge VALUES (?,?,?,?,?)",
            [(e.source_kind, e.source_name, e.target_kind, e.target_name, int(e.notify)) for e in edges],
        )

    def owed(self) -> dict[tuple[str, str], Owed]:
        """Return the refreshes owed, by identity."""
        return {(row[0], row[1]): Owed(*row) for row in self._db.rows("SELECT kind, name, cause, run FROM owed")}

    def owe(self, owed: Iterable[Owed]) -> None:
        """Note refreshes that somebody is owed; the first cause stays."""
        rows = [(item.kind, item.name, item.cause, item.run) for item in owed]
        self._db.executemany("INSERT OR IGNORE INTO owed VALUES (?,?,?,?)", rows)

    def settle(self, identities: Iterable[tuple[str, str]]) -> None:
        """Strike out refreshes that were done."""
        self._db.executemany("DELETE FROM owed WHERE kind=? AND name=?", list(identities))

    def staging(self) -> list[str]:
        """Return the directories that may hold temporary files of a run that died."""
        return [row[0] for row in self._db.rows("SELECT directory FROM staging")]

    def will_stage(self, directories: Iterable[str]) -> None:
        """Note directories before temporary files are made in them."""
        self._db.executemany("INSERT OR IGNORE INTO staging VALUES (?)", [(path,) for path in directories])

    def staged(self) -> None:
        """Forget the noted directories: nothing temporary is left in them."""
        self._db.execute("DELETE FROM staging")


def _thing(row: Sequence[Any]) -> Thing:
    return Thing(row[0], row[1], row[2], load(row[3]), *row[4:])


def _claim(row: Sequence[Any]) -> Claim:
    values = list(row)
    values[3:7] = [load(row[3]), load(row[4]), bool(row[5]), bool(row[6])]
    values[10:] = [load(row[10]), bool(row[11])]
    return Claim(*values)


def _claim_row(claim: Claim) -> tuple[Any, ...]:
    return (
        claim.kind, claim.name, claim.attribute, dump(claim.baseline), dump(claim.applied), int(claim.confirmed),
        int(claim.declared), claim.revision, claim.file, claim.line,
        dump(claim.previous), int(claim.lost),
    )  # fmt: skip
