"""The type ``package``: what a package manager has installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hiera.errors import Problem
from manifests.catalog import Declaration
from runner.resources.base import Change, Identity, Missing, Resource, State, option, state
from runner.resources.package.base import Known, Provider, Request
from runner.resources.package.choice import PIP, PROVIDERS, choose
from runner.system.base import InUse, MachineError, Probe, System

GONE = ("absent", "purged")
WORDS = ("present", "installed", "latest", "held", *GONE)


class Package(Resource):
    """A package, by the machine's own package manager, or of Python by pip.

    State is its version, and whether it is held. Taking back an installation simulates first and refuses if anything
    else would go with it; configuration and data stay unless ``ensure`` says ``purged``.
    """

    kind = "package"
    volatile = frozenset({"version"})

    name_ = option[str]("String[1]", "the package; may say an architecture (`libc6:i386`)")
    ensure = state[str](
        "String[1]", "present (or installed), latest, a version, held, absent, or purged: without its configuration"
    )
    mark = state[str]("Enum['hold', 'none']", "whether the version is held where it is")
    provider = option[str](
        f"Enum[{', '.join(repr(name) for name in PROVIDERS)}]", "the package manager; the machine's own if not given"
    )
    source = option[str]("String[1]", "a package file, or for pip anything it can install, instead of a repository")
    install_options = option[Any](
        "Array[Variant[String[1], Hash[String[1], String]]]", "more options for the command that installs"
    )
    uninstall_options = option[Any](
        "Array[Variant[String[1], Hash[String[1], String]]]", "more options for the command that removes"
    )
    allow_downgrade = option[bool]("Boolean", "let a version asked for be older than the installed one", default=True)
    target = option[str]("String[1]", "for pip: the virtual environment, or the Python program, to install into")
    timeout = option[int]("Integer[1]", "seconds that installing or removing may take", default=1800)

    def __init__(self, declaration: Declaration) -> None:
        super().__init__(declaration)
        self._newest: str | None = None
        self._provider: Provider | None = None

    @property
    def package(self) -> str:
        """The name that the package manager knows it by."""
        prefix = self._prefix()
        return self.name.removeprefix(prefix) if prefix else self.name

    @property
    def identity(self) -> Identity:
        """Return the package; one of pip is another thing than the system's of the same name."""
        return (self.kind, self._prefix() + self.package)

    def _prefix(self) -> str:
        if self.provider not in PIP:
            return ""
        return f"pip:{self.target}:" if self.target else "pip:"

    @property
    def exclusive(self) -> frozenset[str]:
        """Name the lock of the package manager; every environment of pip has its own."""
        return frozenset({self._prefix() or "dpkg"})

    def needs(self) -> Iterator[Identity]:
        """Yield a package file that is installed, and the files that say where packages come from."""
        if self.source and self.source.startswith("/"):
            yield ("file", self.source)

    def wanted(self) -> State | None:
        """Return the version and the hold that are asked for; nothing more for ``present``."""
        ensure = self.ensure or "present"
        if ensure in GONE:
            return None
        wish: State = {}
        if ensure == "latest" or ensure not in WORDS:
            wish["version"] = ensure
        if ensure == "held" or self.mark is not None:
            wish["hold"] = ensure == "held" or self.mark == "hold"
        return wish

    def not_applicable(self, probe: Probe) -> str | None:
        """Leave a directory tree alone: packages belong to a machine or an image."""
        return None if probe.live or probe.baking else "packages mean nothing under --root"

    def missing(self, probe: Probe) -> Iterator[Missing]:
        """Yield the package manager if it is not there."""
        try:
            command = choose(probe, self.provider).lacks(probe, self._request())
        except MachineError as none:
            yield Missing("command", "", none.message)
        else:
            if command is not None:
                yield Missing("command", command, f"the package manager '{command}' is not installed")

    def problems(self, probe: Probe) -> Iterator[Problem]:  # noqa: ARG002
        """Yield names that would be taken for options, and a hold where there is none."""
        if self.package.startswith("-") or (self.ensure or "").startswith("-"):
            message = f"{self.ref} has a name or version that starts with '-'"
            yield Problem("invalid-package", message, self.declaration.location)
        if self.provider not in {None, "apt"} and (self.mark is not None or self.ensure == "held"):
            message = f"{self.ref} cannot be held: {self.provider} does not know that"
            yield Problem("invalid-package", message, self.declaration.location)

    def read(self, probe: Probe, keys: frozenset[str]) -> State | None:  # noqa: ARG002
        """Return the installed version; the newest one is found out only if it is asked for."""
        provider = self._chosen(probe)
        found = provider.installed(probe, self._request())
        if self.ensure == "latest" and found is not None:
            self._newest = provider.newest(probe, self._request())
        if found is None or not (found.version or self.ensure == "purged"):
            return None
        return _state(found, provider)

    def satisfied(self, key: str, state: State, wish: Any) -> bool:
        """Compare; a version may be the newest there is, or leave parts out as its package manager allows."""
        if key != "version" or not isinstance(state.get(key), str):
            return bool(state.get(key) == wish)
        if wish == "latest":
            return self._newest is None or state[key] == self._newest
        return self._provider.same(state[key], wish) if self._provider else bool(state[key] == wish)

    def after(self, before: State | None, wish: State | None) -> State | None:
        """See :class:`runner.resources.base.Resource`; ``latest`` becomes the version it stands for."""
        whole = super().after(before, wish)
        if whole is not None and whole.get("version") == "latest" and self._newest is not None:
            whole["version"] = self._newest
        return whole

    def converge(self, system: System, change: Change) -> None:
        """Install, remove, hold or let go."""
        provider = self._chosen(system)
        request = self._request(held=bool((change.before or {}).get("hold")))
        if change.after is None:
            self._remove(system, provider, request)
            return
        version = change.after.get("version")
        if "residue" in change.after:
            raise MachineError("the configuration of a purged package does not come back")
        if change.creates or "version" in change.keys:
            exact = None if version in {None, "latest"} else str(version)
            provider.install(system, [request.exactly(exact)])
        if "hold" in change.keys:
            provider.hold(system, request, held=bool(change.after.get("hold")))

    def _remove(self, system: System, provider: Provider, request: Request) -> None:
        """Remove the package alone. What others need stays, unless it is this declaration that wants it gone."""
        purge = self.ensure == "purged"
        others = provider.would_go(system, request, purge=purge)
        if others:
            message = f"{', '.join(sorted(others)[:10])} would go with it"
            if self.ensure in GONE:
                raise MachineError(message, hint="declare them absent too, before this one")
            raise InUse(message)
        provider.remove(system, [request], purge=purge)

    def _chosen(self, probe: Probe) -> Provider:
        self._provider = self._provider or choose(probe, self.provider)
        return self._provider

    def _request(self, *, held: bool = False) -> Request:
        """Return what the package manager has to know."""
        return Request(
            name=self.package,
            source=self.source,
            install_options=_flat(self.install_options),
            uninstall_options=_flat(self.uninstall_options),
            downgrade=bool(self.allow_downgrade),
            held=held,
            target=self.target,
            timeout=float(self.timeout or 1800),
        )


def _state(found: Known, provider: Provider) -> State:
    """Return what is known of an installed package as its state."""
    if not found.version:
        return {"residue": True}
    return {"version": found.version} | ({"hold": found.held} if provider.holds else {})


def _flat(options: Any) -> tuple[str, ...]:
    """Return options as words; a mapping is ``--key=value`` as Puppet writes it."""
    words: list[str] = []
    for item in options or ():
        words += [f"{key}={value}" for key, value in item.items()] if isinstance(item, dict) else [item]
    return tuple(words)
