"""Whom an OpenPGP message is for, read from the message itself (RFC 9580): no key and no gpg is needed for it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

_SESSION_KEY: Final = 1
"""The packet that holds the message's key, encrypted for one recipient."""

_ARMOR: Final = re.compile(rb"-----BEGIN PGP MESSAGE-----\r?\n(?:[^\r\n]+\r?\n)*\r?\n(.*?)\r?\n=", re.DOTALL)
HIDDEN: Final = "0000000000000000"
"""The key id of a recipient that the sender hid."""


def recipients_of(message: bytes) -> tuple[str, ...] | None:
    """Return the long ids of the keys, mostly subkeys, that open ``message``; None if it is no OpenPGP message."""
    data = _dearmored(message)
    found: list[str] = []
    try:
        for tag, start, end in _packets(data):
            if tag != _SESSION_KEY:
                return tuple(found) if found or tag == 3 else None
            if data[start] == 3 and end - start > 9:
                found.append(data[start + 1 : start + 9].hex().upper())
    except (IndexError, ValueError):
        return None
    return None


def _dearmored(message: bytes) -> bytes:
    """Return the binary form of ``message``."""
    armored = _ARMOR.search(message)
    if armored is None:
        return message
    try:
        return base64.b64decode(b"".join(armored[1].split()), validate=True)
    except binascii.Error:
        return b""


def _packets(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the tag of each packet with where its body starts and ends. Raises ``IndexError``, ``ValueError``."""
    at = 0
    while at < len(data):
        head = data[at]
        if not head & 0x80:
            raise ValueError("no packet")
        tag, start, length = _new(data, at) if head & 0x40 else _old(data, at)
        yield tag, start, start + length
        at = start + length


def _new(data: bytes, at: int) -> tuple[int, int, int]:
    """Return tag, start and length of a packet in the new form; a length in parts counts as its first part."""
    first = data[at + 1]
    tag = data[at] & 0x3F
    if first < 192:
        return tag, at + 2, first
    if first < 224:
        return tag, at + 3, ((first - 192) << 8) + data[at + 2] + 192
    if first == 255:
        return tag, at + 6, int.from_bytes(data[at + 2 : at + 6], "big")
    return tag, at + 2, 1 << (first & 0x1F)


def _old(data: bytes, at: int) -> tuple[int, int, int]:
    """Return tag, start and length of a packet in the old form."""
    tag, kind = (data[at] >> 2) & 0x0F, data[at] & 3
    if kind == 3:
        return tag, at + 1, len(data) - at - 1
    octets = 1 << kind
    return tag, at + 1 + octets, int.from_bytes(data[at + 1 : at + 1 + octets], "big")
