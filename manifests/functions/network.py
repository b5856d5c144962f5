"""Functions on addresses and networks, by their text alone."""

from __future__ import annotations

import ipaddress

from hiera.values import Value


def ip_in_range(address: str, ranges: Value) -> bool:
    """Say whether an address lies in one of some networks."""
    place = ipaddress.ip_address(address)
    networks = [ipaddress.ip_network(one, strict=False) for one in ([ranges] if isinstance(ranges, str) else ranges)]
    return any(place in network for network in networks)


def enclose_ipv6(addresses: Value) -> list[str]:
    """Return addresses with those of version 6 in brackets, each once."""
    found: list[str] = []
    for address in [addresses] if isinstance(addresses, str) else addresses:
        plain = address if address == "*" else str(address).strip("[]")
        try:
            version = 4 if plain == "*" else ipaddress.ip_address(plain).version
        except ValueError:
            raise ValueError(f"expects addresses, got '{address}'") from None
        found.append(f"[{plain}]" if version == 6 else plain)
    return list(dict.fromkeys(found))


def cidr_host(network: str, number: int) -> str:
    """Return the address that is ``number`` after the network's own; negative ones count from its end."""
    whole = ipaddress.ip_network(network, strict=False)
    if not -whole.num_addresses <= number < whole.num_addresses:
        raise ValueError("has no such address in the network")
    return str(whole[number])


def netmask(network: str) -> str:
    """Return the mask of a network."""
    return str(ipaddress.ip_network(network, strict=False).netmask)


def network_address(network: str) -> str:
    """Return the first address of a network."""
    return str(ipaddress.ip_network(network, strict=False).network_address)


def broadcast(network: str) -> str:
    """Return the last address of a network."""
    return str(ipaddress.ip_network(network, strict=False).broadcast_address)


def is_ip(address: Value) -> bool:
    """Say whether a value is an address of version 4 or 6."""
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return isinstance(address, str)
