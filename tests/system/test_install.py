"""The one line that installs: from a real web server, with a real signature, onto a bare node."""

import functools
import hashlib
import http.server
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest
from system import nodes
from system.nodes import call

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def shelf(package, tmp_path, keyring, network):
    """A published directory, and its address."""
    place = tmp_path / "shelf"
    place.mkdir()
    shutil.copy(package, place)
    call(PACKAGING / "sums", place)
    key = keyring.gpg("publisher")
    call("gpg", "--homedir", key.home, "--batch", "--armor", "--detach-sign", place / "SHA256SUMS")
    call("gpg", "--homedir", key.home, "--batch", "--output", place / "publisher.gpg", "--export")
    server = http.server.ThreadingHTTPServer((nodes.SERVER, 0), functools.partial(Quiet, directory=place))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield place, f"http://{nodes.SERVER}:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def line(node, url, *words):
    """Run the line as a person pastes it; the node has no curl."""
    fetch = f"import urllib.request; print(urllib.request.urlopen('{url}/install.sh').read().decode())"
    return node.run("sh", "-c", f'python3 -c "{fetch}" | sh -s -- "$@"', "sh", "--from", url, *words)


def test_one_line_from_nothing_to_converged(machine, shelf, fleet, told):
    place, url = shelf
    node = machine()
    node.boot()
    began = time.monotonic()
    fleet.commit('file[/etc/motd]: {content: "from one line\\n"}')
    for name, source in (("ssh_key", "client"), ("known_hosts", "known_hosts")):
        shutil.copy(f"{fleet.server.root}/{source}", node.path(f"/root/{name}"))
        node.path(f"/root/{name}").chmod(0o600)
    told_sum = hashlib.sha256((place / "SHA256SUMS").read_bytes()).hexdigest()
    trust = ["--trust", "signed", "--commit", fleet.repo.introduction, "--signer", fleet.key.fingerprint]
    opens = ["--ssh-key", "/root/ssh_key", "--known-hosts", "/root/known_hosts"]
    repo = ["--repo", fleet.server.url(fleet.repo.bare), "-e", "production", "-n", "web01"]
    words = ["--sha256", told_sum, "--", *repo, *trust, *opens, "--timer", "30s"]

    ended = line(node, url, *words)
    assert ended.code == 0, ended.text
    node.ran("freehold", "timer", "--every", "30s", "--splay", "0s")
    node.eventually(lambda: node.path("/etc/motd").exists() and node.path("/etc/motd").read_text() == "from one line\n")
    told("one line to converged, waiting for a timer of 30 s included", time.monotonic() - began)
    again = line(node, url, *words)
    assert again.code == 0, again.text
    assert "unchanged: /etc/freehold/freehold.yaml" in again.out


def test_only_what_is_vouched_for_is_installed(machine, shelf, keyring, tmp_path):
    place, url = shelf
    node = machine()
    node.boot()
    shutil.copy(place / "publisher.gpg", node.path("/root/publisher.gpg"))
    stranger = keyring.gpg("stranger")
    call("gpg", "--homedir", stranger.home, "--batch", "--output", node.path("/root/stranger.gpg"), "--export")

    def refused(what, *words):
        ended = line(node, url, *words)
        assert ended.code != 0
        assert what in ended.err
        assert node.run("which", "freehold").code != 0

    refused("say what vouches for them")
    refused("SHA256SUMS is not the file", "--sha256", "0" * 64)
    refused("is not signed by a key in", "--key", "/root/stranger.gpg")
    (package,) = place.glob("freehold_*.deb")
    whole = package.read_bytes()
    package.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    refused("is not what SHA256SUMS says", "--key", "/root/publisher.gpg")
    package.write_bytes(whole)

    ended = line(node, url, "--key", "/root/publisher.gpg")
    assert ended.code == 0, ended.text
    assert "next: freehold init" in ended.out
    assert node.ran("freehold", "version").startswith("freehold ")
    assert node.run("systemctl", "is-enabled", "freehold.timer").out.strip() == "disabled"


def test_a_script_that_is_cut_off_does_nothing():
    text = (PACKAGING / "install.sh").read_text()
    for length in range(0, len(text) - len(text.splitlines()[-1]), 101):
        done = subprocess.run(["sh"], input=text[:length], capture_output=True, text=True, check=False)
        assert done.stdout == ""
