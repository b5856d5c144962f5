"""What the type ``package`` asks of a package manager."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from runner.system.base import Completed, MachineError, Probe, System


@dataclass(frozen=True, slots=True)
class Request:
    """One package to act on, and how. ``version`` None is whichever the repository has; ``timeout`` in seconds."""

    name: str
    version: str | None = None
    source: str | None = None
    install_options: tuple[str, ...] = ()
    uninstall_options: tuple[str, ...] = ()
    downgrade: bool = True
    held: bool = False
    target: str | None = None
    timeout: float = 1800.0

    def exactly(self, version: str | None) -> Request:
        """Return the same request for one version."""
        return replace(self, version=version)


@dataclass(frozen=True, slots=True)
class Known:
    """A package as its manager has it; without a version it is removed and its configuration is left."""

    version: str
    held: bool = False


class Provider(ABC):
    """A package manager. Holds no state; what it reads in bulk is cached by the probe."""

    command: ClassVar[str]
    holds: ClassVar[bool] = False
    """Whether a package can be held at its version."""

    def lacks(self, probe: Probe, request: Request) -> str | None:  # noqa: ARG002
        """Return the command that is needed and not there, or None."""
        return None if probe.which(self.command) else self.command

    @abstractmethod
    def installed(self, probe: Probe, request: Request) -> Known | None:
        """Return the package as it is installed, None if it is not known. Raises ``MachineError``."""

    @abstractmethod
    def newest(self, probe: Probe, request: Request) -> str | None:
        """Return the newest version that could be installed, None if nobody knows. Raises ``MachineError``."""

    def same(self, installed: str, wish: str) -> bool:
        """Say whether the installed version is the one asked for."""
        return installed == wish

    @abstractmethod
    def install(self, system: System, requests: Sequence[Request]) -> None:
        """Install, upgrade or downgrade all ``requests`` in one transaction. Raises ``MachineError``."""

    @abstractmethod
    def would_go(self, system: System, request: Request, *, purge: bool) -> frozenset[str]:
        """Return the other packages that removing this one would remove too, by simulation."""

    @abstractmethod
    def remove(self, system: System, requests: Sequence[Request], *, purge: bool) -> None:
        """Remove all ``requests`` in one transaction, nothing else. Raises ``MachineError``."""

    def hold(self, system: System, request: Request, *, held: bool) -> None:  # noqa: ARG002
        """Hold the package at its version, or let it go. Raises ``MachineError``."""
        raise MachineError(f"{self.command} cannot hold a package")


def scoped(system: System, argv: Sequence[str]) -> tuple[str, ...]:
    """Return ``argv`` to be run in a scope of its own where systemd runs the machine.

    A package's scripts, or a person, may stop the unit that Freehold runs in; the package manager must outlive that.
    A scope and not a transient service: the command stays our child, with our environment, deadline and exit status.
    """
    if system.lstat("/run/systemd/system") is None or system.which("systemd-run") is None:
        return tuple(argv)
    return ("systemd-run", "--scope", "--quiet", "--collect", "--", *argv)


def run(system: System, argv: Sequence[str], env: Mapping[str, str], timeout: float) -> Completed:
    """Run a command of a package manager; its exit status is the caller's to judge."""
    return system.run(*scoped(system, argv), env=env, timeout=timeout, ok=None, outlives=True)


def refused(done: Completed, what: str) -> MachineError:
    """Return the error for a command that failed: its last lines that say something."""
    lines = [line.strip() for line in (done.stdout + "\n" + done.stderr).splitlines() if line.strip()]
    said = [line for line in lines if line.startswith(("E:", "Error", "ERROR", "error", "dpkg: error"))] or lines
    return MachineError(f"{what} failed: {'; '.join(line[:300] for line in said[-3:]) or f'exit status {done.code}'}")
