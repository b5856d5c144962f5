"""``IPAddr``: addresses and networks."""

from __future__ import annotations

import ipaddress
from typing import Any, ClassVar

import msgspec

from manifests.puppet.erb.methods.base import Table, plain, renamed
from manifests.puppet.erb.methods.common import OBJECT
from manifests.puppet.erb.objects import Failure, Range, Value

_INET, _INET6 = 2, 10  # the numbers of the address families on Linux


class Address(msgspec.Struct, frozen=True):
    """An address that knows its prefix: the number, its width in bits, and the length of the prefix."""

    number: int
    width: int
    prefix: int
    ruby_name: ClassVar[str] = "IPAddr"

    def __str__(self) -> str:
        kind = ipaddress.IPv4Address if self.width == 32 else ipaddress.IPv6Address
        return str(kind(self.number))

    def __lt__(self, other: Address) -> bool:
        return (self.width, self.number) < (other.width, other.number)

    def __gt__(self, other: Address) -> bool:
        return other < self

    @property
    def mask(self) -> int:
        """Return the mask as a number."""
        return ((1 << self.prefix) - 1) << (self.width - self.prefix)


def address(text: Value, family: Value = None) -> Address:
    """Return what ``IPAddr.new`` makes: the host bits are cut off. Raises ``Failure``."""
    if isinstance(text, int):
        return Address(text, 128 if family == _INET6 else 32, 128 if family == _INET6 else 32)
    if isinstance(text, Address):
        return text
    try:
        found = ipaddress.ip_interface(str(text).strip("[]"))
    except ValueError:
        raise Failure("IPAddr::InvalidAddressError", "invalid address") from None
    prefix = found.network.prefixlen
    return Address(int(found.network.network_address), found.max_prefixlen, prefix)


def _masked(value: Address, mask: Value) -> Address:
    if isinstance(mask, str) and not mask.isdigit():
        mask = address(mask).number.bit_count()
    return address(f"{value}/{int(mask)}")


def _includes(value: Address, other: Value) -> bool:
    inner = address(other)
    return inner.width == value.width and inner.number & value.mask == value.number and inner.prefix >= value.prefix


def _moved(value: Address, by: int) -> Address:
    return Address(value.number + by, value.width, value.prefix)


def _last(value: Address) -> int:
    return value.number | ((1 << (value.width - value.prefix)) - 1)


def _range(value: Address) -> Range:
    return Range(
        Address(value.number, value.width, value.width), Address(_last(value), value.width, value.width), open=False
    )


def _reverse(value: Address) -> str:
    kind: Any = ipaddress.IPv4Address if value.width == 32 else ipaddress.IPv6Address
    return str(kind(value.number).reverse_pointer)


def _long(value: Address) -> str:
    return ipaddress.IPv6Address(value.number).exploded if value.width == 128 else str(value)


def _shown(value: Address) -> str:
    mask = Address(value.mask, value.width, value.width)
    family = "IPv4" if value.width == 32 else "IPv6"
    return f"#<IPAddr: {family}:{_long(value)}/{_long(mask)}>"


ADDRESS: Table = renamed(
    {
        **OBJECT,
        **plain(
            {
                "ipv4?": lambda value: value.width == 32,
                "ipv6?": lambda value: value.width == 128,
                "to_i": lambda value: value.number,
                "prefix": lambda value: value.prefix,
                "mask": _masked,
                "include?": _includes,
                "+": _moved,
                "-": lambda value, by: _moved(value, -by),
                "succ": lambda value: _moved(value, 1),
                "to_range": _range,
                "reverse": _reverse,
                "to_string": _long,
                "inspect": _shown,
                "&": lambda value, other: Address(
                    value.number & (other if isinstance(other, int) else other.number), value.width, value.prefix
                ),
                "|": lambda value, other: Address(
                    value.number | (other if isinstance(other, int) else other.number), value.width, value.prefix
                ),
                "~": lambda value: Address(((1 << value.width) - 1) ^ value.number, value.width, value.prefix),
                "family": lambda value: _INET if value.width == 32 else _INET6,
                "netmask": lambda value: str(Address(value.mask, value.width, value.width)),
                "private?": lambda value: ipaddress.ip_address(str(value)).is_private,
                "loopback?": lambda value: ipaddress.ip_address(str(value)).is_loopback,
                "link_local?": lambda value: ipaddress.ip_address(str(value)).is_link_local,
            }
        ),
    },
    {"===": "include?", "ip6_arpa": "reverse"},
)
