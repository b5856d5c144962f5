"""A recursive directory: which entries it stands for, and which of them are there only to be removed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from manifests.catalog import Declaration, Plain, Ref
from runner.resources.base import Child
from runner.system.base import Probe
from runner.system.publish import PREFIX

if TYPE_CHECKING:
    from runner.resources.file import File

_INHERITED = ("owner", "group", "mode", "replace", "force", "backup", "show_diff", "links")


def children(directory: File, probe: Probe) -> Iterator[Child]:
    """Yield the entries of the source, then those on the machine that it does not hold.

    A directory comes before its entries, except that what is to be removed comes deepest first. What else is declared
    is the caller's to leave out.
    """
    source = _with_parents(directory.attributes.get("source_tree") or {})
    known = {path: ref for path, ref in source.items() if reaches(directory, path)}
    for path in sorted(known):
        yield Child(_declaration(directory, path, _from_source(directory, path, known[path])))
    if looks(directory):
        yield from _strays(directory, probe, "", known)


def looks(directory: File) -> bool:
    """Say whether recursion is about what is on the machine too, not only about the source."""
    return directory.recurse not in {None, False, "false", "remote"}


def _from_source(directory: File, path: str, content: Plain) -> dict[str, Plain]:
    """Return the attributes of an entry of the source; what is executable there is here, unless a mode is given."""
    modes = directory.attributes.get("source_modes") or {}
    own = {"ensure": "directory"} if content is None else {"ensure": "file", "content": content}
    mode = {"mode": modes[path]} if path in modes else {}
    return mode | _inherited(directory) | own


def _with_parents(tree: dict[str, Plain]) -> dict[str, Plain]:
    """Return ``tree`` with every directory that its paths pass through."""
    whole = dict(tree)
    for path in tree:
        parent = os.path.dirname(path)
        while parent:
            whole.setdefault(parent, None)
            parent = os.path.dirname(parent)
    return whole


def reaches(directory: File, path: str) -> bool:
    """Say whether recursion reaches ``path``: not ignored, not too deep."""
    parts = path.split("/")
    limit = directory.recurselimit
    if limit is not None and len(parts) > limit:
        return False
    return not any(part.startswith(PREFIX) or _matches(part, directory.ignore) for part in parts)


def _strays(directory: File, probe: Probe, below: str, known: dict[str, Plain]) -> Iterator[Child]:
    """Yield what is on the machine below ``below`` and not in ``known``."""
    for name in probe.listdir(os.path.join(directory.name, below)):
        path = os.path.join(below, name)
        if not reaches(directory, path):
            continue
        found = probe.lstat(os.path.join(directory.name, path))
        is_directory = found is not None and found.kind == "directory"
        if path not in known and directory.purge:
            if is_directory and not directory.force:
                continue
            yield from leaving(directory, probe, path) if is_directory else ()
            yield _purged(directory, path)
            continue
        adopted = {key: value for key, value in _inherited(directory).items() if key in {"owner", "group", "mode"}}
        if path not in known and adopted:
            yield Child(_declaration(directory, path, adopted))
        if is_directory:
            yield from _strays(directory, probe, path, known)


def leaving(directory: File, probe: Probe, below: str = "") -> Iterator[Child]:
    """Yield everything below ``below`` for removal, deepest first."""
    for name in probe.listdir(os.path.join(directory.name, below)):
        path = os.path.join(below, name)
        found = probe.lstat(os.path.join(directory.name, path))
        if found is not None and found.kind == "directory":
            yield from leaving(directory, probe, path)
        yield _purged(directory, path)


def _purged(directory: File, path: str) -> Child:
    """Return the entry ``path`` as something that shall not be there. It never takes others with it."""
    return Child(_declaration(directory, path, {"ensure": "absent"}), purge=True)


def _inherited(directory: File) -> dict[str, Plain]:
    """Return the attributes that an entry takes over from its directory."""
    return {key: directory.attributes[key] for key in _INHERITED if key in directory.attributes}


def _declaration(directory: File, path: str, attributes: dict[str, Plain]) -> Declaration:
    """Return the declaration of the entry ``path``, at the place of its directory's."""
    whole = os.path.join(directory.name, path)
    return msgspec.structs.replace(
        directory.declaration, ref=Ref("file", whole), name=whole, attributes=attributes
    )  # fmt: skip


def _matches(name: str, patterns: Plain) -> bool:
    """Say whether ``name`` matches one of the globs ``patterns`` (one, a list, or None)."""
    import fnmatch  # noqa: PLC0415  only recursion needs it

    listed = [patterns] if isinstance(patterns, str) else patterns or []
    return any(re.match(fnmatch.translate(str(pattern)), name) for pattern in listed)
