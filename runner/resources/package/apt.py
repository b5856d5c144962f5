"""Debian packages: read by one dpkg-query, changed by apt-get (apt-get(8), dpkg-query(1))."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import Final

from runner.resources.package.base import Known, Provider, Request, refused, run
from runner.system.base import Completed, MachineError, Probe, System

ENVIRONMENT: Final = {
    "DEBIAN_FRONTEND": "noninteractive",
    "APT_LISTCHANGES_FRONTEND": "none",
    "APT_LISTBUGS_FRONTEND": "none",
    "NEEDRESTART_SUSPEND": "1",
    "UCF_FORCE_CONFFOLD": "1",
}
"""Nobody is asked anything, and needrestart does not restart us."""

OPTIONS: Final = (
    "--assume-yes", "--quiet",
    "-o", "DPkg::Lock::Timeout=120",
    "-o", "Dpkg::Options::=--force-confdef",
    "-o", "Dpkg::Options::=--force-confold",
)  # fmt: skip

FORMAT: Final = "${Package}\t${Architecture}\t${db:Status-Status}\t${db:Status-Want}\t${Version}\t${Provides}\n"
LISTS: Final = ("/var/lib/apt/lists", "/var/lib/apt/lists/partial", "/var/lib/apt/periodic/update-success-stamp")
DAY: Final = 86400
LIST_TRIES: Final = 24
LIST_PAUSE: Final = 5.0
"""apt waits for dpkg's lock but not for that of its lists: how often we try, and the seconds between."""

UNKNOWN: Final = re.compile(
    r"Unable to locate package|has no installation candidate|Version .* was not found|404 +Not Found|"
    r"Failed to fetch|Unable to fetch"
)
INTERRUPTED: Final = "dpkg was interrupted"


class Table:
    """All packages that dpkg knows."""

    def __init__(self, text: str) -> None:
        self._known: dict[str, Known] = {}
        self._providers: dict[str, str] = {}
        for line in text.splitlines():
            name, architecture, status, want, version, provides = line.split("\t")
            installed = status in {"installed", "triggers-pending", "triggers-awaited"}
            if not installed and status != "config-files":
                continue
            known = Known(version if installed else "", held=want == "hold")
            self._known[f"{name}:{architecture}"] = known
            if name not in self._known or installed:
                self._known[name] = known
            if installed:
                for item in provides.split(","):
                    self._providers.setdefault(item.partition("(")[0].strip(), name)

    def find(self, name: str) -> Known | None:
        """Return a package by its name, with or without architecture, or an installed one that provides it."""
        known = self._known.get(name) or self._known.get(name.removesuffix(":all").removesuffix(":any"))
        return known or self._known.get(self._providers.get(name, ""))

    def real(self, name: str) -> str:
        """Return the name of the package that ``name`` stands for; a virtual one has no other."""
        return name if name in self._known else self._providers.get(name, name)


