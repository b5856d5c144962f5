"""Real gpg homes with freshly made keys: the node's own, and somebody else's."""

import base64
import shutil
import subprocess
import tempfile

import pytest

CURVE = "Key-Type: eddsa\nKey-Curve: ed25519\nSubkey-Type: ecdh\nSubkey-Curve: cv25519\n"
RSA = "Key-Type: RSA\nKey-Length: 2048\nSubkey-Type: RSA\nSubkey-Length: 2048\n"


class Home:
    """A GnuPG home. ``path`` is short, as the agent's socket must be."""

    def __init__(self):
        self.path = tempfile.mkdtemp(dir="/tmp")

    def run(self, *arguments, stdin=b""):
        command = ["gpg", "--homedir", self.path, "--batch", "--no-tty", "--yes", "--trust-model", "always"]
        return subprocess.run([*command, *arguments], input=stdin, capture_output=True, check=True).stdout

    def make(self, name, kind, protection="%no-protection\n"):
        self.run(
            "--pinentry-mode",
            "loopback",
            "--gen-key",
            stdin=f"{kind}{protection}Name-Email: {name}@example.org\n%commit\n".encode(),
        )

    def encrypt(self, text, *recipients, more=()):
        names = [word for name in recipients for word in ("-r", f"{name}@example.org")]
        return self.run(*more, *names, "-e", stdin=text if isinstance(text, bytes) else text.encode())

    def block(self, ciphertext):
        """Return a ciphertext as hiera-eyaml-gpg writes it."""
        return f"ENC[GPG,{base64.b64encode(ciphertext).decode()}]"

    def close(self):
        self.lock()
        shutil.rmtree(self.path, ignore_errors=True)

    def lock(self):
        subprocess.run(["gpgconf", "--homedir", self.path, "--kill", "all"], check=False, capture_output=True)


@pytest.fixture(scope="session")
def node():
    """The node's home, which also knows the public keys of others."""
    home, other = Home(), Home()
    home.make("curve", CURVE)
    home.make("rsa", RSA)
    other.make("other", RSA)
    home.run("--import", stdin=other.run("--export"))
    yield home
    other.close()
    home.close()
