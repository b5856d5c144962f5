"""``virtual``, ``is_virtual``, ``hypervisors``: what this machine runs in, read from the kernel and the firmware."""

from __future__ import annotations

import re
from typing import Final

from hiera.values import Value
from runner.facts.place import Place

FIRMWARE: Final = (
    ("Google", "gce"), ("VMware", "vmware"), ("VirtualBox", "virtualbox"), ("innotek", "virtualbox"),
    ("Parallels", "parallels"), ("oVirt", "ovirt"), ("RHEV", "rhev"), ("HVM domU", "xenhvm"), ("Bochs", "bochs"),
    ("bhyve", "bhyve"), ("Amazon EC2", "kvm"), ("OpenStack", "kvm"), ("Nutanix", "kvm"), ("KVM", "kvm"),
    ("QEMU", "kvm"), ("Xen", "xenhvm"),
)  # fmt: skip
"""A word in the firmware's names -> ``virtual``; the first that is found counts."""

CLOCKS: Final = (("kvm-clock", "kvm"), ("hyperv", "hyperv"), ("xen", "xenhvm"))
"""A clock source that only a hypervisor offers -> ``virtual``, for machines without firmware tables."""

CONTAINERS: Final = {"docker": "docker", "podman": "podman", "lxc": "lxc", "systemd-nspawn": "systemd_nspawn"}
"""The word a container manager gives its first process -> ``virtual``."""

HYPERVISORS: Final = {"xenhvm": "xen", "xenu": "xen", "xen0": "xen", "gce": "kvm"}
"""``virtual`` -> the name in ``hypervisors`` where the two differ."""


def gather(place: Place) -> dict[str, Value]:
    """Return ``virtual`` and ``is_virtual``, and ``hypervisors`` where there are any."""
    container, machine = _container(place), _machine(place)
    virtual = container or machine or "physical"
    found: dict[str, Value] = {"virtual": virtual, "is_virtual": virtual not in {"physical", "xen0"}}
    known = {HYPERVISORS.get(name, name): _details(place, name) for name in (container, machine) if name}
    return found | ({"hypervisors": known} if known else {})


def _container(place: Place) -> str | None:
    """Return the kind of container we are in, or None."""
    word = place.text("run/systemd/container") or _environment(place).get("container")
    if word:
        return CONTAINERS.get(word, "container_other")
    if place.text("run/.containerenv") is not None:
        return "podman"
    groups = place.text("proc/1/cgroup") or ""
    for pattern, name in ((r"/(docker|kubepods|containerd)[/.-]", "docker"), (r"/lxc[./]", "lxc")):
        if re.search(pattern, groups):
            return name
    return None


def _environment(place: Place) -> dict[str, str]:
    """Return the environment of the first process; {} where we may not read it."""
    pairs = (item.partition("=") for item in (place.text("proc/1/environ") or "").split("\0"))
    return {key: value for key, equals, value in pairs if equals}


def _machine(place: Place) -> str | None:
    """Return the hypervisor below the kernel, or None on bare metal."""
    names = ("product_name", "sys_vendor", "bios_vendor", "board_vendor", "product_version")
    firmware = {name: place.text(f"sys/class/dmi/id/{name}") or "" for name in names}
    if "Microsoft" in firmware["sys_vendor"] and firmware["product_name"] == "Virtual Machine":
        return "hyperv"
    for word, virtual in FIRMWARE:
        if any(word in text for text in firmware.values()):
            return virtual
    return _xen(place) or _by_clock(place)


def _xen(place: Place) -> str | None:
    """Return which side of Xen this is, or None."""
    if place.text("sys/hypervisor/type") != "xen":
        return None
    return "xen0" if "control_d" in (place.text("proc/xen/capabilities") or "") else "xenu"


def _by_clock(place: Place) -> str | None:
    """Return the hypervisor that offers its own clock to this processor, or None."""
    if not re.search(r"^flags\b.*\bhypervisor\b", place.text("proc/cpuinfo") or "", re.MULTILINE):
        return None
    clocks = place.text("sys/devices/system/clocksource/clocksource0/available_clocksource") or ""
    return next((virtual for word, virtual in CLOCKS if word in clocks), None)


def _details(place: Place, virtual: str) -> dict[str, Value]:
    """Return what is known of one hypervisor."""
    if virtual == "docker":
        found = re.search(r"[0-9a-f]{64}", place.text("proc/1/cgroup") or "")
        return {"id": found[0]} if found else {}
    if virtual == "gce":
        return {"google": True}
    if virtual == "kvm":
        vendor = place.text("sys/class/dmi/id/sys_vendor") or ""
        return {word: True for text, word in (("Amazon", "amazon"), ("OpenStack", "openstack")) if text in vendor}
    if virtual in {"xenhvm", "xenu", "xen0"}:
        return {"context": {"xenhvm": "hvm", "xenu": "pv", "xen0": "dom0"}[virtual], "privileged": virtual == "xen0"}
    return {}
