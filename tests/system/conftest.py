"""Nodes, a git server on their bridge, and the package under test; only `tests/system/run` collects these tests."""

import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from support.sshd import Sshd

BUILD = os.environ.get("FREEHOLD_TEST_BUILD", "")
SUITE = os.environ.get("FREEHOLD_TEST_SUITE", "")
collect_ignore_glob = [] if BUILD else ["test_*.py"]


@pytest.fixture(scope="session")
def package():
    """The package that was built for this run."""
    (found,) = sorted(Path(BUILD, f"deb-{SUITE}").glob("freehold_*.deb"), key=lambda path: path.stat().st_mtime)[-1:]
    return found


@pytest.fixture(scope="session")
def network():
    from system import nodes  # noqa: PLC0415  only where nodes are booted

    with nodes.Network() as found:
        yield found


@pytest.fixture(scope="session")
def root(network):
    from system import roots  # noqa: PLC0415  likewise

    return roots.base(BUILD, SUITE)


@pytest.fixture
def server(network):
    """An sshd on the bridge that serves git."""
    from system import nodes  # noqa: PLC0415  only where nodes are booted

    found = Sshd(nodes.SERVER)
    found.start()
    yield found
    found.close()


@pytest.fixture
def machine(root, request):
    """Return a function that makes a node, not yet booted."""
    from system import nodes  # noqa: PLC0415  only where nodes are booted

    made = []
    place = tempfile.mkdtemp(prefix="fhn", dir=BUILD)

    def make():
        stem = re.sub(r"[^a-z]", "", request.node.name.removeprefix("test_"))[:6]
        made.append(nodes.Node(f"{stem}{nodes.NUMBER}{len(made)}", root, Path(place, str(len(made)))))
        return made[-1]

    yield make
    for node in made:
        node.close()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def node(machine, package):
    """A booted node with the package installed by apt."""
    found = machine()
    found.boot()
    install(found, package)
    return found


def install(node, package):
    """Install the package with apt, as an administrator does."""
    shutil.copy(package, node.path("/root/freehold.deb"))
    node.ran("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", "install", "/root/freehold.deb")


class Fleet:
    """A signed repository on the server, and how a node comes to follow it."""

    def __init__(self, repo, server, key):
        self.repo, self.server, self.key = repo, server, key

    def enroll(self, node, *more):
        """Give ``node`` its credentials and configure it by `freehold init`."""
        for name, source in (("ssh_key", "client"), ("known_hosts", "known_hosts")):
            target = node.path(f"/etc/freehold/{name}")
            shutil.copy(f"{self.server.root}/{source}", target)
            target.chmod(0o600)
        url = self.server.url(self.repo.bare)
        trust = ["--trust", "signed", "--commit", self.repo.introduction, "--signer", self.key.fingerprint]
        credentials = ["--ssh-key", "/etc/freehold/ssh_key", "--known-hosts", "/etc/freehold/known_hosts"]
        who = ["-e", "production", "-n", node.name]
        return node.ran("freehold", "init", "--repo", url, *who, *trust, *credentials, *more)

    def commit(self, resources, message="change"):
        """Push a commit after which every node has these resources (the text of the mapping), and return it."""
        rows = "".join(f"  {row}\n" for row in resources.strip().splitlines())
        return self.repo.commit(message, {SITE: f"resources:\n{rows}"}, key=self.key, push=True)


SITE = "environments/production/manifests/site.yaml"
FIRST = {SITE: "resources: {}\n", "environments/production/hiera.yaml": "version: 5\n"}


@pytest.fixture
def fleet(git_repo, keyring, server):
    key = keyring.gpg("ann")
    return Fleet(git_repo(policy=[key], files=FIRST), server, key)


@pytest.fixture
def told():
    """Return a function that prints a figure beside the test's name."""
    return lambda what, seconds: print(f"\n    {what}: {seconds:.1f} s")
