"""The file that forbids services while an image is baked, and what it puts back."""

import os

import pytest

from runner.forbidden import Forbidden


@pytest.fixture
def root(tmp_path):
    (tmp_path / "usr/sbin").mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    return tmp_path


def picture(root):
    found = {}
    for path in sorted(root.rglob("*")):
        about = path.lstat()
        what = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path)] = (about.st_mode, about.st_ino, None if path.is_dir() else about.st_mtime_ns, what)
    return found


def own(root):
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 104\n")
    policy.chmod(0o750)


def link(root):
    (root / "usr/sbin/policy-rc.d").symlink_to("/nowhere")
    (root / "etc/resolv.conf").symlink_to("../run/resolve/stub.conf")


@pytest.mark.parametrize("prepare", [lambda _: None, own, link], ids=["none", "own", "link"])
def test_everything_is_as_before(root, prepare):
    prepare(root)
    before = picture(root)

    with Forbidden(str(root)):
        policy = root / "usr/sbin/policy-rc.d"
        assert not policy.is_symlink()
        assert os.access(policy, os.X_OK)
        assert os.waitstatus_to_exitcode(os.system(f"{policy} hello start")) == 101
    assert picture(root) == before


@pytest.mark.parametrize("prepare", [lambda _: None, own, link], ids=["none", "own", "link"])
def test_a_bake_that_died_is_cleaned_up_after(root, prepare):
    prepare(root)
    before = picture(root)
    Forbidden(str(root)).__enter__()  # and never left

    with Forbidden(str(root)):
        assert "exit 101" in (root / "usr/sbin/policy-rc.d").read_text()
    assert picture(root) == before


def test_what_the_catalog_put_there_meanwhile_stays(root):
    own(root)
    with Forbidden(str(root)):
        (root / "usr/sbin/policy-rc.d").write_text("of the catalog")
        (root / "etc/resolv.conf").write_text("nameserver 192.0.2.1\n")
    assert (root / "usr/sbin/policy-rc.d").read_text() == "of the catalog"
    assert (root / "etc/resolv.conf").read_text() == "nameserver 192.0.2.1\n"


def test_a_link_out_of_the_image_is_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "root"
    (root / "usr").mkdir(parents=True)
    (root / "usr/sbin").symlink_to(outside)
    (root / "etc").symlink_to(outside)

    with Forbidden(str(root)):
        assert list(outside.iterdir()) == []
