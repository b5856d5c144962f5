"""The type ``cron``."""

from __future__ import annotations

from contract import Table, World

SPOOL = "/var/spool/cron/crontabs"
OURS = b"# Freehold Name: backup\nMAILTO=x\n0  3 * *  Mon   /bin/old -x\n"


def _spool(data: bytes, user: str = "root") -> object:
    def start(world: World) -> None:
        world.directory(SPOOL, 0o730)
        world.file(f"{SPOOL}/{user}", data, 0o600)

    return start


TABLES = [
    Table(
        kind="cron",
        name="backup",
        starts={
            "nothing": lambda world: None,
            "redhat": lambda world: world.directory("/var/spool/cron", 0o700),
            "others": _spool(b"# mine\nA=b\n* * * * * true\n"),
            "there": _spool(b"SHELL=/bin/sh\n" + OURS + b"# next\n@daily x\n"),
            "alone": _spool(OURS),
            "no-job": _spool(b"# Freehold Name: backup\n# nothing\n"),
            "other-user": _spool(b"# of bob\n" + OURS, "bob"),
        },
        wishes={
            "fields": {"command": "/bin/new", "hour": 3, "minute": ["0", "30"], "weekday": "mon-fri"},
            "schedule": {"command": "/bin/new", "schedule": "*/5 3 * * *", "user": "bob", "environment": ["A=1", "B=2"]},
            "special": {"command": "/bin/new", "special": "daily"},
            "absent": {"ensure": "absent"},
        },
        check={
            "special": lambda probe: b"@daily /bin/new\n" in probe.read(
                f"{SPOOL}/root" if probe.lstat(SPOOL) else "/var/spool/cron/root"
            )
        },
    )
]  # fmt: skip
