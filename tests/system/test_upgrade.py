"""A catalog that upgrades the package it runs from, and what becomes of package work when its run is stopped."""

import shutil

import pytest
from system.nodes import call

NEWER = "9.9.9"
AFTER = 'file[/etc/motd]: {content: "after\\n", require: "package[freehold]"}'


def newer(package, directory, *, slow=False):
    """Return the package as a later version of itself, which says so; a slow one waits in the middle of its set-up."""
    tree = directory / "tree"
    call("dpkg-deb", "-R", package, tree)
    control = (tree / "DEBIAN/control").read_text()
    version = next(row for row in control.splitlines() if row.startswith("Version: "))
    (tree / "DEBIAN/control").write_text(control.replace(version, f"Version: {NEWER}-1"))
    if slow:
        script = tree / "DEBIAN/postinst"
        script.write_text(
            script.read_text().replace("set -e\n", "set -e\necho began\ntouch /var/tmp/began\nsleep 4\necho on\n", 1)
        )
    (source,) = (tree / "opt/freehold/lib").glob("python3*/site-packages/runner/version.py")
    source.write_text(f'"""The next one."""\n\n__version__ = "{NEWER}"\n')
    for compiled in source.parent.glob("__pycache__/version.*"):
        compiled.unlink()
    made = directory / f"freehold_{NEWER}-1_all.deb"
    call("dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, made)
    return made


@pytest.fixture
def offer(node, package, tmp_path):
    """Return a function that puts a newer package on a shelf of the node, where apt finds it."""

    def offer(**more):
        shelf = node.path("/srv/apt")
        shelf.mkdir(parents=True)
        shutil.copy(newer(package, tmp_path, **more), shelf)
        (shelf / "Packages").write_text(call("dpkg-scanpackages", "-m", ".", cwd=shelf))
        node.path("/etc/apt/sources.list.d/shelf.list").write_text("deb [trusted=yes] file:/srv/apt ./\n")
        node.ran("apt-get", "-qq", "update")

    return offer


def status(node):
    return node.ran("dpkg-query", "-W", "-f=${db:Status-Abbrev} ${Version}", "freehold")


def test_a_run_upgrades_its_own_package(node, fleet, offer):
    offer()
    fleet.enroll(node, "--timer", "1d")
    fleet.commit(f'package[freehold]: {{ensure: "{NEWER}-1"}}\n{AFTER}')

    assert node.start(), node.journal()
    assert node.path("/etc/motd").read_text() == "after\n"
    assert status(node) == f"ii  {NEWER}-1"
    assert node.runs()[0]["result"] == "changed"
    assert node.ran("systemctl", "is-enabled", "freehold.timer").strip() == "enabled"
    assert node.ran("systemctl", "is-active", "freehold.timer").strip() == "active"

    assert node.start()
    assert node.runs()[0]["result"] == "unchanged"
    assert node.ran("freehold", "version").strip() == f"freehold {NEWER}"
    assert node.failed_units() == []


def test_package_work_outlives_its_run(node, fleet, offer):
    """The service is stopped while dpkg sets up the package: dpkg goes on to its end, in a scope of its own."""
    offer(slow=True)
    fleet.enroll(node)
    fleet.commit(f'package[freehold]: {{ensure: "{NEWER}-1"}}\n{AFTER}')
    node.ran("systemctl", "start", "--no-block", "freehold.service")
    node.eventually(node.path("/var/tmp/began").exists)
    (scope,) = node.ran("systemctl", "list-units", "--type=scope", "--no-legend", "--plain", "run-*").splitlines()
    assert "apt-get" in scope
    assert "postinst" in node.ran("systemctl", "status", "--no-pager", scope.split()[0])

    node.ran("systemctl", "stop", "freehold.service")
    assert status(node).startswith("iF")  # half configured: the script sleeps still
    assert node.run("systemctl", "is-active", "freehold.service").out.strip() in {"inactive", "failed"}
    node.eventually(lambda: status(node) == f"ii  {NEWER}-1")
    assert not node.path("/etc/motd").exists() or node.path("/etc/motd").read_text() != "after\n"

    assert node.start(), node.journal()
    assert node.path("/etc/motd").read_text() == "after\n"
    assert [run["result"] for run in node.runs()[:2]] == ["changed", "interrupted"]
    assert node.ran("freehold", "version").strip() == f"freehold {NEWER}"
    assert node.failed_units() == []


def test_a_run_that_begins_beside_package_work_waits_for_it(node, fleet, offer):
    offer(slow=True)
    fleet.enroll(node)
    fleet.commit(f'package[freehold]: {{ensure: "{NEWER}-1"}}\n{AFTER}')
    node.ran("systemctl", "start", "--no-block", "freehold.service")
    node.eventually(node.path("/var/tmp/began").exists)
    node.ran("systemctl", "kill", "--signal=KILL", "freehold.service")
    node.eventually(lambda: node.run("systemctl", "is-active", "freehold.service").out.strip() == "failed")

    assert node.start(), node.journal()
    assert status(node) == f"ii  {NEWER}-1"
    assert node.path("/etc/motd").read_text() == "after\n"
    assert node.runs()[1]["result"] == "interrupted"


OWN = """\
file[/etc/systemd/system/freehold.service.d/local.conf]:
  content: "[Service]\\nNice=5\\n"
  notify: service[freehold]
file[/etc/systemd/system/freehold.service.d]: {ensure: directory}
file[/etc/systemd/system/freehold.timer.d/zz-local.conf]:
  content: "[Timer]\\nRandomizedDelaySec=1s\\n"
  notify: service[freehold.timer]
file[/etc/systemd/system/freehold.timer.d]: {ensure: directory}
service[freehold]: {}
service[freehold.timer]: {ensure: running, enable: true}
file[/etc/motd]: {content: "after\\n", require: "service[freehold]"}
"""


def test_a_run_manages_its_own_units(node, fleet):
    fleet.enroll(node, "--timer", "1d")
    fleet.commit(OWN)

    assert node.start(), node.journal()
    assert [run["result"] for run in node.runs()] == ["changed"]
    assert node.path("/etc/motd").read_text() == "after\n"
    assert node.ran("systemctl", "show", "-P", "Nice", "freehold.service").strip() == "5"  # read, for the next start
    assert node.ran("systemctl", "show", "-P", "RandomizedDelayUSec", "freehold.timer").strip() == "1s"
    assert node.start()
    assert node.runs()[0]["result"] == "unchanged"

    fleet.commit(OWN.replace("service[freehold]: {}", "service[freehold]: {ensure: stopped}"))
    assert not node.start()
    assert "cannot stop it" in node.journal()
