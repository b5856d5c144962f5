"""The root that nodes boot from: a small Debian or Ubuntu, with what the package depends on.

``python tests/system/roots.py DIRECTORY SUITE`` makes it, if need be, and prints where it is.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = (
    "systemd", "systemd-sysv", "dbus", "ca-certificates", "iproute2", "git", "gpg", "gpg-agent", "openssh-client",
    "python3", "libpam-systemd",
)  # fmt: skip
UBUNTU = frozenset({"jammy", "noble", "plucky", "questing"})
SCRIPTS = Path("/usr/share/debootstrap/scripts")


def host():
    """Return the suite of this machine."""
    return platform.freedesktop_os_release()["VERSION_CODENAME"]


def base(build, suite, name="", more=()):
    """Return the root of ``suite`` below ``build``, made at the first call; one with ``more`` packages has a name of its own."""
    root = Path(build, f"root-{suite}{name}")
    mark = root / "etc/freehold-test-root"
    wanted = " ".join((*PACKAGES, *more))
    if mark.exists() and mark.read_text() == wanted:
        return root
    shutil.rmtree(root, ignore_errors=True)
    with Path(build, f"debootstrap-{root.name}.log").open("w") as log:
        subprocess.run(_debootstrap(suite, root, more), stdout=log, stderr=subprocess.STDOUT, check=True)
    (root / "etc/hostname").unlink(missing_ok=True)  # debootstrap copies the one of the host
    (root / "etc/machine-id").write_text("")  # a fresh one at every first boot
    journald = root / "etc/systemd/journald.conf.d"
    journald.mkdir(parents=True, exist_ok=True)
    (journald / "test.conf").write_text("[Journal]\nStorage=persistent\nSystemMaxUse=32M\n")
    for old in (root / "var/cache/apt/archives").glob("*.deb"):
        old.unlink()
    shutil.rmtree(root / "var/lib/apt/lists", ignore_errors=True)
    (root / "etc/apt/sources.list").write_text("")  # a node has no way out: what it installs lies on its own disk
    mark.write_text(wanted)
    return root


def _debootstrap(suite, root, more):
    """Return the command; a suite younger than this debootstrap is made as its older sister is."""
    argv = ["debootstrap", "--variant=minbase", f"--include={','.join((*PACKAGES, *more))}"]
    if suite in UBUNTU:
        argv += ["--components=main,universe"]
    if keyring := os.environ.get("KEYRING"):
        argv += [f"--keyring={keyring}"]
    script = [] if (SCRIPTS / suite).exists() else [str(SCRIPTS / ("jammy" if suite in UBUNTU else "sid"))]
    return [*argv, suite, str(root), mirror(suite), *script]


def mirror(suite):
    """Return the package mirror of a suite, as apt knows it; ``MIRROR`` in the environment names another."""
    if told := os.environ.get("MIRROR"):
        return told
    argv = ["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Identifier: Packages"]
    for row in subprocess.run(argv, capture_output=True, text=True, check=False).stdout.splitlines():
        codename, _, uri = row.partition(" ")
        if codename == suite and re.match(r"https?:", uri):
            return uri
    return "http://archive.ubuntu.com/ubuntu" if suite in UBUNTU else "http://deb.debian.org/debian"


if __name__ == "__main__":
    print(base(sys.argv[1], sys.argv[2]), mirror(sys.argv[2]))
