"""``IPAddr``: addresses and networks."""

from __future__ import annotations

import ipaddress
from typing import Any, ClassVar, Final

import msgspec

from manifests.puppet.erb.methods.base import Table, plain, renamed
from manifests.puppet.erb.methods.common import OBJECT
from manifests.puppet.erb.objects import Failure, Range, Unsupported, Value

_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
_INET, _INET6 = 2, 10  # the numbers of the address families on Linux


class Address(msgspec.Struct, frozen=True):
    """An address that knows its prefix: the number, its width in bits, and the length of the prefix."""

    number: int
    width: int
    prefix: int
    ruby_name: ClassVar[str] = "IPAddr"

    def __str__(self) -> str:
        if self.width == 32:
            return str(ipaddress.IPv4Address(self.number))
        if self.number >> 32 == 0xFFFF:
            return f"::ffff:{ipaddress.IPv4Address(self.number & 0xFFFFFFFF)}"
        return str(ipaddress.IPv6Address(self.number))

    def to(self, last: Address) -> list[Address]:
        """Return the addresses from this one to ``last``."""
        return [Address(number, self.width, self.prefix) for number in range(self.number, last.number + 1)]

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
    if isinstance(text, str) and "%" in text:
        raise Unsupported("an address with a zone is not supported")
    try:
        found = ipaddress.ip_interface(str(text).strip("[]"))
    except ValueError:
        raise Failure("IPAddr::InvalidAddressError", "invalid address") from None
    prefix = found.network.prefixlen
    return Address(int(found.network.network_address), found.max_prefixlen, prefix)


def _variable_of(value: Address, name: Value) -> Value:
    if str(name) == "@mask_addr":
        return value.mask
    raise Unsupported(f"the variable '{name}' of an address is not supported")


def _masked(value: Address, mask: Value) -> Address:
    if isinstance(mask, str) and not mask.isdigit():
        mask = address(mask).number.bit_count()
    return address(f"{value}/{int(mask)}")


def _includes(value: Address, other: Value) -> bool:
    inner = address(other)
    return inner.width == value.width and inner.number & value.mask == value.number and inner.prefix >= value.prefix


def _number(other: Value) -> int:
    return other if isinstance(other, int) else address(other).number


def _with(value: Address, number: int) -> Address:
    return Address(number, value.width, value.prefix)


def _order(value: Address, other: Value) -> int | None:
    """Return how an address compares with another, or with a text or number for one; None if it cannot."""
    try:
        number = other if isinstance(other, int) else address(other)
    except Failure:
        return None
    if isinstance(number, Address):
        if number.width != value.width:
            return None
        number = number.number
    return (value.number > number) - (value.number < number)


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
                "&": lambda value, other: _with(value, value.number & _number(other)),
                "|": lambda value, other: _with(value, value.number | _number(other)),
                "<<": lambda value, by: _with(value, value.number << by & ((1 << value.width) - 1)),
                ">>": lambda value, by: _with(value, value.number >> by),
                "==": lambda value, other: _order(value, other) == 0,
                "<=>": _order,
                "<": lambda value, other: _order(value, other) == -1,
                ">": lambda value, other: _order(value, other) == 1,
                "<=": lambda value, other: _order(value, other) in (-1, 0),
                ">=": lambda value, other: _order(value, other) in (0, 1),
                "hton": lambda value: value.number.to_bytes(value.width // 8, "big"),
                "native": lambda value: (
                    Address(value.number & 0xFFFFFFFF, 32, max(0, value.prefix - 96))
                    if value.width == 128 and value.number >> 32 == 0xFFFF
                    else value
                ),
                "ipv4_mapped": lambda value: Address(value.number | 0xFFFF << 32, 128, value.prefix + 96),
                "~": lambda value: Address(((1 << value.width) - 1) ^ value.number, value.width, value.prefix),
                "instance_variable_get": _variable_of,
                "family": lambda value: _INET if value.width == 32 else _INET6,
                "netmask": lambda value: str(Address(value.mask, value.width, value.width)),
                "private?": lambda value: any(_includes(address(net), value) for net in _PRIVATE),
                "loopback?": lambda value: ipaddress.ip_address(str(value)).is_loopback,
                "link_local?": lambda value: ipaddress.ip_address(str(value)).is_link_local,
            }
        ),
    },
    {"===": "include?", "ip6_arpa": "reverse"},
)
