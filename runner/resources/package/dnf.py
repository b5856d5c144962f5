"""RPM packages: read by one ``rpm --query --all``, changed by dnf (rpm(8), dnf(8))."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from runner.resources.package.base import Known, Provider, Request, refused, run
from runner.system.base import Completed, Probe, System

FORMAT: Final = "%{NAME}\\t%{ARCH}\\t%{EPOCHNUM}\\t%{VERSION}\\t%{RELEASE}\\n"


class Dnf(Provider):
    """dnf and rpm. A version is ``version``, ``version-release`` or ``epoch:version-release``."""

    command = "dnf"

    def installed(self, probe: Probe, request: Request) -> Known | None:
        """See ``Provider``."""
        found = _table(probe).get(request.name)
        return Known(found) if found else None

    def newest(self, probe: Probe, request: Request) -> str | None:
        """See ``Provider``; what ``dnf check-update`` does not list is the newest already."""
        upgrades: Mapping[str, str] = probe.cached("dnf-upgrades", lambda: _upgrades(probe))
        return upgrades.get(request.name, _table(probe).get(request.name))

    def same(self, installed: str, wish: str) -> bool:
        """See ``Provider``: the epoch may be left out if it is 0, the release always."""
        whole = installed if ":" in installed else f"0:{installed}"
        epoch, _, rest = wish.rpartition(":")
        installed_epoch, _, installed_rest = whole.partition(":")
        return (not epoch or epoch == installed_epoch) and rest in {installed_rest, installed_rest.rpartition("-")[0]}

    def install(self, system: System, requests: Sequence[Request]) -> None:
        """See ``Provider``. A version older than the installed one wants the verb ``downgrade``."""
        options = dict.fromkeys(option for request in requests for option in request.install_options)
        targets = [_target(request) for request in requests]
        timeout = max(request.timeout for request in requests)
        versions = any(request.version for request in requests)
        upgrade = not versions and all(_table(system).get(request.name) for request in requests)
        done = self._dnf(system, ["upgrade" if upgrade else "install", *options, *targets], timeout)
        if not done.code and versions and any(request.downgrade for request in requests):
            table = _table(system)
            late = [item for item in requests if item.version and not self.same(table.get(item.name, ""), item.version)]
            if late:
                done = self._dnf(system, ["downgrade", *options, *(_target(item) for item in late)], timeout)
        if done.code:
            raise refused(done, "dnf install")

    def would_go(self, system: System, request: Request, *, purge: bool) -> frozenset[str]:  # noqa: ARG002
        """See ``Provider``; ``rpm --erase --test`` names everything that needs it."""
        done = system.query("rpm", "--erase", "--test", request.name)
        return frozenset(re.findall(r"is needed by \(installed\) (\S+)", done.stderr + done.stdout))

    def remove(self, system: System, requests: Sequence[Request], *, purge: bool) -> None:  # noqa: ARG002
        """See ``Provider``. Changed configuration files stay as ``.rpmsave``; rpm has no other purge."""
        options = dict.fromkeys(option for request in requests for option in request.uninstall_options)
        argv = ["remove", "--setopt=clean_requirements_on_remove=False", *options]
        done = self._dnf(
            system, [*argv, *(request.name for request in requests)], max(request.timeout for request in requests)
        )
        if done.code:
            raise refused(done, "dnf remove")

    def _dnf(self, system: System, argv: Sequence[str], timeout: float) -> Completed:
        """Run dnf, which waits for its own lock."""
        try:
            return run(system, ["dnf", "--assumeyes", "--quiet", *argv], {}, timeout)
        finally:
            system.invalidate("rpm", "dnf-upgrades", "units", "accounts", "account-files")


def _table(probe: Probe) -> dict[str, str]:
    """Return the version of every installed package by its name, and by ``name.arch``."""
    return probe.cached("rpm", lambda: _read(probe))


def _read(probe: Probe) -> dict[str, str]:
    """Ask rpm for all packages. Raises ``MachineError``."""
    done = probe.query("rpm", "--query", "--all", f"--queryformat={FORMAT}")
    if done.code:
        raise refused(done, "rpm --query")
    found = {}
    for line in done.stdout.splitlines():
        name, architecture, epoch, version, release = line.split("\t")
        whole = f"{version}-{release}" if epoch == "0" else f"{epoch}:{version}-{release}"
        found[name] = found[f"{name}.{architecture}"] = whole
    return found


def _upgrades(probe: Probe) -> dict[str, str]:
    """Return the newest version of every package that has a newer one; dnf says so by exit status 100."""
    done = probe.query("dnf", "--quiet", "check-update", timeout=300)
    if done.code not in {0, 100}:
        raise refused(done, "dnf check-update")
    found: dict[str, str] = {}
    for line in done.stdout.partition("Obsoleting Packages")[0].splitlines():
        words = line.split()
        if len(words) == 3 and "." in words[0]:
            version = words[1].removeprefix("0:")
            found[words[0]] = found[words[0].rpartition(".")[0]] = version
    return found


def _target(request: Request) -> str:
    """Return the word for a package on dnf's command line."""
    if request.source is not None:
        return request.source
    return f"{request.name}-{request.version}" if request.version else request.name
