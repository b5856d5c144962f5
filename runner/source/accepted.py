"""The commit accepted last, kept twice: in this file, written first, and in the store by the agent."""

from __future__ import annotations

import os
import tempfile
from urllib.parse import quote

from hiera.errors import FreeholdError, TrustError, UsageError
from runner.source.address import check_branch, check_object
from runner.source.mirror import Mirror
from runner.source.trust import Trust

_HINT = "nothing was changed; compare with the repository, then remove the wrong copy from the state directory"


class AcceptedFile:
    """The mark of one branch in ``directory``, 0600; replaced whole, and durable before it counts.

    ``basis`` (:attr:`Trust.basis`) is kept with the commit: one accepted on another basis, so under another mode or
    introduction, counts only after it was proven on the present one.
    """

    def __init__(self, directory: str | os.PathLike[str], branch: str, basis: str) -> None:
        self._directory = directory
        self._basis = basis
        self.path = os.path.join(directory, quote(check_branch(branch), safe=""))

    def read(self) -> str | None:
        """Return the commit accepted on the present basis; None if there is none that can be used as it is."""
        try:
            sha, basis = self._load() or ("", "")
        except TrustError:
            return None
        return sha if sha and basis == self._basis else None

    def write(self, sha: str) -> None:
        """Replace the mark; when this returns it has reached the disk."""
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._directory, prefix=".new-")
        try:
            with open(handle, "w", encoding="ascii") as stream:
                stream.write(f"{check_object(sha)}\n{self._basis}\n")
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, self.path)
        except BaseException:
            os.unlink(temporary)
            raise
        _sync_directory(self._directory)

    def reconcile(self, db_sha: str | None, mirror: Mirror, trust: Trust) -> str | None:
        """Return the accepted commit that this file and the store's copy stand for, None on first contact.

        A damaged file is borne if the store has a copy. Raises ``TrustError`` (``accepted-corrupt``,
        ``accepted-mismatch``, or what the proof on a new basis says).
        """
        try:
            mark = self._load()
        except TrustError:
            if db_sha is None:
                raise
            mark = None
        sha = reconcile(mark[0] if mark else None, db_sha, mirror, trust)
        if sha is not None and (mark is None or mark[1] != self._basis):
            _prove(sha, mirror, trust)
        return sha

    def _load(self) -> tuple[str, str] | None:
        """Return the commit and its basis as written. Raises ``TrustError`` (``accepted-corrupt``)."""
        try:
            with open(self.path, encoding="ascii") as stream:
                sha, basis = stream.read(4096).splitlines()
            return check_object(sha), basis
        except FileNotFoundError:
            return None
        except (OSError, ValueError, UsageError):
            raise TrustError.of("accepted-corrupt", f"'{self.path}' does not hold a commit", hint=_HINT) from None


def _sync_directory(path: str | os.PathLike[str]) -> None:
    """Make the names in the directory ``path`` durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _prove(sha: str, mirror: Mirror, trust: Trust) -> None:
    """Check that ``sha`` could be accepted by ``trust`` from its introduction, or is older than it."""
    start = trust.introduction
    if start is None or (sha != start.commit and mirror.is_ancestor(sha, start.commit)):
        return
    trust.verify(mirror, None, sha)


def reconcile(file_sha: str | None, db_sha: str | None, mirror: Mirror, trust: Trust) -> str | None:
    """Return the accepted commit that two copies stand for.

    If they differ the descendant wins, and only if it verifies from the other: a crash lies between the two writes,
    or somebody changed one. Raises ``TrustError`` (``accepted-mismatch``).
    """
    if file_sha == db_sha or db_sha is None:
        return file_sha
    if file_sha is None:
        return db_sha
    for old, new in ((db_sha, file_sha), (file_sha, db_sha)):
        if mirror.is_ancestor(old, new):
            try:
                return trust.verify(mirror, old, new).target
            except FreeholdError as error:
                raise _mismatch(old, new, f"the newer one does not verify: {error.problems[0].message}") from None
    raise _mismatch(file_sha, db_sha, "neither descends from the other")


def _mismatch(one: str, other: str, why: str) -> FreeholdError:
    """Return the error for two copies that do not agree."""
    message = f"the two records of the accepted commit, {one[:7]} and {other[:7]}, do not agree: {why}"
    return TrustError.of("accepted-mismatch", message, hint=_HINT)
