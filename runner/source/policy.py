"""The policy of a control repository: which keys may sign the next commit.

``trust/policy.yaml`` of version 1 lists keys and nothing else::

    version: 1
    keys:
      - fingerprint: 0123456789ABCDEF0123456789ABCDEF01234567
        name: Ann
        file: ann.asc          # below trust/keys; every file there is looked at when it is not given

Paths a key is bound to, and commits that need several signers, are keys of a later version of this file: an older
Freehold refuses what it does not know, and so never accepts more than was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from hiera.errors import Collector, FreeholdError, Location, Problem, TrustError, did_you_mean
from hiera.values import Value

if TYPE_CHECKING:
    from hiera.yaml.nodes import Node

POLICY: Final = "trust/policy.yaml"
_TOP: Final = ("version", "keys")
_KEY: Final = ("fingerprint", "name", "file")
_GPG: Final = re.compile(r"[0-9A-F]{40}|[0-9A-F]{64}")
_SSH: Final = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_FILE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]*")


class ListedKey(msgspec.Struct, frozen=True):
    """A key the policy lists; ``file`` is its name below ``trust/keys``, or ""."""

    fingerprint: str
    name: str = ""
    file: str = ""


class Policy(msgspec.Struct, frozen=True):
    """Who may sign a child of the commit that holds this policy, by full fingerprint."""

    keys: Mapping[str, ListedKey]


def parse_fingerprint(text: Value) -> str | None:
    """Return the full fingerprint ``text`` names (gpg without blanks, ssh as ``SHA256:...``), or None."""
    if not isinstance(text, str):
        return None
    if _SSH.fullmatch(text.strip()):
        return text.strip()
    plain = re.sub(r"[\s:]", "", text).upper().removeprefix("0X")
    return plain if _GPG.fullmatch(plain) else None


def parse_policy(data: bytes, place: str = POLICY) -> Policy:
    """Return the policy written in ``data``. Raises ``TrustError`` with every problem; ``place`` names the file."""
    from hiera.yaml import strict  # noqa: PLC0415  a run with nothing new reads no policy

    collector = Collector()
    try:
        node = strict.read(data, place)
        value = strict.plain(node)
    except FreeholdError as error:
        raise TrustError(*error.problems) from None
    keys = _keys_of(value, node.location, _item_places(node), collector)
    collector.check(TrustError)
    return Policy({key.fingerprint: key for key in keys})


def _item_places(node: Node) -> list[Location]:
    """Return where each item of ``keys`` stands."""
    entries = getattr(node, "entries", ())
    lists = [item for key, item in entries if key.text == "keys"]
    return [item.location for found in lists for item in getattr(found, "items", ())]


def _keys_of(value: Value, where: Location, places: list[Location], collector: Collector) -> list[ListedKey]:
    """Return the keys of the document ``value``, reporting what is wrong with it."""
    if not isinstance(value, dict):
        collector.add(Problem("bad-policy", "the policy is not a mapping with 'version' and 'keys'", where))
        return []
    _refuse_unknown(value, _TOP, "the policy", where, collector)
    if value.get("version") != 1 or isinstance(value.get("version"), bool):
        message = "the policy is of a version this Freehold does not know"
        collector.add(Problem("bad-policy", message, where, "write 'version: 1', or install a newer Freehold"))
    rows = value.get("keys")
    if not isinstance(rows, list) or not rows:
        message = "the policy lists no keys, so nobody could ever sign another commit"
        collector.add(Problem("bad-policy", message, where, "write 'keys:' and a '- fingerprint: ...' for each"))
        return []
    found = [_key_of(row, number, at, collector) for number, (row, at) in enumerate(zip(rows, places, strict=True), 1)]
    keys = [key for key in found if key is not None]
    for fingerprint in {key.fingerprint for key in keys if sum(k.fingerprint == key.fingerprint for k in keys) > 1}:
        collector.add(Problem("bad-policy", f"the key {fingerprint} is listed twice", where))
    return keys


def _key_of(row: Value, number: int, where: Location, collector: Collector) -> ListedKey | None:
    """Return the key that the item ``row`` lists, or None after reporting what is wrong with it."""
    name = f"key {number} of the policy"
    if not isinstance(row, dict):
        collector.add(Problem("bad-policy", f"{name} is not a mapping", where, "write '- fingerprint: ...'"))
        return None
    _refuse_unknown(row, _KEY, name, where, collector)
    fingerprint = parse_fingerprint(row.get("fingerprint"))
    if fingerprint is None:
        hint = "write the whole fingerprint in quotes: gpg --fingerprint, or ssh-keygen -lf FILE; key ids are too short"
        collector.add(Problem("bad-policy", f"{name} has no full fingerprint", where, hint))
        return None
    file = row.get("file", "")
    if not isinstance(file, str) or (file and not _FILE.fullmatch(file)):
        collector.add(Problem("bad-policy", f"{name}: 'file' is not the name of a file in trust/keys", where))
        return None
    return ListedKey(fingerprint, str(row.get("name") or ""), file)


def _refuse_unknown(
    value: Mapping[str, Value], known: Iterable[str], name: str, where: Location, collector: Collector
) -> None:
    """Report every key of ``value`` that is not ``known``."""
    for key in value:
        if key not in known:
            hint = did_you_mean(str(key), known) or "for now a policy holds keys only; paths and thresholds come later"
            collector.add(Problem("bad-policy", f"{name} has no '{key}'", where, hint))
