"""A run as an ordered list of steps, with one place that concludes.

lock, recover, fetch and verify (:mod:`runner.target`), compile (:mod:`runner.compilation`), converge
(:mod:`runner.engine.converge`), conclude. A failing commit never keeps a node from fetching its fix.
"""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from hiera.errors import Location, Problem, UsageError
from hiera.tree import DirectoryTree
from manifests.catalog import Catalog, PortableDigester
from manifests.compiler import Compilation
from runner.compilation import Subject, compile_subject, facts_for
from runner.reporters.base import Reporter, Silent
from runner.route import Route, RunOptions, RunResult
from runner.settings import Settings
from runner.source.trust import Trust
from runner.store.lock import Lock
from runner.store.state import StateDirectory
from runner.system.local import LocalProbe
from runner.target import Source

if TYPE_CHECKING:
    from runner.puppet.by_hand import Place
    from runner.puppet.machine_tree import MachineTree

__all__ = [
    "RunOptions",
    "RunResult",
    "apply_path",
    "compile_node",
    "facts_for",
    "plan",
    "problems_of",
    "release",
    "run",
    "tree_in_force",
]


def run(settings: Settings, options: RunOptions, reporter: Reporter) -> RunResult:
    """Do the whole route. Raises ``FreeholdError`` when there is nothing to converge at all."""
    settings.require("repo", "environment", "node", "trust")
    Trust.from_settings(settings.trust, Location(settings.config) if settings.config else None)  # before any trace
    state = StateDirectory(settings.state_dir)
    state.create()
    try:
        with Lock(state.place("lock"), options.command, options.wait):
            return Route(settings, options, state, reporter).go()
    finally:
        state.close()


def plan(settings: Settings, options: RunOptions, reporter: Reporter, tree: str | None = None) -> RunResult:
    """Show what a run would do, graded; of ``tree`` if given, else of the commit a run would take."""
    options = dataclasses.replace(options, noop=True, command="plan", show_diff=True)
    if tree is None:
        return run(settings, options, reporter)
    state = StateDirectory(settings.state_dir)
    known = state if state.exists else None
    try:
        route = Route(settings, options, state, reporter)
        return route.preview(DirectoryTree(tree), known)
    finally:
        state.close()


def apply_path(
    settings: Settings, options: RunOptions, reporter: Reporter, path: str, place: Place | None = None
) -> RunResult:
    """Apply a manifest file, or a control repository in a directory, without git; nothing is ever pruned by it.

    With a ``place``, ``path`` is a manifest or a directory of manifests that goes with what stands there.
    """
    state = StateDirectory(settings.state_dir)
    state.create()
    tree: DirectoryTree | MachineTree
    tree, manifest = (place.tree, path.lstrip("/")) if place is not None else _lone(path)
    options = dataclasses.replace(options, command="apply")
    try:
        with Lock(state.place("lock"), options.command, options.wait):
            route = Route(settings, options, state, reporter)
            route.recover()
            return route.apply_tree(tree, manifest, place)
    finally:
        state.close()


def release(settings: Settings, restore: bool, reporter: Reporter) -> RunResult:  # noqa: FBT001  the command's choice
    """End the management of this node: everything goes back to its baseline, or stays as it is."""
    state = StateDirectory(settings.state_dir)
    if not state.exists:
        raise UsageError(Problem("not-managed", f"nothing was ever managed from '{settings.state_dir}'"))
    options = RunOptions(command="release", confirm=True)
    try:
        with Lock(state.place("lock"), options.command):
            return Route(settings, options, state, reporter).release(restore=restore)
    finally:
        state.close()


def compile_node(
    settings: Settings,
    *,
    tree: str | None = None,
    facts_file: str | None = None,
    manifest: str | None = None,
    sealed: bool = False,
) -> tuple[Compilation, DirectoryTree]:
    """Compile for this node, from ``tree`` or the commit in force here. Raises ``DataError``.

    With ``sealed`` nothing is decrypted: placeholders stand for secrets.
    """
    found, revision = tree_in_force(settings, tree)
    facts = facts_for(settings, facts_file)
    subject = Subject(found, revision, facts, manifest, sealed=sealed, password_key=_password_key(settings))
    return compile_subject(settings, subject, PortableDigester(os.urandom(32))), found


def _password_key(settings: Settings) -> bytes:
    """Return what passwords are made of: this node's own where it may be read, else one for this time."""
    state = StateDirectory(settings.state_dir)
    if state.exists and os.access(state.place("key"), os.R_OK):
        return state.password_key
    return os.urandom(32)


def problems_of(settings: Settings, catalog: Catalog) -> list[Problem]:
    """Return what is wrong with the resources of a catalog beyond their attributes' types; touches nothing."""
    from runner.engine.bind import Bound  # noqa: PLC0415  only checks bind without applying

    probe = LocalProbe(settings.root, PortableDigester(b"check"))
    nodes = Bound(catalog).schedule.resources()
    return [problem for node in nodes if node.resource for problem in node.resource.problems(probe)]


def tree_in_force(settings: Settings, tree: str | None) -> tuple[DirectoryTree, str]:
    """Return the tree to look at and its revision: the directory given, or the commit last accepted here."""
    if tree is not None:
        return DirectoryTree(tree), ""
    state = StateDirectory(settings.state_dir)
    accepted = state.standing.accepted(settings.branch) if state.exists else None
    if accepted is None:
        raise UsageError(
            Problem("no-tree", "this node has accepted no commit yet", hint="look at a directory with --tree DIR")
        )
    return Source(settings, state, Silent()).tree_of(accepted.revision), accepted.revision


def _lone(path: str) -> tuple[DirectoryTree, str | None]:
    """Return the tree and the manifest in it that ``apply PATH`` means. Raises ``UsageError``."""
    if os.path.isdir(path):
        return DirectoryTree(path), None
    if not os.path.isfile(path):
        raise UsageError(
            Problem("no-such-file", f"there is no '{path}'", hint="name a manifest or a control repository")
        )
    whole = os.path.abspath(path)
    return DirectoryTree(os.path.dirname(whole)), os.path.basename(whole)
