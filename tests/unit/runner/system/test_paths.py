"""Opening paths inside a root: the kernel's way and the way without ``openat2`` agree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runner.system.libc import openat2
from runner.system.paths import Root, walk

ESCAPES = [
    "/etc/passwd",
    "/up/etc/passwd",
    "/abs/passwd",
    "/../../../etc/passwd",
    "/d/../up2/etc/passwd",
    "/loop/x",
    "/a/f",
]


def _tree(root: Path) -> None:
    (root / "d").mkdir()
    (root / "a").mkdir()
    (root / "a" / "f").write_text("inside")
    (root / "up").symlink_to("../../../../../../..")
    (root / "up2").symlink_to("d/../../../../../..")
    (root / "abs").symlink_to("/etc")
    (root / "loop").symlink_to("loop")
    (root / "d" / "f").symlink_to("../a/./f")
    (root / "d" / "root").symlink_to("/")


@pytest.mark.parametrize(
    "path", [*ESCAPES, "/d/f", "/d/root/a/f", "/d", "/", "/up", "/up2/a", "/a/f/x", "/no", "/a//./f"]
)
@pytest.mark.parametrize(
    "flags", [os.O_PATH, os.O_PATH | os.O_NOFOLLOW, os.O_RDONLY | os.O_NOFOLLOW, os.O_PATH | os.O_DIRECTORY]
)
def test_both_ways_agree(tmp_path: Path, path: str, flags: int) -> None:
    _tree(tmp_path)
    answers = []
    for opener in (openat2, walk):
        root = Root(str(tmp_path), opener)
        try:
            descriptor = root.open(path, flags)
        except OSError as error:
            answers.append(error.errno)
        else:
            found = os.fstat(descriptor)
            answers.append((found.st_dev, found.st_ino))
            os.close(descriptor)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("path", ESCAPES[:5])
@pytest.mark.parametrize("opener", [openat2, walk])
def test_nothing_leads_out(tmp_path: Path, path: str, opener: object) -> None:
    _tree(tmp_path)
    with pytest.raises(FileNotFoundError):
        Root(str(tmp_path), opener).lstat(path)


def test_no_descriptor_is_left(tmp_path: Path) -> None:
    _tree(tmp_path)
    root = Root(str(tmp_path), walk)
    before = os.listdir("/proc/self/fd")
    for path in (*ESCAPES, "/d/f", "/d/root/a/f"):
        try:
            os.close(root.open(path, os.O_PATH))
        except OSError:
            continue
    assert os.listdir("/proc/self/fd") == before


def test_the_parent_of_a_link_is_where_it_stands(tmp_path: Path) -> None:
    _tree(tmp_path)
    with Root(str(tmp_path)).parent("/d/root/a/f") as (directory, name):
        assert (os.fstat(directory).st_ino, name) == ((tmp_path / "a").stat().st_ino, "f")
    with pytest.raises(OSError, match="Invalid"), Root(str(tmp_path)).parent("/"):
        pass
