"""Functions of the module extlib, under their old names too."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import string

from hiera.ruby_text import ruby_text
from hiera.values import Secret, Value
from manifests.functions.collections import deep_merge
from manifests.functions.network import broadcast, network_address
from manifests.functions.numbers import order
from manifests.puppet.functions.base import Invocation


def random_password(call: Invocation, length: int) -> Secret:
    """Return a password that is the node's own and stays: made of a key that the node keeps, and the place of the call.

    Without such a key there is none: a password that anyone can work out from the manifests is worse than an error,
    and one that is new at each run would change the node each time.
    """
    key = getattr(call.compilation, "password_key", None)
    if key is None:
        hint = "keep the password in Hiera, encrypted, and look it up"
        raise call.fault("refused", f"'{call.name}' would give another password at each run", hint)
    known = [char for char in string.ascii_letters + string.digits if char not in "01OIl"]
    seed = f"{call.place}|{call.scope.resource}|{length}".encode()
    stream = b"".join(hmac.digest(key, seed + bytes([at]), hashlib.sha512) for at in range(length // 32 + 1))
    whole = int.from_bytes(stream)
    return Secret("".join(known[whole // len(known) ** at % len(known)] for at in range(length)), origin=call.name)


def cache_data(call: Invocation, namespace: str, name: str, value: Value) -> Value:
    """Return the data it is given first: without a cache between runs, the manifest's own is what stays."""
    del call, namespace, name
    return value


def sort_hash_deep(table: dict[str, Value]) -> dict[str, Value]:
    """Return a mapping in the order of its keys, and those in it likewise."""
    return {key: _sorted(table[key]) for key in sorted(table)}


def _sorted(value: Value) -> Value:
    if isinstance(value, dict):
        return sort_hash_deep(value)
    if isinstance(value, list | tuple):
        return [sort_hash_deep(item) if isinstance(item, dict) else item for item in value]
    return value


def is_in_cidr(address: str, network: str) -> bool:
    """Say whether an address lies in a network."""
    return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)


def sort_by_version(versions: list[str]) -> list[str]:
    """Return versions in the order of RubyGems: numbers by value, words before them."""
    return sorted(versions, key=_gem_version)


def _gem_version(text: str) -> list[tuple[int, int, str]]:
    parts = re.findall(r"\d+|[a-zA-Z]+", text)
    first = next((at for at, part in enumerate(parts) if not part.isdigit()), len(parts))
    parts = [*_unpadded(parts[:first]), *_unpadded(parts[first:])]
    return [*((1, int(part), "") if part.isdigit() else (-1, 0, part) for part in parts), (0, 0, "")]


def _unpadded(parts: list[str]) -> list[str]:
    """Return the parts of a version without the zeros at their end."""
    while parts and parts[-1] == "0":
        parts = parts[:-1]
    return parts


def compare_ip(first: str, second: str) -> int:
    """Return -1, 0 or 1 by the order of two addresses."""
    one, two = (int(ipaddress.ip_network(text, strict=False).network_address) for text in (first, second))
    return order(one, two)


def ip_to_reverse(address: str) -> str:
    """Return the name of an address in the reverse zone."""
    return ipaddress.ip_network(address, strict=False).network_address.reverse_pointer


def cidr_to_netmask(network: str) -> str:
    """Return the mask of a network."""
    whole = ipaddress.ip_network(network, strict=False)
    return str(whole.netmask) if whole.version == 4 else whole.netmask.exploded


def netmask_to_cidr(mask: str) -> int:
    """Return how many bits a mask has."""
    return int(ipaddress.ip_address(mask)).bit_count()


def get_ip_in_cidr(network: str, index: Value = 1) -> str:
    """Return an address of a network by its number, or ``first``, ``second`` or ``last``."""
    whole = ipaddress.ip_network(network, strict=False)
    named = {"first": 1, "second": 2, "last": -1}
    number: int = named[index] if isinstance(index, str) else index
    number = whole.num_addresses + number if number < 0 else number
    if number >= whole.num_addresses:
        raise ValueError("has no such address in the network")
    return str(whole.network_address + number)


def has_module(call: Invocation, name: str) -> bool:
    """Say whether a module is there by its full name, author and all."""
    full = name.replace("/", "-")
    short = full.partition("-")[2]
    if short not in call.compilation.loaders.modules:
        return False
    metadata = call.call("load_module_metadata", short, True)  # noqa: FBT003  the function's own form
    return bool(metadata.get("name") == full)


