"""The type ``file_line``."""

from __future__ import annotations

from contract import Table

PATH = "/etc/app.conf"
STARTS = {
    "no-file": lambda world: world.directory("/etc"),
    "no-directory": lambda world: None,
    "empty": lambda world: world.file(PATH, b""),
    "others": lambda world: world.file(PATH, b"# local\n[main]\nx=1\n\n", 0o600, 1001, 33),
    "no-line-end": lambda world: world.file(PATH, b"[main]"),
    "not-utf8": lambda world: world.file(PATH, b"\xff\xfe\r\nport = 1 # caf\xe9\n\0"),
    "there": lambda world: world.file(PATH, b"a\nport = 80\nb\n"),
    "matching": lambda world: world.file(PATH, b"[main]\nport=8080\nx=1"),
    "last-unended": lambda world: world.file(PATH, b"a\nport = 80"),
}
LINE = "port = 80"


def _held(probe):
    return probe.read(PATH).split(b"\n")


TABLES = [
    Table(
        kind="file_line",
        name="port",
        starts=STARTS,
        wishes={
            "line": {"path": PATH, "line": LINE},
            "match": {"path": PATH, "line": LINE, "match": "^port"},
            "after": {"path": PATH, "line": LINE, "after": r"\A\[main\]"},
            "kept": {"path": PATH, "line": LINE, "match": "^port", "replace": False},
            "not-added": {"path": PATH, "line": LINE, "match": "^port", "append_on_no_match": False},
            "absent": {"path": PATH, "line": LINE, "ensure": "absent"},
            "none-like-it": {"path": PATH, "match": "^port", "match_for_absence": True, "ensure": "absent"},
        },
        unchanged=frozenset(
            [
                *((start, wish) for start in ("there", "last-unended") for wish in ("line", "match", "after", "kept")),
                ("there", "not-added"), ("last-unended", "not-added"), ("matching", "kept"), ("not-utf8", "kept"),
                *((start, "not-added") for start in ("no-file", "no-directory", "empty", "others", "no-line-end")),
                *((start, "absent") for start in STARTS if start not in {"there", "last-unended"}),
                *((start, "none-like-it") for start in ("no-file", "no-directory", "empty", "others", "no-line-end")),
            ]
        ),
        check={
            "line": lambda probe: b"port = 80" in _held(probe),
            "match": lambda probe: b"port = 80" in _held(probe) and b"port=8080" not in _held(probe),
            "after": lambda probe: b"port = 80" in _held(probe),
            "absent": lambda probe: probe.lstat(PATH) is None or b"port = 80" not in _held(probe),
            "none-like-it": lambda probe: probe.lstat(PATH) is None or b"\nport" not in probe.read(PATH),
        },
    )
]  # fmt: skip
