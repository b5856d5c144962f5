"""Git repositories of modules, fetched bare into a place that is thrown away."""

from __future__ import annotations

import os
import re
from typing import Final

from hiera.errors import DataError
from runner.source.address import Credentials, parse_address, scrub
from runner.source.git import Git, Unreachable

_ARCHIVE_LIMIT: Final = 1024 * 1024 * 1024
_SETTINGS: Final = {"http.followRedirects": "initial"}
"""A repository that moved is still found: its host says where to, and what comes is committed by a person."""
_REF: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@#=/-]*")


class Repositories:
    """Fetches each repository once."""

    def __init__(self, directory: str, credentials: Credentials | None = None) -> None:
        self._directory = directory
        self._credentials = credentials
        self._known: dict[str, Repository] = {}

    def open(self, url: str) -> Repository:
        """Return the repository at ``url``, fetched. Raises ``UsageError`` and ``Unreachable``."""
        if url not in self._known:
            place = os.path.join(self._directory, f"{len(self._known)}.git")
            self._known[url] = Repository(url, place, self._credentials)
        return self._known[url]


class Repository:
    """A fetched repository."""

    def __init__(self, url: str, place: str, credentials: Credentials | None) -> None:
        self.url = scrub(url)
        self._git = Git(place, credentials)
        address = parse_address(url).url
        os.makedirs(place)
        self._must("init", "--bare", "--quiet")
        refs = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", "+HEAD:refs/freehold/head")
        answer = self._git.run(
            "fetch", "--quiet", "--no-tags", address, *refs, seconds=600, url=address, settings=_SETTINGS
        )
        if answer.code != 0:
            last = answer.err.strip().rpartition("\n")[2]
            raise Unreachable.of("module-unreachable", f"'{self.url}' cannot be fetched: {last}")

    def commit(self, ref: str | None) -> str:
        """Return the commit id of a branch, tag or commit, of the default branch for None. Raises ``DataError``."""
        if ref is not None and not _REF.fullmatch(ref):
            raise DataError.of("unknown-ref", f"'{ref}' cannot name a commit of '{self.url}'")
        names = ("refs/freehold/head",) if ref is None else (f"refs/heads/{ref}", f"refs/tags/{ref}", ref)
        for name in names:
            answer = self._git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            if answer.code == 0:
                return answer.out.decode().strip()
        raise DataError.of("unknown-ref", f"'{self.url}' has no branch, tag or commit '{ref}'")

    def branches(self) -> dict[str, str]:
        """Return the branches with their commits."""
        rows = self._must("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads").split("\n")
        return {name: commit for name, _, commit in (row.partition(" ") for row in rows if row)}

    def archive(self, commit: str) -> bytes:
        """Return the files of ``commit`` as a tar archive."""
        answer = self._git.run("archive", "--format=tar", commit, seconds=300, limit=_ARCHIVE_LIMIT)
        if answer.code != 0:
            raise DataError.of("bad-archive", f"'{self.url}': the files of {commit[:7]} cannot be read")
        return answer.out

    def _must(self, *arguments: str) -> str:
        answer = self._git.run(*arguments)
        if answer.code != 0:
            raise Unreachable.of("module-unreachable", f"git {arguments[0]} failed: {answer.err.strip()}")
        return answer.out.decode("utf-8", "replace").strip()
