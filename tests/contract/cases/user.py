"""The type ``user``, in the files of another root."""

from __future__ import annotations

import os

from contract import GROUP, PASSWD, Table, World, bulk

HASH = "$6$salt$hash"
SHADOW = "root:*:19000:0:99999:7:::\nbob:!old:19000:0:99999:7::19500:\n"


def _there(world: World, groups: str = "") -> None:
    world.file("/etc/passwd", PASSWD + "ann:x:1005:33:Ann:/home/ann:/bin/bash\n")
    world.file("/etc/group", GROUP + groups)
    world.file("/etc/shadow", SHADOW + "ann:$6$x$y:19000:0:99999:7::20000:\n", 0o640, 0, 42)
    world.file("/etc/gshadow", "root:*::\nbob:!::\nwww:!::\n", 0o640, 0, 42)


STARTS = {
    "bare": lambda world: None,
    "shadow": lambda world: world.file("/etc/shadow", SHADOW, 0o640, 0, 42),
    "there": _there,
    "in-groups": lambda world: _there(world, "dev:x:50:ann,bob\nops:x:51:ann\n"),
    "own-group": lambda world: world.file("/etc/group", GROUP + "ann:x:900:\n"),
    "odd-rows": lambda world: world.file(
        "/etc/passwd", "+nis::::::\n\n# x\n" + PASSWD + "caf\udce9".encode(errors="surrogateescape").decode("latin-1")
    ),
}
TABLES = [
    Table(
        kind="user",
        name="ann",
        worlds=(bulk,),
        starts=STARTS,
        wishes={
            "plain": {},
            "all": lambda world: {
                "uid": 1005, "gid": "www", "comment": "Ann", "home": "/srv/ann", "shell": "/bin/bash",
            },
            "number-as-text": {"uid": "1005", "gid": "33"},
            "absent": {"ensure": "absent"},
            "group": {"groups": ["bob"]},
            "exactly": {"groups": ["bob"], "membership": "inclusive"},
        },
        unchanged=frozenset([("there", "plain"), ("there", "number-as-text"), ("bare", "absent")]),
        check={
            "all": lambda probe: b"ann:x:1005:33:Ann:/srv/ann:/bin/bash\n" in probe.read("/etc/passwd"),
            "absent": lambda probe: b"ann" not in probe.read("/etc/passwd"),
            "group": lambda probe: b"bob:x:1001:ann\n" in probe.read("/etc/group"),
        },
    ),
    Table(
        kind="user",
        name="ann",
        label="user-shadow",
        worlds=(bulk,) if os.geteuid() == 0 else (),  # others read no passwords
        starts={name: STARTS[name] for name in ("shadow", "there", "in-groups")},
        wishes={
            "password": lambda world: {"password": world.ref(HASH)},
            "expires": {"expiry": "2030-01-31"},
            "never": {"expiry": "absent"},
        },
        check={
            "password": lambda probe: b"ann:$6$salt$hash:" in probe.read("/etc/shadow"),
            "expires": lambda probe: b":21945:" in probe.read("/etc/shadow"),
        },
    ),
]  # fmt: skip
