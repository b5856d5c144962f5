"""Files of which single lines are ours: every other byte stays, and when ours go the file is as it was.

A file that we make says so in its first line, with the number of directories made for it; when nothing but that line
is left, file and directories go again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from manifests.catalog import Plain
from runner.system.base import MachineError, Probe, System

_HEADER: Final = "# Made by Freehold ({} directories), removed with its last entry"
_MADE: Final = re.compile(r"# Made by Freehold \((\d+) directories\), removed with its last entry")
_NEIGHBOURS: Final = 8
_TOP: Final = "top"  # stands for what is before the first line


class Owner(NamedTuple):
    """Mode and owner for what has to be made; None for the process's own."""

    mode: int
    uid: int | None = None
    gid: int | None = None
    directory_mode: int = 0o755
    adopt: bool = False  # the innermost directory belongs to the owner too


class Text(NamedTuple):
    """The lines of a file. ``ended`` says whether its last line has a line end, which is kept as it is."""

    lines: tuple[str, ...]
    ended: bool = True

    @classmethod
    def of(cls, data: bytes) -> Text:
        """Return the lines of ``data``; bytes that are no UTF-8 survive."""
        lines = data.decode(errors="surrogateescape").split("\n")
        if lines[-1]:
            return cls(tuple(lines), ended=False)
        return cls(tuple(lines[:-1]))

    def data(self) -> bytes:
        """Return the bytes again."""
        end = "\n" if self.ended and self.lines else ""
        return ("\n".join(self.lines) + end).encode(errors="surrogateescape")


class Block(NamedTuple):
    """Some lines that belong together, from ``start``."""

    start: int
    lines: tuple[str, ...]


Find = Callable[[Sequence[str]], Block | None]
Landmarks = Callable[[Sequence[str]], Sequence[str | None]]
"""What each line is recognised by when another looks for its place again; None behind which nothing may be put."""


class _Known(NamedTuple):
    """A file as it was read, and as it was first read in this run."""

    signature: tuple[int, int, int]
    text: Text
    first: Text


def load(probe: Probe, path: str) -> Text | None:
    """Return the lines of the file ``path``, None if there is none; read once as long as it does not change.

    Raises ``MachineError`` for anything but a regular file.
    """
    found = probe.lstat(path)
    if found is None:
        return None
    signature = (found.inode, found.mtime_ns, found.size)
    memory: dict[str, _Known] = probe.cached("lines", dict)
    known = memory.get(path)
    if known is None or known.signature != signature:
        text = Text.of(probe.read(path))
        known = memory[path] = _Known(signature, text, known.first if known else text)
    return known.text


def position(probe: Probe, path: str, block: Block, landmarks: Landmarks) -> list[Plain]:
    """Return where ``block`` stands, so that it can come back there.

    Its line number from 0, whether the file ends with a line end, and the digests of the lines before it, nearest
    first; not the lines themselves, which are not ours to keep. All as this run first saw the file: what else the run
    removes is still counted.
    """
    text = load(probe, path) or Text(())
    first = probe.cached("lines", dict[str, _Known])[path].first
    start = _index(first.lines, block)
    text, start = (first, start) if start is not None else (text, block.start)
    return position_at(probe, text, start, landmarks)


def position_at(probe: Probe, text: Text, start: int, landmarks: Landmarks) -> list[Plain]:
    """Return the position before the line ``start`` of ``text``, as :func:`position` gives it."""
    marks = [mark for mark in landmarks(text.lines[:start]) if mark is not None][-_NEIGHBOURS:]
    top = [_TOP] if len(marks) < _NEIGHBOURS else []
    return [start, text.ended, *(_mark(probe, mark) for mark in reversed(marks)), *top]


def _index(lines: Sequence[str], block: Block) -> int | None:
    """Return where the lines of ``block`` stand in ``lines``, if they do."""
    at = -1
    with suppress(ValueError):
        while True:
            at = lines.index(block.lines[0], at + 1)
            if tuple(lines[at : at + len(block.lines)]) == block.lines:
                return at
    return None


def _mark(probe: Probe, line: str) -> str:
    """Return what a line is recognised by without being kept."""
    return probe.digest(line.encode(errors="surrogateescape")).rpartition(":")[2][:16]


def edit(
    system: System,
    path: str,
    find: Find,
    lines: Sequence[str] | None,
    *,
    owner: Owner,
    landmarks: Landmarks,
    where: Sequence[Plain] = (),
) -> None:
    """Let ``lines`` stand in the place of the block that ``find`` finds, or at ``where``, or at the end.

    None removes the block. Raises ``MachineError``.
    """
    found = load(system, path)
    text = found or Text(())
    block = find(text.lines)
    if block is None and lines is None:
        return
    start, size = (block.start, len(block.lines)) if block else (_place(system, landmarks(text.lines), where), 0)
    header = (_HEADER.format(len(_missing(system, path))),) if found is None else ()
    kept = (*header, *text.lines[:start], *(lines or ()), *text.lines[start + size :])
    last = start + size == len(text.lines)
    changed = Text(kept, _ended(text, kept, bool(where[1]) if where and last else None))
    made = _MADE.fullmatch(changed.lines[0]) if len(changed.lines) == 1 else None
    if made and lines is None:
        _unmake(system, path, int(made[1]))
        return
    if found is None:
        for directory in _missing(system, path):
            inner = owner.adopt and directory == os.path.dirname(path)
            system.mkdir(
                directory,
                mode=owner.directory_mode if inner else 0o755,
                uid=owner.uid if inner else None,
                gid=owner.gid if inner else None,
            )
    mode, uid, gid = (owner.mode, owner.uid, owner.gid) if found is None else (None, None, None)
    system.write(path, system.hold(changed.data()), mode=mode, uid=uid, gid=gid)


def _ended(text: Text, kept: Sequence[str], recorded: bool | None) -> bool:  # noqa: FBT001  three answers, no switch
    """Return whether the file shall end with a line end: as it does, or as it did when its last line was ours.

    An empty last line without a line end would be no line at all.
    """
    return (text.ended if recorded is None else recorded) or kept[-1:] == ("",)


def _missing(probe: Probe, path: str) -> list[str]:
    """Return the directories above ``path`` that do not exist, the outermost first."""
    found: list[str] = []
    directory = os.path.dirname(path)
    while probe.lstat(directory) is None:
        found.insert(0, directory)
        directory = os.path.dirname(directory)
    return found


def _unmake(system: System, path: str, directories: int) -> None:
    """Remove a file of ours that has nothing left, and what was made for it, as far as it is empty."""
    system.remove(path)
    for _ in range(directories):
        path = os.path.dirname(path)
        with suppress(MachineError):
            system.remove(path)


def _place(probe: Probe, landmarks: Sequence[str | None], where: Sequence[Plain]) -> int:
    """Return before which line something goes that stood at ``where``; the end if nobody knows."""
    if not where:
        return len(landmarks)
    start, _, *marks = where
    present = [None if mark is None else _mark(probe, mark) for mark in landmarks]
    for distance, mark in enumerate(marks, 1):
        if mark == _TOP:
            return 0
        found = [at for at, other in enumerate(present) if other == mark]
        if found:
            return min(found, key=lambda at: abs(at - (start - distance))) + 1
    start = min(int(start), len(landmarks))
    while start and landmarks[start - 1] is None:
        start += 1
    return start
