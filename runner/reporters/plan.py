"""The page of a plan: by how sure each line is, with how far it could be taken back, what leaves apart."""

from __future__ import annotations

from typing import Final, Protocol

from runner.reporters import wording
from runner.reporters.base import ResourceDone
from runner.store.records import Action, Status

_SECTIONS: Final = (
    ("certain", "certain: nothing before it changes what was seen"),
    ("assumed", "assumed: predicted from an earlier step of this plan"),
    ("unknowable", "unknowable: it depends on what an earlier step leaves; decided at its turn"),
)
_UNDO: Final = {"exact": "undo: exact", "state": "undo: state", "none": "not reversible"}


class Writer(Protocol):
    """What a plan is written to."""

    def write(self, text: str, word: str = "") -> None:
        """Write a line that may begin with the label ``word``."""

    def write_diff(self, row: str) -> None:
        """Write a row of a diff."""


class PlanPage:
    """Gathers the resources of a plan and writes them by grade."""

    def __init__(self) -> None:
        self._graded: dict[str, list[ResourceDone]] = {}
        self._leaving: list[ResourceDone] = []
        self._others: list[ResourceDone] = []

    def take(self, event: ResourceDone) -> None:
        """Take one resource of the plan."""
        if event.outcome.action is Action.PRUNE:
            self._leaving.append(event)
        elif event.outcome.status is Status.PENDING or event.grade == "unknowable":
            self._graded.setdefault(event.grade or "certain", []).append(event)
        else:
            self._others.append(event)

    def write(self, writer: Writer, *, unchanged: bool) -> None:
        """Write the page; ``unchanged`` adds what stays as it is."""
        for grade, title in _SECTIONS:
            _section(writer, title, self._graded.get(grade, []))
        _section(writer, "prune: it left the catalog and goes back to what was there before", self._leaving)
        calm = {Status.UNCHANGED, Status.NOT_APPLICABLE}
        rest = [event for event in self._others if unchanged or event.outcome.status not in calm]
        _section(writer, "as it is" if unchanged else "not to be changed", rest)


def _section(writer: Writer, title: str, events: list[ResourceDone]) -> None:
    if not events:
        return
    writer.write(title)
    for event in events:
        touched = event.outcome.status in {Status.PENDING, Status.CHANGED} or event.grade == "unknowable"
        undo = f"  [{_UNDO[event.undo]}]" if touched and event.undo in _UNDO else ""
        writer.write("  " + wording.line(event.outcome, event.ref, event.announcement) + undo)
        for row in (event.diff or "").splitlines():
            writer.write_diff(f"      {row}")
