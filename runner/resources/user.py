"""The type ``user``: an account of the machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from hiera.errors import Problem
from manifests.catalog import Declaration
from runner.resources import accounts
from runner.resources.accounts import tool
from runner.resources.base import Change, Identity, Missing, Resource, State, option, state
from runner.system.base import MachineError, Probe, System

EPOCH: Final = date(1970, 1, 1)

FLAGS: Final = (("uid", "--uid"), ("gid", "--gid"), ("comment", "--comment"), ("shell", "--shell"), ("home", "--home"))
"""State attribute -> option of useradd(8) and usermod(8)."""


class User(Resource):
    """An account: numbers, groups, home, shell, comment, password hash, expiry.

    The password is the hash as it stands in /etc/shadow (`!` locks); it reaches the machine by stdin and stands in
    records as a digest. ``groups`` are added to those there are, or with ``membership: inclusive`` are all of them.
    A home directory is made and moved with ``managehome``; it is removed only by ``ensure: absent`` with
    ``managehome``, never by leaving the catalog.
    """

    kind = "user"
    locks = accounts.LOCK

    name_ = option[str]("String[1]", "the login name")
    ensure = state[str]("Enum['present', 'absent']", "whether there is such a user")
    uid = state[Any]("Variant[Integer[0], Pattern[/^\\d+$/]]", "the number of the user")
    gid = state[Any]("Variant[Integer[0], String[1]]", "the primary group, by name or number")
    groups = state[Any]("Variant[String[1], Array[String[1]]]", "the other groups the user is in")
    comment = state[str]("String", "who it is, for people")
    home = state[str]("Pattern[/^\\//]", "the home directory")
    shell = state[str]("Pattern[/^\\//]", "the login shell")
    password = state[Any]("String", "the hash of the password", sensitive=True)
    expiry = state[str]("Variant[Enum['absent'], Pattern[/^\\d{4}-\\d{2}-\\d{2}$/]]", "the last day of the account")
    membership = option[str]("Enum['inclusive', 'minimum']", "whether other groups may stay", default="minimum")
    managehome = option[bool]("Boolean", "make the home directory, and move it when `home` changes", default=False)
    allowdupe = option[bool]("Boolean", "let the number be that of another user too", default=False)
    system = option[bool]("Boolean", "make it with a number of the system's range", default=False)
    purge_ssh_keys = option[Any]("Any", "not supported: use file[.../authorized_keys] or ssh_authorized_key")

    def __init__(self, declaration: Declaration) -> None:
        super().__init__(declaration)
        self._numbers: dict[str, int] = {}

    def needs(self) -> Iterator[Identity]:
        """Yield the groups."""
        wish = self.wanted() or {}
        for group in (wish.get("gid"), *(wish.get("groups") or ())):
            if isinstance(group, str):
                yield ("group", group)

    def missing(self, probe: Probe) -> Iterator[Missing]:
        """Yield groups that do not exist."""
        wish = self.wanted() or {}
        for group in (wish.get("gid"), *(wish.get("groups") or ())):
            if isinstance(group, str) and probe.gid(group) is None:
                yield Missing("group", group, f"there is no group '{group}'")

    def not_applicable(self, probe: Probe) -> str | None:
        """See :class:`runner.resources.base.Resource`: account files of another root are root's to edit."""
        return None if probe.live or probe.privileged else "users need root privileges under --root"

    def inapplicable(self, probe: Probe) -> Mapping[str, str]:
        """Leave out what stands in shadow, which only root can read."""
        return {} if probe.privileged else dict.fromkeys(("password", "expiry"), "needs root privileges")

    def problems(self, probe: Probe) -> Iterator[Problem]:  # noqa: ARG002
        """Yield what an account file cannot hold and what is not supported."""
        wish = self.wanted() or {}
        texts = [wish.get(key) for key in ("comment", "home", "shell")]
        if reason := accounts.unfit(self.name, texts):
            yield Problem("invalid-account", f"{self.ref}: {reason}", self.declaration.location)
        if self.purge_ssh_keys not in {None, False}:
            message = f"{self.ref}: 'purge_ssh_keys' is not supported"
            hint = "manage the whole file authorized_keys instead"
            yield Problem("unsupported-attribute", message, self.declaration.location, hint)
        try:
            date.fromisoformat(self.expiry) if self.expiry not in {None, "absent"} else None
        except ValueError:
            yield Problem("invalid-account", f"{self.ref}: 'expiry' is no day", self.declaration.location)

    def wanted(self) -> State | None:
        """See :class:`runner.resources.base.Resource`; numbers become numbers, groups a sorted list."""
        wish = super().wanted()
        if wish is None:
            return None
        for key in ("uid", "gid"):
            if str(wish.get(key)).isdecimal():
                wish[key] = int(wish[key])
        if "groups" in wish:
            groups = wish["groups"]
            wish["groups"] = sorted({groups} if isinstance(groups, str) else set(groups))
        return wish

    def read(self, probe: Probe, keys: frozenset[str]) -> State | None:  # noqa: ARG002
        """Return the account; of one that is not local only its number and home."""
        known = accounts.load(probe)
        self._numbers = {group.name: group.gid for group in known.groups.values()}
        found = known.users.get(self.name)
        if found is None:
            home = probe.home(self.name) if probe.live else None
            return None if home is None else {"uid": probe.uid(self.name), "home": home}
        seen: State = {key: getattr(found, key) for key in ("uid", "gid", "comment", "home", "shell")}
        seen["groups"] = known.groups_of(self.name)
        if found.password is not None:
            seen["password"] = probe.digest(found.password.encode())
        if found.expires is not None:
            seen["expiry"] = _day(found.expires)
        return seen

    def content(self, probe: Probe, key: str) -> bytes | None:
        """Return the password field, which its digest stands for."""
        found = accounts.load(probe).users.get(self.name)
        if key != "password" or found is None or found.password is None:
            return None
        return found.password.encode()

    def satisfied(self, key: str, state: State, wish: Any) -> bool:
        """Compare; a group may be named, groups may be more than asked for unless all of them were named."""
        if key == "gid" and isinstance(wish, str):
            return wish in self._numbers and state.get(key) == self._numbers[wish]
        if key == "groups" and self._adds():
            return set(wish) <= set(state.get(key) or ())
        return bool(state.get(key) == wish)

    def after(self, before: State | None, wish: State | None) -> State | None:
        """See :class:`runner.resources.base.Resource`; groups are added to those there are."""
        whole = super().after(before, wish)
        if whole is not None and before is not None and "groups" in (wish or {}) and self._adds():
            whole["groups"] = sorted({*(before.get("groups") or ()), *whole["groups"]})
        return whole

    def _adds(self) -> bool:
        """Say whether other groups may stay. Where none are declared any more, the baseline is meant exactly."""
        return self.membership != "inclusive" and "groups" in self.attributes

    def initial(self, key: str) -> Any:
        """Return what a new account has."""
        return {"groups": [], "comment": "", "expiry": "absent"}.get(key)

    def converge(self, system: System, change: Change) -> None:
        """Make, change or remove the account: with the shadow tools, or in the files of another root."""
        if not (system.live or system.baking):
            from runner.resources.user_files import converge  # noqa: PLC0415  another root is rare

            converge(system, self, change)
        elif change.after is None:
            self._delete(system)
        else:
            self._by_tools(system, change)

    def _by_tools(self, system: System, change: Change) -> None:
        after = change.after or {}
        argv = _options(after, change.keys)
        if self.allowdupe and "uid" in change.keys:
            argv.append("--non-unique")
        if change.creates:
            argv += self._own_group(system, after)
            argv.append("--create-home" if self.managehome else "--no-create-home")
            tool(system, "useradd", *argv, *(["--system"] if self.system else []), "--", self.name)
        elif argv:
            move = ["--move-home"] if self.managehome and "home" in change.keys else []
            tool(system, "usermod", *argv, *move, "--", self.name)
        if "password" in change.keys and "password" in after:
            stdin = self.name.encode() + b":" + self.password_bytes(system, after["password"]) + b"\n"
            tool(system, "chpasswd", "--encrypted", stdin=stdin)

    def _delete(self, system: System) -> None:
        """Remove the account. userdel takes the group of its name along, which may be somebody's own to manage."""
        group = accounts.load(system).groups.get(self.name) if self.keeps_group else None
        purge = self.ensure == "absent" and self.managehome
        tool(system, "userdel", *(["--remove"] if purge else []), "--", self.name)
        if group is not None and self.name not in accounts.load(system).groups:
            tool(system, "groupadd", f"--gid={group.gid}", "--", self.name)

    @property
    def keeps_group(self) -> bool:
        """Whether the group of the same name was declared to be there before the user."""
        return bool(self.attributes.get("gid") == self.name)

    def options(self) -> dict[str, Any]:
        """See :class:`runner.resources.base.Resource`; whose the group of the same name is matters for leaving."""
        return super().options() | ({"gid": self.name} if self.keeps_group else {})

    def _own_group(self, system: System, after: State) -> list[str]:
        """Return the option for a group of the user's own name that is there, or that went with a removed user."""
        known = accounts.load(system).groups
        if "gid" not in after:
            return ["--gid", self.name] if self.name in known else []
        lost = isinstance(after["gid"], int) and after["gid"] not in {group.gid for group in known.values()}
        if lost and "gid" not in self.attributes and self.name not in known:
            tool(system, "groupadd", f"--gid={after['gid']}", "--", self.name)
        return []

    def password_bytes(self, system: System, digest: str) -> bytes:
        """Return the hash behind ``digest``. Raises ``MachineError`` for one that cannot be one."""
        value = system.content(digest)
        if b":" in value or b"\n" in value:
            raise MachineError("the password is no hash as it stands in /etc/shadow")
        return value


def _options(after: State, keys: frozenset[str]) -> list[str]:
    """Return the options of useradd and usermod for what changes."""
    argv = [f"{flag}={after[key]}" for key, flag in FLAGS if key in keys and after.get(key) is not None]
    if "groups" in keys:
        argv.append(f"--groups={','.join(after.get('groups') or ())}")
    if "expiry" in keys and "expiry" in after:
        argv.append(f"--expiredate={'' if after['expiry'] == 'absent' else after['expiry']}")
    return argv


def _day(days: str) -> str:
    """Return the day that a number of days since 1970 in shadow stands for; ``absent`` for none."""
    return (EPOCH + timedelta(days=int(days))).isoformat() if days.isdecimal() else "absent"


def days(day: str) -> str:
    """Return what stands in shadow for a day or ``absent``."""
    return "" if day == "absent" else str((date.fromisoformat(day) - EPOCH).days)
