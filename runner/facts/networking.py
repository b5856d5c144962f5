"""``networking``: names, interfaces and addresses, without a command and without a question to a name server."""

from __future__ import annotations

import re
import socket

from hiera.values import Value
from runner.facts import addresses
from runner.facts.place import Place


def gather(place: Place) -> dict[str, Value]:
    """Return the fact ``networking``; addresses at its top are those of the primary interface."""
    interfaces = _interfaces(place)
    primary = _primary(place, interfaces)
    found: dict[str, Value] = {**_names(place), "interfaces": interfaces}
    if primary:
        top = {key: value for key, value in interfaces[primary].items() if not key.startswith("bindings")}
        found |= {"primary": primary, **top}
    return {"networking": found}


def _names(place: Place) -> dict[str, Value]:
    """Return ``hostname``, ``fqdn`` and, where the machine has one, ``domain``."""
    hostname, _, domain = socket.gethostname().partition(".")
    domain = domain or _domain_of_hosts(place, hostname) or _domain_of_resolver(place) or ""
    names = {"hostname": hostname, "fqdn": f"{hostname}.{domain}" if domain else hostname}
    return names | ({"domain": domain} if domain else {})


def _domain_of_hosts(place: Place, hostname: str) -> str | None:
    """Return the domain that /etc/hosts gives this host name; the first name of a line is the canonical one."""
    for line in (place.text("etc/hosts") or "").splitlines():
        names = line.partition("#")[0].split()[1:]
        if hostname in names and names[0].startswith(hostname + "."):
            return names[0].partition(".")[2]
    return None


def _domain_of_resolver(place: Place) -> str | None:
    """Return the domain of resolv.conf(5): ``domain``, else the first of ``search``."""
    text = place.text("etc/resolv.conf") or ""
    found = re.search(r"^\s*domain\s+(\S+)", text, re.MULTILINE) or re.search(r"^\s*search\s+(\S+)", text, re.MULTILINE)
    return found[1].rstrip(".") or None if found else None


def _interfaces(place: Place) -> dict[str, dict[str, Value]]:
    """Return ``networking.interfaces``."""
    four, six = addresses.ipv4(), addresses.ipv6(place)
    devices = [name for name in place.names("sys/class/net") if place.text(f"sys/class/net/{name}/ifindex")]
    return {name: _interface(place, name, four.get(name, []), six.get(name, [])) for name in sorted({*devices, *four})}


def _interface(place: Place, name: str, four: list[dict[str, Value]], six: list[dict[str, Value]]) -> dict[str, Value]:
    """Return one interface: its bindings and, at its top, the best of each family."""
    found: dict[str, Value] = {}
    for suffix, bindings in (("", four), ("6", six)):
        if bindings:
            best = next((item for item in bindings if _reachable(item["address"])), bindings[0])
            found[f"bindings{suffix}"] = bindings
            found |= {f"{word}{suffix}": best[key] for word, key in _TOP}
            found |= {"scope6": best["scope6"]} if suffix else {}
    mac = place.text(f"sys/class/net/{name}/address")
    if mac and mac.strip("0:"):
        found["mac"] = mac
    mtu = place.text(f"sys/class/net/{name}/mtu")
    return found | ({"mtu": int(mtu)} if mtu else {})


_TOP = (("ip", "address"), ("netmask", "netmask"), ("network", "network"))


def _reachable(address: str) -> bool:
    """Say whether others can use ``address``: neither loopback nor link-local."""
    return not address.startswith(("127.", "169.254.", "fe80:")) and address != "::1"


def _primary(place: Place, interfaces: dict[str, dict[str, Value]]) -> str | None:
    """Return the interface of the default route with the lowest metric, else the first with a usable address."""
    routes = [line.split() for line in (place.text("proc/net/route") or "").splitlines()[1:]]
    defaults = [(int(row[6]), row[0]) for row in routes if row[1] == "00000000" and int(row[3], 16) & 1]
    routes = [line.split() for line in (place.text("proc/net/ipv6_route") or "").splitlines()]
    six = [(int(row[5], 16), row[9]) for row in routes if row[0] == "0" * 32 and row[1] == "00" and row[9] != "lo"]
    for _, name in [*sorted(defaults), *sorted(six)]:
        if name in interfaces:
            return name
    usable = (
        name for name, item in interfaces.items() if any(_reachable(item[key]) for key in ("ip", "ip6") if key in item)
    )
    return next(usable, None)
