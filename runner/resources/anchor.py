"""The type ``anchor``: a fixed point for relations, from the days before ``contain``. It is nothing on the machine."""

from __future__ import annotations

from runner.resources.base import Change, Refreshable, Resource, State, Undo
from runner.system.base import Probe, System


class Anchor(Resource, Refreshable):
    """A point that other resources stand before or after; a refresh passes through it."""

    kind = "anchor"
    undo = Undo.NONE
    cheap = True

    def wanted(self) -> State:
        """See ``Resource``: nothing."""
        return {}

    def read(self, probe: Probe, keys: frozenset[str]) -> State:  # noqa: ARG002
        """See ``Resource``: nothing."""
        return {}

    def converge(self, system: System, change: Change) -> None:
        """See ``Resource``: there is nothing to do."""

    def refresh(self, system: System) -> None:
        """See ``Refreshable``: passing it on is the graph's part."""
