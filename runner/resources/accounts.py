"""Users and groups as /etc/passwd, group and shadow have them (passwd(5), group(5), shadow(5))."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from runner.system.base import Completed, MachineError, Probe, System

PASSWD: Final = "/etc/passwd"  # noqa: S105  the name of a file
GROUP: Final = "/etc/group"
SHADOW: Final = "/etc/shadow"
GSHADOW: Final = "/etc/gshadow"

LOCK: Final = frozenset({"accounts"})
CACHES: Final = ("accounts", "account-files")
"""Bulk state that a changed account makes stale."""

TRIES: Final = 10
"""How often a tool is tried whose files somebody else holds (a package's script that makes users), once a second."""


@dataclass(frozen=True, slots=True)
class User:
    """A row of passwd, with its password and expiry of shadow; None where shadow cannot be read."""

    name: str
    uid: int
    gid: int
    comment: str
    home: str
    shell: str
    password: str | None = None
    expires: str | None = None  # days since 1970, "" for never


@dataclass(frozen=True, slots=True)
class Group:
    """A row of group."""

    name: str
    gid: int
    members: tuple[str, ...]


@dataclass(slots=True)
class Accounts:
    """All local users and groups by name."""

    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)

    def groups_of(self, user: str) -> list[str]:
        """Return the supplementary groups of ``user``, sorted."""
        return sorted(group.name for group in self.groups.values() if user in group.members)


def load(probe: Probe) -> Accounts:
    """Return the local accounts of the root, read in one pass."""
    return probe.cached("account-files", lambda: _load(probe))


def _load(probe: Probe) -> Accounts:
    """Read the files; shadow only as root. Rows that are none are passed over, as the C library does."""
    shadow = {row[0]: row for row in _rows(probe, SHADOW, 8)} if probe.privileged else {}
    found = Accounts()
    for name, _, uid, gid, comment, home, shell in (row[:7] for row in _rows(probe, PASSWD, 7)):
        if uid.isdecimal() and gid.isdecimal():
            row = shadow.get(name)
            password, expires = (row[1], row[7]) if row else (None, None)
            user = User(name, int(uid), int(gid), comment, home, shell, password, expires)
            found.users.setdefault(name, user)
    for name, _, gid, members in (row[:4] for row in _rows(probe, GROUP, 4)):
        if gid.isdecimal():
            group = Group(name, int(gid), tuple(member for member in members.split(",") if member))
            found.groups.setdefault(name, group)
    return found


def _rows(probe: Probe, path: str, fields: int) -> list[list[str]]:
    """Return the rows of an account file that have all their fields."""
    if probe.lstat(path) is None:
        return []
    rows = (line.split(":") for line in probe.read(path).decode(errors="surrogateescape").splitlines())
    return [row for row in rows if len(row) >= fields and row[0]]


def tool(system: System, *argv: str, stdin: bytes | None = None) -> Completed:
    """Run a tool of the shadow suite, waiting for whoever holds its files. Raises ``MachineError``."""
    for attempt in range(1, TRIES + 1):
        done = system.run(*argv, stdin=stdin, ok=None)
        busy = done.code and ("cannot lock" in done.stderr or "try again later" in done.stderr)
        if not busy or attempt == TRIES:
            break
        time.sleep(1)
    system.invalidate(*CACHES)
    if done.code:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise MachineError(f"{argv[0]} failed: {lines[-1] if lines else f'exit status {done.code}'}")
    return done


def edit(system: System, path: str, name: str, change: Callable[[list[str] | None], Sequence[str] | None]) -> None:
    """Let ``change`` make the row of ``name`` in an account file of the root from its present one; None is no row.

    A file that is not there is left out (shadow and gshadow); passwd and group are made.
    """
    there = system.lstat(path) is not None
    if not there and path in {SHADOW, GSHADOW}:
        return
    lines = system.read(path).decode(errors="surrogateescape").splitlines() if there else []
    at = next((number for number, line in enumerate(lines) if line.startswith(name + ":")), None)
    row = change(None if at is None else lines[at].split(":"))
    new = [] if row is None else [":".join(row)]
    lines[len(lines) if at is None else at : len(lines) if at is None else at + 1] = new
    data = "".join(line + "\n" for line in lines).encode(errors="surrogateescape")
    system.write(path, system.hold(data), mode=None if there else 0o644)
    system.invalidate(*CACHES)


def free_number(used: Iterable[int], *, system: bool) -> int:
    """Return a number for a new account as useradd(8) picks it by default: upwards, for system accounts downwards."""
    taken = set(used)
    if system:
        return next(number for number in range(999, 99, -1) if number not in taken)
    highest = max((number for number in taken if 1000 <= number < 60000), default=999)
    upwards: list[int] = [*range(highest + 1, 60000), *range(1000, highest)]
    return next(number for number in upwards if number not in taken)


def unfit(name: str, texts: Iterable[object]) -> str | None:
    """Return why a name or a value cannot stand in an account file, or None."""
    if not name or name.startswith(("-", "+", "~")) or any(char in name for char in ":,/ \t\n"):
        return f"'{name}' is no name for an account"
    if any(":" in str(text) or "\n" in str(text) for text in texts if text is not None):
        return "a value of an account cannot hold a colon or a line break"
    return None
