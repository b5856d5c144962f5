"""A run as one JSON document, printed when it ended, however it ended."""

from __future__ import annotations

import sys
from typing import Any, TextIO

import msgspec

from runner.reporters.base import Event, ResourceDone, RunConcluded, RunStarted, SourceEvent, Told
from runner.store.records import Status


class Json:
    """Gathers a run; ``finish`` prints it. Unchanged resources are only counted unless ``verbose``."""

    def __init__(self, stream: TextIO | None = None, *, verbose: bool = False) -> None:
        self._stream = stream or sys.stdout
        self._verbose = verbose
        self._document: dict[str, Any] = {"source": [], "problems": [], "resources": []}

    def on(self, event: Event) -> None:
        """See :class:`runner.reporters.base.Reporter`."""
        match event:
            case RunStarted():
                self._document["started"] = _plain(event)
            case SourceEvent():
                self._document["source"].append(_plain(event))
            case Told():
                self._document["problems"].append(_plain(event.problem))
            case ResourceDone():
                if self._verbose or event.outcome.status is not Status.UNCHANGED or event.announcement is not None:
                    self._document["resources"].append(_resource(event))
            case RunConcluded():
                self._document["run"] = _plain(event.run)
                self._document |= {"owed": event.owed, "pending_prunes": event.pending_prunes}

    def finish(self, exit_code: int, error: dict[str, Any] | None = None) -> None:
        """Print the document with the exit code and, if there was one, the error that ended it."""
        self._document["exit_code"] = exit_code
        if error is not None:
            self._document["error"] = error
        text = msgspec.json.format(msgspec.json.encode(self._document), indent=2).decode()
        self._stream.write(text + "\n")
        self._stream.flush()


def _plain(item: msgspec.Struct) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(item)
    found.pop("type", None)
    return found


def _resource(event: ResourceDone) -> dict[str, Any]:
    extra = {"diff": event.diff, "grade": event.grade, "undo": event.undo, "announcement": event.announcement}
    return {"ref": event.ref, **_plain(event.outcome), **{key: item for key, item in extra.items() if item}}
