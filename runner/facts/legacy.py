"""The flat names of Facter 2 (``osfamily``, ``ipaddress_eth0``), for manifests written for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from hiera.values import Value

PATHS: Final = {
    "architecture": "os.architecture", "hardwaremodel": "os.hardware", "osfamily": "os.family",
    "operatingsystem": "os.name", "operatingsystemrelease": "os.release.full",
    "operatingsystemmajrelease": "os.release.major", "lsbdistcodename": "os.distro.codename",
    "lsbdistdescription": "os.distro.description", "lsbdistid": "os.distro.id",
    "lsbdistrelease": "os.distro.release.full", "lsbmajdistrelease": "os.distro.release.major",
    "lsbminordistrelease": "os.distro.release.minor", "selinux": "os.selinux.enabled",
    "selinux_enforced": "os.selinux.enforced", "selinux_current_mode": "os.selinux.current_mode",
    "hostname": "networking.hostname", "domain": "networking.domain", "fqdn": "networking.fqdn",
    "ipaddress": "networking.ip", "ipaddress6": "networking.ip6", "macaddress": "networking.mac",
    "netmask": "networking.netmask", "netmask6": "networking.netmask6", "network": "networking.network",
    "network6": "networking.network6", "processorcount": "processors.count",
    "physicalprocessorcount": "processors.physicalcount", "hardwareisa": "processors.isa",
    "memorysize": "memory.system.total", "memoryfree": "memory.system.available", "swapsize": "memory.swap.total",
    "swapfree": "memory.swap.available", "uptime": "system_uptime.uptime", "uptime_days": "system_uptime.days",
    "uptime_hours": "system_uptime.hours", "uptime_seconds": "system_uptime.seconds", "id": "identity.user",
    "gid": "identity.group", "manufacturer": "dmi.manufacturer", "productname": "dmi.product.name",
    "serialnumber": "dmi.product.serial_number", "uuid": "dmi.product.uuid", "bios_vendor": "dmi.bios.vendor",
    "bios_version": "dmi.bios.version", "bios_release_date": "dmi.bios.release_date",
    "boardmanufacturer": "dmi.board.manufacturer", "boardproductname": "dmi.board.product",
    "boardserialnumber": "dmi.board.serial_number", "chassistype": "dmi.chassis.type",
}  # fmt: skip
"""Old name -> where the value stands now."""

BY_INTERFACE: Final = {
    "ipaddress": "ip", "ipaddress6": "ip6", "macaddress": "mac", "mtu": "mtu", "netmask": "netmask",
    "netmask6": "netmask6", "network": "network", "network6": "network6",
}  # fmt: skip


def legacy(facts: Mapping[str, Value], name: str) -> Value:
    """Return the value of the old name ``name``. Raises ``KeyError`` if that is none or the machine lacks it."""
    if name in PATHS:
        value: Value = facts
        for key in PATHS[name].split("."):
            value = value[key]
        return value
    if name == "interfaces":
        return ",".join(_flat(item) for item in facts["networking"]["interfaces"])
    if found := re.fullmatch(r"(memorysize|memoryfree|swapsize|swapfree)_mb", name):
        pool, _, key = PATHS[found[1]].removeprefix("memory.").partition(".")
        return round(facts["memory"][pool][f"{key}_bytes"] / 2**20, 2)
    if (found := re.fullmatch(r"processor(\d+)", name)) and int(found[1]) < len(facts["processors"]["models"]):
        return facts["processors"]["models"][int(found[1])]
    word, _, interface = name.partition("_")
    if interface and word in BY_INTERFACE:
        for device, item in facts["networking"]["interfaces"].items():
            if _flat(device) == interface:
                return item[BY_INTERFACE[word]]
    raise KeyError(name)


def _flat(interface: str) -> str:
    """Return an interface's name as it stands in a flat fact's name."""
    return re.sub(r"[^A-Za-z0-9_]", "_", interface)
