"""The type ``service``, on a machine in memory whose systemctl knows a few units."""

from __future__ import annotations

from typing import Any

from contract import GROUP, PASSWD, Table, World

from runner.system.base import Completed
from runner.system.fake import FakeSystem


class Systemd(dict[Any, Any]):
    """Answers systemctl for one unit, in the words of the real one."""

    def __init__(self) -> None:
        super().__init__({("systemctl",): None})
        self.active = "inactive"
        self.file = self.below = "disabled"
        self.stale = False

    def get(self, argv: Any, _default: Any = None) -> Any:
        return self.answer

    def answer(self, argv: tuple[str, ...], _stdin: bytes | None) -> Completed:
        verb = argv[1]
        if verb == "show":
            return Completed(argv, 0, self.show(), "")
        if verb == "daemon-reload":
            self.stale = False
        elif self.stale:
            return Completed(argv, 1, "", "Warning: the unit file changed on disk")
        elif verb == "start" and self.file == "masked":
            return Completed(argv, 1, "", "Failed to start web.service: Unit web.service is masked.")
        elif verb in {"start", "stop"}:
            self.active = "active" if verb == "start" else "inactive"
        elif verb == "mask":
            self.below, self.file = self.file, "masked"
        elif verb == "unmask":
            self.file = self.below
        elif verb in {"enable", "disable"}:
            self.file = verb + "d"
        return Completed(argv, 0, "", "")

    def show(self) -> str:
        load = "masked" if self.file == "masked" else "loaded"
        stale = "yes" if self.stale else "no"
        return (
            f"Type=simple\nRemainAfterExit=no\nResult=success\nId=web.service\nNames=web.service www.service\n"
            f"LoadState={load}\nActiveState={self.active}\nSubState=running\nUnitFileState={self.file}\n"
            f"NeedDaemonReload={stale}\n"
        )


def booted(_directory: str) -> World:
    """A machine in memory that systemd runs."""

    def make(content: Any) -> Any:
        system = FakeSystem(content, passwd=PASSWD, group=GROUP)
        system.commands = Systemd()
        return system, system

    world = World(make)
    world.directory("/run/systemd/system")
    return world


def being(active: str, file: str, *, stale: bool = False) -> Any:
    """Return a start with the unit in this state."""

    def start(world: World) -> None:
        machine: Systemd = world.system.commands  # type: ignore[attr-defined]  # this world is a FakeSystem
        machine.active, machine.file, machine.stale = active, file, stale

    return start


RUNNING = frozenset([("up", "all"), ("up", "running"), ("static", "running"), ("static", "enabled")])
TABLES = [
    Table(
        kind="service",
        name="web",
        worlds=(booted,),
        starts={
            "down": being("inactive", "disabled"),
            "up": being("active", "enabled"),
            "masked": being("inactive", "masked"),
            "failed": being("failed", "enabled"),
            "static": being("active", "static"),
            "changed-on-disk": being("inactive", "disabled", stale=True),
        },
        wishes={
            "all": {"ensure": "running", "enable": True},
            "running": {"ensure": True},
            "enabled": {"enable": "true"},
            "none": {"ensure": "stopped", "enable": False},
            "never": {"ensure": "stopped", "enable": "mask"},
        },
        unchanged=frozenset([*RUNNING, ("down", "none"), ("masked", "never"), ("up", "enabled")]),
        refused=frozenset([("masked", "running")]),
    )
]
