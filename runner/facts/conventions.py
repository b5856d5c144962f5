"""What the standard library of Puppet's modules tells: providers, root's home, systemd. Cheap, and often read."""

from __future__ import annotations

import os
import re
from typing import Final

from hiera.values import Value
from runner.facts import operating_system
from runner.facts.place import Place

_PACKAGES: Final = {
    "Debian": "apt", "Suse": "zypper", "Archlinux": "pacman", "Gentoo": "portage", "Mandrake": "urpmi", "Alpine": "apk",
}  # fmt: skip
_DNF_SINCE: Final = {"Fedora": 22, "Amazon": 2023}
_SERVICES: Final = {"Debian": "debian", "RedHat": "redhat", "Suse": "redhat", "Gentoo": "openrc", "Alpine": "openrc"}
_SYSTEMD: Final = ("lib/systemd/systemd", "usr/lib/systemd/systemd")


def gather(place: Place) -> dict[str, Value]:
    """Return ``package_provider``, ``service_provider``, ``root_home``, ``is_pe``, ``systemd`` and its version."""
    system = operating_system.gather(place)["os"]
    service = _service_provider(place, system["family"])
    found: dict[str, Value] = {"service_provider": service, "systemd": service == "systemd", "is_pe": False}
    package = _package_provider(system)
    if package is not None:
        found["package_provider"] = package
    home = _root_home(place)
    if home is not None:
        found["root_home"] = home
    version = _systemd_version(place) if service == "systemd" else None
    if version is not None:
        found["systemd_version"] = version
    return found


def _package_provider(system: Value) -> str | None:
    """Return the provider that Puppet takes for packages."""
    if system["family"] != "RedHat":
        return _PACKAGES.get(system["family"])
    major = re.match(r"\d+", str(system["release"]["major"]))
    return "dnf" if major and int(major[0]) >= _DNF_SINCE.get(system["name"], 8) else "yum"


def _service_provider(place: Place, family: str) -> str:
    """Return the provider that Puppet takes for services: systemd where it runs, or will run in another root."""
    if place.root == "/":
        booted = (place.text("proc/1/comm") or "").startswith("systemd")
    else:
        booted = any(os.path.lexists(os.path.join(place.root, path)) for path in _SYSTEMD)
    return "systemd" if booted else _SERVICES.get(family, "base")


def _root_home(place: Place) -> str | None:
    """Return root's home directory."""
    for line in (place.root_text("etc/passwd") or "").splitlines():
        fields = line.split(":")
        if fields[0] == "root" and len(fields) == 7:
            return fields[5]
    return None


def _systemd_version(place: Place) -> str | None:
    """Return the number that systemd's own shared library carries, without starting anything."""
    for directory in _library_directories(place):
        try:
            names = os.listdir(os.path.join(place.root, directory))
        except OSError:
            continue
        for name in names:
            found = re.match(r"libsystemd-shared-(\d+)", name)
            if found is not None:
                return found[1]
    return None


def _library_directories(place: Place) -> list[str]:
    """Return where distributions keep systemd's library; Debian puts it below a directory of the architecture."""
    machine = os.uname().machine
    return [
        "usr/lib/systemd",
        "lib/systemd",
        "usr/lib64/systemd",
        f"usr/lib/{machine}-linux-gnu/systemd",
        f"lib/{machine}-linux-gnu/systemd",
        *(
            f"usr/lib/{name}/systemd"
            for name in ("aarch64-linux-gnu", "x86_64-linux-gnu", "arm-linux-gnueabihf", "i386-linux-gnu")
            if os.path.isdir(os.path.join(place.root, "usr/lib", name))
        ),
    ]
