"""Where facts are read: the kernel's trees of this machine, and the root directory of the run."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """The trees that facts come from; other ones than the machine's are for recorded machines in tests.

    ``root`` is the root directory of the run: what is said of the operating system is said of that tree.
    """

    root: str = "/"
    proc: str = "/proc"
    sys: str = "/sys"
    dev: str = "/dev"
    run: str = "/run"
    etc: str = "/etc"
    metadata: str | None = None
    """Base URL of the cloud's metadata service; None for the well-known address."""
    warnings: list[str] = field(default_factory=list)

    def text(self, path: str) -> str | None:
        """Return the stripped text of a file of the kernel's trees (``proc/uptime``), or None."""
        tree, _, rest = path.partition("/")
        return _text(os.path.join(str(getattr(self, tree)), rest))

    def names(self, path: str) -> list[str]:
        """Return the sorted names in a directory of the kernel's trees, [] where there is none."""
        tree, _, rest = path.partition("/")
        try:
            return sorted(os.listdir(os.path.join(str(getattr(self, tree)), rest)))
        except OSError:
            return []

    def root_text(self, path: str) -> str | None:
        """Return the stripped text of a file of the root directory, or None; links do not lead out of the root."""
        root = os.path.realpath(self.root)
        found = os.path.realpath(os.path.join(root, path))
        if os.path.commonpath((root, found)) != root:
            return None
        return _text(found)


def _text(path: str) -> str | None:
    """Return the stripped text of a file, or None if it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1 << 20).strip("\0\n\t ")
    except (OSError, ValueError):
        return None


def size(count: float) -> str:
    """Return a number of bytes as people read it (``23.54 GiB``)."""
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if count < 1024 or unit == "PiB":
            return f"{count:.0f} bytes" if unit == "bytes" else f"{count:.2f} {unit}"
        count /= 1024
    raise AssertionError


def share(part: float, whole: float) -> str:
    """Return ``part`` of ``whole`` in per cent (``1.19%``)."""
    if not part:
        return "0%"
    return "100%" if part == whole else f"{100 * part / whole:.2f}%"
