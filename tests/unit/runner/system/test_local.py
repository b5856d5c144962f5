"""What only the real machine has: special files, attributes, mount points, crashes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from manifests.catalog import KeyedDigester
from runner.system.base import MachineError
from runner.system.local import LocalProbe, LocalSystem


@pytest.fixture
def system(tmp_path: Path) -> LocalSystem:
    return LocalSystem(str(tmp_path), content={}.get)


def test_a_fifo_does_not_block(system: LocalSystem, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "f")
    assert system.lstat("/f").kind == "fifo"
    with pytest.raises(MachineError, match="not a regular file"):
        system.read("/f")
    with pytest.raises(MachineError, match="not a regular file"):
        system.digest_file("/f")


def test_large_files_have_the_same_digest_in_pieces(tmp_path: Path) -> None:
    data = os.urandom(1000) * 3000
    (tmp_path / "large").write_bytes(data)
    (tmp_path / "small").write_bytes(data[:5])
    digester = KeyedDigester(b"k" * 32)
    for root, place in ((str(tmp_path), ""), ("/", str(tmp_path))):
        probe = LocalProbe(root, digester)
        assert probe.digest_file(f"{place}/large") == digester(data, secret=False) == probe.digest(data)
        assert probe.digest_file(f"{place}/small") == probe.digest(data[:5])
        assert probe.read(f"{place}/large") == data
        assert LocalProbe(root).digest_file(f"{place}/large").startswith("sha256:")


def test_files_without_a_true_size_are_read_whole() -> None:
    probe = LocalProbe("/")
    assert b"Name:" in probe.read("/proc/self/status")
    assert len(probe.read("/proc/self/status", 6)) == 6


def test_a_staged_file_is_private_and_beside_its_place(system: LocalSystem, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    staged = system.stage("/d/x", system.hold(b"secret"))
    assert staged.startswith(system.staging_directory("/d/x") + "/.freehold-")
    assert (tmp_path / staged[1:]).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / staged[1:]).read_bytes() == b"secret"


def test_an_exchanged_staged_file_is_not_published(system: LocalSystem, tmp_path: Path) -> None:
    digest = system.hold(b"ours")
    staged = tmp_path / system.stage("/x", digest)[1:]
    staged.unlink()
    staged.write_bytes(b"theirs")
    with pytest.raises(MachineError, match="somebody else"):
        system.write("/x", digest)
    assert not (tmp_path / "x").exists()


def test_sweep_removes_what_a_dead_run_left(system: LocalSystem, tmp_path: Path) -> None:
    dead = LocalSystem(str(tmp_path), content={}.get)
    dead.stage("/x", dead.hold(b"left"))
    waiting = system.stage("/y", system.hold(b"ours"))
    (tmp_path / ".freehold-mine").write_text("a person's")
    assert system.sweep(["/", "/no"]) == 1
    assert sorted(os.listdir(tmp_path)) == sorted([".freehold-mine", os.path.basename(waiting)])


def test_a_failed_write_leaves_nothing(system: LocalSystem, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    with pytest.raises(MachineError):
        system.write("/d", system.hold(b"x"))
    with pytest.raises(MachineError):
        system.write("/no/x", system.hold(b"x"))
    assert os.listdir(tmp_path) == ["d"]


def test_umask_does_not_matter(system: LocalSystem, tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        system.write("/x", system.hold(b""))
        system.mkdir("/d")
    finally:
        os.umask(old)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("x", "d")] == [0o644, 0o755]


def test_extended_attributes_stay(system: LocalSystem, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old")
    try:
        os.setxattr(tmp_path / "x", "user.colour", b"green")
    except OSError:
        pytest.skip("the file system keeps no user attributes")
    system.write("/x", system.hold(b"new"))
    assert os.getxattr(tmp_path / "x", "user.colour") == b"green"


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "x").write_text("old")
    (tmp_path / "below").write_text("bound")
    if subprocess.run(
        ["mount", "--bind", tmp_path / "below", tmp_path / "x"], capture_output=True, check=False
    ).returncode:
        pytest.skip("mounting is not allowed here")
    yield tmp_path / "x"
    subprocess.run(["umount", tmp_path / "x"], check=True)


@pytest.mark.root
def test_a_mount_point_is_written_in_place(system: LocalSystem, mounted: Path) -> None:
    system.write("/x", system.hold(b"new"), mode=0o600)
    assert mounted.read_text() == "new"
    assert mounted.stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(mounted.parent)) == ["below", "x"]


def test_protected_directories_are_not_touched(tmp_path: Path) -> None:
    state = tmp_path / "var/lib/freehold"
    state.mkdir(parents=True)
    for root, path in ((str(tmp_path), "/var/lib/freehold"), ("/", str(state))):
        system = LocalSystem(
            root, content={}.get, protected=[str(state), "/elsewhere/state"][: 1 if root == "/" else 2]
        )
        assert system.protected == (path,)
        with pytest.raises(MachineError, match="Freehold itself"):
            system.write(f"{path}/x", system.hold(b""))
        with pytest.raises(MachineError, match="Freehold itself"):
            system.remove(path)


def test_flush_survives_a_directory_that_has_gone(system: LocalSystem) -> None:
    system.mkdir("/d")
    system.write("/d/x", system.hold(b""))
    system.flush()
    system.remove("/d/x")
    system.remove("/d")
    system.flush()
    system.flush()


def test_commands_stay_out_of_another_root(system: LocalSystem) -> None:
    with pytest.raises(MachineError, match="and not in"):
        system.query("true")
    with pytest.raises(MachineError, match="and not in"):
        system.run("true")
    assert system.which("sh") is None
    assert not system.live


def test_the_machine_itself() -> None:
    system = LocalSystem("/", content={}.get)
    assert system.live
    assert system.which("sh") in {"/bin/sh", "/usr/bin/sh"}
    assert system.which("no-such-command") is None
    assert (system.uid("root"), system.user_name(0), system.home("root")) == (0, "root", "/root")


@pytest.mark.root
def test_without_privileges_the_rest_still_works() -> None:
    if os.geteuid():
        pytest.skip("needs root to become somebody else")
    directory = Path(tempfile.mkdtemp(dir="/tmp"))
    pid = os.fork()
    if pid == 0:
        os._exit(_as_nobody(directory))
    try:
        assert os.waitpid(pid, 0)[1] == 0
        assert (directory / "x").read_text() == "2"
        assert (directory / "x").stat().st_uid == 65534
        assert (directory / "root").read_text() == "taken over"
    finally:
        shutil.rmtree(directory)


def _as_nobody(directory: Path) -> int:
    """Write into the directory as nobody; return an exit status."""
    try:
        (directory / "root").write_text("root's")
        os.chown(directory, 65534, 65534)
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        system = LocalSystem(str(directory), content={}.get)
        assert not system.privileged
        system.write("/x", system.hold(b"1"))
        system.write("/x", system.hold(b"2"), mode=0o600)
        system.write("/root", system.hold(b"taken over"))
        system.mkdir("/d")
        system.flush()
        with pytest.raises(MachineError, match="cannot write '/y': Operation not permitted"):
            system.write("/y", system.hold(b""), uid=0)
        assert sorted(system.listdir("/")) == ["d", "root", "x"]
    except BaseException:  # noqa: BLE001  the child of a fork must not go on as the test
        traceback.print_exc()
        return 1
    return 0
