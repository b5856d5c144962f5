"""Services that commands start, stop and look at, as Puppet's `start`, `stop`, `status` and `pattern` say."""

from __future__ import annotations

import re

from runner.resources.package.base import scoped
from runner.system.base import MachineError, Probe, System


def succeeds(probe: Probe, command: str) -> bool:
    """Say whether the ``status`` command calls the service running."""
    return probe.query("/bin/sh", "-c", command).code == 0


def is_seen(probe: Probe, pattern: str) -> bool:
    """Say whether a process has a command line that matches the regular expression. Raises ``MachineError``."""
    try:
        wanted = re.compile(pattern)
    except re.error as error:
        raise MachineError(f"'{pattern}' is no pattern: {error}") from None
    done = probe.query("ps", "-eo", "args=")
    if done.code:
        raise MachineError("ps cannot tell which processes there are")
    return any(wanted.search(line) for line in done.stdout.splitlines())


def run(system: System, verb: str, command: str, timeout: float) -> None:
    """Run the command for ``verb``; what it leaves running stays. Raises ``MachineError`` with its last words."""
    argv = scoped(system, ("setsid", "--wait", "/bin/sh", "-c", command))
    done = system.run(*argv, timeout=timeout, ok=None, outlives=True)
    if done.code:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise MachineError(f"the {verb} command failed: {lines[-1][:300] if lines else f'exit status {done.code}'}")
