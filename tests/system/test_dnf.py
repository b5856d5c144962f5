"""The real dnf and rpm, on a Debian that has them: packages of our own making, in a repository on the node's disk."""

import pytest
from system import roots
from system.conftest import BUILD, SUITE, install
from system.nodes import call

SPEC = """\
Name: {name}
Version: {version}
Release: 1
Summary: A package for tests
License: Apache-2.0
BuildArch: noarch
{more}
%description
It holds one file.
%install
mkdir -p %{{buildroot}}/srv/{name}
echo {version} >%{{buildroot}}/srv/{name}/version
%files
/srv/{name}
"""
REPO = "[shelf]\nname=shelf\nbaseurl=file:///srv/shelf\nenabled=1\ngpgcheck=0\nmetadata_expire=0\n"
KEPT = 'file[/etc/kept]: {content: "always\\n"}\n'


@pytest.fixture(scope="session")
def root(network):
    return roots.base(BUILD, SUITE, "-dnf", ("dnf", "createrepo-c", "rpm"))


@pytest.fixture(scope="session")
def rpms(tmp_path_factory):
    """thing 1.0 and 2.0, and other, which needs thing."""
    place = tmp_path_factory.mktemp("rpms")
    for name, version, more in (("thing", "1.0", ""), ("thing", "2.0", ""), ("other", "1.0", "Requires: thing")):
        (place / "package.spec").write_text(SPEC.format(name=name, version=version, more=more))
        call("rpmbuild", "-bb", "--define", f"_topdir {place}", place / "package.spec")
    return sorted((place / "RPMS/noarch").glob("*.rpm"))


@pytest.fixture
def redhat(machine, package, rpms, fleet):
    """A node that has dnf, a repository with the packages, and Freehold."""
    node = machine()
    shelf = node.path("/srv/shelf")
    shelf.mkdir(parents=True)
    for rpm in rpms:
        (shelf / rpm.name).write_bytes(rpm.read_bytes())
    for name in ("/etc/yum.repos.d", "/etc/dnf/vars"):
        node.path(name).mkdir(parents=True, exist_ok=True)
    node.path("/etc/yum.repos.d/shelf.repo").write_text(REPO)
    node.path("/etc/dnf/vars/releasever").write_text("9\n")
    node.boot()
    install(node, package)
    node.ran("createrepo_c", "-q", "/srv/shelf")
    fleet.enroll(node)
    return node


def test_dnf_installs_upgrades_downgrades_and_takes_back(redhat, fleet):
    def wish(text):
        fleet.commit(f"{KEPT}package[thing]: {{provider: dnf, ensure: {text}}}\n")
        assert redhat.start(), redhat.journal()
        return redhat.run("rpm", "-q", "thing").out.strip()

    fleet.commit(KEPT)
    assert redhat.start()
    assert wish("'1.0'") == "thing-1.0-1.noarch"
    assert wish("present") == "thing-1.0-1.noarch"
    assert redhat.runs()[0]["result"] == "unchanged"
    assert wish("latest") == "thing-2.0-1.noarch"
    assert redhat.start()
    assert redhat.runs()[0]["result"] == "unchanged"
    assert wish("1.0-1") == "thing-1.0-1.noarch"
    assert wish("absent") == "package thing is not installed"
    assert wish("present") == "thing-2.0-1.noarch"

    fleet.commit(KEPT)
    assert redhat.start(), redhat.journal()
    assert redhat.run("rpm", "-q", "thing").out.strip() == "package thing is not installed"
    assert redhat.failed_units() == []


def test_what_others_need_stays(redhat, fleet):
    fleet.commit(KEPT)
    assert redhat.start()
    fleet.commit(f"{KEPT}package[thing]: {{provider: dnf, source: /srv/shelf/thing-1.0-1.noarch.rpm}}\n")
    assert redhat.start(), redhat.journal()
    assert redhat.run("rpm", "-q", "thing").out.strip() == "thing-1.0-1.noarch"
    redhat.ran("dnf", "-y", "-q", "install", "other")

    fleet.commit(KEPT)
    redhat.start()
    assert redhat.run("rpm", "-q", "thing", "other").code == 0
    assert "other" in redhat.journal()


def test_a_package_that_nobody_has_is_a_failure_with_a_reason(redhat, fleet):
    fleet.commit(f"{KEPT}package[nothing-such]: {{provider: dnf}}\n")
    assert not redhat.start()
    assert "nothing-such" in redhat.journal("--priority=err")
    assert redhat.path("/etc/kept").exists()
