"""All facts of a node as one lazy mapping."""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from hiera.errors import Problem
from hiera.values import Value
from runner.facts.place import Place

FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "runner.facts.operating_system": ("os",),
    "runner.facts.kernel": ("kernel", "kernelrelease", "kernelversion", "kernelmajversion"),
    "runner.facts.processors": ("processors",),
    "runner.facts.memory": ("memory",),
    "runner.facts.networking": ("networking",),
    "runner.facts.virtual": ("virtual", "is_virtual", "hypervisors"),
    "runner.facts.identity": ("identity",),
    "runner.facts.system": (
        "system_uptime", "load_averages", "timezone", "path", "fips_enabled", "freeholdversion",
    ),
    "runner.facts.dmi": ("dmi",),
    "runner.facts.storage": ("mountpoints", "disks", "partitions", "filesystems"),
    "runner.facts.ssh": ("ssh",),
    "runner.facts.conventions": (
        "package_provider", "service_provider", "root_home", "is_pe", "systemd", "systemd_version",
    ),
    "runner.facts.cloud": ("cloud", "ec2_metadata", "gce", "az_metadata"),
}  # fmt: skip
"""Module of a family (it has ``gather(place)``) -> the top-level names it may give."""

Gather = Callable[[], Mapping[str, Value]]


class Facts(Mapping[str, Value]):
    """The facts of a node. A family is gathered when one of its names is first read, then it stays as it was.

    What ``extra`` gives wins over external facts, and those over the built-in ones; a top-level name is replaced as
    a whole. The old flat names (``osfamily``) and those of :mod:`runner.facts.modules` can be read but are not listed.
    """

    def __init__(
        self,
        place: Place,
        external: Gather,
        extra: Mapping[str, Value] | None = None,
        only: frozenset[str] | None = None,
    ) -> None:
        self._place = place
        self._only = only
        self._external = external
        self._given: dict[str, Value] = plain(extra or {})
        self._found: dict[str, Mapping[str, Value]] = {}
        self._lock = threading.RLock()

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What went wrong while gathering, so far; never a reason to fail a run."""
        return tuple(
            Problem("fact-not-gathered", message, severity="warning") for message in dict.fromkeys(self._place.warnings)
        )

    def __getitem__(self, name: str) -> Value:
        with self._lock:
            for layer in (self._given, self._once("", self._external)):
                if name in layer:
                    return layer[name]
            if name in _FAMILY_OF and self._has(name):
                return self._family(_FAMILY_OF[name])[name]
        from runner.facts.legacy import legacy  # noqa: PLC0415  only manifests of old want it

        try:
            return legacy(self, name)
        except KeyError:
            return self._of_modules(name)

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            names = {*self._given, *self._once("", self._external)}
            for module in FAMILIES:
                if any(map(self._has, FAMILIES[module])):
                    names |= {name for name in self._family(module) if self._has(name)}
        return iter(sorted(names))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _has(self, name: str) -> bool:
        """Say whether a built-in name may be told here."""
        return self._only is None or name in self._only

    def _family(self, module: str) -> Mapping[str, Value]:
        """Return the facts of one family."""
        return self._once(module, lambda: importlib.import_module(module).gather(self._place))

    def _of_modules(self, name: str) -> Value:
        """Return a fact that Puppet's modules would bring. Raises ``KeyError`` if it is none, or not to be had."""
        from runner.facts import modules  # noqa: PLC0415  only manifests that use such modules want it

        if name not in modules.known():
            raise KeyError(name)
        with self._lock:
            family = modules.family_of(name)
            return self._once(f"modules.{family}", lambda: modules.gather(self._place, name))[name]

    def _once(self, key: str, gather: Gather) -> Mapping[str, Value]:
        """Return what ``gather`` gave the first time."""
        if key not in self._found:
            self._found[key] = plain(gather())
        return self._found[key]


_FAMILY_OF: Final = {name: module for module, names in FAMILIES.items() for name in names}


def collect(probe_root: str = "/", external: Sequence[str] = (), extra: Mapping[str, Value] | None = None) -> Facts:
    """Return the facts of this machine, the operating system's those of the tree ``probe_root``.

    ``external`` are directories of external facts, later ones winning; one that does not exist is nothing.
    """
    place = Place(root=probe_root)

    def outside() -> Mapping[str, Value]:
        present = [directory for directory in external if os.path.isdir(directory)]
        if not present:
            return {}
        from runner.facts.external import gather  # noqa: PLC0415  most machines have none

        return gather(present, place.warnings)

    return Facts(place, outside, extra)


OF_AN_IMAGE: Final = frozenset({"os", "kernel", "freeholdversion"})
"""The built-in names that are the same on the machine that makes an image and on every node that runs it."""

_NOWHERE: Final = "/nonexistent"


def collect_image(root: str, external: Sequence[str] = (), extra: Mapping[str, Value] | None = None) -> Facts:
    """Return the facts of the image in ``root``: nothing of the machine that makes it.

    ``external`` are directories of external facts; programs in them are not run. ``extra`` is what a person says of
    the nodes to be.
    """
    place = Place(root=root, proc=_NOWHERE, sys=_NOWHERE, dev=_NOWHERE, run=_NOWHERE, etc=os.path.join(root, "etc"))

    def outside() -> Mapping[str, Value]:
        from runner.facts.external import gather  # noqa: PLC0415  as in collect

        return gather([path for path in external if os.path.isdir(path)], place.warnings, run=False)

    return Facts(place, outside, extra, OF_AN_IMAGE)


def plain(value: Value) -> Value:
    """Return ``value`` in plain dicts and lists with text as keys, fit for JSON; what JSON lacks becomes text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)
