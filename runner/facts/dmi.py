"""``dmi``: what the firmware says of the machine, from /sys/class/dmi."""

from __future__ import annotations

from typing import Final

from hiera.values import Value
from runner.facts.place import Place

FILES: Final = (
    ("bios", "release_date", "bios_date"), ("bios", "vendor", "bios_vendor"), ("bios", "version", "bios_version"),
    ("board", "asset_tag", "board_asset_tag"), ("board", "manufacturer", "board_vendor"),
    ("board", "product", "board_name"), ("board", "serial_number", "board_serial"),
    ("chassis", "asset_tag", "chassis_asset_tag"),
    ("product", "name", "product_name"), ("product", "serial_number", "product_serial"),
    ("product", "uuid", "product_uuid"), ("product", "version", "product_version"),
)  # fmt: skip

CHASSIS: Final = (
    "Other", "Unknown", "Desktop", "Low Profile Desktop", "Pizza Box", "Mini Tower", "Tower", "Portable", "Laptop",
    "Notebook", "Hand Held", "Docking Station", "All in One", "Sub Notebook", "Space-Saving", "Lunch Box",
    "Main System Chassis", "Expansion Chassis", "SubChassis", "Bus Expansion Chassis", "Peripheral Chassis",
    "Storage Chassis", "Rack Mount Chassis", "Sealed-Case PC", "Multi-system", "CompactPCI", "AdvancedTCA", "Blade",
    "Blade Enclosure", "Tablet", "Convertible", "Detachable",
)  # fmt: skip
"""Chassis types of the SMBIOS specification, from 1."""


def gather(place: Place) -> dict[str, Value]:
    """Return the fact ``dmi``; {} on a machine without such firmware."""
    found: dict[str, Value] = {}
    for group, key, name in FILES:
        if text := place.text(f"sys/class/dmi/id/{name}"):
            found.setdefault(group, {})[key] = text
    if manufacturer := place.text("sys/class/dmi/id/sys_vendor"):
        found["manufacturer"] = manufacturer
    number = place.text("sys/class/dmi/id/chassis_type") or ""
    if number.isdigit() and 1 <= int(number) <= len(CHASSIS):
        found.setdefault("chassis", {})["type"] = CHASSIS[int(number) - 1]
    return {"dmi": found} if found else {}
