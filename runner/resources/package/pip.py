"""Python packages: read and changed by the pip of one Python or virtual environment (PEP 668 is honoured)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from runner.resources.package.base import Known, Provider, Request, refused
from runner.system.base import Completed, MachineError, Probe, System

ENVIRONMENT: Final = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_ROOT_USER_ACTION": "ignore"}


class Pip(Provider):
    """pip, as a module of the Python that the packages are for."""

    command = "python3"

    def lacks(self, probe: Probe, request: Request) -> str | None:
        """See ``Provider``; a virtual environment may still be made by somebody."""
        return None if request.target else super().lacks(probe, request)

    def installed(self, probe: Probe, request: Request) -> Known | None:
        """See ``Provider``; one ``pip list`` for each Python."""
        version = self._table(probe, request).get(normal(request.name))
        return Known(version) if version else None

    def newest(self, probe: Probe, request: Request) -> str | None:
        """See ``Provider``; one ``pip list --outdated`` for each Python."""
        python = interpreter(probe, request)
        upgrades: Mapping[str, str] = probe.cached(
            f"pip-outdated:{python}", lambda: self._list(probe, python, "latest_version", "--outdated")
        )
        name = normal(request.name)
        return upgrades.get(name, self._table(probe, request).get(name))

    def same(self, installed: str, wish: str) -> bool:
        """See ``Provider``; ``1.0`` and ``1.0.0`` are one version (PEP 440)."""
        return _release(installed) == _release(wish)

    def install(self, system: System, requests: Sequence[Request]) -> None:
        """See ``Provider``; all requests share one target."""
        options = dict.fromkeys(option for request in requests for option in request.install_options)
        upgrade = ["--upgrade"] if all(request.version is None for request in requests) else []
        targets = [_target(request) for request in requests]
        done = self._pip(system, requests, ["install", "--quiet", *upgrade, *options, "--", *targets])
        if done.code:
            raise _refused(done, "pip install")

    def would_go(self, system: System, request: Request, *, purge: bool) -> frozenset[str]:  # noqa: ARG002
        """Return nothing: pip removes what it is told and nothing else."""
        return frozenset()

    def remove(self, system: System, requests: Sequence[Request], *, purge: bool) -> None:  # noqa: ARG002
        """See ``Provider``."""
        options = dict.fromkeys(option for request in requests for option in request.uninstall_options)
        names = [request.name for request in requests]
        done = self._pip(system, requests, ["uninstall", "--yes", "--quiet", *options, "--", *names])
        if done.code:
            raise _refused(done, "pip uninstall")

    def _pip(self, system: System, requests: Sequence[Request], argv: Sequence[str]) -> Completed:
        """Run pip."""
        python = interpreter(system, requests[0])
        timeout = max(request.timeout for request in requests)
        try:
            return system.run(python, "-m", "pip", *argv, env=ENVIRONMENT, timeout=timeout, ok=None)
        finally:
            system.invalidate(f"pip:{python}", f"pip-outdated:{python}")

    def _table(self, probe: Probe, request: Request) -> Mapping[str, str]:
        """Return the installed versions of one Python, {} where there is no such Python yet."""
        if request.target and probe.lstat(request.target) is None:
            return {}
        python = interpreter(probe, request)
        return probe.cached(f"pip:{python}", lambda: self._list(probe, python, "version"))

    def _list(self, probe: Probe, python: str, key: str, *options: str) -> dict[str, str]:
        """Ask pip for all packages. Raises ``MachineError``."""
        argv = (python, "-m", "pip", "list", "--format=json", *options)
        done = probe.query(*argv, env=ENVIRONMENT, timeout=120)
        if done.code:
            raise _refused(done, "pip list")
        return {normal(row["name"]): row[key] for row in json.loads(done.stdout)}


def interpreter(probe: Probe, request: Request) -> str:
    """Return the Python to work with: the system's, the one of a virtual environment, or the program named."""
    target = request.target
    if target is None:
        return "/usr/bin/python3" if probe.lstat("/usr/bin/python3") is not None else "python3"
    found = probe.lstat(target)
    return f"{target}/bin/python" if found is None or found.kind == "directory" else target


def normal(name: str) -> str:
    """Return the normal form of a Python package's name, extras left out (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name.partition("[")[0].strip()).lower()


def _release(version: str) -> str:
    """Return a version without the zeros at its end that mean nothing."""
    return re.sub(r"(\.0)+$", "", version.lower().removeprefix("v"))


def _target(request: Request) -> str:
    """Return the word for a package on pip's command line."""
    if request.source is not None:
        return request.source
    return f"{request.name}=={request.version}" if request.version else request.name


def _refused(done: Completed, what: str) -> MachineError:
    """Return the error for a pip that failed, with what to do where the system's Python is not ours to change."""
    said = done.stdout + done.stderr
    if "externally-managed-environment" in said:
        return MachineError(
            "this Python belongs to the system's package manager (PEP 668)",
            hint="give 'target' a virtual environment, or install_options: ['--break-system-packages']",
        )
    if "No module named pip" in said:
        return MachineError("this Python has no pip", hint="install the package python3-pip")
    return refused(done, what)
