"""The type ``host``."""

from __future__ import annotations

from contract import Table

HOSTS = "/etc/hosts"
LINE = b"10.1.1.1 \tdb.example   db  # old  one\n"
STARTS = {
    "no-file": lambda world: world.directory("/etc"),
    "no-directory": lambda world: None,
    "empty": lambda world: world.file(HOSTS, b""),
    "others": lambda world: world.file(HOSTS, b"# local\n127.0.0.1 localhost\n\n", 0o600, 1001, 33),
    "no-line-end": lambda world: world.file(HOSTS, b"127.0.0.1 localhost"),
    "not-utf8": lambda world: world.file(HOSTS, b"\xff\xfe\r\n10.1.1.1 db.example # caf\xe9\n\0"),
    "there": lambda world: world.file(HOSTS, b"127.0.0.1 localhost\n" + LINE + b"\n::1 db.example.org\n"),
    "last-unended": lambda world: world.file(HOSTS, b"127.0.0.1 localhost\n" + LINE.rstrip()),
    "same": lambda world: world.file(HOSTS, b"10.9.9.9   db.example a b #c\n"),
}
TABLES = [
    Table(
        kind="host",
        name="db.example",
        starts=STARTS,
        wishes={
            "all": {"ip": "10.9.9.9", "host_aliases": ["a", "b"], "comment": "c"},
            "ip": {"ip": "10.9.9.9"},
            "absent": {"ensure": "absent"},
        },
        unchanged=frozenset([("same", "all"), ("same", "ip"), ("others", "absent")]),
        check={
            "all": lambda probe: b"10.9.9.9" in probe.read(HOSTS) and b"10.1.1.1" not in probe.read(HOSTS),
            "absent": lambda probe: probe.lstat(HOSTS) is None or b"db.example " not in probe.read(HOSTS),
        },
    )
]
