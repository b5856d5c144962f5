"""What nodes offer each other: the interface behind exported resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from hiera.values import Value


@dataclass(frozen=True, slots=True)
class Offered:
    """A resource that another node exported; ``type`` is written as printed, ``Nagios_host``."""

    node: str
    type: str
    title: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


class Exchange(Protocol):
    """Where nodes leave what they export. Without one ``<<| |>>`` collects nothing, as in Puppet without a store."""

    @property
    def alone(self) -> bool:
        """Whether no other node can take part."""

    def offered(self, kind: str) -> Iterable[Offered]:
        """Return the resources of the type ``kind`` that other nodes export."""


class NoOthers:
    """An exchange in which no other node takes part: a node's own exported resources can be collected."""

    alone = True

    def offered(self, kind: str) -> Iterable[Offered]:  # noqa: ARG002  nobody offers anything
        """See :class:`Exchange`."""
        return ()
