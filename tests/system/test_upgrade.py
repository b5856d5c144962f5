"""A catalog that upgrades the package it runs from."""

import shutil

from system.nodes import call

NEWER = "9.9.9"


def newer(package, directory):
    """Return the package as a later version of itself, which says so."""
    tree = directory / "tree"
    call("dpkg-deb", "-R", package, tree)
    control = (tree / "DEBIAN/control").read_text()
    version = next(row for row in control.splitlines() if row.startswith("Version: "))
    (tree / "DEBIAN/control").write_text(control.replace(version, f"Version: {NEWER}-1"))
    (source,) = (tree / "opt/freehold/lib").glob("python3*/site-packages/runner/version.py")
    source.write_text(f'"""The next one."""\n\n__version__ = "{NEWER}"\n')
    for compiled in source.parent.glob("__pycache__/version.*"):
        compiled.unlink()
    made = directory / f"freehold_{NEWER}-1_all.deb"
    call("dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, made)
    return made


def test_a_run_upgrades_its_own_package(node, fleet, package, tmp_path):
    shelf = node.path("/srv/apt")
    shelf.mkdir(parents=True)
    shutil.copy(newer(package, tmp_path), shelf)
    (shelf / "Packages").write_text(call("dpkg-scanpackages", "-m", ".", cwd=shelf))
    node.path("/etc/apt/sources.list.d/shelf.list").write_text("deb [trusted=yes] file:/srv/apt ./\n")
    node.ran("apt-get", "-qq", "update")
    fleet.enroll(node, "--timer", "1d")
    fleet.commit(
        f'package[freehold]: {{ensure: "{NEWER}-1"}}\nfile[/etc/motd]: {{content: "after\\n", require: "package[freehold]"}}'
    )

    assert node.start(), node.journal()
    assert node.path("/etc/motd").read_text() == "after\n"
    assert node.ran("dpkg-query", "-W", "-f=${db:Status-Abbrev} ${Version}", "freehold") == f"ii  {NEWER}-1"
    assert node.runs()[0]["result"] == "changed"
    assert node.ran("systemctl", "is-enabled", "freehold.timer").strip() == "enabled"
    assert node.ran("systemctl", "is-active", "freehold.timer").strip() == "active"

    assert node.start()
    assert node.runs()[0]["result"] == "unchanged"
    assert node.ran("freehold", "version").strip() == f"freehold {NEWER}"
    assert node.failed_units() == []
