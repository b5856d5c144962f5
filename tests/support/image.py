"""A directory that can run a shell and a few programs of this system: the smallest image that can be baked."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

PROGRAMS = (
    "sh",
    "true",
    "false",
    "env",
    "cat",
    "id",
    "hostname",
    "touch",
    "ls",
    "readlink",
    "printenv",
    "sleep",
    "sed",
)
FILES = {
    "etc/os-release": 'ID=debian\nNAME="Debian GNU/Linux"\nVERSION_ID="99"\nPRETTY_NAME="Debian 99"\n',
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/bin/sh\n",
    "etc/group": "root:x:0:\nwww-data:x:33:\nssl:x:44:www-data\n",
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/ssh/ssh_host_ed25519_key": "a private key\n",
    "etc/ssh/ssh_host_ed25519_key.pub": "a public key\n",
    "etc/freehold/freehold.yaml": "# what a package brings\n",
}


def make(root):
    """Make the image in the directory ``root``."""
    for name in ("bin", "dev", "etc", "proc", "root", "run", "sys", "tmp", "usr/sbin", "usr/bin", "var/lib"):
        (root / name).mkdir(parents=True)
    for program in PROGRAMS:
        _install(root, shutil.which(program, path="/usr/bin:/bin"))
    (root / "usr/bin/env").symlink_to("/bin/env")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "var/lib/dbus").mkdir()
    (root / "var/lib/dbus/machine-id").symlink_to("/etc/machine-id")
    return root


def _install(root, program):
    shutil.copy(program, root / "bin" / Path(program).name)
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    for library in re.findall(r"(/\S+) \(0x", listed):
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)


@pytest.fixture
def image(tmp_path):
    """The root of an image."""
    return make(tmp_path / "image")
