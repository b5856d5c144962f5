"""The types ``concat`` and ``concat_fragment``."""

from __future__ import annotations

from contract import Table

PATH = "/etc/joined.conf"
TABLES = [
    *(
        Table(
            kind=kind,
            name=PATH,
            starts={
                "nothing": lambda world: world.directory("/etc"),
                "file": lambda world: world.file(PATH, "by hand", 0o600, 1001, 1001),
                "link": lambda world: world.link(PATH, "elsewhere"),
            },
            wishes={
                "content": lambda world: {"content": world.ref("a\nb\n"), "order": "numeric", "mode": "0640"},
                "absent": {"ensure": "absent"},
            },
            check={"content": lambda probe: probe.read(PATH) == b"a\nb\n"},
        )
        for kind in ("concat", "concat_file")
    ),
    Table(
        kind="concat_fragment",
        name="part",
        starts={"nothing": lambda world: None},
        wishes={"content": lambda world: {"target": PATH, "content": world.ref("a"), "order": "01"}},
        unchanged=frozenset([("nothing", "content")]),
    ),
]
