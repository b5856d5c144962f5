"""IPv4 addresses by getifaddrs(3), IPv6 addresses from /proc/net/if_inet6: no command is run for them."""

from __future__ import annotations

import ctypes
import ipaddress
import socket
import struct
from collections.abc import Iterator
from typing import Final

from hiera.values import Value
from runner.facts.place import Place

FLAGS: Final = (
    (0x01, "temporary"), (0x02, "noad"), (0x04, "optimistic"), (0x08, "dadfailed"), (0x10, "homeaddress"),
    (0x20, "deprecated"), (0x40, "tentative"), (0x80, "permanent"),
)  # fmt: skip
"""IFA_F_* of linux/if_addr.h."""

SCOPES: Final = {0x00: "global", 0x10: "host", 0x20: "link", 0x40: "site", 0x80: "compat"}
"""IPV6_ADDR_* of the kernel, as if_inet6 prints them."""


class _Ifaddrs(ctypes.Structure):
    """``struct ifaddrs`` up to the last member that is read here."""


# A structure that points to itself gets its members after it has its name.
_Ifaddrs._fields_ = [
    ("next", ctypes.POINTER(_Ifaddrs)),
    ("name", ctypes.c_char_p),
    ("flags", ctypes.c_uint),
    ("address", ctypes.c_void_p),
    ("netmask", ctypes.c_void_p),
]


def ipv4() -> dict[str, list[dict[str, Value]]]:
    """Return the IPv4 bindings of each interface (and label) of this machine, in the kernel's order."""
    libc = ctypes.CDLL(None, use_errno=True)
    head = ctypes.POINTER(_Ifaddrs)()
    if libc.getifaddrs(ctypes.byref(head)):
        return {}
    found: dict[str, list[dict[str, Value]]] = {}
    try:
        for name, address, netmask in _chain(head):
            found.setdefault(name, []).append(binding(address, netmask))
    finally:
        libc.freeifaddrs(head)
    return found


def _chain(head: ctypes._Pointer[_Ifaddrs]) -> Iterator[tuple[str, str, str]]:
    """Yield name, address and netmask of the IPv4 entries of the list."""
    while head:
        entry = head.contents
        address, netmask = _inet(entry.address), _inet(entry.netmask)
        if address and netmask:
            yield entry.name.decode(errors="replace"), address, netmask
        head = entry.next


def _inet(pointer: int | None) -> str | None:
    """Return the text of the ``sockaddr_in`` at ``pointer``, or None if it is of another family."""
    if not pointer:
        return None
    family, _, packed = struct.unpack("=HH4s", ctypes.string_at(pointer, 8))
    return socket.inet_ntoa(packed) if family == socket.AF_INET else None


def binding(address: str, netmask: str) -> dict[str, Value]:
    """Return one binding with the network that follows from it; ``netmask`` may be a length."""
    network = ipaddress.ip_network(f"{address}/{netmask}", strict=False)
    return {"address": address, "netmask": str(network.netmask), "network": str(network.network_address)}


def ipv6(place: Place) -> dict[str, list[dict[str, Value]]]:
    """Return the IPv6 bindings of each interface, global ones first."""
    rows = sorted(
        (line.split() for line in (place.text("proc/net/if_inet6") or "").splitlines()), key=lambda row: row[3]
    )
    found: dict[str, list[dict[str, Value]]] = {}
    for packed, _, length, scope, flags, name in rows:
        address = str(ipaddress.IPv6Address(bytes.fromhex(packed)))
        item = binding(address, str(int(length, 16)))
        item["scope6"] = SCOPES.get(int(scope, 16) & 0xF0, "unknown")
        item["flags"] = [word for bit, word in FLAGS if int(flags, 16) & bit]
        found.setdefault(name, []).append(item)
    return found
