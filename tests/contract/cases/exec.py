"""The type ``exec``, with commands that make and remove a file of a machine in memory."""

from __future__ import annotations

from contract import Table, World, fake

from runner.system.base import Completed


def _commands(world: World) -> None:
    system = world.system

    def make(argv: tuple[str, ...], _stdin: bytes | None) -> Completed:
        world.file("/made", b"x")
        return Completed(argv, 0, "", "")

    def remove(argv: tuple[str, ...], _stdin: bytes | None) -> Completed:
        system.remove("/made")
        return Completed(argv, 0, "", "")

    def is_there(argv: tuple[str, ...], _stdin: bytes | None) -> Completed:
        return Completed(argv, 0 if system.lstat("/made") else 1, "", "")

    system.commands |= {  # type: ignore[attr-defined]  # this world is a FakeSystem
        ("/bin/sh", "-c", "make"): make,
        ("make", "it"): make,
        ("/bin/sh", "-c", "remove"): remove,
        ("/bin/sh", "-c", "is-there"): is_there,
        ("/bin/sh", "-c", "true"): Completed((), 0, "", ""),
        ("/bin/sh", "-c", "false"): Completed((), 1, "", ""),
    }


def _made(world: World) -> None:
    _commands(world)
    world.file("/made", b"x")


MADE = ("creates", "unless", "any-unless", "with-undo")
TABLES = [
    Table(
        kind="exec",
        name="make",
        worlds=(fake,),
        starts={"clean": _commands, "made": _made},
        wishes={
            "creates": {"creates": "/made"},
            "unless": {"command": ["make", "it"], "unless": "is-there"},
            "any-unless": {"unless": ["false", "is-there"]},
            "all-onlyif": {"onlyif": ["true", ["/bin/sh", "-c", "false"]]},
            "refreshonly": {"refreshonly": True},
            "with-undo": {"unless": "is-there", "undo": "remove"},
        },
        unchanged=frozenset([*(("made", wish) for wish in MADE), ("clean", "refreshonly"), ("clean", "all-onlyif")]),
        check=dict.fromkeys(MADE, lambda probe: probe.read("/made") == b"x"),
    )
]
