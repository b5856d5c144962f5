"""The type ``file``."""

from __future__ import annotations

from contract import Table, World

PATH = "/srv/thing"


def _full(world: World) -> None:
    world.directory(PATH)
    world.file(f"{PATH}/inside", "kept")


STARTS = {
    "nothing": lambda world: world.directory("/srv"),
    "same": lambda world: world.file(PATH, "wish\n", 0o640),
    "other": lambda world: world.file(PATH, b"\xff\0 old, no line end", 0o4711, 1001, 33),
    "empty": lambda world: world.file(PATH, b"", 0o600),
    "directory": lambda world: world.directory(PATH, 0o2750, 1001, 1001),
    "full-directory": _full,
    "link": lambda world: world.link(PATH, "/etc/passwd"),
    "dangling": lambda world: world.link(PATH, "nowhere"),
}
WISHES = {
    "content": lambda world: {"content": world.ref("wish\n")},
    "content-mode": lambda world: {"ensure": "file", "content": world.ref("wish\n"), "mode": "0640", "force": True},
    "content-owner": lambda world: {"content": world.ref("wish\n"), "owner": "bob", "group": "33", "force": True},
    "file": {"ensure": "file", "mode": "u=rwx,g+w,o=", "force": True},
    "present": {"ensure": "present"},
    "mode": {"mode": "0604"},
    "setuid": {"mode": "4755", "owner": "bob"},
    "create-only": lambda world: {"content": world.ref("wish\n"), "replace": False, "force": True},
    "directory": {"ensure": "directory", "mode": "0640"},
    "link": {"ensure": "link", "target": "some/where", "force": True},
    "absent": {"ensure": "absent"},
}
FILES = Table(
    kind="file",
    name=PATH,
    starts=STARTS,
    wishes=WISHES,
    refused=frozenset(
        [(start, "content") for start in ("directory", "full-directory")] + [("full-directory", "absent")]
    ),
    unchanged=frozenset([("same", "content-mode"), ("other", "create-only"), ("link", "present"), ("nothing", "mode")]),
    check={
        "directory": lambda probe: probe.lstat(PATH).mode == 0o750,
        "content": lambda probe: probe.read(PATH) == b"wish\n",
        "link": lambda probe: probe.readlink(PATH) == "some/where",
        "absent": lambda probe: probe.lstat(PATH) is None,
    },
)
FOLLOWING = Table(
    kind="file",
    name="/srv/link/",
    label="file-follow",
    starts={
        "link": lambda world: (world.file("/etc/real", "old", 0o600), world.link("/srv/link", "/etc/real")),
        "relative": lambda world: (world.file("/srv/real", "old", 0o600), world.link("/srv/link", "real")),
    },
    wishes={
        "content": lambda world: {"content": world.ref("wish\n"), "links": "follow"},
        "absent": {"ensure": "absent", "links": "follow"},
    },
)


def _entries(world: World) -> None:
    world.file(f"{PATH}/stray", "stray", 0o600)
    world.file(f"{PATH}/deep/er/stray", b"\xfe", 0o604, 1001, 1001)
    world.link(f"{PATH}/deep/link", "/nowhere")
    world.file(f"{PATH}/one", "old")
    world.file(f"{PATH}/keep.me", "kept")


def _source(world: World) -> dict[str, object]:
    return {"one": world.ref("1"), "sub/two": world.ref("2"), "sub/empty": None}


TREES = Table(
    kind="file",
    name=PATH,
    label="file-tree",
    starts={"nothing": lambda world: world.directory("/srv"), "entries": _entries},
    wishes={
        "copy": lambda world: {"recurse": True, "source_tree": _source(world), "mode": "0640"},
        "remote": lambda world: {"recurse": "remote", "source_tree": _source(world), "owner": "bob"},
        "purge": lambda world: {
            "ensure": "directory", "recurse": True, "purge": True, "source_tree": _source(world), "ignore": "*.me",
        },
        "purge-all": {"ensure": "directory", "recurse": True, "purge": True, "force": True},
        "adopt": {"ensure": "directory", "recurse": True, "mode": "u=rwX,go=", "group": "www"},
        "gone": {"ensure": "absent", "force": True},
    },
    check={
        "purge": lambda probe: set(probe.listdir(PATH)) in ({"one", "sub"}, {"one", "sub", "deep", "keep.me"}),
        "purge-all": lambda probe: probe.listdir(PATH) == [],
        "copy": lambda probe: probe.read(f"{PATH}/sub/two") == b"2" and probe.lstat(f"{PATH}/sub").mode == 0o750,
    },
)  # fmt: skip
TABLES = [TREES, FILES, FOLLOWING]
