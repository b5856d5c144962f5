"""A resource that is some lines of a file: what hosts, cron jobs and authorised keys have in common."""

from __future__ import annotations

import base64
import os
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Final

from manifests.catalog import Declaration, Plain
from runner.resources import lines
from runner.resources.base import Change, Identity, Resource, State, Undo
from runner.resources.lines import Block, Owner
from runner.system.base import MachineError, Probe, System

LINE: Final = "line"
POSITION: Final = "position"
_ENCODED: Final = "base64:"


class LineEntry(Resource):
    """Some lines of a file.

    Beside what the lines mean, the state has ``line``, the very text, so that going back brings back every blank; and
    ``position``, so that it comes back where it stood. All of a kind converge in the thread that owns the run, so two
    never write one file at once.
    """

    undo = Undo.EXACT
    cheap = True
    volatile = frozenset({POSITION})

    def __init__(self, declaration: Declaration) -> None:
        super().__init__(declaration)
        self.name = str(self.attributes.get("name") or declaration.name)

    def options(self) -> dict[str, Plain]:
        """See :class:`Resource`: the identity may say more than the name."""
        return super().options() | {"name": self.name}

    @abstractmethod
    def file(self, probe: Probe, state: State | None) -> str | None:
        """Return the path of the file for ``state`` (None: as declared), None if it cannot be known yet."""

    @abstractmethod
    def owner(self, probe: Probe, state: State | None) -> Owner:
        """Return mode and owner for the file if it has to be made."""

    @abstractmethod
    def find(self, text: Sequence[str]) -> Block | None:
        """Return the lines that are this resource."""

    @abstractmethod
    def parse(self, text: Sequence[str]) -> State:
        """Return what the lines of a block mean."""

    @abstractmethod
    def render(self, values: State) -> tuple[str, ...]:
        """Return the lines that mean ``values``."""

    def landmarks(self, text: Sequence[str]) -> Sequence[str | None]:
        """Return what each line is recognised by although it may change; see ``lines.Landmarks``."""
        return text

    def parents(self, path: str) -> Iterator[Identity]:
        """Yield the directories above ``path``, nearest first."""
        while path != "/":
            path = os.path.dirname(path)
            yield ("file", path)

    def wanted(self) -> State | None:
        """See :class:`Resource`: the lines themselves are always part of it."""
        wish = super().wanted()
        return wish if wish is None else wish | {LINE: _stored(self.render(wish))}

    def read(self, probe: Probe, keys: frozenset[str]) -> State | None:  # noqa: ARG002  one read gives all
        """See :class:`Resource`."""
        path = self.file(probe, None)
        return None if path is None else self.read_from(probe, path)

    def read_from(self, probe: Probe, path: str) -> State | None:
        """Return the state as the file ``path`` has it."""
        text = lines.load(probe, path)
        block = self.find(text.lines) if text is not None else None
        if block is None:
            return None
        where = lines.position(probe, path, block, self.landmarks)
        return self.parse(_clean(block.lines)) | {LINE: _stored(block.lines), POSITION: where}

    def satisfied(self, key: str, state: State, wish: Plain) -> bool:
        """See :class:`Resource`: the text follows from what it means."""
        return key == LINE or super().satisfied(key, state, wish)

    def after(self, before: State | None, wish: State | None) -> State | None:
        """See :class:`Resource`: the text stays as long as it means the same."""
        if wish is None:
            return None
        changed = {
            key: value for key, value in wish.items() if before is None or not self.satisfied(key, before, value)
        }
        if before is not None and not changed:
            return before
        merged = {**(before or {}), **changed}
        return merged | {LINE: _stored(self.render(merged))}

    def converge(self, system: System, change: Change) -> None:
        """See :class:`Resource`."""
        after = change.after
        old = self.file(system, change.before)
        new = self.file(system, after) if after is not None else None
        if old is not None and change.before is not None and (after is None or old != new):
            self._refuse_several(system, old)
            owner = self.owner(system, change.before)
            lines.edit(system, old, self.find, None, owner=owner, landmarks=self.landmarks)
        if after is not None and new is not None:
            stayed = change.before is not None and old == new
            where = () if stayed else after.get(POSITION) or ()
            owner, text = self.owner(system, after), self._lines(after)
            lines.edit(system, new, self.find, text, owner=owner, landmarks=self.landmarks, where=where)

    def _refuse_several(self, system: System, path: str) -> None:
        """Raise ``MachineError`` if the thing shall go and stands there more than once: nobody says which."""
        text = lines.load(system, path)
        block = self.find(text.lines) if text is not None else None
        if text is None or block is None or self.wanted() is not None:
            return
        rest = (*text.lines[: block.start], *text.lines[block.start + len(block.lines) :])
        if self.find(rest) is not None:
            raise MachineError(f"'{self.name}' stands more than once in '{path}'", hint="remove the others by hand")

    def _lines(self, after: State) -> tuple[str, ...]:
        """Return the recorded lines if they still mean the state, else new ones."""
        if LINE in after:
            kept = _restored(after[LINE])
            meant = self.parse(_clean(kept))
            if all(after.get(key) == value for key, value in meant.items()):
                return kept
        return self.render(after)


def _clean(text: Sequence[str]) -> list[str]:
    """Return the lines with what is no UTF-8 made harmless, for values that people and JSON can read."""
    return [line.encode(errors="replace").decode() for line in text]


def _stored(text: Sequence[str]) -> str:
    """Return lines as one text that JSON can carry."""
    whole = "\n".join(text)
    try:
        whole.encode()
    except UnicodeEncodeError:
        return _ENCODED + base64.b64encode(whole.encode(errors="surrogateescape")).decode()
    return whole


def _restored(text: str) -> tuple[str, ...]:
    """Return the lines that ``_stored`` made a text of."""
    if text.startswith(_ENCODED):
        text = base64.b64decode(text.removeprefix(_ENCODED)).decode(errors="surrogateescape")
    return tuple(text.split("\n"))
