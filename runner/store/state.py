"""The state directory: 0700, with the node's own key, the database, pre-images, mirror and exports."""

from __future__ import annotations

import hmac
import os
import secrets
from functools import cached_property

from hiera.errors import Problem, UsageError
from manifests.catalog import KeyedDigester
from runner.store.blobs import Blobs
from runner.store.database import Database
from runner.store.history import History
from runner.store.ledger import Ledger
from runner.store.standing import Standing


class StateDirectory:
    """Everything that a node remembers, opened when it is first needed."""

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)

    def create(self) -> None:
        """Make the directory if it is not there. Raises ``UsageError`` (``state-unusable``)."""
        try:
            os.makedirs(self.path, mode=0o700, exist_ok=True)
            found = os.stat(self.path)
        except OSError as error:
            raise _unusable(self.path, error.strerror or str(error)) from None
        if found.st_uid != os.geteuid():
            raise _unusable(self.path, "it belongs to another user")
        if found.st_mode & 0o077:
            os.chmod(self.path, 0o700)

    @property
    def exists(self) -> bool:
        """Whether anything was ever remembered here."""
        return os.path.exists(os.path.join(self.path, "state.db"))

    def place(self, *parts: str) -> str:
        """Return a path below the directory."""
        return os.path.join(self.path, *parts)

    @cached_property
    def key(self) -> bytes:
        """The node's own random key (32 bytes): digests made with it tell nobody else anything."""
        path = self.place("key")
        try:
            with open(path, "rb") as stream:
                found = stream.read()
        except FileNotFoundError:
            return _new_key(path)
        if len(found) != 32:
            raise _unusable(self.path, "its file 'key' is damaged")
        return found

    @property
    def password_key(self) -> bytes:
        """What functions of manifests make passwords of: this node's own, and no help to find its key."""
        return hmac.digest(self.key, b"passwords", "sha256")

    @cached_property
    def digester(self) -> KeyedDigester:
        """What turns bytes into digests on this node."""
        return KeyedDigester(self.key)

    @cached_property
    def database(self) -> Database:
        """The open database."""
        return Database(self.place("state.db"))

    @cached_property
    def history(self) -> History:
        """Runs and outcomes."""
        return History(self.database)

    @cached_property
    def ledger(self) -> Ledger:
        """What is managed."""
        return Ledger(self.database)

    @cached_property
    def standing(self) -> Standing:
        """Accepted commits, marks, pins, pauses."""
        return Standing(self.database)

    @cached_property
    def blobs(self) -> Blobs:
        """Pre-images."""
        return Blobs(self.place("blobs"))

    def close(self) -> None:
        """Close the database if it was opened."""
        if "database" in self.__dict__:
            self.database.close()


def _new_key(path: str) -> bytes:
    """Make and keep a key; whoever comes second takes the first one's."""
    key = secrets.token_bytes(32)
    temporary = f"{path}.{os.getpid()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as stream:
        stream.write(key)
        stream.flush()
        os.fsync(descriptor)
    try:
        os.link(temporary, path)
    except FileExistsError:
        with open(path, "rb") as stream:
            key = stream.read()
    finally:
        os.unlink(temporary)
    return key


def _unusable(path: str, why: str) -> UsageError:
    return UsageError(
        Problem(
            "state-unusable", f"the state directory '{path}' cannot be used: {why}", hint="name one: --state-dir DIR"
        )
    )
