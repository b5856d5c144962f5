"""The type ``group``: a group of the machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hiera.errors import Problem
from runner.resources import accounts
from runner.resources.accounts import GROUP, GSHADOW, edit, tool
from runner.resources.base import Change, Resource, State, option, state
from runner.system.base import InUse, MachineError, Probe, System


class Group(Resource):
    """A group, its number and its members.

    ``members`` are added to those there are, or with ``membership: inclusive`` are all of them.
    """

    kind = "group"
    locks = accounts.LOCK

    name_ = option[str]("String[1]", "the name of the group")
    ensure = state[str]("Enum['present', 'absent']", "whether there is such a group")
    gid = state[Any]("Variant[Integer[0], Pattern[/^\\d+$/]]", "the number of the group")
    members = state[Any]("Array[String[1]]", "users in the group, beside those whose primary group it is")
    membership = option[str]("Enum['inclusive', 'minimum']", "whether others may be members too", default="minimum")
    auth_membership = option[bool]("Boolean", "Puppet's word for `membership: inclusive`", default=False)
    allowdupe = option[bool]("Boolean", "let the number be that of another group too", default=False)
    system = option[bool]("Boolean", "make it with a number of the system's range", default=False)

    def not_applicable(self, probe: Probe) -> str | None:
        """See :class:`runner.resources.base.Resource`: account files of another root are root's to edit."""
        return None if probe.live or probe.privileged else "groups need root privileges under --root"

    def problems(self, probe: Probe) -> Iterator[Problem]:  # noqa: ARG002
        """Yield names that an account file cannot hold."""
        if reason := accounts.unfit(self.name, self.members or ()):
            yield Problem("invalid-account", f"{self.ref}: {reason}", self.declaration.location)

    def wanted(self) -> State | None:
        """See :class:`runner.resources.base.Resource`."""
        wish = super().wanted()
        if wish is not None and "gid" in wish:
            wish["gid"] = int(wish["gid"])
        if wish is not None and "members" in wish:
            wish["members"] = sorted(set(wish["members"]))
        return wish

    def read(self, probe: Probe, keys: frozenset[str]) -> State | None:  # noqa: ARG002
        """Return the group's number and members; of one that is not local only the number."""
        found = accounts.load(probe).groups.get(self.name)
        if found is not None:
            return {"gid": found.gid, "members": sorted(found.members)}
        gid = probe.gid(self.name) if probe.live and not self.name.isdecimal() else None
        return None if gid is None else {"gid": gid}

    def satisfied(self, key: str, state: State, wish: Any) -> bool:
        """Compare; members may be more than asked for unless all of them were named."""
        if key == "members" and self._adds():
            return set(wish) <= set(state.get(key) or ())
        return bool(state.get(key) == wish)

    def after(self, before: State | None, wish: State | None) -> State | None:
        """See :class:`runner.resources.base.Resource`; members are added to those there are."""
        whole = super().after(before, wish)
        if whole is not None and before is not None and "members" in (wish or {}) and self._adds():
            whole["members"] = sorted({*(before.get("members") or ()), *whole["members"]})
        return whole

    def initial(self, key: str) -> Any:
        """Return that a new group has no members."""
        return [] if key == "members" else None

    def converge(self, system: System, change: Change) -> None:
        """Make, change or remove the group: with the shadow tools, or in the files of another root."""
        if system.live or system.baking:
            self._by_tools(system, change)
        else:
            self._by_files(system, change)

    def _adds(self) -> bool:
        """Say whether other members may stay. Where none are declared any more, the baseline is meant exactly."""
        inclusive = self.membership == "inclusive" or bool(self.auth_membership)
        return not inclusive and "members" in self.attributes

    def _by_tools(self, system: System, change: Change) -> None:
        after = change.after
        if after is None:
            self._delete(system)
            return
        dupe = ["--non-unique"] if self.allowdupe else []
        number = ["--gid", str(after["gid"]), *dupe] if "gid" in after else []
        if change.creates:
            tool(system, "groupadd", *(["--system"] if self.system else []), *number, "--", self.name)
        elif "gid" in change.keys:
            tool(system, "groupmod", *number, "--", self.name)
        if "members" in change.keys:
            tool(system, "gpasswd", "--members", ",".join(after.get("members") or ()), self.name)

    def _delete(self, system: System) -> None:
        """Remove the group unless it is somebody's primary one."""
        found = accounts.load(system)
        mine = found.groups.get(self.name)
        users = [user.name for user in found.users.values() if mine is not None and user.gid == mine.gid]
        if users:
            message = f"it is the primary group of {', '.join(users[:5])}"
            raise MachineError(message) if self.ensure == "absent" else InUse(message)
        if system.live or system.baking:
            tool(system, "groupdel", "--", self.name)
        else:
            for path in (GROUP, GSHADOW):
                edit(system, path, self.name, lambda _: None)

    def _by_files(self, system: System, change: Change) -> None:
        after = change.after
        if after is None:
            self._delete(system)
            return
        gid = after.get("gid")
        if gid is None:
            used = [group.gid for group in accounts.load(system).groups.values()]
            gid = accounts.free_number(used, system=bool(self.system))
        write_group(system, self.name, gid, after.get("members"))


def write_group(system: System, name: str, gid: int, members: list[str] | None) -> None:
    """Put a group into the files of the root; members None leaves them as they are."""
    listed = None if members is None else ",".join(members)

    def row(old: list[str] | None) -> list[str]:
        return [name, old[1] if old else "x", str(gid), _or(listed, old)]

    def shadow(old: list[str] | None) -> list[str]:
        return [name, *(old[1:3] if old else ("!", "")), _or(listed, old)]

    edit(system, GROUP, name, row)
    edit(system, GSHADOW, name, shadow)


def _or(listed: str | None, old: list[str] | None) -> str:
    """Return the members asked for, else those of the old row."""
    return listed if listed is not None else old[3] if old else ""
