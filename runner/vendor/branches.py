"""Environments that are branches of a repository become directories of the one repository."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from typing import Final

from hiera.errors import Collector, DataError, FreeholdError, Problem
from manifests.puppet.loaders.puppetfile import NAME
from runner.vendor import files
from runner.vendor.lock import NAME as LOCK
from runner.vendor.lock import LockedBranch, read_lock
from runner.vendor.repositories import Repositories, Repository
from runner.vendor.vendoring import Fetched, Vendoring

_REPLACED: Final = re.compile(r"\W")


def environment_of(branch: str) -> str:
    """Return the name of the environment of ``branch``: what Puppet does not allow in it becomes ``_``."""
    return _REPLACED.sub("_", branch)


def from_branches(
    root: str, url: str, repositories: Repositories, *, only: Collection[str] = (), force: bool
) -> list[Fetched]:
    """Write ``environments/BRANCH/`` for each branch of the repository at ``url``, with the modules it names.

    ``only`` limits it to some branches. An environment that was changed by hand is replaced only with ``force``. All
    problems are raised at once, after everything else is done.
    """
    repository = repositories.open(url)
    branches = repository.branches()
    unknown = sorted(set(only) - branches.keys())
    if unknown:
        raise DataError(*(Problem("unknown-ref", f"'{repository.url}' has no branch '{name}'") for name in unknown))
    lock, problems, done = read_lock(root), Collector(), []
    for branch, commit in branches.items():
        if only and branch not in only:
            continue
        name = environment_of(branch)
        directory = os.path.join(os.path.abspath(root), "environments", name)
        before = lock.environments.get(name)
        try:
            if before is not None and before.branch != branch and before.branch in branches:
                raise DataError.of("duplicate-environment", f"'{branch}' and '{before.branch}' are both '{name}'")
            changed = before is None or before.revision != commit or not os.path.isdir(directory)
            if changed:
                digest = _replace(repository, commit, directory, before, force=force)
                lock.environments[name] = LockedBranch(branch, commit, digest)
                lock.write(root)
                done.append(Fetched(name, commit[:10], before.revision[:10] if before else "", f"environments/{name}"))
            if os.path.isfile(os.path.join(directory, NAME)):
                done += Vendoring(directory).fetch(repositories, update=False, force=force)
        except FreeholdError as error:
            problems.take(error)
    problems.check()
    return done


def _replace(repository: Repository, commit: str, directory: str, before: LockedBranch | None, *, force: bool) -> str:
    """Put the files of ``commit`` in ``directory``, keeping the modules fetched there, and return their digest."""
    if os.path.isdir(directory) and not force and (before is None or _digest(directory) != before.digest):
        message = f"'{directory}' was not written by this command, or was changed since"
        raise DataError.of("modified-environment", message, hint="use --force to replace it")
    new = files.beside(directory)
    try:
        files.unpack(repository.archive(commit), new, strip=0, origin=f"'{repository.url}' at {commit[:7]}")
        digest = _digest(new)
        _keep_modules(directory, new)
        files.publish(new, directory)
    finally:
        files.remove(new)
    return digest


def _fetched_paths(directory: str) -> list[str]:
    """Return what in ``directory`` is there because of its Puppetfile."""
    return [LOCK, *(locked.path for locked in read_lock(directory).modules.values())]


def _digest(directory: str) -> str:
    return files.digest(directory, _fetched_paths(directory))


def _keep_modules(old: str, new: str) -> None:
    """Move what was fetched for an environment to its new directory, where the branch does not bring it."""
    if not os.path.isdir(old):
        return
    for path in _fetched_paths(old):
        source, target = os.path.join(old, path), os.path.join(new, path)
        if os.path.exists(source) and not os.path.lexists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.rename(source, target)
