"""The type ``notify``: says something to people, changes nothing."""

from __future__ import annotations

from runner.resources.base import Change, Resource, State, Undo, option
from runner.system.base import Probe, System


class Notify(Resource):
    """A message in every run's output.

    Unlike Puppet's it is no change: a run that only says something is an unchanged run, and nobody is refreshed.
    """

    kind = "notify"
    undo = Undo.NONE
    cheap = True

    message = option[object]("Any", "what to say; the title if not given")
    withpath = option[bool]("Boolean", "say where the message comes from too", default=False)

    @property
    def announcement(self) -> str:
        """See :class:`runner.resources.base.Resource`."""
        said = self.message
        text = self.ref.title if said is None else said if isinstance(said, str) else _as_data(said)
        return f"{self.declaration.container}/{self.ref}: {text}" if self.withpath else text

    def wanted(self) -> State:
        """Return the empty state: a message is as it should be."""
        return {}

    def read(self, probe: Probe, keys: frozenset[str]) -> State:  # noqa: ARG002
        """Return the empty state."""
        return {}

    def converge(self, system: System, change: Change) -> None:
        """Do nothing: there is no state that could differ."""


def _as_data(value: object) -> str:
    """Return a message that is no text as JSON."""
    import json  # noqa: PLC0415  few messages are data

    return json.dumps(value, ensure_ascii=False, default=str)
