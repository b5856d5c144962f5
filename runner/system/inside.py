"""Commands inside another root, in namespaces of their own: no mount, process or name of theirs outlives them.

The root sees its own processes, an empty ``/run``, the usual few devices, ``/sys`` read-only, the network of this
machine with its name servers, and not this machine's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runner.system.base import MachineError
from runner.system.commands import SEARCH_PATH, Identity, which

_SCRIPT: Final = r"""
set -eu
root=$1; shift
echo localhost > /proc/sys/kernel/hostname || :
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --rbind /sys "$root/sys"
mount -o remount,bind,ro "$root/sys" || :
mount -t tmpfs -o mode=755,nosuid,noexec tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    : > "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${number%%:*}" "$root/dev/${number#*:}"; done
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
mkdir -m 1777 "$root/run/lock"
names=$root/etc/resolv.conf
if [ -L "$names" ]; then
    target=$(readlink "$names")
    case $target in /*) names=$root$target ;; ../*) names=$root/${target#../} ;; *) names=$root/etc/$target ;; esac
    case $names in "$root/run/"*) mkdir -p "${names%/*}"; : > "$names" ;; esac
fi
if [ -f /etc/resolv.conf ] && [ -f "$names" ]; then mount --bind /etc/resolv.conf "$names"; fi
chroot "$@" || exit $?
"""
"""The first process of its process namespace: it waits for the command, and what the command left ends with it."""

_CHANGE: Final = 'cd "$1" && shift && exec "$@"'


def entering(
    root: str, argv: tuple[str, ...], *, env: Mapping[str, str], cwd: str | None, identity: Identity
) -> tuple[str, ...]:
    """Return the command that runs ``argv`` in ``root``. Raises ``MachineError`` where unshare(1) is missing."""
    unshare = which("unshare")
    if unshare is None:
        raise MachineError("unshare is not installed, without which nothing runs in another root", hint="util-linux")
    variables = [f"{name}={value}" for name, value in env.items()]
    return (
        unshare, "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--",
        "/bin/sh", "-c", _SCRIPT, "freehold", root, *_who(identity), root,
        "/bin/sh", "-c", _CHANGE, "sh", cwd or "/", "/usr/bin/env", "-i", *variables, *argv,
    )  # fmt: skip


def outer() -> dict[str, str]:
    """Return the environment of the command that enters; that of the command inside is its own."""
    return {"PATH": SEARCH_PATH, "LC_ALL": "C.UTF-8"}


def _who(identity: Identity) -> tuple[str, ...]:
    """Return the options of chroot(1) for whom a command runs as."""
    if identity.uid is None and identity.gid is None:
        return ()
    user = "" if identity.uid is None else str(identity.uid)
    group = "" if identity.gid is None else f":{identity.gid}"
    groups = "" if identity.groups is None else ",".join(map(str, identity.groups))
    return (f"--userspec={user}{group}", f"--groups={groups}")


def groups_of(text: str, user: str, gid: int) -> tuple[int, ...]:
    """Return the numbers of the groups that a group(5) file puts ``user`` in, ``gid`` among them."""
    rows = [row.split(":") for row in text.splitlines()]
    found = [int(row[2]) for row in rows if len(row) > 3 and row[2].isdecimal() and user in row[3].split(",")]
    return tuple(dict.fromkeys([gid, *found]))
