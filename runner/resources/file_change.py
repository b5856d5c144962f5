"""What a change of a file comes to: whether content is written, which mode and owner are set."""

from __future__ import annotations

from runner.resources.base import Change
from runner.system.base import MachineError, System


def writes_content(change: Change) -> bool:
    """Say whether ``change`` puts content into a regular file."""
    before, after = change.before or {}, change.after or {}
    return after.get("type") == "file" and (
        before.get("type") != "file" or ("content" in after and before.get("content") != after["content"])
    )


def new_digest(system: System, change: Change) -> str:
    """Return the digest to be written; a file that nobody gave content is empty."""
    return str((change.after or {}).get("content") or system.digest(b""))


def rights(system: System, change: Change) -> tuple[int | None, int | None, int | None]:
    """Return mode, owner and group to be set, None for what stays."""
    mode = (change.after or {}).get("mode")
    return (None if mode is None else int(mode, 8), *ids(system, change))


def ids(system: System, change: Change, *, always: bool = False) -> tuple[int | None, int | None]:
    """Return owner and group to be set, None for what stays. Raises ``MachineError`` for unknown names."""
    before, after = change.before or {}, change.after or {}
    fresh = always or before.get("type") != after.get("type")
    found: list[int | None] = []
    for key, number in (("owner", system.uid), ("group", system.gid)):
        name = after.get(key)
        if name is None or (not fresh and before.get(key) == name):
            found.append(None)
            continue
        found.append(number(name))
        if found[-1] is None:
            raise MachineError(f"there is no {'user' if key == 'owner' else 'group'} '{name}'")
    return found[0], found[1]
