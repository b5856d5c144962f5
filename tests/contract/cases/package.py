"""The type ``package``, on machines in memory whose apt-get and dnf know three packages."""

from __future__ import annotations

from typing import Any

from contract import GROUP, PASSWD, Table, World

from runner.system.base import Completed
from runner.system.fake import FakeSystem

NEWEST = {"tool": "2.0-1", "lib": "1.5-1", "app": "1.0-1"}
NEEDS = {"app": "lib"}


class Debian(dict[Any, Any]):
    """Answers apt-get, dpkg and dpkg-query from a table of installed packages."""

    def __init__(self, system: FakeSystem) -> None:
        super().__init__({("apt-get",): None, ("apt",): None, ("dpkg-query",): None, ("dpkg",): None})
        self.installed: dict[str, str] = {}
        self.residue: set[str] = set()
        self.held: set[str] = set()
        self.system = system

    def get(self, argv: Any, _default: Any = None) -> Any:
        return self.answer

    def answer(self, argv: tuple[str, ...], stdin: bytes | None) -> Completed:
        name = {"apt-get": "apt_get", "apt": "apt", "dpkg-query": "query", "dpkg": "selections"}[argv[0]]
        return getattr(self, name)(argv, stdin)

    def query(self, argv: tuple[str, ...], _stdin: bytes | None) -> Completed:
        rows = [
            f"{name}\tamd64\tinstalled\t{'hold' if name in self.held else 'install'}\t{version}\tvirtual-{name}, x (= 1)"
            for name, version in self.installed.items()
        ]
        rows += [f"{name}\tamd64\tconfig-files\tdeinstall\t1\t" for name in self.residue]
        return Completed(argv, 0, "\n".join(rows), "")

    def apt(self, argv: tuple[str, ...], _stdin: bytes | None) -> Completed:
        rows = [
            f"{name}/stable {NEWEST[name]} amd64 [upgradable from: {version}]"
            for name, version in self.installed.items()
            if version != NEWEST[name]
        ]
        return Completed(argv, 0, "Listing...\n" + "\n".join(rows), "WARNING: apt does not have a stable CLI")

    def selections(self, argv: tuple[str, ...], stdin: bytes | None) -> Completed:
        name, word = (stdin or b"").decode().split()
        (self.held.add if word == "hold" else self.held.discard)(name)
        return Completed(argv, 0, "", "")

    def apt_get(self, argv: tuple[str, ...], _stdin: bytes | None) -> Completed:
        targets = argv[argv.index("--") + 1 :] if "--" in argv else ()
        going = {*targets, *(name for name, lib in NEEDS.items() if lib in targets and name in self.installed)}
        if "--simulate" in argv:
            return Completed(argv, 0, "".join(f"Remv {name} [1]\n" for name in sorted(going)), "")
        if "install" in argv:
            for target in targets:
                name, _, version = target.partition("=")
                if name not in NEWEST:
                    return Completed(argv, 100, "", f"E: Unable to locate package {name}")
                self.installed[name] = version or NEWEST[name]
                self.residue.discard(name)
        for name in going if {"remove", "purge"} & set(argv) else ():
            if self.installed.pop(name, None) and "remove" in argv:
                self.residue.add(name)
            if "purge" in argv:
                self.residue.discard(name)
            self.held.discard(name)
        return Completed(argv, 0, "", "")


def debian(_directory: str) -> World:
    """A machine in memory with apt."""

    def make(content: Any) -> Any:
        system = FakeSystem(content, passwd=PASSWD, group=GROUP)
        system.commands = Debian(system)
        return system, system

    world = World(make)
    world.file("/var/lib/dpkg/status")
    return world


def having(*residue: str, held: bool = False, **installed: str) -> Any:
    """Return a start with these packages installed."""

    def start(world: World) -> None:
        machine: Debian = world.system.commands  # type: ignore[attr-defined]  # this world is a FakeSystem
        machine.installed.update(installed)
        machine.residue.update(residue)
        machine.held.update(installed if held else ())

    return start


TABLES = [
    Table(
        kind="package",
        name="tool",
        worlds=(debian,),
        starts={
            "none": having(),
            "old": having(tool="1.0-1"),
            "newest": having(tool="2.0-1"),
            "held": having(tool="1.0-1", held=True),
            "residue": having("tool"),
        },
        wishes={
            "plain": {},
            "installed": {"ensure": "installed"},
            "latest": {"ensure": "latest"},
            "version": {"ensure": "1.0-1"},
            "held": {"ensure": "held"},
            "marked": {"ensure": "1.0-1", "mark": "hold"},
            "let-go": {"mark": "none"},
            "absent": {"ensure": "absent"},
        },
        unchanged=frozenset([
            ("old", "plain"), ("newest", "latest"), ("old", "version"), ("held", "held"), ("none", "absent"),
            ("residue", "absent"),
        ]),
    ),
    Table(
        kind="package",
        name="tool",
        label="package-purge",
        worlds=(debian,),
        starts={"none": having(), "old": having(tool="1.0-1")},
        wishes={"purged": {"ensure": "purged"}},
    ),
    Table(
        kind="package",
        name="virtual-lib",
        label="package-virtual",
        worlds=(debian,),
        starts={"provided": having(lib="1.5-1")},
        wishes={"plain": {}, "latest": {"ensure": "latest"}},
        unchanged=frozenset([("provided", "plain"), ("provided", "latest")]),
    ),
    Table(
        kind="package",
        name="lib",
        label="package-needed",
        worlds=(debian,),
        starts={"needed": having(lib="1.5-1", app="1.0-1"), "free": having(lib="1.5-1")},
        wishes={"absent": {"ensure": "absent"}},
        refused=frozenset([("needed", "absent")]),
    ),
]  # fmt: skip
