"""The type ``file_line``: one line of any file. Attributes are puppetlabs-stdlib's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from hiera.errors import DataError, Problem
from hiera.types.regex import compiled
from manifests.catalog import Plain
from runner.resources import lines
from runner.resources.base import Change, Identity, State, option, state
from runner.resources.file_entry import PATH_TYPE
from runner.resources.line_entry import LINE, POSITION, LineEntry
from runner.resources.lines import Block, Owner
from runner.system.base import MachineError, Probe, System

_PATTERNS: Final = ("match", "after")


class FileLine(LineEntry):
    """A line that shall stand in a file, or not; every other byte of the file stays."""

    kind = "file_line"

    ensure = option[str]("Enum['present', 'absent']", "whether the line shall be there", default="present")
    path = option[str](PATH_TYPE, "the file", required=True)
    line = state[str](r"Pattern[/\A[^\n]*\z/]", "the line, without its line end")
    match = option[str]("String[1]", "a regular expression; a line that matches is replaced by `line`")
    after_ = option[str]("String[1]", "a regular expression; a new line goes behind the first that matches")
    match_for_absence = option[bool]("Boolean", "with `ensure => absent`: remove what `match` finds", default=False)
    replace = option[bool]("Boolean", "false: a line that matches is left as it is", default=True)
    append_on_no_match = option[bool]("Boolean", "false: add no line where nothing matches", default=True)
    multiple = option[bool]("Boolean", "accepted where one line matches; several are an error", default=False)
    replace_all_matches_not_matching_line = option[bool]("Boolean", "as `multiple`", default=False)
    encoding = option[str]("String[1]", "accepted; bytes that are not ours stay as they are")

    @property
    def identity(self) -> Identity:
        """See ``Resource``: the pattern knows the line better than its text, which may change."""
        return (self.kind, f"{self.path}: {self.match or self.line}")

    def options(self) -> dict[str, Plain]:
        """See ``Resource``: what is needed to find the line again."""
        return super().options() | {"line": self.line}

    def problems(self, probe: Probe) -> Iterator[Problem]:  # noqa: ARG002
        """Yield what is wrong with the patterns, and a line that is missing."""
        here = self.declaration.location
        for name in _PATTERNS:
            source = self.attributes.get(name)
            if source is not None and _pattern(str(source)) is None:
                yield Problem("bad-pattern", f"'{name}' of {self.ref} is no regular expression", here)
        if self.line is None and not self._by_match:
            hint = "with 'ensure => absent', 'match' and 'match_for_absence => true' do as well"
            yield Problem("missing-attribute", f"{self.ref} needs 'line'", here, hint)

    @property
    def _by_match(self) -> bool:
        return self.ensure == "absent" and bool(self.match_for_absence) and self.match is not None

    def needs(self) -> Iterator[Identity]:
        """Yield the file and the directories above it."""
        yield ("file", str(self.path))
        yield from self.parents(str(self.path))

    def writes(self) -> Iterator[str]:
        """See ``Resource``."""
        yield str(self.path)

    def file(self, probe: Probe, state: State | None) -> str:  # noqa: ARG002
        """See ``LineEntry``."""
        return str(self.path)

    def owner(self, probe: Probe, state: State | None) -> Owner:  # noqa: ARG002
        """See ``LineEntry``."""
        return Owner(0o644)

    def find(self, text: Sequence[str]) -> Block | None:
        """See ``LineEntry``: the line itself, else the one line that ``match`` finds."""
        if self.line is not None and not self._by_match and self.line in text:
            return Block(text.index(self.line), (self.line,))
        pattern = _pattern(self.match) if self.match is not None else None
        if pattern is None or (self.ensure == "absent" and not self.match_for_absence):
            return None
        found = [at for at, line in enumerate(text) if pattern.search(line)]
        if len(found) > 1:
            raise MachineError(
                f"{len(found)} lines of '{self.path}' match '{self.match}'", hint="let 'match' find one line only"
            )
        return Block(found[0], (text[found[0]],)) if found else None

    def parse(self, text: Sequence[str]) -> State:  # noqa: ARG002
        """See ``LineEntry``: the text is all it means."""
        return {}

    def render(self, values: State) -> tuple[str, ...]:
        """See ``LineEntry``."""
        return tuple(str(values.get(LINE, self.line)).split("\n"))

    def satisfied(self, key: str, state: State, wish: Plain) -> bool:
        """See ``Resource``: a line that may not be replaced is as it should be."""
        return bool(state.get(key) == wish) or not self.replace

    def read(self, probe: Probe, keys: frozenset[str]) -> State | None:
        """See ``Resource``: where nothing may be added, nothing is as good as the line."""
        found = super().read(probe, keys)
        if found is None and self.ensure != "absent" and not self.append_on_no_match:
            return {LINE: self.line}
        return found

    def converge(self, system: System, change: Change) -> None:
        """See ``LineEntry``; a new line goes behind the one that ``after`` finds."""
        if change.creates and change.after is not None and not change.after.get(POSITION):
            where = self._behind(system)
            if where is not None:
                change = Change(change.before, {**change.after, POSITION: where})
        super().converge(system, change)

    def _behind(self, system: System) -> list[Plain] | None:
        """Return the position behind the first line that ``after`` finds."""
        pattern = _pattern(self.after_) if self.after_ is not None else None
        text = lines.load(system, str(self.path)) if pattern is not None else None
        if pattern is None or text is None:
            return None
        for at, line in enumerate(text.lines):
            if pattern.search(line):
                return lines.position_at(system, text, at + 1, self.landmarks)
        return None


def _pattern(source: str) -> re.Pattern[str] | None:
    """Return the regular expression ``source``, written as Ruby's, None if it is none."""
    try:
        return compiled(source)
    except (DataError, re.error):
        return None
