"""The chain of signatures: each commit by a key that every one of its parents lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from hiera.errors import Problem, TrustError
from runner.source.address import scrub
from runner.source.authority import Authorities, Authority
from runner.source.git import Unreachable
from runner.source.mirror import Mirror
from runner.source.objects import Commit
from runner.source.signatures import Refused, Signature

MOST_COMMITS: Final = 5_000
_MOST_PROBLEMS: Final = 10
_WORKERS: Final = 4


class Signer(msgspec.Struct, frozen=True):
    """Who signed: the full fingerprint and the name the policy gives it."""

    fingerprint: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.fingerprint})" if self.name else self.fingerprint


class Checked(msgspec.Struct, frozen=True):
    """A commit whose signature holds; ``expired`` says that the key has expired since."""

    sha: str
    signer: Signer
    expired: bool = False


def describe(mirror: Mirror, sha: str) -> str:
    """Return words for the commit ``sha``: its short id, author and subject."""
    return _words(mirror.commit(sha)) if mirror.has(sha) else f"commit {sha[:7]}"


def _words(commit: Commit) -> str:
    return f'commit {commit.sha[:7]} ({scrub(commit.author.name)[:60]}, "{scrub(commit.subject)[:60]}")'


def check_introduction(mirror: Mirror, sha: str, fingerprint: str) -> Signer:
    """Return the signer of ``sha``, which has to be ``fingerprint``, with the key its own tree holds.

    Raises ``TrustError``.
    """
    commit = mirror.commit(sha)
    with Authorities(mirror) as authorities:
        authority = _own_authority(authorities, commit)
        try:
            signature = authority.keyring.verify(mirror.git, sha, commit.signature)
            authority.compare(signature, fingerprint)
        except Refused as refused:
            message = f"the introduction, {_words(commit)}, {refused.reason}"
            raise TrustError.of(refused.code, message, hint="compare trust: introduction with the author") from None
        listed = authority.policy.keys.get(fingerprint)
        return Signer(fingerprint, listed.name if listed else "")


def check_chain(mirror: Mirror, introduction: str, base: str, tip: str) -> list[Checked]:
    """Return the checked commits that lead from ``base`` to ``tip``, side branches included, oldest first.

    ``base`` was accepted before, or is the ``introduction``. Raises ``TrustError`` with a problem a commit.
    """
    shas = mirror.between(base, tip, MOST_COMMITS + 1)[::-1]
    if len(shas) > MOST_COMMITS:
        raise TrustError.of(
            "too-many-commits",
            f"more than {MOST_COMMITS} new commits lead to {tip[:7]}",
            hint="set a newer trust: introduction, after looking at what happened in the repository",
        )
    commits = list(mirror.commits(shas))
    with Authorities(mirror) as authorities:
        authorities.learn([name for commit in commits for name in (*commit.parents, commit.sha)])
        roots = _Roots(mirror, introduction, base, frozenset(shas))
        tasks = [lambda commit=commit: _check_one(mirror, authorities, roots, commit) for commit in commits]
        problems, checked = [], []
        for result in _run(tasks, authorities, commits):
            if isinstance(result, Problem):
                problems.append(result)
            else:
                checked.append(result)
    if problems:
        raise TrustError(*problems[:_MOST_PROBLEMS])
    return checked


def check_tip(mirror: Mirror, base: str, tip: str) -> list[Checked]:
    """Return the checked tip: it, or an annotated tag of it, is signed by a key listed at ``base``.

    Raises ``TrustError``.
    """
    if base == tip:
        return []
    commit = mirror.commit(tip)
    with Authorities(mirror) as authorities:
        authority = authorities.of(base)
        _own_authority(authorities, commit)
        try:
            return [_approved(commit, authority.keyring.verify(mirror.git, tip, commit.signature), [authority])]
        except Refused as refused:
            checked = _check_tags(mirror, authority, commit)
            if checked is None:
                raise TrustError(_problem(commit, refused)) from None
            return [checked]


def _check_tags(mirror: Mirror, authority: Authority, commit: Commit) -> Checked | None:
    """Return what a signed tag of ``commit`` proves, or None; the remote is asked for its tags."""
    try:
        tags = mirror.fetch_tags(commit.sha)
    except Unreachable:
        return None
    for tag in mirror.objects(tags):
        head, _, message = tag.data.decode("utf-8", "replace").partition("\n\n")
        start = message.find("-----BEGIN ")
        if tag.kind != "tag" or not head.startswith(f"object {commit.sha}\ntype commit\n") or start < 0:
            continue
        try:
            return _approved(commit, authority.keyring.verify(mirror.git, tag.id, message[start:], "tag"), [authority])
        except Refused:
            continue
    return None


class _Roots:
    """Decides which parents outside of the checked range may be built on."""

    def __init__(self, mirror: Mirror, introduction: str, base: str, inside: frozenset[str]) -> None:
        self._mirror = mirror
        self._introduction = introduction
        self._known = dict.fromkeys(inside, True) | {base: True}

    def require(self, commit: Commit) -> None:
        """Raise ``Refused`` (``not-introduced``) unless ``commit`` builds on commits that were or are checked."""
        if not commit.parents or not all(self._allow(parent) for parent in commit.parents):
            raise Refused("not-introduced", "comes from a history that does not begin with the introduction")

    def _allow(self, parent: str) -> bool:
        """Say whether ``parent`` is checked now, or was on the way to the base; older than trust is neither."""
        if parent not in self._known:
            self._known[parent] = self._mirror.is_ancestor(self._introduction, parent)
        return self._known[parent]


def _check_one(mirror: Mirror, authorities: Authorities, roots: _Roots, commit: Commit) -> Checked | Problem:
    """Return what is found out about one commit."""
    try:
        roots.require(commit)
        parents = [_parent_authority(authorities, parent, commit) for parent in commit.parents]
        _own_authority(authorities, commit)
        return _approved(commit, parents[0].keyring.verify(mirror.git, commit.sha, commit.signature), parents)
    except Refused as refused:
        return _problem(commit, refused)
    except TrustError as error:
        return error.problems[0]


def _run(
    tasks: Sequence[Callable[[], Checked | Problem]], authorities: Authorities, commits: Sequence[Commit]
) -> Iterator[Checked | Problem]:
    """Yield the results of ``tasks`` in order; many of them run side by side, for gpg is a process a commit."""
    if len(tasks) <= _WORKERS:
        yield from (task() for task in tasks)
        return
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  a single new commit needs no threads

    for commit in commits:  # policies are loaded here, so that the threads only read them
        for name in (*commit.parents, commit.sha):
            try:
                authorities.of(name)
            except TrustError:
                continue
    with ThreadPoolExecutor(_WORKERS) as pool:
        yield from pool.map(lambda task: task(), tasks)


def _own_authority(authorities: Authorities, commit: Commit) -> Authority:
    """Return the authority a commit leaves behind; one without could never be followed, so it is refused itself."""
    try:
        return authorities.of(commit.sha)
    except TrustError as error:
        first = error.problems[0]
        message = f"{_words(commit)} leaves no usable policy: {first.message}"
        raise TrustError(Problem(first.code, message, first.location, first.hint)) from None


def _parent_authority(authorities: Authorities, parent: str, commit: Commit) -> Authority:
    """Return the authority that decides who may sign ``commit``."""
    try:
        return authorities.of(parent)
    except TrustError as error:
        first = error.problems[0]
        message = f"{_words(commit)} follows {parent[:7]}, which has no usable policy: {first.message}"
        raise TrustError(Problem(first.code, message, first.location, first.hint)) from None


def _approved(commit: Commit, signature: Signature, authorities: Sequence[Authority]) -> Checked:
    """Return the commit as checked if every authority approves of its signature. Raises ``Refused``."""
    listed = [authority.approve(signature) for authority in authorities]
    return Checked(commit.sha, Signer(signature.fingerprint, listed[0].name or signature.user), signature.expired)


_HINTS: Final = {
    "unsigned-commit": "git commit --amend -S, or rebase with --exec, before pushing; keys stand in trust/policy.yaml",
    "unknown-signer": "a key is listed in one commit, by somebody listed already, and used from the next one on",
    "revoked-key": "the commit has to be made again, by another listed key",
}


def _problem(commit: Commit, refused: Refused) -> Problem:
    """Return the problem that a refused commit is."""
    return Problem(refused.code, f"{_words(commit)} {refused.reason}", hint=_HINTS.get(refused.code))
