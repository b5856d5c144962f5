"""The type file where the contract's tables do not reach: the machine itself, refusals, diffs, modes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hiera.errors import Location
from manifests.catalog import ContentRef, Declaration, Ref
from runner.resources import file_mode
from runner.resources.base import Change
from runner.resources.file import File
from runner.resources.file_diff import LINE_LIMIT, SIZE_LIMIT, unified
from runner.system.base import MachineError
from runner.system.fake import FakeSystem
from runner.system.local import LocalSystem


def file(path: str, **attributes: Any) -> File:
    return File(Declaration(Ref("file", path), path, attributes, Location("site.yaml", 3, 5), Ref("class", "main")))


@pytest.mark.parametrize(
    ("wish", "current", "directory", "result"),
    [
        ("644", 0, False, "0644"),
        ("0644", 0, True, "0755"),
        ("00444", 0, True, "0555"),
        ("0220", 0, True, "0220"),
        ("4755", 0, False, "4755"),
        ("u=rw,g+r,o=", 0o777, False, "0670"),
        ("a+X", 0o644, False, "0644"),
        ("a+X", 0o644, True, "0755"),
        ("go-rwx", 0o4755, False, "4700"),
        ("u+s,g+s", 0o755, False, "6755"),
        ("u=rwx", 0o4755, False, "0755"),
        ("u=rwx", 0o2755, True, "2755"),
        ("+t", 0o755, True, "1755"),
        ("-x", 0o755, False, "0644"),
        ("g=u", 0o640, False, "0660"),
        ("u=rw+x", 0, False, "0700"),
    ],
)
def test_modes(wish: str, current: int, directory: bool, result: str) -> None:
    assert file_mode.text(file_mode.resolve(wish, current, directory=directory)) == result


@pytest.mark.parametrize("wish", ["rw", "u=q", "99", "u"])
def test_what_is_no_mode(wish: str) -> None:
    with pytest.raises(ValueError, match=wish):
        file_mode.resolve(wish, 0, directory=False)


def test_needs_come_nearest_first() -> None:
    found = list(file("/a/b/c/", owner="bob", group=33).needs())
    assert found == [("file", "/a/b"), ("file", "/a"), ("file", "/"), ("user", "bob"), ("group", "33")]
    assert file("/a//b/./c/").identity == ("file", "/a/b/c")


@pytest.mark.parametrize(
    ("path", "attributes", "code"),
    [
        ("etc/motd", {}, "relative-path"),
        ("/etc/../motd", {}, "bad-path"),
        ("/etc/mo\ntd", {}, "bad-path"),
        ("/proc/sys/x", {}, "protected-path"),
        ("/state/x", {}, "protected-path"),
        ("/state", {}, "protected-path"),
        ("/x", {"ensure": "link"}, "missing-attribute"),
        ("/x", {"ensure": "directory", "content": ContentRef("d")}, "conflicting-attributes"),
        ("/x", {"ensure": "file", "target": "y"}, "conflicting-attributes"),
        ("/x", {"ensure": "file", "recurse": True}, "conflicting-attributes"),
        ("/x", {"ensure": "directory", "purge": True}, "conflicting-attributes"),
    ],
)
def test_problems_are_located(path: str, attributes: dict[str, Any], code: str) -> None:
    found = list(file(path, **attributes).problems(FakeSystem(protected=["/state"])))
    assert [(problem.code, problem.location.line) for problem in found] == [(code, 3)]


def test_what_is_near_a_protected_path_is_fine() -> None:
    for path in ("/proc", "/procedures/x", "/statement", "/dev"):
        assert not list(file(path, ensure="directory").problems(FakeSystem(protected=["/state"])))


def test_unknown_owners_are_missing() -> None:
    found = list(file("/x", owner="who", group="what").missing(FakeSystem()))
    assert [(item.what, item.name) for item in found] == [("user", "who"), ("group", "what")]
    assert not list(file("/x", owner=0, group="root").missing(FakeSystem()))


def test_owners_mean_nothing_without_privileges() -> None:
    probe = FakeSystem(privileged=False)
    assert set(file("/x", owner="who").inapplicable(probe)) == {"owner", "group"}
    assert not list(file("/x", owner="who").missing(probe))


def test_special_files_are_not_replaced() -> None:
    system = FakeSystem()
    system.mkdir("/d")
    change = Change({"type": "fifo", "mode": "0644"}, {"type": "file"})
    with pytest.raises(MachineError, match="is a fifo"):
        file("/d").converge(system, change)
    with pytest.raises(MachineError, match="is a fifo"):
        file("/d").converge(system, Change(change.before, None))


def test_unit_files_make_the_state_of_units_stale() -> None:
    system = FakeSystem()
    for path in ("/etc", "/etc/systemd", "/etc/systemd/system"):
        system.mkdir(path)
    assert system.cached("units", lambda: 1) == 1
    file("/etc/x").converge(system, Change(None, {"type": "file"}))
    assert system.cached("units", lambda: 2) == 1
    file("/etc/systemd/system/x.service").converge(system, Change(None, {"type": "file"}))
    assert system.cached("units", lambda: 3) == 3


def _live(path: Path, content: bytes, **attributes: Any) -> tuple[LocalSystem, File, Change]:
    contents: dict[str, bytes] = {}
    system = LocalSystem("/", content=contents.get)
    digest = system.digest(content)
    contents[digest] = content
    resource = file(str(path), content=ContentRef(digest, len(content), secret="secret" in str(content)), **attributes)
    before = resource.read(system, frozenset({"content"}))
    return system, resource, Change(before, resource.after(before, resource.wanted()))


@pytest.mark.parametrize("command", ["grep -q good % && test -f %", ["grep", "-q", "good", "%"]])
def test_validate_cmd(tmp_path: Path, command: Any) -> None:
    path = tmp_path / "with blank"
    path.write_text("old")
    system, resource, change = _live(path, b"good", validate_cmd=command)
    resource.converge(system, change)
    assert path.read_text() == "good"
    system, resource, change = _live(path, b"bad", validate_cmd=command)
    resource.stage(system, change)
    with pytest.raises(MachineError, match="validate_cmd refused the new content"):
        resource.converge(system, change)
    assert path.read_text() == "good"
    assert [entry.name for entry in tmp_path.iterdir()] == ["with blank"]


def test_validate_cmd_says_why_but_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "x"
    system, resource, change = _live(
        path, b"bad", validate_cmd="echo in @: $(cat @) >&2; false", validate_replacement="@"
    )
    with pytest.raises(MachineError, match=f": in {path}: bad$"):
        resource.converge(system, change)
    system, resource, change = _live(path, b"secret", validate_cmd="cat % >&2; false")
    with pytest.raises(MachineError) as caught:
        resource.converge(system, change)
    assert "secret" not in caught.value.message


def test_validate_cmd_does_not_hinder_the_way_back(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    system, resource, change = _live(path, b"good", validate_cmd="grep -q good %")
    resource.converge(system, change)
    old = {"type": "file", "content": system.hold(b"old"), "mode": "0644"}
    resource.converge(system, Change(change.after, old))
    assert path.read_text() == "old"


def test_diffs() -> None:
    assert unified("/etc/motd", b"a\nb\n", b"a\nc") == (
        "--- a/etc/motd\n+++ b/etc/motd\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file"
    )
    assert unified("/x", None, b"a\n") == "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a"
    assert unified("/x", b"a", b"a") is None
    assert unified("/x", b"a\0", b"b") == "Binary files a/x and b/x differ"
    assert unified("/x", b"", b"a" * (SIZE_LIMIT + 1)) == "Files a/x and b/x differ, too large to show"
    assert len((unified("/x", b"", b"a\n" * 2000) or "").split("\n")) == LINE_LIMIT + 1


def test_a_diff_takes_the_old_content_from_the_machine() -> None:
    system = FakeSystem()
    system.write("/x", system.hold(b"old\n"))
    resource = file("/x", content=ContentRef("new"))
    change = Change(resource.read(system, frozenset({"content"})), {"type": "file", "content": "new"})
    assert (resource.diff(system, change, {"new": b"new\n"}.get) or "").endswith("-old\n+new")
    assert file("/x", show_diff=False).diff(system, change, {"new": b"new\n"}.get) is None
    assert resource.diff(system, change, {}.get) is None


def test_initial_values() -> None:
    assert file("/x", ensure="directory").initial("mode") == "0755"
    assert file("/x", content=ContentRef("d")).initial("mode") == "0644"
    assert file("/x", ensure="link", target="y").initial("mode") is None
    assert file("/x").initial("content") is None


def _children(system: FakeSystem, resource: File) -> list[tuple[str, bool]]:
    return [(child.declaration.name, child.purge) for child in resource.expand(system)]


def test_recursion() -> None:
    system = FakeSystem()
    for path in ("/d", "/d/sub", "/d/stray"):
        system.mkdir(path)
    for path in ("/d/sub/x", "/d/stray/y", "/d/.freehold-0123456789abcdef", "/d/z.bak"):
        system.write(path, system.hold(b""))
    source = {"sub/x": ContentRef("1"), "sub/deep/w": ContentRef("2"), "v": ContentRef("3")}
    wanted = [("/d/sub", False), ("/d/sub/deep", False), ("/d/sub/deep/w", False), ("/d/sub/x", False), ("/d/v", False)]
    assert _children(system, file("/d", source_tree=source)) == sorted(wanted)
    common: dict[str, Any] = {"source_tree": source, "recurse": True, "purge": True}
    assert _children(system, file("/d", **common)) == [*sorted(wanted), ("/d/z.bak", True)]
    strays = [("/d/stray/y", True), ("/d/stray", True)]
    assert _children(system, file("/d", **common, force=True, ignore=["*.bak"])) == [*sorted(wanted), *strays]
    assert _children(system, file("/d", recurse=True, purge=True, recurselimit=1)) == [("/d/z.bak", True)]
    assert _children(system, file("/d", recurse=True)) == []
    assert _children(system, file("/d", ensure="directory")) == []
