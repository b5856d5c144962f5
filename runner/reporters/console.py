"""A run on a terminal: coloured lines above one line of progress. Only this module imports rich."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

from rich.console import Console as Terminal
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from runner.reporters import wording
from runner.reporters.base import Event, ResourceDone, RunConcluded, RunStarted, SourceEvent
from runner.reporters.plain import STYLES, Plain


class Console(Plain):
    """Plain lines with colours, and a progress line while a run lasts."""

    def __init__(
        self,
        stream: TextIO | None = None,
        verbosity: int = 0,
        line_of: Callable[[str, int], str | None] | None = None,
        *,
        terminal: Terminal | None = None,
    ) -> None:
        super().__init__(stream, verbosity, line_of)
        self._terminal = terminal or Terminal(file=stream or sys.stdout, highlight=False, soft_wrap=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._terminal,
            transient=True,
            disable=verbosity < 0,
        )
        self._task = self._progress.add_task("starting", total=None)

    def on(self, event: Event) -> None:
        """See :class:`runner.reporters.base.Reporter`."""
        if isinstance(event, RunConcluded):
            self.close()
        elif not self._progress.live.is_started:
            self._progress.start()
        if isinstance(event, RunStarted):
            text = f"{event.command} {wording.short(event.revision)}" if event.revision else event.command
            self._progress.update(self._task, description=text, total=event.total, refresh=True)
        elif isinstance(event, SourceEvent):
            self._progress.update(self._task, description=event.what)
        elif isinstance(event, ResourceDone):
            self._progress.advance(self._task)
        super().on(event)

    def close(self) -> None:
        """Take the progress line away."""
        self._progress.stop()

    def write(self, text: str, word: str = "") -> None:
        """See :class:`runner.reporters.plain.Plain`."""
        row = Text(f"{word:<7}  ", style=STYLES.get(word, "")) + Text(text) if word else Text(text)
        self._terminal.print(row, soft_wrap=True)

    def write_diff(self, row: str) -> None:
        """Write a row of a diff in the colours of diffs."""
        mark = row.strip()[:1]
        style = {"+": "green", "-": "red", "@": "cyan"}.get(mark, "")
        self._terminal.print(Text(row, style=style), soft_wrap=True)
