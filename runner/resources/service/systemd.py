"""Units of systemd, read in bulk by ``systemctl show`` (systemctl(1), org.freedesktop.systemd1(5))."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from runner.system.base import Completed, MachineError, Probe, System

PROPERTIES: Final = (
    "Id", "Names", "LoadState", "ActiveState", "SubState", "UnitFileState", "NeedDaemonReload", "Type", "Result",
    "RemainAfterExit", "Job",
)  # fmt: skip

SUFFIXES: Final = (
    ".service", ".socket", ".timer", ".mount", ".automount", ".path", ".target", ".slice", ".scope", ".swap", ".device",
)  # fmt: skip

ENABLE: Final = {
    "": "false", "enabled": "true", "enabled-runtime": "true", "disabled": "false", "linked": "false",
    "linked-runtime": "false", "masked": "mask", "masked-runtime": "mask", "alias": "true",
}  # fmt: skip
"""``UnitFileState`` -> the word of the state; the others stand for themselves (``static``)."""

JOURNAL_LINES: Final = 10


@dataclass(frozen=True, slots=True)
class Unit:
    """What systemd says of a unit."""

    name: str
    load: str = "not-found"
    active: str = "inactive"
    sub: str = "dead"
    file_state: str = ""
    stale: bool = False
    oneshot: bool = False
    result: str = ""
    queued: bool = False

    @property
    def running(self) -> bool:
        """Whether it is up or systemd is about to start it, as during a boot; one that dies again and again is not."""
        if self.active == "activating":
            return self.sub != "auto-restart"
        return self.active in {"active", "reloading", "refreshing"} or (self.active == "inactive" and self.queued)

    @property
    def finished(self) -> bool:
        """Whether it is a job that ended well and leaves nothing running."""
        return self.oneshot and self.active == "inactive" and self.result == "success"

    @property
    def enable(self) -> str:
        """The word of the state for how it is started with the machine."""
        return "mask" if self.load == "masked" else ENABLE.get(self.file_state, self.file_state)


def full_name(name: str) -> str:
    """Return the name of a unit with its suffix."""
    return name if name.endswith(SUFFIXES) else f"{name}.service"


def unit(probe: Probe, name: str) -> Unit:
    """Return one unit: from what all units in memory were asked at once, else by a question of its own.

    Raises ``MachineError`` on a machine that systemd does not run.
    """
    found: dict[str, Unit] = probe.cached("units", lambda: _loaded(probe))
    return found[name] if name in found else probe.cached(f"unit:{name}", lambda: ask(probe, name))


def ask(probe: Probe, name: str) -> Unit:
    """Return one unit as it is now."""
    return _parsed(_show(probe, name)).get(name) or Unit(name)


def _loaded(probe: Probe) -> dict[str, Unit]:
    """Return every service that systemd has in memory, under all of its names."""
    return _parsed(_show(probe, "*.service"))


def _show(probe: Probe, pattern: str) -> str:
    """Return what ``systemctl show`` says. Raises ``MachineError``."""
    if probe.lstat("/run/systemd/system") is None:
        raise MachineError("systemd does not run this machine", hint="services are managed on booted machines only")
    done = probe.query("systemctl", "show", f"--property={','.join(PROPERTIES)}", "--", pattern)
    if done.code:
        raise MachineError(f"systemctl show failed: {_last(done)}")
    return done.stdout


def _parsed(text: str) -> dict[str, Unit]:
    """Return the units in the output of ``systemctl show``, blocks of ``KEY=value`` lines."""
    units: dict[str, Unit] = {}
    for block in text.split("\n\n"):
        row = dict(line.partition("=")[::2] for line in block.splitlines())
        if "Id" not in row:
            continue
        found = Unit(
            name=row["Id"],
            load=row.get("LoadState", ""),
            active=row.get("ActiveState", ""),
            sub=row.get("SubState", ""),
            file_state=row.get("UnitFileState", ""),
            stale=row.get("NeedDaemonReload") == "yes",
            oneshot=row.get("Type") == "oneshot" and row.get("RemainAfterExit") != "yes",
            result=row.get("Result", ""),
            queued=row.get("Job", "0") not in {"", "0"},
        )
        units |= dict.fromkeys([row["Id"], *row.get("Names", "").split()], found)
    return units


def _last(done: Completed) -> str:
    """Return the last line that a command wrote."""
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return lines[-1][:300] if lines else f"exit status {done.code}"


class Manager:
    """Acts on one unit."""

    def __init__(self, system: System, name: str, timeout: float) -> None:
        self._system = system
        self._name = name
        self._timeout = timeout
        self._unit = Unit(name)

    def prepare(self) -> Unit:
        """Look afresh, letting systemd read changed unit files first; return the unit. Raises ``MachineError``."""
        self._unit = ask(self._system, self._name)
        if self._unit.stale or self._unit.load == "not-found":
            # A unit file that was just written is unknown until the reload, too.
            self._call("daemon-reload")
            self._unit = ask(self._system, self._name)
        if self._unit.load == "not-found":
            raise MachineError(f"there is no unit '{self._name}'")
        return self._unit

    def do(self, verb: str) -> None:
        """Start, stop, restart or reload. Raises ``MachineError`` with the last lines of the unit's journal."""
        done = self._call(verb, self._unit.name, ok=False)
        if done.code:
            raise MachineError(f"systemctl {verb} failed: {_last(done)}{self._journal()}")

    def switch(self, before: str, after: str) -> None:
        """Enable, disable or mask."""
        if before == "mask":
            self._call("unmask", self._name)
            before = ask(self._system, self._name).enable
        verb = {"true": "enable", "false": "disable", "mask": "mask"}.get(after)
        if verb is None or before == after:
            return
        # An alias cannot be enabled; the unit behind it can. A unit that was masked is known by its own name only.
        self._call(verb, self._name if verb == "mask" else self._unit.name)

    def command(self, command: str) -> None:
        """Run a command that restarts the service in its own way."""
        self._system.run("/bin/sh", "-c", command, timeout=self._timeout)
        self._forget()

    def _call(self, verb: str, *names: str, ok: bool = True) -> Completed:
        """Call systemctl, which waits until the job is done."""
        argv = ("systemctl", verb, *(("--", *names) if names else ()))
        try:
            return self._system.run(*argv, timeout=self._timeout, ok=(0,) if ok else None)
        finally:
            self._forget()

    def _forget(self) -> None:
        self._system.invalidate("units", f"unit:{self._name}")

    def _journal(self) -> str:
        """Return the last lines of the unit's journal, each on a line of its own."""
        if self._system.which("journalctl") is None:
            return ""
        done = self._system.query(
            "journalctl", "--no-pager", "--quiet", "--output=cat", f"--lines={JOURNAL_LINES}", f"--unit={self._name}"
        )
        lines = [line[:300] for line in done.stdout.splitlines() if line.strip()]
        return "".join(f"\n{line}" for line in lines[-JOURNAL_LINES:])
