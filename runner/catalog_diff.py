"""Two catalogs of one node side by side: what a commit would change in what the node is asked to be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hiera.errors import UsageError
from hiera.tree import DirectoryTree
from hiera.values import Value
from manifests.catalog import Catalog, Contents, Declaration, Edge, PortableDigester, Ref
from manifests.compiler import Compilation
from runner.compilation import Subject, compile_subject, facts_for
from runner.settings import Settings
from runner.source.export import Exports
from runner.source.git import Git
from runner.source.mirror import Mirror

WORK_TREE: Final = "."
"""Stands for the files as they lie in the directory, committed or not."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One resource that only one catalog has, or that both have with other attributes.

    ``old`` and ``new`` hold what differs: attributes, and the relations under ``before`` and ``notify``.
    """

    ref: Ref
    change: str  # added | removed | changed
    declaration: Declaration
    old: dict[str, Value]
    new: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences of two compilations, and the bytes behind their ContentRefs."""

    differences: tuple[Difference, ...]
    old: Contents
    new: Contents


class Revisions:
    """Trees of a repository by what people call a revision; exports are made below ``scratch``."""

    def __init__(self, repository: str, scratch: str) -> None:
        self._repository = repository
        inner = os.path.join(repository, ".git")
        self._directory = inner if os.path.exists(inner) else repository
        if os.path.isfile(self._directory):
            self._directory = self._linked(self._directory)
        self._git = Git(self._directory)
        self._exports = Exports(scratch, Mirror(self._directory, repository, "main"), keep=2)

    def _linked(self, pointer: str) -> str:
        """Return the directory that the ``.git`` file of a linked work tree names."""
        with open(pointer, encoding="utf-8", errors="surrogateescape") as stream:
            named = stream.read().removeprefix("gitdir:").strip()
        return os.path.join(self._repository, named)

    def tree(self, name: str) -> tuple[DirectoryTree, str]:
        """Return the tree of the revision ``name`` and its SHA. Raises ``UsageError`` (``unknown-revision``)."""
        if name == WORK_TREE:
            return DirectoryTree(self._repository), ""
        found = self._git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if found.code != 0:
            hint = "name a commit, a branch or a tag, or '.' for the files as they lie"
            raise UsageError.of("unknown-revision", f"'{self._repository}' has no revision '{name}'", hint=hint)
        sha = found.out.decode().strip()
        return self._exports.export(sha), sha


def compare(
    settings: Settings, old: tuple[DirectoryTree, str], new: tuple[DirectoryTree, str], facts_file: str | None
) -> Comparison:
    """Compile ``old`` and ``new`` for one node with the same facts and compare. Raises ``DataError``."""
    facts = facts_for(settings, facts_file)
    digester = PortableDigester(os.urandom(32))  # one key for both: equal secrets have equal digests
    before, after = (
        compile_subject(settings, Subject(tree, revision, facts), digester) for tree, revision in (old, new)
    )
    return Comparison(tuple(differences(before, after)), before.contents, after.contents)


def differences(before: Compilation, after: Compilation) -> Iterator[Difference]:
    """Yield what differs, in the order of the new catalog; what is gone comes last."""
    old, new = _sides(before.catalog), _sides(after.catalog)
    for ref, (declaration, attributes) in new.items():
        if ref not in old:
            yield Difference(ref, "added", declaration, {}, attributes)
            continue
        was = old[ref][1]
        names = [name for name in {**was, **attributes} if was.get(name) != attributes.get(name)]
        if names:
            yield Difference(
                ref,
                "changed",
                declaration,
                {name: was[name] for name in names if name in was},
                {name: attributes[name] for name in names if name in attributes},
            )
    for ref, (declaration, attributes) in old.items():
        if ref not in new:
            yield Difference(ref, "removed", declaration, attributes, {})


def _sides(catalog: Catalog) -> dict[Ref, tuple[Declaration, dict[str, Value]]]:
    """Return each resource with all that says something of it: attributes, flags, and the relations it is source of."""
    relations: dict[Ref, dict[str, list[str]]] = {}
    for edge in catalog.edges:
        relations.setdefault(edge.source, {}).setdefault(_word(edge), []).append(str(edge.target))
    return {
        item.ref: (item, _attributes(item) | {name: sorted(to) for name, to in relations.get(item.ref, {}).items()})
        for item in catalog.declarations
    }


def _word(edge: Edge) -> str:
    return "notify" if edge.notify else "before"


def _attributes(item: Declaration) -> dict[str, Value]:
    """Return the attributes of ``item`` and those metaparameters that became fields."""
    found: dict[str, Value] = dict(item.attributes)
    if item.noop is not None:
        found["noop"] = item.noop
    if item.prune != "restore":
        found["prune"] = item.prune
    return found
