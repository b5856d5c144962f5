"""``cloud``, ``ec2_metadata``, ``gce``, ``az_metadata``: asked for only where the firmware says such a cloud.

Nothing that is a credential becomes a fact: role credentials and user data stay with the metadata service.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from hiera.values import Value
from runner.facts.place import Place

AZURE_TAG: Final = "7783-7084-3265-9085-8269-3286-77"
"""The chassis asset tag of every Azure machine."""

ADDRESS: Final = "http://169.254.169.254"
DEADLINE: Final = 1.0
"""Seconds for everything that is asked."""

CREDENTIALS: Final = ("security-credentials", "identity-credentials")


def gather(place: Place) -> dict[str, Value]:
    """Return the facts of the cloud; {} on any other machine, without a look at the network."""
    provider = detect(place)
    if provider is None:
        return {}
    found: dict[str, Value] = {"cloud": {"provider": provider}}
    ask = {"aws": _ec2, "gce": _gce, "azure": _azure}[provider]
    try:
        with contextlib.closing(_Service(place.metadata or ADDRESS)) as service:
            return found | ask(service)
    except (OSError, http.client.HTTPException, ValueError) as reason:
        place.warnings.append(f"the metadata service of {provider} gave no answer: {reason or type(reason).__name__}")
        return found


def detect(place: Place) -> str | None:
    """Return ``aws``, ``gce`` or ``azure`` as the firmware says, or None."""

    def firmware(name: str) -> str:
        return place.text(f"sys/class/dmi/id/{name}") or ""

    if firmware("chassis_asset_tag") == AZURE_TAG:
        return "azure"
    if "Google" in firmware("bios_vendor") or firmware("product_name") == "Google Compute Engine":
        return "gce"
    xen = (place.text("sys/hypervisor/uuid") or "").lower().startswith("ec2")
    amazon = any("Amazon EC2" in firmware(name) for name in ("sys_vendor", "bios_vendor"))
    return "aws" if xen or amazon or "amazon" in firmware("bios_version") else None


class _Service:
    """One connection to a metadata service, never through a proxy, with one deadline for all requests."""

    def __init__(self, base: str) -> None:
        address = urlsplit(base)
        self._deadline = time.monotonic() + DEADLINE
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=DEADLINE)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def ask(self, path: str, headers: Mapping[str, str], method: str = "GET") -> str | None:
        """Return the body of an answer, None for one that is not 200. Raises ``OSError`` when the time is up."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._connection.timeout = left
        if self._connection.sock is not None:
            self._connection.sock.settimeout(left)
        self._connection.request(method, path, headers=dict(headers))
        answer = self._connection.getresponse()
        body = answer.read(1 << 20).decode(errors="replace")
        return body if answer.status == 200 else None


def _ec2(service: _Service) -> dict[str, Value]:
    """Return ``ec2_metadata`` by version 2 of the service, which wants a session token first."""
    token = service.ask("/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"}, "PUT")
    headers = {"X-aws-ec2-metadata-token": token} if token else {}
    found = _tree(service, "/latest/meta-data/", headers)
    return {"ec2_metadata": found} if found else {}


def _tree(service: _Service, path: str, headers: Mapping[str, str]) -> dict[str, Value]:
    """Return a directory of EC2's metadata; a name that ends in a slash is one again."""
    found: dict[str, Value] = {}
    for line in (service.ask(path, headers) or "").split("\n"):
        # The list of public keys says ``0=name``, and the key lies in the directory ``0/``.
        name = line.partition("=")[0] + "/" if path.endswith("public-keys/") and "=" in line else line
        if not name or name.strip("/") in CREDENTIALS:
            continue
        if name.endswith("/"):
            found[name[:-1]] = _tree(service, path + name, headers)
        elif (value := service.ask(path + name, headers)) is not None:
            found[name] = value
    return found


def _gce(service: _Service) -> dict[str, Value]:
    """Return ``gce``; long names of zones, machine types, images and networks are cut to their last part."""
    body = service.ask("/computeMetadata/v1/?recursive=true&alt=json", {"Metadata-Flavor": "Google"})
    found = json.loads(body) if body else {}
    instance = found.get("instance", {})
    for key in ("image", "machineType", "zone", "network"):
        if isinstance(instance.get(key), str):
            instance[key] = instance[key].rpartition("/")[2]
    instance.get("attributes", {}).pop("user-data", None)
    return {"gce": found} if found else {}


def _azure(service: _Service) -> dict[str, Value]:
    """Return ``az_metadata``."""
    body = service.ask("/metadata/instance?api-version=2020-09-01", {"Metadata": "true"})
    found = json.loads(body) if body else {}
    if isinstance(found.get("compute"), dict):
        for key in ("customData", "userData"):
            found["compute"].pop(key, None)
    return {"az_metadata": found} if found else {}
