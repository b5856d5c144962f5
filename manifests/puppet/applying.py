"""What Puppet means by parameters that Freehold's types have no word for, or another default.

What makes no difference on a machine is left out, silently where nobody could miss it, else with a warning; what would
make one that Freehold cannot make is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hiera.errors import Collector, Location, Problem
from hiera.types.scalars import EnumType
from hiera.values import Value
from manifests.catalog import Ref
from manifests.datatypes import type_of
from manifests.draft import Given
from manifests.spec import TypeSpec

DEFAULTS: Final[Mapping[str, Mapping[str, Value]]] = {"exec": {"provider": "posix"}}
"""Attributes that mean something else in Puppet where nobody gives them."""

SILENT: Final = frozenset({
    ("file", "checksum"), ("file", "max_files"), ("file", "source_permissions"), ("file", "sourceselect"),
    ("package", "allow_virtual"), ("package", "configfiles"), ("service", "binary"), ("service", "control"),
    ("service", "manifest"), ("user", "iterations"), ("user", "salt"),
})  # fmt: skip
"""Parameters of other systems, and those that ask for what is done anyway."""

WARNED: Final[Mapping[tuple[str, str], str]] = {
    ("package", "enable_only"): "modules of dnf are not managed",
    ("package", "flavor"): "modules of dnf are not managed",
}
"""Parameters that are left out with a warning, and why."""

DROPPED: Final[Mapping[str, str | None]] = {
    "filebucket": "what a file held before is always kept for going back",
    "schedule": None,  # whoever uses one is told of it
}
"""Types whose resources do nothing by themselves, and what to say of them."""

NATURAL: Final[Mapping[str, frozenset[str]]] = {
    "concat_file": frozenset({"ruby"}),
    "cron": frozenset({"crontab"}),
    "file": frozenset({"posix"}),
    "group": frozenset({"groupadd"}),
    "host": frozenset({"parsed"}),
    "ssh_authorized_key": frozenset({"parsed"}),
    "user": frozenset({"useradd"}),
}
"""Providers that are the only ones here, so that naming them says nothing."""


class Adaptation:
    """Turns the parameters of resources into attributes of Freehold's types."""

    def __init__(self, problems: Collector) -> None:
        self._problems = problems

    def adapt(self, ref: Ref, spec: TypeSpec, given: Mapping[str, Given], place: Location) -> dict[str, Given]:
        """Return the attributes that the parameters ``given`` of ``ref`` mean; ``place`` is where it was declared."""
        found = {name: item for name, item in given.items() if not self._left_out(ref, spec, name, item)}
        for name, value in DEFAULTS.get(ref.kind, {}).items():
            found.setdefault(name, Given(value, place))
        if ref.kind == "file":
            _link(found)
        self._provider(ref, spec, found)
        return found

    def _left_out(self, ref: Ref, spec: TypeSpec, name: str, given: Given) -> bool:
        """Say whether a parameter changes nothing here; warns of those that somebody may miss."""
        if name in spec.attributes:
            return False
        why = WARNED.get((ref.kind, name))
        if why is not None and given.value is not None:
            message = f"'{name}' of {ref} has no effect: {why}"
            self._problems.add(Problem("ignored-attribute", message, given.location, severity="warning"))
        return why is not None or (ref.kind, name) in SILENT

    def _provider(self, ref: Ref, spec: TypeSpec, found: dict[str, Given]) -> None:
        """Refuse a provider that there is none of, in words that name it."""
        given = found.get("provider")
        if given is None or given.value is None:
            return
        known = spec.attributes.get("provider")
        names: tuple[str, ...] = ()
        if known is None:
            if str(given.value) in NATURAL.get(ref.kind, ()):
                del found["provider"]
                return
        else:
            names = tuple(name for part in _parts(known.type) for name in part.values)
            if not names or given.value in names:
                return
        del found["provider"]
        message = f"{ref} wants the provider '{given.value}', which is not supported"
        hint = f"there are: {', '.join(names)}" if names else "leave 'provider' out"
        self._problems.add(Problem("unsupported-provider", message, given.location, hint))


def _parts(notation: str) -> list[EnumType]:
    """Return the enumerations of a data type."""
    kind = type_of(notation)
    return [part for part in kind.spread() or (kind,) if isinstance(part, EnumType)]


def _link(found: dict[str, Given]) -> None:
    """Write out the short forms of ``ensure``: a path is the target of a link, false is absent."""
    ensure = found.get("ensure")
    if ensure is None:
        return
    if isinstance(ensure.value, str) and ensure.value.startswith(("/", "./", "../")):
        found["ensure"] = Given("link", ensure.location)
        found.setdefault("target", ensure)
    elif ensure.value in (False, "false"):
        found["ensure"] = Given("absent", ensure.location)
