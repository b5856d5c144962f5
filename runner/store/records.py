"""The rows of the store as frozen data."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

PRESENCE = "presence"
"""The pseudo attribute under which the ledger keeps whether a thing was there at all."""


class Status(StrEnum):
    """What became of a resource."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    FAILED = "failed"
    SKIPPED = "skipped"  # something it depends on failed
    PENDING = "pending"  # noop: it would change
    NOT_APPLICABLE = "not-applicable"
    KEPT = "kept"  # it left the catalog, but somebody else changed it since: left alone, reported
    DEFERRED = "deferred"  # in a bake: it waits for the node's own key, or for something that does
    HELD_BACK = "held-back"  # it left the catalog; its removal waits
    STARTED = "started"  # the touch is under way, or a run died during it


class Action(StrEnum):
    """What a run did with a resource."""

    APPLY = "apply"
    PRUNE = "prune"


class Run(msgspec.Struct, frozen=True):
    """One run. Times are seconds since the epoch; ``ended`` and ``exit_code`` are None while it runs."""

    id: int
    command: str
    trigger: str
    revision: str
    tree: str
    environment: str
    node: str
    signer: str
    trust: str
    noop: bool
    catalog: str
    started: float
    ended: float | None
    result: str
    exit_code: int | None
    counts: dict[str, int]
    message: str


class Outcome(msgspec.Struct, frozen=True):
    """What became of one resource in one run. States hold digests, never content."""

    run: int
    seq: int
    kind: str
    name: str
    title: str
    action: Action
    status: Status
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    drift: bool
    refreshed: bool
    revision: str
    file: str
    line: int
    message: str
    at: float
    seconds: float


class Thing(msgspec.Struct, frozen=True):
    """A managed thing of the ledger; ``pending`` says why its removal waits, or is empty."""

    kind: str
    name: str
    title: str
    options: dict[str, Any]
    prune: str
    revision: str
    file: str
    line: int
    pending: str = ""


class Claim(msgspec.Struct, frozen=True):
    """One managed attribute: ``baseline`` was read before the first touch, ``applied`` is what was last applied.

    Until it is ``confirmed``, ``applied`` is what a touch under way intends and ``previous`` what stood there before
    it. ``lost`` says that the bytes of the baseline were too large to keep.
    """

    kind: str
    name: str
    attribute: str
    baseline: Any
    applied: Any
    confirmed: bool
    declared: bool
    revision: str
    file: str
    line: int
    previous: Any = None
    lost: bool = False


class LedgerEdge(msgspec.Struct, frozen=True):
    """A relation between two managed things as it was last applied."""

    source_kind: str
    source_name: str
    target_kind: str
    target_name: str
    notify: bool


class Owed(msgspec.Struct, frozen=True):
    """A refresh that somebody is owed."""

    kind: str
    name: str
    cause: str
    run: int


class Accepted(msgspec.Struct, frozen=True):
    """The highest accepted commit of a branch."""

    branch: str
    revision: str
    signer: str
    at: float


class Mark(msgspec.Struct, frozen=True):
    """What became of a commit on this node: ``good``, ``bad``, ``compile-error`` or ``failed``."""

    revision: str
    tree: str
    verdict: str
    note: str
    at: float


class Hold(msgspec.Struct, frozen=True):
    """A pin or a pause; ``until`` in seconds since the epoch."""

    kind: str
    value: str
    reason: str
    since: float
    until: float
