"""The type ``service``: what runs, and what is started with the machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hiera.errors import Problem
from manifests.catalog import Declaration
from runner.resources.base import Change, Identity, Refreshable, Resource, State, option, state
from runner.resources.service import commands, offline, systemd
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
    start = option[str]("String[1]", "the command that starts it, if not systemd does")
    stop = option[str]("String[1]", "the command that stops it, if not systemd does")
    status = option[str]("String[1]", "the command that succeeds while it runs, if not systemd is asked")
    pattern = option[str]("String[1]", "for `base` without `status`: what a running process's command line matches")
    provider = option[str](
        "Enum['systemd', 'base']", "who manages services; `base`: the commands given, and no systemd", default="systemd"
    )
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
        if self._bare and self.enable is not None:
            message = f"{self.ref} has the provider 'base', which enables nothing"
            yield Problem("conflicting-attributes", message, self.declaration.location, hint="leave 'enable' out")
        verb = {"running": "start", "stopped": "stop"}.get(wish.get("ensure", ""))
        if self._bare and verb is not None and self.attributes.get(verb) is None:
            message = f"{self.ref} has the provider 'base' and needs the command '{verb}'"
            yield Problem("missing-attribute", message, self.declaration.location)

    @property
    def _bare(self) -> bool:
        """Whether commands alone manage it."""
        return bool(self.provider == "base")

    def read(self, probe: Probe, keys: frozenset[str]) -> State:  # noqa: ARG002
        """Return whether the unit runs and is enabled. Raises ``MachineError`` without systemd."""
        self._baking = probe.baking
        if probe.baking:
            return {"ensure": "stopped", "enable": "false" if self._bare else offline.enabled(probe, self.unit)}
        if self._bare:
            return {"ensure": "running" if self._runs(probe) else "stopped", "enable": "false"}
        found = systemd.unit(probe, self.unit)
        running = self._runs(probe) if self.status else found.running or (self._started and found.finished)
        return {"ensure": "running" if running else "stopped", "enable": found.enable}

    def _runs(self, probe: Probe) -> bool:
        """Ask the command, or the process table."""
        if self.status:
            return commands.succeeds(probe, self.status)
        return commands.is_seen(probe, self.pattern or re.escape(self.name))

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
        if not (self._bare or (self.start and self.stop and switch is None)):
            manager.prepare()
        if run == "stopped":
            if self._carries_us():
                raise MachineError(f"this run belongs to '{self.unit}' and cannot stop it")
            self._do(system, manager, "stop", self.stop)
        if switch is not None:
            manager.switch(str(before.get("enable", "false")), str(switch))
        if run == "running":
            self._do(system, manager, "start", self.start)
            self._started = True

    def _do(self, system: System, manager: systemd.Manager, verb: str, command: str | None) -> None:
        """Start or stop by the command given, else by systemd."""
        if command is None:
            manager.do(verb)
            return
        commands.run(system, verb, command, self.timeout or 300)
        system.invalidate("units", f"unit:{self.unit}")

    def refresh(self, system: System) -> None:
        """Restart the unit, if it runs: one that is stopped stays so, and in an image nothing runs."""
        if system.baking:
            return
        if self._bare or (self.start and self.stop):
            self._restart_by_commands(system)
            return
        manager = systemd.Manager(system, self.unit, self.timeout or 300)
        if not manager.prepare().running or self._carries_us():
            return
        word = self.restart or "restart"
        if word in {"restart", "reload", "reload-or-restart", "try-restart", "try-reload-or-restart"}:
            manager.do(word)
        else:
            manager.command(word)

    def _restart_by_commands(self, system: System) -> None:
        """Restart what commands manage, if it runs."""
        if self._runs(system) if self._bare or self.status else systemd.unit(system, self.unit).running:
            steps = {"restart": self.restart} if self.restart else {"stop": self.stop, "start": self.start}
            for verb, command in steps.items():
                if command is not None:
                    commands.run(system, verb, command, self.timeout or 300)

    def _carries_us(self) -> bool:
        """Say whether this process belongs to the unit."""
        return origin.unit() == self.unit

    def discharged_by(self, change: Change) -> bool:
        """Say whether the unit was just started, or stopped: neither needs a restart."""
        return "ensure" in change.keys
