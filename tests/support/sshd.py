"""A real sshd on a port of an address (loopback if none is named) that serves git over ssh to one ed25519 key.

::

    def test_it(sshd, git_repo):
        repo = git_repo(policy=[ann])
        url = sshd.url(repo.bare)                 # ssh://user@127.0.0.1:PORT/.../remote.git
        sshd.credentials                          # {"ssh_key": FILE, "known_hosts": FILE} for the configuration
        sshd.stop(); sshd.start()                 # the remote goes away and comes back, on the same port
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from support.git_repo import run

CONFIG = """\
Port {port}
ListenAddress {address}
HostKey {root}/host
AuthorizedKeysFile {root}/authorized
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin prohibit-password
MaxStartups 100
LogLevel ERROR
"""


def free_port():
    """Return a TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sshd:
    """A running sshd; it needs no root, and then serves the account the tests run as."""

    def __init__(self, address="127.0.0.1"):
        self.address = address
        self.root = tempfile.mkdtemp(prefix="fhs", dir="/tmp")
        self.port = free_port()
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self._process = None
        for name in ("host", "client", "stranger"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", f"{self.root}/{name}")
        shutil.copy(f"{self.root}/client.pub", f"{self.root}/authorized")
        host = Path(self.root, "host.pub").read_text().split()
        stranger = Path(self.root, "stranger.pub").read_text().split()
        Path(self.root, "known_hosts").write_text(f"[{address}]:{self.port} {host[0]} {host[1]}\n")
        Path(self.root, "wrong_hosts").write_text(f"[{address}]:{self.port} {stranger[0]} {stranger[1]}\n")
        Path(self.root, "config").write_text(CONFIG.format(address=address, port=self.port, root=self.root))

    @property
    def credentials(self):
        """The ``credentials`` section that opens this server."""
        return {"ssh_key": f"{self.root}/client", "known_hosts": f"{self.root}/known_hosts"}

    @property
    def wrong_key(self):
        """Credentials whose key the server does not know."""
        return {**self.credentials, "ssh_key": f"{self.root}/stranger"}

    @property
    def wrong_host(self):
        """Credentials that pin another host key than the server's."""
        return {**self.credentials, "known_hosts": f"{self.root}/wrong_hosts"}

    def url(self, path):
        """Return the ssh address of the repository at the absolute ``path``."""
        return f"ssh://{self.user}@{self.address}:{self.port}{path}"

    def start(self):
        """Start the server and wait until it answers."""
        if os.getuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        argv = [shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin"), "-D", "-e", "-f", f"{self.root}/config"]
        self._process = subprocess.Popen(argv, stderr=subprocess.DEVNULL, start_new_session=True)
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection((self.address, self.port), 1):
                return
            time.sleep(0.05)
        raise AssertionError("sshd did not start")

    def stop(self):
        """Stop the server; its port then refuses connections."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def close(self):
        """Stop the server and remove its keys."""
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)


@pytest.fixture
def sshd():
    """A real sshd on loopback, started; skips with a reason where sshd is not installed."""
    if not shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin"):
        pytest.skip("sshd is not installed (Debian: openssh-server)")
    if pwd.getpwuid(os.getuid()).pw_shell.endswith(("nologin", "false")):
        pytest.skip("this account may not log in")
    server = Sshd()
    server.start()
    yield server
    server.close()
