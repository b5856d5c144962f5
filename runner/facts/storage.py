"""``mountpoints``, ``disks``, ``partitions``, ``filesystems``: from /proc and /sys."""

from __future__ import annotations

import os
import re
from typing import Final

from hiera.values import Value
from runner.facts.place import Place, share, size

REMOTE: Final = re.compile(r"nfs|cifs|smb|ceph|gluster|lustre|afs|9p|fuse\b|fuse\.|autofs|davfs")
"""File systems that are not asked for their size: a server that is away would hold the run for ever."""

SECTOR: Final = 512
"""What /sys counts disks in, whatever their real sectors."""

LINKS: Final = (("uuid", "by-uuid"), ("label", "by-label"), ("partuuid", "by-partuuid"), ("partlabel", "by-partlabel"))


def gather(place: Place) -> dict[str, Value]:
    """Return the facts of storage."""
    mounts = _mounts(place)
    return {
        "mountpoints": {path: _mountpoint(path, *rest) for path, rest in mounts.items()},
        "disks": {name: _disk(place, name) for name in place.names("sys/block") if _real(place, name)},
        "partitions": _partitions(place, mounts),
        "filesystems": ",".join(_filesystems(place)),
    }


def _filesystems(place: Place) -> list[str]:
    """Return the sorted names of the file systems that need a device."""
    lines = (place.text("proc/filesystems") or "").splitlines()
    return sorted({line.strip() for line in lines if not line.startswith("nodev")} - {"", "fuseblk"})


def _mounts(place: Place) -> dict[str, tuple[str, str, list[str]]]:
    """Return device, file system and options of each mount point, without the kernel's own trees."""
    found = {}
    for line in (place.text("proc/self/mounts") or "").splitlines():
        device, path, kind, options = (_unescaped(word) for word in line.split(" ")[:4])
        if kind != "autofs" and (kind == "tmpfs" or not re.match(r"/(proc|sys)(/|$)", path)):
            found[path] = (device, kind, options.split(","))
    return dict(sorted(found.items()))


def _unescaped(word: str) -> str:
    """Return a word of the mount table with its octal escapes undone."""
    return re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), word)


def _mountpoint(path: str, device: str, kind: str, options: list[str]) -> dict[str, Value]:
    """Return one mount point, with its sizes where asking cannot block."""
    found: dict[str, Value] = {"device": device, "filesystem": kind, "options": options}
    if REMOTE.search(kind):
        return found
    try:
        numbers = os.statvfs(path)
    except OSError:
        return found
    total, available = numbers.f_blocks * numbers.f_frsize, numbers.f_bavail * numbers.f_frsize
    used = total - numbers.f_bfree * numbers.f_frsize
    return found | {
        "available": size(available),
        "available_bytes": available,
        "capacity": share(used, used + available),
        "size": size(total),
        "size_bytes": total,
        "used": size(used),
        "used_bytes": used,
    }


def _real(place: Place, name: str) -> bool:
    """Say whether a block device is hardware (loop and RAM disks are not)."""
    return bool(place.names(f"sys/block/{name}/device"))


def _sized(place: Place, path: str) -> dict[str, Value]:
    """Return the size of a block device in bytes and in words."""
    count = int(place.text(f"{path}/size") or 0) * SECTOR
    return {"size": size(count), "size_bytes": count}


def _disk(place: Place, name: str) -> dict[str, Value]:
    """Return one disk."""
    found = _sized(place, f"sys/block/{name}")
    for key in ("model", "vendor", "serial"):
        if text := place.text(f"sys/block/{name}/device/{key}"):
            found[key] = text
    found["type"] = "ssd" if place.text(f"sys/block/{name}/queue/rotational") == "0" else "hdd"
    return found


def _partitions(place: Place, mounts: dict[str, tuple[str, str, list[str]]]) -> dict[str, Value]:
    """Return every partition by its device path, with the names that udev links to it."""
    mounted = {device: (path, kind) for path, (device, kind, _) in mounts.items()}
    named = {key: _linked(place, directory) for key, directory in LINKS}
    found = {}
    for disk in place.names("sys/block"):
        for name in place.names(f"sys/block/{disk}"):
            if place.text(f"sys/block/{disk}/{name}/partition") is None:
                continue
            item = _sized(place, f"sys/block/{disk}/{name}")
            item |= {key: names[name] for key, names in named.items() if name in names}
            if f"/dev/{name}" in mounted:
                item["mount"], item["filesystem"] = mounted[f"/dev/{name}"]
            found[f"/dev/{name}"] = item
    return found


def _linked(place: Place, directory: str) -> dict[str, str]:
    """Return device name -> link name for one directory of /dev/disk."""
    found = {}
    for name in place.names(f"dev/disk/{directory}"):
        target = os.path.realpath(os.path.join(place.dev, "disk", directory, name))
        found[os.path.basename(target)] = re.sub(r"\\x([0-9a-f]{2})", lambda code: chr(int(code[1], 16)), name)
    return found
