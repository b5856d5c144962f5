"""One body for every system: the real one in a directory and the one in memory say and do the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from contract import World, fake, local, snapshot

from runner.system.base import MachineError, System


@pytest.fixture(params=[fake, local], ids=["fake", "local"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    make: Callable[[str], World] = request.param
    made = make(str(tmp_path))
    made.directory("/d")
    return made


@pytest.fixture
def system(world: World) -> System:
    return world.system


def test_nothing_is_none(system: System) -> None:
    assert system.lstat("/d/x") is None
    assert system.lstat("/d/x/y") is None
    assert system.listdir("/d/x") == []


def test_a_file_below_a_file_is_nothing(world: World) -> None:
    world.file("/d/x", "1")
    assert world.system.lstat("/d/x/y") is None
    with pytest.raises(MachineError, match="cannot write '/d/x/y': Not a directory"):
        world.system.write("/d/x/y", world.ref("").digest)


def test_write_new_and_read(world: World) -> None:
    world.system.write("/d/x", world.ref("content").digest)
    stat = world.system.lstat("/d/x")
    assert (stat.kind, stat.mode, stat.size, stat.uid) == ("file", 0o644, 7, os.geteuid() and stat.uid)
    assert world.system.read("/d/x") == b"content"
    assert world.system.read("/d/x", 3) == b"con"
    assert world.system.digest_file("/d/x") == world.system.digest(b"content")
    assert world.system.listdir("/d") == ["x"]


def test_write_keeps_mode_and_owner_of_what_it_replaces(world: World) -> None:
    world.file("/d/x", "old", 0o4750, 1001, 33)
    before = world.system.lstat("/d/x")
    world.system.write("/d/x", world.ref("new").digest)
    after = world.system.lstat("/d/x")
    assert (after.mode, after.uid, after.gid) == (before.mode, before.uid, before.gid)
    assert world.system.read("/d/x") == b"new"


def test_write_replaces_a_link_and_not_what_it_leads_to(world: World) -> None:
    world.file("/d/real", "kept", 0o600)
    world.link("/d/link", "real")
    world.system.write("/d/link", world.ref("new").digest)
    assert world.system.lstat("/d/link").kind == "file"
    assert world.system.lstat("/d/link").mode == 0o644
    assert world.system.read("/d/real") == b"kept"


def test_what_stage_wrote_is_published(world: World) -> None:
    ref = world.ref("staged")
    first = world.system.stage("/d/x", ref.digest)
    assert world.system.stage("/d/x", ref.digest) == first
    assert os.path.dirname(first) == "/d"
    assert os.path.basename(first).startswith(".freehold-")
    world.system.write("/d/x", ref.digest)
    world.system.stage("/d/y", ref.digest)
    world.system.unstage("/d/y")
    world.system.unstage("/d/y")
    assert world.system.listdir("/d") == ["x"]


def test_another_content_than_staged_wins(world: World) -> None:
    world.system.stage("/d/x", world.ref("staged").digest)
    world.system.write("/d/x", world.ref("written").digest)
    assert world.system.read("/d/x") == b"written"
    assert world.system.listdir("/d") == ["x"]


def test_held_content_is_known_until_written(world: World) -> None:
    digest = world.system.hold(b"made up")
    world.system.write("/d/x", digest)
    assert world.system.read("/d/x") == b"made up"
    with pytest.raises(MachineError, match="not to be had"):
        world.system.content(digest)


def test_empty_content_needs_nobody(world: World) -> None:
    world.system.write("/d/x", world.system.digest(b""))
    assert world.system.read("/d/x") == b""


def test_only_regular_files_are_read(world: World) -> None:
    world.link("/d/link", "/etc/passwd")
    for path, words in (("/d", "not a regular file"), ("/d/link", "not a regular file"), ("/d/no", "No such file")):
        with pytest.raises(MachineError, match=words):
            world.system.read(path)
        with pytest.raises(MachineError, match=words):
            world.system.digest_file(path)


def test_links_on_the_way_are_followed_inside_the_root(world: World) -> None:
    world.directory("/real/deep")
    world.link("/d/abs", "/real")
    world.link("/d/up", "../../../../real/../real")
    world.link("/d/chain", "abs/deep/..")
    world.file("/real/x", "inside")
    for path in ("/d/abs/x", "/d/up/x", "/d/chain/x", "/d/abs/deep/../x"):
        assert world.system.read(path) == b"inside"
    world.system.write("/d/abs/new", world.ref("new").digest)
    assert world.system.read("/real/new") == b"new"


def test_a_loop_ends(world: World) -> None:
    world.link("/d/a", "b")
    world.link("/d/b", "a")
    assert world.system.lstat("/d/a").kind == "link"
    with pytest.raises(MachineError):
        world.system.write("/d/a/x", world.ref("").digest)


def test_directories(world: World) -> None:
    world.system.mkdir("/d/new", mode=0o2711)
    assert (world.system.lstat("/d/new").kind, world.system.lstat("/d/new").mode) == ("directory", 0o2711)
    with pytest.raises(MachineError, match="File exists"):
        world.system.mkdir("/d/new")
    with pytest.raises(MachineError, match="No such file"):
        world.system.mkdir("/d/no/new")
    world.file("/d/new/x")
    with pytest.raises(MachineError, match="not empty"):
        world.system.remove("/d/new")
    with pytest.raises(MachineError, match="Is a directory"):
        world.system.write("/d/new", world.ref("").digest)
    assert world.system.listdir("/d") == ["new"]
    world.system.remove("/d/new/x")
    world.system.remove("/d/new")
    world.system.remove("/d/new")
    world.system.remove("/no/way")
    assert world.system.listdir("/d") == []


def test_links(world: World) -> None:
    world.file("/d/x", "file")
    world.system.symlink("/d/x", "one")
    world.system.symlink("/d/x", "two")
    assert world.system.readlink("/d/x") == "two"
    with pytest.raises(MachineError, match="a link has none"):
        world.system.chmod("/d/x", 0o600)
    world.system.remove("/d/x")
    with pytest.raises(MachineError, match="cannot read the link"):
        world.system.readlink("/d/x")


def test_modes_and_owners(world: World) -> None:
    world.file("/d/x", "")
    world.system.chmod("/d/x", 0o6755)
    assert world.system.lstat("/d/x").mode == 0o6755
    with pytest.raises(MachineError, match="cannot set the mode of '/d/no'"):
        world.system.chmod("/d/no", 0o600)
    if world.system.privileged:
        world.system.chown("/d/x", 1001, None)
        world.system.chown("/d/x", None, 33)
        assert (world.system.lstat("/d/x").uid, world.system.lstat("/d/x").gid) == (1001, 33)


def test_accounts_are_those_of_the_root(system: System) -> None:
    assert (system.uid("bob"), system.gid("www"), system.user_name(1001), system.group_name(33)) == (
        1001,
        33,
        "bob",
        "www",
    )
    assert (system.uid("nobody-here"), system.uid("4711"), system.user_name(4711)) == (None, 4711, "4711")
    assert (system.home("bob"), system.home("nobody-here")) == ("/home/bob", None)


def test_bulk_state_is_loaded_once_until_invalidated(system: System) -> None:
    loads: list[int] = []

    def load() -> int:
        loads.append(1)
        return len(loads)

    assert [system.cached("k", load), system.cached("k", load)] == [1, 1]
    system.invalidate("other")
    assert system.cached("k", load) == 1
    system.invalidate("k", "unknown")
    assert system.cached("k", load) == 2


def test_looking_touches_nothing(world: World) -> None:
    world.file("/d/x", "1")
    before = snapshot(world.probe)
    world.system.flush()
    assert snapshot(world.probe) == before
