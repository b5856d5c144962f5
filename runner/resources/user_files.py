"""Users in the account files of another root, where no tool of that root can be run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from runner.resources import accounts
from runner.resources.accounts import GROUP, GSHADOW, PASSWD, SHADOW, edit
from runner.resources.base import Change, State
from runner.resources.group import write_group
from runner.system.base import MachineError, System

if TYPE_CHECKING:
    from runner.resources.user import User


def converge(system: System, user: User, change: Change) -> None:
    """Bring the account of ``user`` to ``change.after``. Raises ``MachineError``."""
    if change.after is None:
        _remove(system, user.name, keep_group=user.keeps_group)
        return
    after = _complete(system, user, change.after) if change.creates else change.after
    gid = _gid(system, after["gid"])
    _write_passwd(system, user.name, after, gid)
    _write_shadow(system, user, change, after)
    if "groups" in change.keys:
        _write_groups(system, user.name, set(after.get("groups") or ()))
    if change.creates and user.managehome:
        _make_home(system, str(after["home"]), int(after["uid"]), gid)


def _complete(system: System, user: User, after: State) -> State:
    """Return the state of a new account with what was not given filled in, making its own group if it has none."""
    known = accounts.load(system)
    own = known.groups.get(user.name)
    whole: State = {"comment": "", "home": f"/home/{user.name}", "shell": "/bin/sh", **after}
    if "uid" not in whole:
        used = [item.uid for item in known.users.values()]
        whole["uid"] = accounts.free_number(used, system=bool(user.system))
    if "gid" not in whole:
        if own is None:
            used = [item.gid for item in known.groups.values()]
            free = whole["uid"] if whole["uid"] not in used else accounts.free_number(used, system=bool(user.system))
            write_group(system, user.name, free, [])
            whole["gid"] = free
        else:
            whole["gid"] = own.gid
    elif own is None and "gid" not in user.attributes and whole["gid"] not in {g.gid for g in known.groups.values()}:
        write_group(system, user.name, whole["gid"], [])  # it went with the removed user
    return whole


def _gid(system: System, group: object) -> int:
    """Return the number of a group. Raises ``MachineError`` if there is no such group."""
    if isinstance(group, int):
        return group
    found = accounts.load(system).groups.get(str(group))
    if found is None:
        raise MachineError(f"there is no group '{group}'")
    return found.gid


def _write_passwd(system: System, name: str, after: State, gid: int) -> None:
    """Put the row into passwd."""
    row = [str(after["uid"]), str(gid), str(after["comment"]), str(after["home"]), str(after["shell"])]
    edit(system, PASSWD, name, lambda old: [name, old[1] if old else "x", *row])


def _write_shadow(system: System, user: User, change: Change, after: State) -> None:
    """Put password and expiry into shadow; a new account without a password is locked."""
    from runner.resources.user import days  # noqa: PLC0415  the two know each other

    new = {}
    if "password" in change.keys and "password" in after:
        new[1] = user.password_bytes(system, after["password"]).decode()
    if "expiry" in change.keys and "expiry" in after:
        new[7] = days(str(after["expiry"]))

    def row(old: list[str] | None) -> list[str]:
        whole = old or [user.name, "!", "", "0", "99999", "7", "", "", ""]
        return [new.get(number, text) for number, text in enumerate(whole)]

    if new or change.creates:
        edit(system, SHADOW, user.name, row)


def _write_groups(system: System, name: str, wish: set[str]) -> None:
    """Let the user be a member of exactly the groups ``wish``."""
    groups = accounts.load(system).groups
    if unknown := wish - groups.keys():
        raise MachineError(f"there is no group '{min(unknown)}'")
    for group in groups.values():
        members = [member for member in group.members if member != name]
        members += [name] if group.name in wish else []
        if members != list(group.members):
            write_group(system, group.name, group.gid, members)


def _make_home(system: System, home: str, uid: int, gid: int) -> None:
    """Make the home directory with the files of /etc/skel, unless it is there."""
    if system.lstat(home) is not None:
        return
    if system.lstat(os.path.dirname(home)) is None:
        raise MachineError(f"cannot make the home '{home}': its parent directory does not exist")
    system.mkdir(home, mode=0o700, uid=uid, gid=gid)
    for name in system.listdir("/etc/skel"):
        found = system.lstat(f"/etc/skel/{name}")
        if found is not None and found.kind == "file":
            data = system.hold(system.read(f"/etc/skel/{name}"))
            system.write(f"{home}/{name}", data, mode=found.mode, uid=uid, gid=gid)


def _remove(system: System, name: str, *, keep_group: bool) -> None:
    """Take the user out of all account files, with the group of that name if nobody else is in it; its home stays."""
    known = accounts.load(system)
    for path in (PASSWD, SHADOW):
        edit(system, path, name, lambda _: None)
    _write_groups(system, name, set())
    own = None if keep_group else known.groups.get(name)
    others = [user for user in known.users.values() if own is not None and user.gid == own.gid and user.name != name]
    if own is not None and not others and not set(own.members) - {name}:
        for path in (GROUP, GSHADOW):
            edit(system, path, name, lambda _: None)
