"""``os``: the distribution in the root directory of the run, and the hardware name of the running kernel."""

from __future__ import annotations

import os
import re
import shlex
from typing import Final

from hiera.values import Value
from runner.facts.place import Place

NAMES: Final = {
    "debian": "Debian", "ubuntu": "Ubuntu", "raspbian": "Raspbian", "devuan": "Devuan", "linuxmint": "LinuxMint",
    "kali": "Kali", "rhel": "RedHat", "centos": "CentOS", "fedora": "Fedora", "rocky": "Rocky",
    "almalinux": "AlmaLinux", "ol": "OracleLinux", "amzn": "Amazon", "virtuozzo": "VirtuozzoLinux",
    "sles": "SLES", "sled": "SLED", "opensuse": "openSUSE", "opensuse-leap": "openSUSE",
    "opensuse-tumbleweed": "openSUSE", "arch": "Archlinux", "manjaro": "Manjarolinux", "gentoo": "Gentoo",
    "alpine": "Alpine", "mageia": "Mageia", "photon": "PhotonOS", "slackware": "Slackware",
}  # fmt: skip
"""``ID`` of os-release(5) -> the name that Facter gives."""

FAMILIES: Final = {
    "debian": "Debian", "ubuntu": "Debian", "rhel": "RedHat", "centos": "RedHat", "fedora": "RedHat",
    "amzn": "RedHat", "ol": "RedHat", "virtuozzo": "RedHat", "suse": "Suse", "sles": "Suse", "sled": "Suse",
    "opensuse": "Suse", "arch": "Archlinux", "gentoo": "Gentoo", "mageia": "Mandrake",
}  # fmt: skip


def gather(place: Place) -> dict[str, Value]:
    """Return the fact ``os``."""
    release = _os_release(place)
    name = _name(release)
    family = _family(release, name)
    hardware = os.uname().machine
    return {
        "os": {
            "architecture": _architecture(family, hardware),
            "distro": _distro(place, release, name, family),
            "family": family,
            "hardware": hardware,
            "name": name,
            "release": _release(place, release, name, family),
            "selinux": _selinux(place),
        }
    }


def _os_release(place: Place) -> dict[str, str]:
    """Return os-release(5) as a mapping; {} where there is none."""
    text = place.root_text("etc/os-release") or place.root_text("usr/lib/os-release") or ""
    found = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not key.startswith("#"):
            found[key.strip()] = _unquoted(value)
    return found


def _unquoted(value: str) -> str:
    """Return a value of os-release, which is quoted as in a shell."""
    try:
        return " ".join(shlex.split(value))
    except ValueError:
        return value.strip("\"' ")


def _name(release: dict[str, str]) -> str:
    """Return ``os.name``: from the table, else the first word of the distribution's own name."""
    identifier = release.get("ID", "linux")
    return NAMES.get(identifier) or (release.get("NAME", "").split() or ["Linux"])[0]


def _family(release: dict[str, str], name: str) -> str:
    """Return ``os.family``: of the distribution or of the first one that it says it is like."""
    for identifier in [release.get("ID", ""), *release.get("ID_LIKE", "").split()]:
        if identifier in FAMILIES:
            return FAMILIES[identifier]
    return name


def _architecture(family: str, hardware: str) -> str:
    """Return ``os.architecture``: Debian's word for the hardware where Debian has another one."""
    if family == "Debian":
        return {"x86_64": "amd64"}.get(hardware, "i386" if re.fullmatch(r"i[3-6]86", hardware) else hardware)
    return "i386" if re.fullmatch(r"i[3-6]86", hardware) else hardware


def _version(place: Place, release: dict[str, str], name: str, family: str) -> str:
    """Return the full version: the point release where a file of the distribution knows it."""
    version = release.get("VERSION_ID", "")
    if name == "Debian":
        text = place.root_text("etc/debian_version") or ""
        return text if re.fullmatch(r"[0-9.]+", text) else version
    if family == "RedHat":
        found = re.search(r"release (\d[\d.]*)", place.root_text("etc/redhat-release") or "")
        return found[1] if found else version
    return version


def _release(place: Place, release: dict[str, str], name: str, family: str) -> dict[str, Value]:
    """Return ``os.release``. Ubuntu's major version is the whole ``22.04``."""
    full = _version(place, release, name, family)
    if name == "Ubuntu" or not full:
        return {"full": full, "major": full}
    parts = full.split(".")
    return {"full": full, "major": parts[0], **({"minor": parts[1]} if len(parts) > 1 else {})}


def _distro(place: Place, release: dict[str, str], name: str, family: str) -> dict[str, Value]:
    """Return ``os.distro``."""
    found: dict[str, Value] = {
        "description": release.get("PRETTY_NAME", name),
        "id": name,
        "release": _release(place, release, name, family),
    }
    codename = release.get("VERSION_CODENAME") or release.get("UBUNTU_CODENAME")
    if not codename and (named := re.search(r"\((.+)\)", release.get("VERSION", ""))):
        codename = named[1]
    return {"codename": codename, **found} if codename else found


def _selinux(place: Place) -> dict[str, Value]:
    """Return ``os.selinux``: the modes of the running kernel and of the configuration in the root."""
    enforce = place.text("sys/fs/selinux/enforce")
    if enforce is None:
        return {"enabled": False}
    config = dict(
        re.findall(r"^(SELINUX|SELINUXTYPE)=(\w+)", place.root_text("etc/selinux/config") or "", re.MULTILINE)
    )
    found = {
        "enabled": True,
        "enforced": enforce == "1",
        "current_mode": "enforcing" if enforce == "1" else "permissive",
        "policy_version": place.text("sys/fs/selinux/policyvers"),
        "config_mode": config.get("SELINUX"),
        "config_policy": config.get("SELINUXTYPE"),
    }
    return {key: value for key, value in found.items() if value is not None}