class Apt(Provider):
    """apt-get and dpkg."""

    command = "apt-get"
    holds = True

    def installed(self, probe: Probe, request: Request) -> Known | None:
        """See ``Provider``."""
        return _table(probe).find(request.name)

    def newest(self, probe: Probe, request: Request) -> str | None:
        """See ``Provider``; all candidates come from one reading of apt's own cache."""
        candidates: Mapping[str, str] = probe.cached("apt-upgrades", lambda: _upgrades(probe))
        real = _table(probe).real(request.name)
        known = _table(probe).find(request.name)
        return candidates.get(real, known.version if known else None)

    def install(self, system: System, requests: Sequence[Request]) -> None:
        """See ``Provider``; lists older than a day are fetched first, and once more for what they do not know."""
        if _lists_age(system) > DAY:
            self._update(system)
        argv = self._install_argv(requests)
        timeout = max(request.timeout for request in requests)
        done = self._apt(system, argv, timeout)
        if done.code and UNKNOWN.search(done.stdout + done.stderr) and self._update(system):
            done = self._apt(system, argv, timeout)
        if done.code:
            raise refused(done, "apt-get install")

    def _install_argv(self, requests: Sequence[Request]) -> list[str]:
        """Return the command for one transaction."""
        argv = ["install"]
        if any(request.downgrade for request in requests):
            argv.append("--allow-downgrades")
        if any(request.held for request in requests):
            argv.append("--allow-change-held-packages")
        options = dict.fromkeys(option for request in requests for option in request.install_options)
        return [*argv, *options, "--", *(_target(request) for request in requests)]

    def would_go(self, system: System, request: Request, *, purge: bool) -> frozenset[str]:
        """See ``Provider``; ``apt-get --simulate`` says ``Remv`` or ``Purg`` and a name for each."""
        real = _table(system).real(request.name)
        argv = ["apt-get", "--simulate", "purge" if purge else "remove"]
        argv += ["--allow-change-held-packages"] if request.held else []
        done = system.query(*argv, "--", real, env=ENVIRONMENT)
        if done.code:
            raise refused(done, "simulating the removal")
        names = re.findall(r"^(?:Remv|Purg) (\S+)", done.stdout, re.MULTILINE)
        return frozenset(name for name in names if name.partition(":")[0] != real.partition(":")[0])

    def remove(self, system: System, requests: Sequence[Request], *, purge: bool) -> None:
        """See ``Provider``."""
        names = [_table(system).real(request.name) for request in requests]
        options = dict.fromkeys(option for request in requests for option in request.uninstall_options)
        argv = ["purge" if purge else "remove", *options]
        argv += ["--allow-change-held-packages"] if any(request.held for request in requests) else []
        done = self._apt(system, [*argv, "--", *names], max(request.timeout for request in requests))
        if done.code:
            raise refused(done, f"apt-get {argv[0]}")

    def hold(self, system: System, request: Request, *, held: bool) -> None:
        """See ``Provider``."""
        word = "hold" if held else "install"
        real = _table(system).real(request.name)
        system.run("dpkg", "--set-selections", stdin=f"{real} {word}\n".encode())
        system.invalidate("dpkg")

    def _update(self, system: System) -> bool:
        """Fetch the package lists, once a run; say whether this call did."""
        fetched: list[Completed] = []

        def fetch() -> bool:
            for _ in range(LIST_TRIES):
                done = self._apt(system, ["update"], 600)
                if "Could not get lock" not in done.stderr:
                    break
                time.sleep(LIST_PAUSE)
            fetched.append(done)
            return True

        system.cached("apt-lists-fetched", fetch)
        return bool(fetched)

    def _apt(self, system: System, argv: Sequence[str], timeout: float) -> Completed:
        """Run apt-get; an interrupted dpkg is set right once and the command tried again."""
        command = ["apt-get", *OPTIONS, *argv]
        try:
            done = run(system, command, ENVIRONMENT, timeout)
            if done.code and INTERRUPTED in done.stdout + done.stderr:
                mended = run(system, ["dpkg", "--force-confold", "--configure", "-a"], ENVIRONMENT, timeout)
                if mended.code:
                    raise refused(mended, "dpkg --configure -a")
                done = run(system, command, ENVIRONMENT, timeout)
        finally:
            system.invalidate("dpkg", "apt-upgrades", "units", "accounts", "account-files")
        return done


def _table(probe: Probe) -> Table:
    """Return what dpkg knows, read once."""
    return probe.cached("dpkg", lambda: _read(probe))


def _read(probe: Probe) -> Table:
    """Ask dpkg for all packages. Raises ``MachineError``."""
    done = probe.query("dpkg-query", "--show", f"--showformat={FORMAT}")
    if done.code:
        raise refused(done, "dpkg-query")
    return Table(done.stdout)


def _upgrades(probe: Probe) -> dict[str, str]:
    """Return the newest version of every package that has a newer one than the installed."""
    done = probe.query("apt", "list", "--upgradable", env=ENVIRONMENT)
    if done.code:
        raise refused(done, "apt list --upgradable")
    return dict(re.findall(r"^([^/\s]+)/\S+ (\S+) \S+ \[", done.stdout, re.MULTILINE))


def _lists_age(probe: Probe) -> float:
    """Return how many seconds ago the package lists were fetched."""
    found = [stat.mtime_ns / 1e9 for path in LISTS if (stat := probe.lstat(path)) is not None]
    return time.time() - max(found, default=0.0)


def _target(request: Request) -> str:
    """Return the word for a package on apt-get's command line. Raises ``MachineError`` for a source it cannot take."""
    if request.source is not None:
        if not request.source.startswith("/"):
            raise MachineError("apt takes a package file by its absolute path only")
        return request.source
    return f"{request.name}={request.version}" if request.version else request.name
