"""What must not be in an image that is launched many times: identity, host keys, credentials (machine-id(5))."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterable, Iterator
from typing import Final

from runner.settings import Settings

_FILES: Final = (
    "etc/ssh/ssh_host_*_key", "etc/ssh/ssh_host_*_key.pub", "var/lib/systemd/random-seed",
    "var/lib/systemd/credential.secret", "var/lib/systemd/timers/stamp-*", "var/lib/urandom/random-seed",
    "var/lib/dbus/machine-id", "var/lib/cloud/instance", "var/lib/cloud/instances", "var/lib/cloud/data",
    "var/lib/cloud/sem", "etc/credstore/freehold.*", "etc/credstore.encrypted/freehold.*",
    "etc/systemd/system/freehold.service.d/credentials.conf",
    "etc/systemd/system/freehold-boot.service.d/credentials.conf",
)  # fmt: skip
"""A unit whose credential is gone would not start, so the drop-in that names it goes too.

A link among these goes, not what it leads to; ``var/lib/dbus/machine-id`` stays if it is one.
"""

_STATE: Final = ("key", "catalogs", "mirror.git/FETCH_HEAD")
MACHINE_ID: Final = "etc/machine-id"


def scrub(settings: Settings, secrets: Iterable[str]) -> Iterator[str]:
    """Remove everything that would make two nodes the same one or open something; yield what was there.

    ``secrets`` are the files, as nodes call them, that hold their keys.
    """
    root = os.path.realpath(settings.root)
    for pattern in _FILES:
        for path in sorted(glob.glob(os.path.join(glob.escape(root), pattern))):
            if not (pattern.endswith("dbus/machine-id") and os.path.islink(path)) and _inside(root, path):
                _remove(path)
                yield "/" + os.path.relpath(path, root)
    for name in secrets:
        path = os.path.join(root, name.lstrip("/"))
        if os.path.lexists(path) and _inside(root, path):
            _remove(path)
            yield name
    if _emptied(os.path.join(root, MACHINE_ID), root):
        yield "/" + MACHINE_ID
    for name in _STATE:
        _remove(os.path.join(settings.state_dir, name))


def _inside(root: str, path: str) -> bool:
    """Say whether the directory of ``path`` is really below ``root``, whatever links are on the way."""
    above = os.path.realpath(os.path.dirname(path))
    return root in {"/", above} or above.startswith(root + "/")


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def _emptied(path: str, root: str) -> bool:
    """Empty the machine id; return whether it said something.

    An empty file gets an id at boot. Without the file, or with ``uninitialized``, systemd takes the boot for the very
    first one and resets what is enabled.
    """
    if not os.path.isfile(path) or os.path.islink(path) or not _inside(root, path):
        return False
    with open(path, "r+", encoding="ascii", errors="replace") as stream:
        said = bool(stream.read().strip())
        stream.seek(0)
        stream.truncate()
    return said
