"""The type ``group``, in the files of another root."""

from __future__ import annotations

from contract import GROUP, Table, bulk

STARTS = {
    "bare": lambda world: None,
    "there": lambda world: world.file("/etc/group", GROUP + "dev:x:50:bob\n"),
    "unended": lambda world: world.file("/etc/group", GROUP + "dev:!:51:", 0o600),
    "gshadow": lambda world: world.file("/etc/gshadow", "root:*::\nbob:!::\nwww:!::\n", 0o640, 0, 42),
}
TABLES = [
    Table(
        kind="group",
        name="dev",
        worlds=(bulk,),
        starts=STARTS,
        wishes={
            "plain": {},
            "number": {"gid": "50"},
            "system": {"system": True},
            "members": {"members": ["root"]},
            "exactly": {"members": ["root"], "membership": "inclusive"},
            "nobody": {"members": [], "auth_membership": True},
            "absent": {"ensure": "absent"},
        },
        unchanged=frozenset([("there", "plain"), ("there", "number"), ("bare", "absent")]),
        check={
            "number": lambda probe: b"dev" in probe.read("/etc/group") and b":50:" in probe.read("/etc/group"),
            "absent": lambda probe: b"dev" not in probe.read("/etc/group"),
        },
    ),
    Table(
        kind="group",
        name="bob",
        label="primary-group",
        worlds=(bulk,),
        starts={"bare": STARTS["bare"]},
        wishes={"absent": {"ensure": "absent"}},
        refused=frozenset([("bare", "absent")]),
    ),
]
