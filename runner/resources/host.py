"""The type ``host``: a line of ``/etc/hosts``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from hiera.errors import Problem
from runner.resources.base import Identity, State, option, state
from runner.resources.file_entry import PATH_TYPE
from runner.resources.line_entry import LineEntry
from runner.resources.lines import Block, Owner
from runner.system.base import Probe

HOSTS: Final = "/etc/hosts"


class Host(LineEntry):
    """A line of /etc/hosts, found by the canonical name."""

    kind = "host"

    ensure = state[str]("Enum['present', 'absent']", "whether the line shall be there", default="present")
    name_ = option[str](r"Pattern[/\A[^\s#]+\z/]", "the canonical name of the host; the title if it is not given")
    ip = state[str]("String[1]", "the address, IPv4 or IPv6")
    host_aliases = state[Any]("Variant[String, Array[String]]", "further names")
    comment = state[str](r"Pattern[/\A[^\n]*\z/]", "what stands behind the `#`")
    target = option[str](PATH_TYPE, "the file", default=HOSTS)

    @property
    def identity(self) -> Identity:
        """See ``Resource``: a name in another file is another thing."""
        return (self.kind, self.name if self._target == HOSTS else f"{self._target}:{self.name}")

    @property
    def _target(self) -> str:
        return str(self.target)

    def wanted(self) -> State | None:
        """See ``Resource``."""
        wish = super().wanted()
        if wish is not None and "host_aliases" in wish:
            wish["host_aliases"] = _listed(wish["host_aliases"])
        return wish

    def problems(self, probe: Probe) -> Iterator[Problem]:  # noqa: ARG002
        """Yield what is wrong with name and address."""
        import ipaddress  # noqa: PLC0415  few catalogs have hosts

        here = self.declaration.location
        if not self.name or any(char.isspace() or char == "#" for char in self.name):
            yield Problem("bad-name", f"the name of {self.ref} holds a blank or '#'", here)
        if self.attributes.get("ensure") == "absent":
            return
        if self.ip is None:
            yield Problem("missing-attribute", f"{self.ref} needs 'ip'", here)
            return
        try:
            ipaddress.ip_address(self.ip.partition("%")[0])
        except ValueError:
            yield Problem("bad-address", f"'{self.ip}' of {self.ref} is no IP address", here)

    def needs(self) -> Iterator[Identity]:
        """Yield the file and the directories above it."""
        yield ("file", self._target)
        yield from self.parents(self._target)

    def writes(self) -> Iterator[str]:
        """See ``Resource``."""
        yield self._target

    def file(self, probe: Probe, state: State | None) -> str:  # noqa: ARG002
        """See ``LineEntry``."""
        return self._target

    def owner(self, probe: Probe, state: State | None) -> Owner:  # noqa: ARG002
        """See ``LineEntry``."""
        return Owner(0o644)

    def find(self, text: Sequence[str]) -> Block | None:
        """See ``LineEntry``."""
        for at, line in enumerate(text):
            if self.name in line and line.partition("#")[0].split()[1:2] == [self.name]:
                return Block(at, (line,))
        return None

    def landmarks(self, text: Sequence[str]) -> Sequence[str | None]:
        """See ``LineEntry``: the canonical name."""
        return [next(iter(line.partition("#")[0].split()[1:2]), line) for line in text]

    def parse(self, text: Sequence[str]) -> State:
        """See ``LineEntry``."""
        entry, mark, comment = text[0].partition("#")
        ip, _, *aliases = entry.split()
        return {"ip": ip, "host_aliases": aliases} | ({"comment": comment.strip()} if mark else {})

    def render(self, values: State) -> tuple[str, ...]:
        """See ``LineEntry``."""
        parts = [str(values.get("ip", "")), self.name]
        if values.get("host_aliases"):
            parts.append(" ".join(_listed(values["host_aliases"])))
        if values.get("comment"):
            parts.append(f"# {values['comment']}")
        return ("\t".join(parts),)


def _listed(value: Any) -> list[str]:
    """Return one name or many as a list of names."""
    return value.split() if isinstance(value, str) else [str(item) for item in value]
