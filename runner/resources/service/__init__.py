"""The type ``service``: what runs, and what is started with the machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hiera.errors import Problem
from manifests.catalog import Declaration
from runner.resources.base import Change, Identity, Refreshable, Resource, State, option, state
from runner.resources.service import offline, systemd
from runner.system.base import MachineError, Probe, System
from runner.systemd import origin

ENSURE = {True: "running", "true": "running", False: "stopped", "false": "stopped"}
ENABLE = {True: "true", False: "false"}

UNCHOOSABLE = frozenset({"static", "indirect", "generated", "transient"})
"""Unit file states in which a unit has no switch of its own: neither enabling nor disabling means anything."""


class Service(Resource, Refreshable):
    """A unit of systemd: whether it runs now, and whether it is started with the machine.

    ``enable`` of a unit without an [Install] section counts as granted, whatever was asked for: there is nothing to
    switch. A changed unit file is reloaded before anything else is done to the unit. A run does not restart the unit it
    belongs to, which would kill it: a changed file holds from the next start on.

    In an image nothing runs: a unit is enabled there, and ``ensure`` is up to the boot.
    """

    kind = "service"

    name_ = option[str]("String[1]", "the unit; `.service` is added where no other kind of unit is named")
    ensure = state[Any]("Variant[Boolean, Enum['running', 'stopped', 'true', 'false']]", "whether it shall run now")
    enable = state[Any](
        "Variant[Boolean, Enum['true', 'false', 'mask']]", "whether it is started with the machine, or must not be"
    )
    restart = option[str](
        "String[1]", "what a refresh does: `restart`, `reload`, `reload-or-restart`, `try-restart`, or a command"
    )
    hasrestart = option[bool]("Boolean", "accepted for old manifests; systemd always knows how to restart")
    hasstatus = option[bool]("Boolean", "accepted for old manifests; systemd always knows the state")
    provider = option[str]("Enum['systemd']", "who manages services", default="systemd")
    timeout = option[int]("Integer[1]", "seconds that starting or stopping may take", default=300)

    def __init__(self, declaration: Declaration) -> None:
        super().__init__(declaration)
        self._started = False
        self._baking = False

    @property
    def unit(self) -> str:
        """The full name of the unit."""
        return systemd.full_name(self.name)

    @property
    def identity(self) -> Identity:
        """Return the unit, so that ``nginx`` and ``nginx.service`` are one thing."""
        return (self.kind, self.unit)

    def needs(self) -> Iterator[Identity]:
        """Yield the package of the same name and the unit's own file."""
        yield ("package", self.unit.rpartition(".")[0])
        yield ("file", f"/etc/systemd/system/{self.unit}")

    def wanted(self) -> State:
        """Return ``ensure`` and ``enable`` in the words of the state; a service is never absent."""
        wish: State = {}
        if self.ensure is not None:
            wish["ensure"] = ENSURE.get(self.ensure, self.ensure)
        if self.enable is not None:
            wish["enable"] = ENABLE.get(self.enable, self.enable)
        return wish

    def not_applicable(self, probe: Probe) -> str | None:
        """Leave a directory tree alone: only a machine has services, or an image with systemd in it."""
        if probe.baking:
            return None if probe.which("systemctl") else "there is no systemd in this image"
        return None if probe.live else "services mean nothing under --root"

    def problems(self, probe: Probe) -> Iterator[Problem]:  # noqa: ARG002
        """Yield a unit that shall run and must not be started."""
        wish = self.wanted()
        if wish.get("ensure") == "running" and wish.get("enable") == "mask":
            message = f"{self.ref} cannot run while it is masked"
            yield Problem("conflicting-attributes", message, self.declaration.location)

    def read(self, probe: Probe, keys: frozenset[str]) -> State:  # noqa: ARG002
        """Return whether the unit runs and is enabled. Raises ``MachineError`` without systemd."""
        self._baking = probe.baking
        if probe.baking:
            return {"ensure": "stopped", "enable": offline.enabled(probe, self.unit)}
        found = systemd.unit(probe, self.unit)
        running = found.running or (self._started and found.finished)
        return {"ensure": "running" if running else "stopped", "enable": found.enable}

    def satisfied(self, key: str, state: State, wish: Any) -> bool:
        """Compare; a unit without a switch of its own is as enabled as can be, and a boot starts those of an image."""
        if key == "ensure" and self._baking:
            return True
        if key == "enable" and state.get(key) in UNCHOOSABLE:
            return bool(wish != "mask")
        return bool(state.get(key) == wish)

    def converge(self, system: System, change: Change) -> None:
        """Stop before disabling, enable before starting."""
        before, after = change.before or {}, change.after
        if after is None:
            raise MachineError("a service cannot be made absent")
        run = after.get("ensure") if "ensure" in change.keys else None
        switch = after.get("enable") if "enable" in change.keys else None
        if system.baking:
            offline.switch(system, self.unit, str(before.get("enable")), str(switch))
            return
        manager = systemd.Manager(system, self.unit, self.timeout or 300)
        manager.prepare()
        if run == "stopped":
            if self._carries_us():
                raise MachineError(f"this run belongs to '{self.unit}' and cannot stop it")
            manager.do("stop")
        if switch is not None:
            manager.switch(str(before.get("enable", "false")), str(switch))
        if run == "running":
            manager.do("start")
            self._started = True

    def refresh(self, system: System) -> None:
        """Restart the unit, if it runs: one that is stopped stays so, and in an image nothing runs."""
        if system.baking:
            return
        manager = systemd.Manager(system, self.unit, self.timeout or 300)
        if not manager.prepare().running or self._carries_us():
            return
        word = self.restart or "restart"
        if word in {"restart", "reload", "reload-or-restart", "try-restart", "try-reload-or-restart"}:
            manager.do(word)
        else:
            manager.command(word)

    def _carries_us(self) -> bool:
        """Say whether this process belongs to the unit."""
        return origin.unit() == self.unit

    def discharged_by(self, change: Change) -> bool:
        """Say whether the unit was just started, or stopped: neither needs a restart."""
        return "ensure" in change.keys
