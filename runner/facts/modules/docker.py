"""What Docker's client and server say."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hiera.values import Value
from runner.facts.modules.programs import output
from runner.facts.place import Place


def gather(place: Place) -> dict[str, Value]:
    """Return ``docker`` (with the networks) and ``docker_*version``; join tokens are secrets and never told."""
    found: dict[str, Value] = {}
    version = _json(output(place, "docker", "version", "--format", "{{json .}}"))
    if version is not None:
        client, server = version.get("Client"), version.get("Server")
        found["docker_version"] = version
        found["docker_client_version"] = (
            client.get("Version") if isinstance(client, Mapping) else version.get("Version")
        )
        if isinstance(server, Mapping):
            found["docker_server_version"] = server.get("Version")
            found["docker"] = {
                **(_json(output(place, "docker", "info", "--format", "{{json .}}")) or {}),
                **_networks(place),
            }
    return found


def _networks(place: Place) -> dict[str, Value]:
    """Return the networks by name, as ``docker network inspect`` tells them."""
    networks: dict[str, Value] = {}
    for name in (output(place, "docker", "network", "ls", "--format", "{{.Name}}") or "").split():
        said = output(place, "docker", "network", "inspect", name) or ""
        try:
            networks[name] = json.loads(said)[0]
        except (ValueError, LookupError, TypeError):
            continue
    return {"network": networks}


def _json(text: str | None) -> dict[str, Value] | None:
    """Return the object in the last line that holds one; warnings may stand before it."""
    for line in reversed((text or "").splitlines()):
        if line.startswith("{"):
            try:
                found: dict[str, Value] = json.loads(line)
            except ValueError:
                return None
            return found
    return None
