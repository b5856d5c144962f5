"""The type ``ssh_authorized_key``."""

from __future__ import annotations

import os

from contract import Table, World

PATH = "/home/bob/.ssh/authorized_keys"
OWNERS = {1001} if os.geteuid() == 0 else {1001, os.geteuid()}
"""Who may own the file; without root privileges nobody can give it away."""
OLD = b'from="10.0.0.0/8",command="echo \\"a b\\"" ssh-rsa AAAAB3Nz bob@laptop\n'


def _keys(data: bytes) -> object:
    def start(world: World) -> None:
        world.directory("/home/bob", 0o750, 1001, 1001)
        world.directory("/home/bob/.ssh", 0o700, 1001, 1001)
        world.file(PATH, data, 0o640, 1001, 1001)

    return start


TABLES = [
    Table(
        kind="ssh_authorized_key",
        name="bob@laptop",
        starts={
            "home": lambda world: world.directory("/home/bob", 0o750, 1001, 1001),
            "others": _keys(b"# keys\nssh-ed25519 AAAAC3Nz other bob@laptop\ngarbage \xff\n"),
            "there": _keys(b"# keys\n" + OLD + b"ssh-rsa AAAAB3Nz other\n"),
            "unended": _keys(OLD.rstrip()),
        },
        wishes={
            "key": {"user": "bob", "type": "ed25519", "key": "AAAAC3NzaC1lZDI1"},
            "options": {
                "user": "bob",
                "type": "ssh-rsa",
                "key": "AAAAB3Nz",
                "options": ["no-pty", 'from="10.0.0.0/8"'],
            },
            "same": {
                "user": "bob",
                "type": "rsa",
                "key": "AAAAB3Nz",
                "options": 'from="10.0.0.0/8",command="echo \\"a b\\""',
            },
            "absent": {"user": "bob", "ensure": "absent"},
        },
        unchanged=frozenset([("there", "same"), ("others", "absent")]),
        check={
            "key": lambda probe: (
                b"ssh-ed25519 AAAAC3NzaC1lZDI1 bob@laptop" in probe.read(PATH)
                and probe.lstat("/home/bob/.ssh").mode == 0o700
                and probe.lstat(PATH).uid in OWNERS
            )
        },
    ),
]
