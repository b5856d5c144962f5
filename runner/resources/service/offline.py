"""Units of an image: enabled and disabled by the image's own systemctl, never started (systemctl(1))."""

from __future__ import annotations

from runner.resources.service.systemd import ENABLE
from runner.system.base import MachineError, Probe, System


def enabled(probe: Probe, unit: str) -> str:
    """Return the word of the state for how ``unit`` is started; one that is not there counts as disabled."""
    return probe.cached(f"unit:{unit}", lambda: _ask(probe, unit))


def _ask(probe: Probe, unit: str) -> str:
    """Ask systemctl, which says the state of the unit file first, and on stderr that there is none."""
    words = probe.query("systemctl", "is-enabled", "--", unit).stdout.split()
    word = words[0] if words else ""
    return "false" if word == "not-found" else ENABLE.get(word, word)


def switch(system: System, unit: str, before: str, after: str) -> None:
    """Enable, disable or mask ``unit``. Raises ``MachineError`` with what systemctl says."""
    try:
        if before == "mask":
            _call(system, "unmask", unit)
            before = _ask(system, unit)
        verb = {"true": "enable", "false": "disable", "mask": "mask"}.get(after)
        if verb is not None and before != after:
            _call(system, verb, unit)
    finally:
        system.invalidate(f"unit:{unit}")


def _call(system: System, verb: str, unit: str) -> None:
    done = system.run("systemctl", "--quiet", verb, "--", unit, ok=None)
    if done.code:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise MachineError(f"systemctl {verb} failed: {lines[-1][:300] if lines else f'exit status {done.code}'}")
