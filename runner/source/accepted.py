"""The commit accepted last, kept twice: in this file, written first, and in the store by the agent."""

from __future__ import annotations

import os
import tempfile
from urllib.parse import quote

import msgspec

from hiera.errors import FreeholdError, TrustError, UsageError
from runner.source.address import check_branch, check_object
from runner.source.mirror import Mirror
from runner.source.trust import Trust

_HINT = "nothing was changed; compare with the repository, then remove the wrong copy from the state directory"


class Mark(msgspec.Struct, frozen=True):
    """An accepted commit and the basis (:attr:`Trust.basis`) it was accepted on."""

    sha: str
    basis: str


class AcceptedFile:
    """``accepted/BRANCH`` in the state directory, 0600; replaced whole and durable before it counts."""

    def __init__(self, state_dir: str | os.PathLike[str], branch: str) -> None:
        self._directory = os.path.join(state_dir, "accepted")
        self.path = os.path.join(self._directory, quote(check_branch(branch), safe=""))

    def read(self) -> Mark | None:
        """Return the mark, None where there is no file. Raises ``TrustError`` (``accepted-corrupt``)."""
        try:
            with open(self.path, encoding="ascii") as stream:
                sha, basis = stream.read(4096).splitlines()
            return Mark(check_object(sha), basis)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, UsageError):
            raise TrustError.of("accepted-corrupt", f"'{self.path}' does not hold a commit", hint=_HINT) from None

    def write(self, sha: str, basis: str) -> None:
        """Replace the mark; when this returns it has reached the disk."""
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._directory, prefix=".new-")
        try:
            with open(handle, "w", encoding="ascii") as stream:
                stream.write(f"{check_object(sha)}\n{basis}\n")
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, self.path)
        except BaseException:
            os.unlink(temporary)
            raise
        _sync_directory(self._directory)


def _sync_directory(path: str) -> None:
    """Make the names in the directory ``path`` durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def in_force(file: AcceptedFile, db_sha: str | None, mirror: Mirror, trust: Trust) -> str | None:
    """Return the accepted commit of this node, or None on first contact; what an agent calls before it verifies.

    A damaged file is borne if the store has a copy. A commit accepted on another basis (another mode or introduction)
    counts only if it can be proven on the present one. Raises ``TrustError``.
    """
    try:
        mark = file.read()
    except TrustError:
        if db_sha is None:
            raise
        mark = None
    sha = reconcile(mark.sha if mark else None, db_sha, mirror, trust)
    if sha is not None and (mark is None or mark.basis != trust.basis):
        _prove(sha, mirror, trust)
    return sha


def _prove(sha: str, mirror: Mirror, trust: Trust) -> None:
    """Check that ``sha`` could be accepted by ``trust`` from its introduction, or is older than it."""
    start = trust.introduction
    if start is None or mirror.is_ancestor(sha, start.commit):
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