_INI = {
    "header": "# THIS FILE IS CONTROLLED BY PUPPET", "section_prefix": "[", "section_suffix": "]",
    "key_val_separator": "=", "quote_char": '"', "quote_booleans": True, "quote_numerics": True,
}  # fmt: skip
"""The settings that the module documents as its defaults."""


def to_ini(data: dict[str, Value], settings: Value = None) -> str:
    """Return sections of keys as an INI file."""
    form = {**_INI, **(settings or {})}
    rows = [ruby_text(form["header"]), ""]
    for section, values in data.items():
        rows.append(f"{form['section_prefix']}{section}{form['section_suffix']}")
        rows += [f"{key}{form['key_val_separator']}{_quoted(value, form)}" for key, value in values.items()]
        rows.append("")
    return "\n".join(rows)


def _quoted(value: Value, form: dict[str, Value]) -> str:
    """Return a value as the settings want it quoted."""
    plain = (isinstance(value, bool) and not form["quote_booleans"]) or (
        isinstance(value, int | float) and not isinstance(value, bool) and not form["quote_numerics"]
    )
    return ruby_text(value) if plain else f"{form['quote_char']}{ruby_text(value)}{form['quote_char']}"


def default_content(call: Invocation, content: Value = None, template: Value = None) -> Value:
    """Return a text, or else the template of a name rendered."""
    if content not in {None, ""}:
        return content
    if template in {None, ""}:
        return None
    return call.call("epp" if template.endswith(".epp") else "template", template)


def dump_args(call: Invocation, value: Value) -> None:
    """Write a value to the log, for who looks for a mistake."""
    call.call("debug", call.call("to_json_pretty", value))


def echo(call: Invocation, value: Value, comment: Value = None) -> None:
    """Write a value to the log, for who looks for a mistake."""
    call.call("debug", f"{comment or ''} {call.call('to_json', value)}".strip())


def ip_to_cron(call: Invocation, every: int = 1800) -> list[Value]:
    """Return hour and minute of a cron job that runs every so many seconds, spread by the node's address."""
    networking = call.compilation.facts.get("networking") or {}
    parts = ruby_text(networking.get("ip")).split(".")
    last = int(parts[3]) if len(parts) > 3 and parts[3].isdigit() else 0
    if every <= 3600:
        return ["*", _spread(last, 3600 // every, 60)]
    return [_spread(last, 86400 // every, 24), last % 60]


def _spread(base: int, times: int, whole: int) -> list[int]:
    return sorted((base % whole - whole // times * at) % whole for at in range(1, times + 1))


def resources_deep_merge(resources: dict[str, Value], defaults: dict[str, Value]) -> dict[str, Value]:
    """Return resources with the same parameters merged into each."""
    return {title: deep_merge(defaults, given) for title, given in resources.items()}


_CIDR = "Variant[Stdlib::IP::Address::V4::CIDR, Stdlib::IP::Address::V6::CIDR]"
_ADDRESS = "Stdlib::IP::Address::Nosubnet"
_NEW = {
    "cache_data": (cache_data, "String[1] namespace, String[1] name, Any value", "call"),
    "random_password": (random_password, "Integer[1] length", "call"),
    "sort_hash_deep": (sort_hash_deep, "Hash table"),
    "is_in_cidr": (is_in_cidr, f"{_ADDRESS} address, {_CIDR} network"),
    "sort_by_version": (sort_by_version, "Array[String] versions"),
    "compare_ip": (compare_ip, "Stdlib::IP::Address first, Stdlib::IP::Address second"),
    "ip_to_reverse": (ip_to_reverse, "Stdlib::IP::Address address"),
    "cidr_to_netmask": (cidr_to_netmask, f"{_CIDR} network"),
    "last_in_cidr": (broadcast, f"{_CIDR} network"),
    "cidr_to_network": (network_address, f"{_CIDR} network"),
    "has_module": (has_module, r"Pattern[/\A\w+[-\/]\w+\z/] name", "call"),
    "netmask_to_cidr": (netmask_to_cidr, f"{_ADDRESS} mask"),
    "get_ip_in_cidr": (get_ip_in_cidr, f"{_CIDR} network, Variant[Enum['first', 'second', 'last'], Integer] index?"),
    "to_ini": (to_ini, "Hash data, Hash settings?"),
    "default_content": (default_content, "Optional[String] content, Optional[String] template?", "call"),
    "dump_args": (dump_args, "Any value", "call"),
    "echo": (echo, "Any value, String comment?", "call"),
    "ip_to_cron": (ip_to_cron, "Integer[1] every?", "call"),
    "resources_deep_merge": (resources_deep_merge, "Hash resources, Hash defaults"),
}
TABLE = {**_NEW, **{f"extlib::{name}": row for name, row in _NEW.items()}}
