"""The journal's own protocol: entries with fields, a datagram each (systemd's "Native Journal Protocol")."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Mapping
from typing import Final

SOCKET: Final = "/run/systemd/journal/socket"


class JournalSocket:
    """A connection to the journal; opened by the first entry."""

    def __init__(self, address: str = SOCKET) -> None:
        self._address = address
        self._socket: socket.socket | None = None

    def send(self, fields: Mapping[str, str]) -> bool:
        """Send one entry; return whether the journal took it. One longer than a datagram may be is not taken."""
        try:
            if self._socket is None:
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
                self._socket.connect(self._address)
            self._socket.send(encode(fields))
        except OSError:
            self.close()
            return False
        return True

    def close(self) -> None:
        """Let go of the connection; the next entry opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def encode(fields: Mapping[str, str]) -> bytes:
    """Return an entry as the journal reads it: ``NAME=value``, or with its length where the value has line breaks."""
    return b"".join(_field(name, value.encode("utf-8", "replace")) for name, value in fields.items() if value)


def _field(name: str, value: bytes) -> bytes:
    if b"\n" not in value:
        return b"%s=%s\n" % (name.encode(), value)
    return b"%s\n%s%s\n" % (name.encode(), struct.pack("<Q", len(value)), value)


def connected(descriptor: int, stream: str | None = None) -> bool:
    """Say whether what is written to ``descriptor`` goes to the journal (``JOURNAL_STREAM`` in ``systemd.exec(5)``)."""
    told = os.environ.get("JOURNAL_STREAM", "") if stream is None else stream
    try:
        about = os.fstat(descriptor)
    except OSError:
        return False
    return told == f"{about.st_dev}:{about.st_ino}"
