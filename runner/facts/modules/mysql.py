"""A number for MySQL's replication that differs from machine to machine."""

from __future__ import annotations

from hiera.values import Value
from runner.facts import networking
from runner.facts.place import Place


def gather(place: Place) -> dict[str, Value]:
    """Return ``mysql_server_id``, made from the hardware address of the machine's main interface."""
    address = networking.gather(place)["networking"].get("mac")
    if not address:
        return {}
    return {"mysql_server_id": int(address.replace(":", ""), 16) % (2**32 - 2) + 1}
