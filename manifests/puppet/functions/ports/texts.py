"""Functions on text, numbers and addresses that single modules have."""

from __future__ import annotations

import ipaddress
import json
import posixpath
from urllib.parse import unquote, urlencode, urlsplit

from hiera.ruby_text import ruby_text
from hiera.types.convert import integer as to_integer
from hiera.values import Value
from manifests.functions.network import broadcast, netmask
from manifests.functions.sprintf import sprintf
from manifests.puppet.functions.base import Invocation


def parse_url(url: str, part: str) -> Value:
    """Return one part of an address on the web."""
    split = urlsplit(url)
    name = posixpath.basename(split.path)
    stem, extension = posixpath.splitext(name)
    user, _, host = split.netloc.rpartition("@")
    ports = {"http": 80, "https": 443, "ftp": 21}
    parts: dict[str, Value] = {
        "scheme": split.scheme or None, "userinfo": user or None, "user": split.username, "password": split.password,
        "host": host.rpartition(":")[0] or host, "port": split.port or ports.get(split.scheme), "path": split.path,
        "query": split.query or None, "filename": name, "filetype": extension, "filedir": stem,
    }  # fmt: skip
    return parts.get(part, url)


def host_of(url: str) -> str | None:
    """Return the host that an address on the web names, or undef."""
    return urlsplit(url).hostname


def windows_native_path(path: str) -> str:
    """Return a path with backslashes."""
    import re  # noqa: PLC0415  few need it

    return re.sub(r"/\s", " ", path).replace("/", "\\")


def any_resources_of_type(call: Invocation, kind: str, parameters: Value = None) -> bool:
    """Say whether a resource of a type, with some parameters, is declared so far."""
    wanted: dict[str, Value] = parameters or {}
    return any(
        resource.type.lower() == kind.lower() and all(resource.get(key) == value for key, value in wanted.items())
        for resource in call.compilation.catalog
    )


def mode2umask(mode: Value) -> str:
    """Return the umask that leaves a mode."""
    return f"{(to_integer(ruby_text(mode), 8) & 0o777) ^ 0o777:03o}"


def bits_of(mask: str) -> int:
    """Return how many bits a mask has."""
    return int(ipaddress.ip_network(mask, strict=False).network_address).bit_count()


def first_of(network: str) -> str:
    """Return the first address for a host in a network."""
    return str(ipaddress.ip_network(network, strict=False).network_address + 1)


def php_ini(*tables: dict[str, Value]) -> str:
    """Return settings as lines of ``php.ini`` in order; mappings make dotted keys."""
    flat: dict[str, Value] = {}
    for table in tables:
        flat |= _flat(table, "")
    return "\n".join([*sorted(_rows(flat)), ""])


def ini(*tables: dict[str, Value]) -> str:
    """Return sections as an INI file in order; mappings in a section make dotted keys."""
    whole: dict[str, Value] = {}
    for table in tables:
        whole |= table
    sections = ["\n".join([f"[{name}]", *sorted(_rows(_flat(items, ""))), ""]) for name, items in whole.items()]
    return "\n".join([*sorted(sections), ""])


def _flat(table: dict[str, Value], before: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key, value in table.items():
        name = f"{before}{ruby_text(key)}"
        found |= _flat(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return found


def _rows(table: dict[str, Value]) -> list[str]:
    rows: list[str] = []
    for key, value in table.items():
        items = [(f"{key}[{ruby_text(one)}]", one) for one in value] if isinstance(value, list) else [(key, value)]
        rows += [f"{name} = {_number(one)}" for name, one in items]
    return rows


def _number(value: Value) -> str:
    """Return a value; the text of a number as that number."""
    if isinstance(value, str):
        try:
            return ruby_text(float(value) if "." in value else to_integer(value))
        except ValueError:
            return value
    return ruby_text(value)


def encode_www_form(table: dict[str, Value]) -> str:
    """Return a mapping as the query of an address."""
    rows = [(key, one) for key, value in table.items() for one in (value if isinstance(value, list) else [value])]
    return "&".join(
        urlencode({ruby_text(key): ruby_text(one)}) if one is not None else unquote(ruby_text(key)) for key, one in rows
    )


def quote_string(value: str) -> str:
    """Return a text in the quotes of JSON."""
    return json.dumps(value, ensure_ascii=False)


def configparser(*tables: dict[str, Value]) -> str:
    """Return sections as Python's ConfigParser reads them, in order; the last table counts."""
    from manifests.functions.collections import deep_merge  # noqa: PLC0415  few need it

    merged = deep_merge(*tables)
    rows: list[str] = []
    for section, items in sorted(merged.items()):
        rows.append(f"[{section}]")
        for key, value in sorted(items.items()):
            shown = ",".join(map(ruby_text, value)) if isinstance(value, list) else ruby_text(value)
            rows.append(f"{key} = {shown}")
        rows.append("")
    return "\n".join(rows[:-1])


_CIDR = "Variant[Stdlib::IP::Address::V4::CIDR, Stdlib::IP::Address::V6::CIDR]"
TABLE = {
    "parse_url": (parse_url, "String url, String part"),
    "uri_host_from_string": (host_of, "String url"),
    "windows_native_path": (windows_native_path, "String path"),
    "any_resources_of_type": (any_resources_of_type, "String kind, Hash parameters?", "call"),
    "mode2umask": (mode2umask, "Any mode"),
    "netmask2cidr": (bits_of, "Stdlib::IP::Address mask"),
    "wmflib::mask2cidr": (bits_of, "Stdlib::IP::Address mask"),
    "wmflib::cidr2mask": (netmask, "String network"),
    "wmflib::cidr_first_address": (first_of, f"{_CIDR} network"),
    "wmflib::cidr_last_address": (broadcast, f"{_CIDR} network"),
    "wmflib::php_ini": (php_ini, "Hash tables+"),
    "wmflib::ini": (ini, "Hash tables+"),
    "wmflib::encode_www_form": (encode_www_form, "Hash table"),
    "rspamd::ucl::quote_string_value": (quote_string, "String value"),
    "graphite::configparser_format": (configparser, "Hash tables+"),
    "sprintf_hash": (sprintf, "String form, Hash values"),
}
