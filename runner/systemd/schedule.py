"""How often runs begin, and each node's own place in the period."""

from __future__ import annotations

import hashlib
from typing import Final

from runner.identity import MACHINE_ID

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
SHORTEST: Final = 30
"""Seconds: a shorter period would only meet its own runs."""


def calendar(seconds: float) -> str:
    """Return systemd's calendar expression for "every ``seconds``".

    Raises ``ValueError`` unless whole periods fit into the next larger unit, as a calendar begins anew with each.
    """
    every = int(seconds)
    if every == seconds and SHORTEST <= every <= _DAY:
        if every < _MINUTE and _MINUTE % every == 0:
            return f"*:*:0/{every}"
        if every < _HOUR and every % _MINUTE == 0 and _HOUR % every == 0:
            return f"*:0/{every // _MINUTE}"
        if every < _DAY and every % _HOUR == 0 and _DAY % every == 0:
            return f"0/{every // _HOUR}:00"
        if every == _DAY:
            return "*-*-* 00:00:00"
    raise ValueError("must fit evenly into an hour or a day, such as '5m', '10m', '30m', '2h' or '1d' (at least '30s')")


def offset(every: float, splay: float, machine: str | None = None) -> float:
    """Return this node's own place within a period, in seconds: always the same, and spread evenly over nodes.

    ``machine`` is the machine id; None reads it. A container without one begins where its host name leads.
    """
    width = min(splay, every)
    if width <= 0:
        return 0.0
    digest = hashlib.sha256(b"freehold splay\0" + (machine or _machine()).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * width


def _machine() -> str:
    try:
        with open(MACHINE_ID, encoding="ascii", errors="replace") as stream:
            found = stream.readline().strip()
    except OSError:
        found = ""
    if found and found != "uninitialized":
        return found
    import socket  # noqa: PLC0415  only a container has no machine id

    return socket.gethostname()
