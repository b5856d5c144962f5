"""The node's memory, opened for the commands that only ask it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hiera.errors import UsageError

if TYPE_CHECKING:
    from runner.settings import Settings
    from runner.store.state import StateDirectory


def exists(settings: Settings) -> bool:
    """Say whether anything was ever remembered. Raises ``UsageError`` (``state-unreadable``) if nobody can tell."""
    path = settings.state_dir
    if os.path.isdir(path) and not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        message = f"the state directory '{path}' belongs to another user"
        raise UsageError.of("state-unreadable", message, hint="ask as root, or name your own: --state-dir DIR")
    return os.path.exists(os.path.join(path, "state.db"))


@contextmanager
def memory(settings: Settings) -> Iterator[StateDirectory]:
    """Open what the node remembers. Raises ``UsageError`` (``no-state``) where nothing was ever run."""
    from runner.store.state import StateDirectory  # noqa: PLC0415  help needs no SQLite

    if not exists(settings):
        message = f"nothing was ever run with the state directory '{settings.state_dir}'"
        raise UsageError.of("no-state", message, hint="`freehold run` begins; another place is --state-dir or --root")
    state = StateDirectory(settings.state_dir)
    try:
        yield state
    finally:
        state.close()
