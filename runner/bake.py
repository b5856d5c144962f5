"""Baking an image: a run whose machine is a directory tree that no node has booted yet.

The tree must be able to run its own programs here. Services are enabled and not started, secrets stay sealed, facts
are those of the image alone, and what would make two nodes the same one is removed at the end.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hiera.errors import UsageError
from hiera.tree import DirectoryTree
from hiera.values import Value
from manifests.environment import Environment
from runner import scrub
from runner.facts import Facts
from runner.facts.collection import collect_image
from runner.forbidden import Forbidden
from runner.reporters.base import Reporter
from runner.route import Route, RunOptions, RunResult
from runner.scope import ImageState
from runner.settings import LOCAL_ENVIRONMENT, Settings
from runner.store.lock import Lock
from runner.store.state import StateDirectory
from runner.system.base import MachineError
from runner.system.local import LocalSystem


@dataclass(frozen=True, slots=True)
class Baking:
    """What is baked: ``settings`` of the bake, the secret files the image's nodes will have, and facts of those."""

    settings: Settings
    secrets: tuple[str, ...] = ()
    facts: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Baked:
    """How a bake ended: the run, and what was removed from the image afterwards."""

    result: RunResult
    scrubbed: tuple[str, ...]


def bake(baking: Baking, options: RunOptions, reporter: Reporter) -> Baked:
    """Bring the image to its catalog, then take every identity out of it. Raises ``FreeholdError``.

    With ``noop`` it only says what it would do. What failed can be done again: the image keeps what was done, and
    services stay forbidden until a bake has ended.
    """
    settings = baking.settings
    settings.require("repo", "environment", "node", "trust")
    machine = LocalSystem(settings.root, content=lambda _: None, baking=True)
    _check(machine)
    if options.noop:
        return Baked(_planned(baking, options, reporter), ())
    state = ImageState(settings.state_dir)
    state.create()
    try:
        with Lock(state.place("lock"), options.command, options.wait), Forbidden(settings.root):
            result = _Route(baking, options, state, reporter).go()
    finally:
        state.close()
    return Baked(result, tuple(scrub.scrub(settings, baking.secrets)))


def _planned(baking: Baking, options: RunOptions, reporter: Reporter) -> RunResult:
    """Say what a bake would change, by a copy of the image's state: nothing is written into the image."""
    with tempfile.TemporaryDirectory(prefix="freehold-bake-") as place:
        known, copy = baking.settings.state_dir, os.path.join(place, "state")
        if os.path.isdir(known):
            shutil.copytree(known, copy, symlinks=True)
        state = ImageState(copy)
        state.create()
        try:
            return _Route(
                replace(baking, settings=replace(baking.settings, state_dir=copy)), options, state, reporter
            ).go()
        finally:
            state.close()


class _Route(Route):
    """A run whose machine is an image."""

    baking = True

    def __init__(self, baking: Baking, options: RunOptions, state: StateDirectory, reporter: Reporter) -> None:
        super().__init__(baking.settings, options, state, reporter)
        self._extra = baking.facts

    def _facts(self, tree: DirectoryTree) -> Facts:
        settings = self.settings
        modules = Environment.find(tree, settings.environment or LOCAL_ENVIRONMENT).modules.values()
        more = [f"{tree.root}/{path}/facts.d" for path in modules if tree.is_dir(f"{path}/facts.d")]
        return collect_image(settings.root, [*settings.facts_dirs, *more], self._extra)

    def _cache(self) -> None:
        """Keep no catalog: one with placeholders is nobody's."""


def _check(machine: LocalSystem) -> None:
    """Raise ``UsageError`` (``bad-root``, ``needs-root``) unless commands can be run in the image."""
    root = machine.root
    if os.geteuid() != 0:
        raise UsageError.of("needs-root", "baking runs the image's own programs as root", hint="call it with sudo")
    if machine.live:
        return
    if machine.lstat("/etc") is None or machine.which("sh") is None:
        hint = "debootstrap, dnf --installroot or mkosi make one"
        raise UsageError.of("bad-root", f"'{root}' is not the root of an operating system", hint=hint)
    try:
        done = machine.query("true")
    except MachineError as error:
        raise UsageError.of("bad-root", f"nothing runs in '{root}': {error.message}", hint=error.hint) from None
    if done.code:
        said = (done.stderr.strip().splitlines() or [f"exit status {done.code}"])[-1]
        hint = "an image of another architecture needs qemu-user; a container needs CAP_SYS_ADMIN to bake with --root"
        raise UsageError.of("bad-root", f"nothing runs in '{root}': {said}", hint=hint)


def in_image(root: str, path: str) -> str:
    """Return where a path of the node stands on this machine."""
    return os.path.join(root, path.lstrip("/"))
