"""The services that belong to systemd itself."""

from __future__ import annotations

from hiera.values import Value
from runner.facts.modules.programs import output
from runner.facts.place import Place


def gather(place: Place) -> dict[str, Value]:
    """Return ``systemd_internal_services``: unit -> how it is enabled."""
    said = output(
        place, "systemctl", "list-unit-files", "--no-legend", "--no-pager", "systemd-*", "-t", "service",
        "--state=enabled,disabled,enabled-runtime,indirect",
    )  # fmt: skip
    if said is None:
        return {}
    rows = [line.split() for line in said.splitlines()]
    services = {row[0]: row[1] for row in rows if len(row) > 1 and row[0].endswith(".service")}
    return {"systemd_internal_services": services}
