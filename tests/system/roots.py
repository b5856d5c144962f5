"""The root that nodes boot from: a small Debian of the suite this runs on, with what the package depends on."""

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

PACKAGES = (
    "systemd", "systemd-sysv", "dbus", "ca-certificates", "iproute2", "git", "gpg", "gpg-agent", "openssh-client",
    "python3", "libpam-systemd",
)  # fmt: skip


def base(build):
    """Return the root below ``build``, made at the first call."""
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    root = Path(build, f"root-{suite}")
    mark = root / "etc/freehold-test-root"
    wanted = " ".join(PACKAGES)
    if mark.exists() and mark.read_text() == wanted:
        return root
    shutil.rmtree(root, ignore_errors=True)
    argv = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", suite, str(root), mirror(suite)]
    with Path(build, "debootstrap.log").open("w") as log:
        subprocess.run(argv, stdout=log, stderr=subprocess.STDOUT, check=True)
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


def mirror(suite):
    """Return the package mirror of this system, as apt knows it; ``MIRROR`` in the environment names another."""
    if told := os.environ.get("MIRROR"):
        return told
    argv = ["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Identifier: Packages"]
    for row in subprocess.run(argv, capture_output=True, text=True, check=False).stdout.splitlines():
        codename, _, uri = row.partition(" ")
        if codename == suite and re.match(r"https?:", uri):
            return uri
    return "http://deb.debian.org/debian"
