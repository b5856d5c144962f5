"""The few facts that Puppet's own agent adds: modules ask them which Puppet they are compiled by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from hiera.values import Value

VERSIONS: Final = {7: "7.34.0", 8: "8.10.0"}
"""Version of the language -> the release of Puppet that Freehold answers for."""
FACTER_VERSIONS: Final = {7: "4.7.0", 8: "4.10.0"}


class WithAgentFacts(Mapping[str, Value]):
    """``facts`` with those of the agent, which are found only where ``facts`` has none of that name."""

    def __init__(self, facts: Mapping[str, Value], node: str, puppet_version: int) -> None:
        self._facts = facts
        version = VERSIONS[puppet_version]
        self._own: dict[str, Value] = {
            "clientcert": node,
            "clientnoop": False,
            "clientversion": version,
            "facterversion": FACTER_VERSIONS[puppet_version],
            "puppetversion": version,
        }

    def __getitem__(self, name: str) -> Value:
        try:
            return self._facts[name]
        except KeyError:
            return self._own[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._facts, *self._own)))

    def __len__(self) -> int:
        return sum(1 for _ in self)
