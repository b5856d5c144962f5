"""The resource types: one explicit table, each type loaded when a catalog first names it.

To add a type: write ``runner/resources/NAME.py`` with a :class:`runner.resources.base.Resource`, add a line here
and rows to the table of ``tests/contract/``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from manifests.spec import TypeSpec

if TYPE_CHECKING:
    from runner.resources.base import Resource

BUILT_IN: Final[Mapping[str, str]] = {
    "anchor": "runner.resources.anchor:Anchor",
    "concat": "runner.resources.concat:Concat",
    "concat_file": "runner.resources.concat:ConcatFile",
    "concat_fragment": "runner.resources.concat:ConcatFragment",
    "cron": "runner.resources.cron:Cron",
    "exec": "runner.resources.exec:Exec",
    "file": "runner.resources.file:File",
    "file_line": "runner.resources.file_line:FileLine",
    "group": "runner.resources.group:Group",
    "host": "runner.resources.host:Host",
    "notify": "runner.resources.notify:Notify",
    "package": "runner.resources.package:Package",
    "service": "runner.resources.service:Service",
    "ssh_authorized_key": "runner.resources.ssh_authorized_key:SshAuthorizedKey",
    "user": "runner.resources.user:User",
}
"""Kind -> ``module:class``."""


@cache
def load(kind: str) -> type[Resource]:
    """Return the class of the type ``kind``. Raises ``KeyError`` if there is none."""
    module, _, name = BUILT_IN[kind].partition(":")
    found: type[Resource] = getattr(importlib.import_module(module), name)
    return found


class Specifications(Mapping[str, TypeSpec]):
    """The compiler's table of types; a type is imported when its entry is first read."""

    def __init__(self) -> None:
        self._known: dict[str, TypeSpec] = {}

    def __getitem__(self, kind: str) -> TypeSpec:
        if kind not in self._known:
            self._known[kind] = load(kind).spec()
        return self._known[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(BUILT_IN)

    def __len__(self) -> int:
        return len(BUILT_IN)

    def __contains__(self, kind: object) -> bool:
        return kind in BUILT_IN
