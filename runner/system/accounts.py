"""Names and numbers of users and groups: the machine's own, or those of the files in another root."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class User(NamedTuple):
    """A user, as far as files are concerned."""

    name: str
    uid: int
    gid: int
    home: str


class Group(NamedTuple):
    """A group, as far as files are concerned."""

    name: str
    gid: int


class Accounts:
    """Remembers every answer, also that there is none, until the whole is thrown away."""

    def __init__(
        self,
        user: Callable[[str | int], User | None],
        group: Callable[[str | int], Group | None],
    ) -> None:
        self._find_user, self._find_group = user, group
        self._users: dict[str | int, User | None] = {}
        self._groups: dict[str | int, Group | None] = {}

    def user(self, key: str | int) -> User | None:
        """Return the user with that name or number."""
        return _remembered(self._users, self._find_user, key)

    def group(self, key: str | int) -> Group | None:
        """Return the group with that name or number."""
        return _remembered(self._groups, self._find_group, key)

    def user_name(self, uid: int) -> str:
        """Return the name of ``uid``, or its decimal text."""
        found = self.user(uid)
        return found.name if found else str(uid)

    def group_name(self, gid: int) -> str:
        """Return the name of ``gid``, or its decimal text."""
        found = self.group(gid)
        return found.name if found else str(gid)

    def uid(self, name: str) -> int | None:
        """Return the number of the user ``name``, which may be decimal text, or None."""
        found = self.user(name)
        return found.uid if found else _number(name)

    def gid(self, name: str) -> int | None:
        """Return the number of the group ``name``, which may be decimal text, or None."""
        found = self.group(name)
        return found.gid if found else _number(name)


def _remembered(known: dict[K, V], find: Callable[[K], V], key: K) -> V:
    """Return ``find(key)``, asked once."""
    if key not in known:
        known[key] = find(key)
    return known[key]


def _number(text: str) -> int | None:
    """Return the number that ``text`` is, or None."""
    return int(text) if text.isascii() and text.isdecimal() else None


def of_machine() -> Accounts:
    """Return the accounts of the running machine, whatever its name service switch asks."""
    return Accounts(_machine_user, _machine_group)


def _machine_user(key: str | int) -> User | None:
    """Ask the name service for a user."""
    import pwd  # noqa: PLC0415  a run that compares no owners does without it

    try:
        found = pwd.getpwuid(key) if isinstance(key, int) else pwd.getpwnam(key)
    except (KeyError, OverflowError, ValueError):
        return None
    return User(found.pw_name, found.pw_uid, found.pw_gid, found.pw_dir)


def _machine_group(key: str | int) -> Group | None:
    """Ask the name service for a group."""
    import grp  # noqa: PLC0415  see above

    try:
        found = grp.getgrgid(key) if isinstance(key, int) else grp.getgrnam(key)
    except (KeyError, OverflowError, ValueError):
        return None
    return Group(found.gr_name, found.gr_gid)


def of_files(passwd: str, group: str) -> Accounts:
    """Return the accounts that the texts of ``/etc/passwd`` and ``/etc/group`` list; the first of two counts."""
    users: dict[str | int, User] = {}
    for row in _rows(passwd, 6):
        one = User(row[0], int(row[2]), int(row[3]) if row[3].isdecimal() else 0, row[5])
        users.setdefault(one.name, one)
        users.setdefault(one.uid, one)
    groups: dict[str | int, Group] = {}
    for row in _rows(group, 3):
        team = Group(row[0], int(row[2]))
        groups.setdefault(team.name, team)
        groups.setdefault(team.gid, team)
    return Accounts(users.get, groups.get)


def _rows(text: str, fields: int) -> list[list[str]]:
    """Return the rows of an account file that have enough fields and a number."""
    rows = [line.split(":") for line in text.splitlines()]
    return [row for row in rows if len(row) >= fields and row[0] and row[2].isdecimal()]
