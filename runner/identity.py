"""Who this node is: a name that was given, or one that the machine itself keeps; never a bare host name."""

from __future__ import annotations

import os
import re
from typing import Final

from hiera.values import Value

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")
_EC2: Final = re.compile(r"i-[0-9a-f]{8,32}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BLANK: Final = 2
"""A UUID of one digit and dashes is what hardware says that was never told."""
MACHINE_ID: Final = "/etc/machine-id"
INSTANCE_DATA: Final = "/run/cloud-init/instance-data.json"
INSTANCE_ID: Final = "/var/lib/cloud/data/instance-id"
DMI: Final = "/sys/class/dmi/id"
CONTAINER: Final = "/run/systemd/container"
"""What there is in a container, whose DMI is that of its host."""
SOURCES: Final = ("machine-id", "instance-id", "file")


def name(value: Value) -> str:
    """Return ``value`` as the name of a node or environment. Raises ``ValueError``."""
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not _NAME.fullmatch(text) or ".." in text:
        raise ValueError("is not a name; use letters, digits, '.', '_' and '-', beginning with a letter or digit")
    return text


def node(value: Value) -> str | dict[str, str]:
    """Return how the node is named, checked but not yet read: a name, or ``{from: ...}``. Raises ``ValueError``."""
    if not isinstance(value, dict):
        return name(value)
    source = value.get("from")
    unknown = set(value) - {"from", "path"}
    if source not in SOURCES or unknown or ("path" in value) != (source == "file"):
        raise ValueError("must be a name, {from: machine-id}, {from: instance-id} or {from: file, path: /etc/...}")
    return {key: str(item) for key, item in value.items()}


def resolve(how: dict[str, str]) -> str:
    """Return the name that ``how`` leads to on this machine. Raises ``ValueError`` with what is missing."""
    if how["from"] == "file":
        return _checked(_first_line(how["path"]), how["path"])
    if how["from"] == "machine-id":
        return _checked(_first_line(MACHINE_ID), MACHINE_ID)
    return _checked(_instance_id(), INSTANCE_ID)


def _instance_id() -> str | None:
    """Return what cloud-init calls this instance, or else its DMI, or None."""
    import msgspec  # noqa: PLC0415  few nodes are named this way

    try:
        with open(INSTANCE_DATA, "rb") as stream:
            data = msgspec.json.decode(stream.read())
        found = data["v1"]["instance_id"]
    except (OSError, msgspec.DecodeError, KeyError, TypeError):
        return _first_line(INSTANCE_ID) or _of_hardware()
    return str(found)


def _of_hardware() -> str | None:
    """Return EC2's asset tag, or the UUID of the virtual or real machine; None in a container."""
    if os.path.exists(CONTAINER):
        return None
    tag = _first_line(f"{DMI}/board_asset_tag") or ""
    if _EC2.fullmatch(tag):
        return tag
    uuid = (_first_line(f"{DMI}/product_uuid") or "").lower()
    return uuid if _UUID.fullmatch(uuid) and len(set(uuid)) > _BLANK else None


def _first_line(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.readline().strip()
    except OSError:
        return None


def _checked(text: str | None, place: str) -> str:
    if not text or text == "uninitialized":
        raise ValueError(f"cannot be read: '{place}' names no machine here")
    try:
        return name(text)
    except ValueError:
        raise ValueError(f"cannot be used: what '{place}' holds is not a name") from None
