"""A node that follows its repository over https: by nginx, an authority of our own, and a token."""

import shutil

import pytest
from system import nodes
from system.https import Https

MOTD = 'file[/etc/motd]: {content: "by https\\n"}'


@pytest.fixture
def web(fleet):
    found = Https(nodes.SERVER, fleet.repo.bare.parent)
    found.start()
    yield found
    found.close()


def enroll(node, fleet, web, *more):
    for name in ("ca.pem", "other.pem", "token"):
        shutil.copy(f"{web.root}/{name}", node.path(f"/etc/freehold/{name}"))
        node.path(f"/etc/freehold/{name}").chmod(0o600)
    trust = ["--trust", "signed", "--commit", fleet.repo.introduction, "--signer", fleet.key.fingerprint]
    opens = ["--token-file", "/etc/freehold/token", "--username", "deploy"]
    url = web.url(fleet.repo.bare.name)
    node.ran("freehold", "init", "--repo", url, "-e", "production", "-n", node.name, *trust, *opens, *more)


def test_https_with_an_authority_and_a_token(node, fleet, web, told):
    ca = ("--ca-file", "/etc/freehold/ca.pem")
    enroll(node, fleet, web, *ca, "--timer", "30s")
    node.ran("freehold", "timer", "--every", "30s", "--splay", "0s")
    first = fleet.commit(MOTD)
    took = node.eventually(
        lambda: node.path("/etc/motd").exists() and node.path("/etc/motd").read_text() == "by https\n"
    )
    told("pushed to converged over https, waiting for a timer of 30 s included", took)
    fleet.repo.revert(first, key=fleet.key, push=True)
    node.ran("freehold", "timer", "--disable")
    node.eventually(lambda: not node.run("freehold", "status", "--json").json["running_since"])
    assert not node.start()  # nothing would be left: that waits for a person
    node.ran("freehold", "run", "--confirm")
    assert not node.path("/etc/motd").exists() or node.path("/etc/motd").read_text() != "by https\n"

    web.stop()
    assert node.start()
    assert node.failed_units() == []
    assert [reason["name"] for reason in node.run("freehold", "status", "--json").json["reasons"]] == ["unreachable"]
    web.start()
    assert node.start()
    assert node.run("freehold", "status", "--json").json["reasons"] == []

    seen = node.run("journalctl", "-q", "--no-pager").out + node.run("grep", "-r", web.token, "/var/lib/freehold").out
    assert web.token not in seen


def test_a_stranger_in_the_place_of_the_server_gets_no_token(node, fleet, web):
    enroll(node, fleet, web, "--ca-file", "/etc/freehold/other.pem")
    fleet.commit(MOTD)
    assert not node.start()
    assert "remote-certificate" in node.journal()
    assert web.asked() == []
    assert not node.path("/etc/motd").exists() or node.path("/etc/motd").read_text() != "by https\n"

    enroll(node, fleet, web, "--ca-file", "/etc/freehold/ca.pem", "--force")
    node.path("/etc/freehold/token").write_text("another\n")
    assert not node.start()
    assert "remote-login" in node.journal()
    shutil.copy(f"{web.root}/token", node.path("/etc/freehold/token"))
    assert node.start()
    assert node.path("/etc/motd").read_text() == "by https\n"
    assert node.failed_units() == []
