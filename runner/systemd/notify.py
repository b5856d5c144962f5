"""sd_notify: what a service tells the manager that started it (``sd_notify(3)``)."""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping
from contextlib import suppress

VARIABLE = "NOTIFY_SOCKET"


class Notifier:
    """Sends states to the service manager; one that is not there or not listening is no trouble."""

    def __init__(self, address: str = "") -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address

    @classmethod
    def taken(cls, environ: MutableMapping[str, str] | None = None) -> Notifier:
        """Return the notifier of this process, and take its address away from what it will start."""
        return cls((os.environ if environ is None else environ).pop(VARIABLE, ""))

    def __bool__(self) -> bool:
        return bool(self._address)

    def send(self, **states: str | int) -> None:
        """Send ``states`` in one message: ``send(READY=1, STATUS="waiting")``; a line break in one becomes a space."""
        if not self._address:
            return
        rows = (f"{name}={' '.join(str(value).splitlines())}" for name, value in states.items())
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as connection:
            connection.sendto("\n".join(rows).encode("utf-8", "replace"), socket.MSG_DONTWAIT, self._address)
