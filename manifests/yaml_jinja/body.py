"""A manifest under execution, and what belongs to each step of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from hiera.errors import DataError
from hiera.values import Value
from manifests.catalog import Ref
from manifests.draft import Draft, Given
from manifests.yaml_jinja.expressions import Variables
from manifests.yaml_jinja.loading import Manifest


@dataclass(slots=True)
class Body:
    """A class, define instance or site manifest under execution."""

    manifest: Manifest
    ref: Ref
    variables: Variables
    depth: int
    defaults: dict[str, dict[str, Given]] = field(default_factory=dict)


class Taking:
    """Takes the problems of a ``DataError`` in its block; the draft lacks something then, unless ``whole``."""

    def __init__(self, draft: Draft, *, whole: bool = False) -> None:
        self._draft = draft
        self._whole = whole

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, DataError):
            return False
        self._draft.problems.take(error)
        self._draft.incomplete = self._draft.incomplete or not self._whole
        return True


def kind_of(value: Value) -> str:
    """Return what ``value`` is, in words, without the value."""
    if value is None:
        return "null"
    words = {bool: "a Boolean", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a mapping"}
    return words.get(type(value), "something else")
