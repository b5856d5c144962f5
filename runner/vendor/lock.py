"""The lock file: which version of each module stands in the repository, and how to tell that it still does."""

from __future__ import annotations

import os
from typing import Final

import msgspec

from hiera.errors import DataError, Location

NAME: Final = "vendor.lock"


class Locked(msgspec.Struct, frozen=True, omit_defaults=True):
    """A module as it was fetched. ``revision`` is a commit id, or the archive's digest as the Forge tells it."""

    name: str
    source: str
    version: str
    revision: str
    path: str
    digest: str


class LockedBranch(msgspec.Struct, frozen=True):
    """An environment that was made from a branch."""

    branch: str
    revision: str
    digest: str


class Lock(msgspec.Struct):
    """Everything that was fetched, by name."""

    modules: dict[str, Locked] = {}
    environments: dict[str, LockedBranch] = {}

    def write(self, root: str) -> None:
        """Keep the lock in ``root``, in an order that makes differences small."""
        ordered = Lock(dict(sorted(self.modules.items())), dict(sorted(self.environments.items())))
        data = msgspec.json.format(msgspec.json.encode(ordered), indent=2) + b"\n"
        path = os.path.join(root, NAME)
        temporary = f"{path}.{os.getpid()}"
        with open(temporary, "wb") as stream:
            stream.write(data)
        os.replace(temporary, path)


def read_lock(root: str) -> Lock:
    """Return the lock kept in ``root``, an empty one where there is none. Raises ``DataError`` (``bad-lock``)."""
    path = os.path.join(root, NAME)
    try:
        with open(path, "rb") as stream:
            return msgspec.json.decode(stream.read(), type=Lock)
    except FileNotFoundError:
        return Lock()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        hint = "restore it from git, or remove it to fetch everything again"
        raise DataError.of("bad-lock", f"'{NAME}' cannot be read: {error}", Location(NAME), hint=hint) from None
