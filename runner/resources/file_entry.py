"""What stands at one path: reading it, comparing it, and leading it from one state to another."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from hiera.errors import Problem
from manifests.catalog import ContentRef, Declaration, Plain
from runner.resources import file_mode
from runner.resources.base import Change, Identity, Missing, Resource, State, Undo, option, state
from runner.resources.file_change import ids, new_digest, rights, writes_content
from runner.system.base import InUse, MachineError, Probe, System

PATH_TYPE: Final = r"Pattern[/\A\/[^\0\n]*\z/]"
_MAX_LINKS: Final = 40
_KERNEL: Final = ("/proc", "/sys", "/dev")
_UNITS: Final = ("/etc/systemd/system/", "/run/systemd/system/", "/usr/local/lib/systemd/system/",
                 "/usr/lib/systemd/system/", "/lib/systemd/system/")  # fmt: skip
_SELINUX: Final = ("seluser", "selrole", "seltype", "selrange")
_ACCOUNTS: Final = ("/etc/passwd", "/etc/group")


def normalised(path: str) -> str:
    """Return ``path`` without trailing, doubled or ``.`` parts; ``..`` stays, links make it mean something."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    return "/" + "/".join(parts)


class FileEntry(Resource):
    """A path on the machine. The state is ``type``, ``content``, ``target``, ``mode``, ``owner``, ``group``."""

    namevar = "path"
    undo = Undo.EXACT
    cheap = True
    kinds: ClassVar[frozenset[str]] = frozenset({"file", "directory", "link"})

    path = option[str](PATH_TYPE, "the absolute path; the title if it is not given")
    mode = state[str](file_mode.PATTERN, "permission bits, octal (`'0644'`) or symbolic (`u=rw,go=r`)")
    owner = state[str]("Variant[String[1], Integer[0]]", "the user that owns it, by name or number")
    group = state[str]("Variant[String[1], Integer[0]]", "the group that owns it, by name or number")
    force = option[bool]("Boolean", "replace or remove a directory with all that is in it", default=False)
    replace = option[bool]("Boolean", "false: only create it, leave what differs as it is", default=True)
    backup = option[Any]("Variant[Boolean, String]", "accepted; what is replaced is always kept for going back")
    show_diff = option[bool]("Boolean", "show what changes in the content", default=True)
    validate_cmd = option[Any](
        "Variant[String[1], Array[String[1], 1]]", "a command that checks the new file, named `%`, before it replaces"
    )
    validate_replacement = option[str]("String[1]", "what stands for the new file in `validate_cmd`", default="%")
    seluser = option[str]("String[1]", "the SELinux user; only where SELinux is off, and means nothing there")
    selrole = option[str]("String[1]", "the SELinux role; likewise")
    seltype = option[str]("String[1]", "the SELinux type; likewise")
    selrange = option[str]("String[1]", "the SELinux range; likewise")
    selinux_ignore_defaults = option[bool]("Boolean", "accepted; SELinux contexts are the policy's to give")
    links = option[str]("Enum['manage', 'follow']", "follow: manage what the link leads to", default="manage")

    def __init__(self, declaration: Declaration) -> None:
        super().__init__(declaration)
        self.name = normalised(declaration.name)
        self._synonyms: dict[tuple[str, str], str] = {}
        self._new: State = {}

    def _kind(self) -> str | None:
        """Return the type of file asked for, None if any will do."""
        raise NotImplementedError

    def wanted(self) -> State | None:
        """See :class:`Resource`."""
        wish = super().wanted()
        if wish is None:
            return None
        kind = self._kind()
        if kind == "link":
            wish.pop("mode", None)
        for key in ("owner", "group"):
            if key in wish:
                wish[key] = str(wish[key])
        return wish if kind is None else {"type": kind, **wish}

    # Before the first touch

    def needs(self) -> Iterator[Identity]:
        """Yield the parent directories, nearest first, and the owners."""
        parent = self.name
        while parent != "/":
            parent = os.path.dirname(parent)
            yield ("file", parent)
        for kind, name in (("user", self.owner), ("group", self.group)):
            if name is not None:
                yield (kind, str(name))

    def missing(self, probe: Probe) -> Iterator[Missing]:
        """Yield the owner and the group if they are unknown."""
        if not probe.privileged:
            return
        if self.owner is not None and probe.uid(str(self.owner)) is None:
            yield Missing("user", str(self.owner), f"there is no user '{self.owner}' to own '{self.name}'")
        if self.group is not None and probe.gid(str(self.group)) is None:
            yield Missing("group", str(self.group), f"there is no group '{self.group}' to own '{self.name}'")

    def writes(self) -> Iterator[str]:
        """See :class:`Resource`."""
        yield self.name

    def inapplicable(self, probe: Probe) -> Mapping[str, str]:
        """See :class:`Resource`: only root gives files away (SEMANTICS.md 22)."""
        return {} if probe.privileged else dict.fromkeys(("owner", "group"), "only root can set it")

    def problems(self, probe: Probe) -> Iterator[Problem]:
        """Yield what is wrong with the path."""
        here = self.declaration.location
        if not self.declaration.name.startswith("/"):
            yield Problem("relative-path", f"{self.ref} needs an absolute path", here)
        if "\0" in self.name or "\n" in self.name or ".." in self.name.split("/"):
            yield Problem("bad-path", f"the path of {self.ref} holds a line end, a NUL or '..'", here)
        for place in (*_KERNEL, *probe.protected):
            if self.name.startswith(place + "/") or (self.name == place and place not in _KERNEL):
                owner = "the kernel's" if place in _KERNEL else "Freehold's own"
                yield Problem("protected-path", f"'{self.name}' cannot be managed: '{place}' is {owner}", here)

        asked = [name for name in _SELINUX if name in self.attributes]
        if asked and probe.live and probe.lstat("/sys/fs/selinux/enforce") is not None:
            message = f"{self.ref} asks for '{asked[0]}', and SELinux contexts are not managed"
            hint = "leave it to the policy: `semanage fcontext` in an exec, and restorecon"
            yield Problem("unsupported-attribute", message, here, hint)

    # Looking

    def place(self, probe: Probe) -> str:
        """Return the path to look at and touch: with ``links: follow`` where the links at it lead."""
        path = self.name
        if self.links != "follow":
            return path
        for _ in range(_MAX_LINKS):
            found = probe.lstat(path)
            if found is None or found.kind != "link":
                return path
            path = os.path.join(os.path.dirname(path), probe.readlink(path))
        raise MachineError(f"cannot follow the link '{self.name}': too many levels")

    def read(self, probe: Probe, keys: frozenset[str]) -> State | None:
        """See :class:`Resource`. The content is read also when another type of file shall take its place."""
        path = self.place(probe)
        found = probe.lstat(path)
        self._learn(probe)
        if found is None:
            return None
        read: State = {"type": found.kind, "owner": probe.user_name(found.uid), "group": probe.group_name(found.gid)}
        if found.kind == "link":
            return read | {"target": probe.readlink(path)}
        read["mode"] = file_mode.text(found.mode)
        if found.kind == "file" and (
            "content" in keys or self.attributes.get("ensure") == "absent" or self._gives_way()
        ):
            read["content"] = probe.digest_file(path)
        return read

    def _gives_way(self) -> bool:
        """Say whether a regular file would be replaced by something else."""
        return self._kind() not in {None, "file"}

    def _learn(self, probe: Probe) -> None:
        """Note what a new file has, and the names of an owner and a group that were declared by number."""
        self._new = probe.cached("new-file", lambda: _new(probe))
        if self.owner is not None and str(self.owner).isdecimal():
            self._synonyms["owner", str(self.owner)] = probe.user_name(probe.uid(str(self.owner)) or 0)
        if self.group is not None and str(self.group).isdecimal():
            self._synonyms["group", str(self.group)] = probe.group_name(probe.gid(str(self.group)) or 0)

    def content(self, probe: Probe, key: str) -> bytes | None:
        """See :class:`Resource`."""
        return probe.read(self.place(probe)) if key == "content" else None

    # Comparing

    def satisfied(self, key: str, state: State, wish: Plain) -> bool:
        """See :class:`Resource`: symbolic modes, owners by number, ``replace: false``."""
        kind = state.get("type")
        if not self.replace and key in {"type", "content", "target"} and kind in {"file", "link"}:
            return True
        if key == "mode":
            return kind == "link" or self._mode(wish, state) == state.get("mode")
        return bool(state.get(key) == self._synonyms.get((key, str(wish)), wish))

    def _mode(self, wish: str, before: State) -> str:
        """Return the mode that ``wish`` makes of that of ``before``, as in a state."""
        directory = before.get("type") == "directory"
        current = before.get("mode") or ("0755" if directory else "0644")
        return file_mode.text(file_mode.resolve(wish, int(current, 8), directory=directory))

    def after(self, before: State | None, wish: State | None) -> State | None:
        """See :class:`Resource`. A path where nothing is stays so if nobody said what to create."""
        if wish is None or (before is None and "type" not in wish):
            return None
        if before is None or not self.satisfied("type", before, wish.get("type", before["type"])):
            before = {"type": wish["type"]}
        changed = {key: value for key, value in wish.items() if not self.satisfied(key, before, value)}
        if "mode" in changed:
            changed["mode"] = self._mode(changed["mode"], before)
        for key in ("owner", "group"):
            if key in changed:
                changed[key] = self._synonyms.get((key, changed[key]), changed[key])
        return before | changed

    def initial(self, key: str) -> Plain:
        """See :class:`Resource`: what a file made without being told otherwise has."""
        if key == "mode" and self._kind() != "link":
            return "0755" if self._kind() == "directory" else "0644"
        return self._new.get(key)

    # Touching

    def stage(self, system: System, change: Change) -> None:
        """See :class:`Resource`."""
        if writes_content(change):
            system.stage(self.place(system), new_digest(system, change))

    def converge(self, system: System, change: Change) -> None:
        """See :class:`Resource`."""
        path = self.place(system)
        before, after = change.before, change.after
        if (
            before is not None
            and before.get("type") not in self.kinds
            and (after is None or after.get("type") != before.get("type"))
        ):
            raise MachineError(f"'{path}' is a {before.get('type')}, which is not replaced: it could not come back")
        try:
            if after is None:
                self._remove(system, path)
            else:
                self._clear(system, path, change)
                self._make(system, path, change)
        except MachineError:
            system.unstage(path)
            raise
        self._announce(system, path)

    def _make(self, system: System, path: str, change: Change) -> None:
        """Make or adapt what ``change.after`` asks for."""
        assert change.after is not None
        if "type" not in change.after:
            hint = "say what to create: `ensure: file` or `ensure: directory`"
            raise MachineError(f"there is nothing at '{path}'", hint=hint)
        kind, before = change.after["type"], change.before or {}
        mode, uid, gid = rights(system, change)
        if kind == "file" and writes_content(change):
            digest = new_digest(system, change)
            self._validate(system, path, digest)
            system.write(path, digest, mode=mode, uid=uid, gid=gid)
            return
        if kind == "directory" and before.get("type") != "directory":
            system.mkdir(path, mode=0o755 if mode is None else mode, uid=uid, gid=gid)
            return
        if kind == "link" and (before.get("type") != "link" or "target" in change.keys):
            uid, gid = ids(system, change, always=True)
            system.symlink(path, change.after["target"], uid=uid, gid=gid)
            return
        if uid is not None or gid is not None:
            system.chown(path, uid, gid)
        if kind != "link" and mode is not None and ("mode" in change.keys or uid is not None or gid is not None):
            system.chmod(path, mode)

    def _clear(self, system: System, path: str, change: Change) -> None:
        """Take away what cannot be replaced in one step by what comes: a directory, or anything before one."""
        before, after = change.before, change.after
        assert after is not None
        if (
            before is None
            or before.get("type") == after["type"]
            or "directory" not in {before.get("type"), after["type"]}
        ):
            return
        asked = (self.wanted() or {}).get("type") == after["type"]
        if before["type"] == "directory" and asked and not self.force:
            raise MachineError(
                f"'{path}' is a directory, which a {after['type']} does not replace",
                hint="say `force: true` to allow it",
            )
        self._remove(system, path)

    def _remove(self, system: System, path: str) -> None:
        """Remove what is at ``path``; the entries of a directory have gone by their own claims or it stays."""
        found = system.lstat(path)
        if found is not None and found.kind == "directory" and system.listdir(path):
            hint = "what is in it is declared or came later" if self.force else "`force: true` removes what is in it"
            raise InUse(f"the directory '{path}' is not empty", hint=hint)
        system.remove(path)

    def _validate(self, system: System, path: str, digest: str) -> None:
        """Let ``validate_cmd`` look at the new file, on a machine or in an image, unless undo brings it back."""
        wish = self.attributes.get("content")
        if not self.validate_cmd or not (system.live or system.baking):
            return
        if not isinstance(wish, ContentRef) or wish.digest != digest:
            return
        staged = system.stage(path, digest)
        done = system.run(*self._validation(staged), ok=None)
        if done.code != 0:
            system.unstage(path)
            words = "" if wish.secret else (done.stderr.strip() or done.stdout.strip()).replace(staged, path)
            last = f": {words.splitlines()[-1][:300]}" if words else ""
            raise MachineError(f"validate_cmd refused the new content of '{path}'{last}")

    def _validation(self, staged: str) -> list[str]:
        """Return the argv that validates the file ``staged``."""
        mark = str(self.validate_replacement)
        if isinstance(self.validate_cmd, list):
            return [str(part).replace(mark, staged) for part in self.validate_cmd]
        import shlex  # noqa: PLC0415  few files are validated

        return ["/bin/sh", "-c", str(self.validate_cmd).replace(mark, shlex.quote(staged))]

    def _announce(self, system: System, path: str) -> None:
        """Say which bulk state the change made stale."""
        if path.startswith(_UNITS):
            system.invalidate("units", "systemd-reload")
        if path in _ACCOUNTS:
            system.invalidate("accounts")

    def diff(self, probe: Probe, change: Change, content: Any) -> str | None:
        """See :class:`Resource`."""
        if not self.show_diff or "content" not in change.keys:
            return None
        from runner.resources.file_diff import unified  # noqa: PLC0415  an unchanged run shows none

        sides: list[bytes | None] = []
        for side in (change.before, change.after):
            digest = (side or {}).get("content")
            data = content(digest) if digest else None
            if digest and data is None and side is change.before:
                data = self.content(probe, "content")
            if digest and data is None:
                return None
            sides.append(data)
        return unified(self.name, *sides)


def _new(probe: Probe) -> State:
    """Return what a file has that this process makes without being told otherwise."""
    owner, group = probe.user_name(os.geteuid()), probe.group_name(os.getegid())
    return {"owner": owner, "group": group, "content": probe.digest(b"")}
