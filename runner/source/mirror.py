"""The bare mirror of one branch of the control repository, and what can be read from it."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from hiera.errors import DataError, Problem, TrustError
from runner.source.address import Address, Credentials, check_branch, check_object, parse_address, scrub
from runner.source.git import Git, Result, Unreachable
from runner.source.objects import Commit, Object, parse_commit, read_objects

T = TypeVar("T")

_PASSING: Final = re.compile(
    r"connection (?:reset|refused|closed|timed out|was reset)|kex_exchange|early EOF|unexpected disconnect"
    r"|remote end hung up|returned error: (?:429|50[0234])|temporary failure|failed to connect",
    re.IGNORECASE,
)
_KINDS: Final = (
    (
        "remote-host-key",
        re.compile(r"host key verification failed|remote host identification has changed", re.IGNORECASE),
    ),
    ("remote-certificate", re.compile(r"certificate|SSL", re.IGNORECASE)),
    (
        "remote-login",
        re.compile(r"permission denied|authentication failed|could not read username|error: 40[13]", re.IGNORECASE),
    ),
    ("remote-owner", re.compile(r"dubious ownership", re.IGNORECASE)),
    (
        "remote-missing",
        re.compile(r"does not appear to be a git repo|repository not found|not found|no such", re.IGNORECASE),
    ),
)
_HINTS: Final = {
    "remote-host-key": "put the server's key into the file named by credentials: known_hosts (ssh-keyscan HOST)",
    "remote-certificate": "name the authority's certificate by credentials: ca_file",
    "remote-login": "check credentials: ssh_key or token_file, and that the server knows that key",
    "remote-owner": "the repository belongs to another user: fetch it over ssh, or change its owner",
    "remote-missing": "check 'repo' in the configuration",
}
_REFUSED: Final = re.compile(r"fsck error|error in object|bad object|invalid object|badTree|missingTree", re.IGNORECASE)
_ATTEMPTS: Final = 4
_PACKS: Final = 50


class Mirror:
    """A bare repository (0700) that follows one branch of one remote; refused tips never displace accepted ones.

    ``refs/freehold/incoming/BRANCH`` is what the remote offered last, ``refs/freehold/accepted/BRANCH`` keeps what was
    accepted, whatever the remote does later. ``deadline`` is in seconds, for one exchange with its repetitions.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        url: str,
        branch: str,
        credentials: Credentials | None = None,
        deadline: float = 120,
    ) -> None:
        self.directory = os.path.abspath(directory)
        self.address: Address = parse_address(url)
        self.branch = check_branch(branch)
        self.deadline = deadline
        self.git = Git(self.directory, credentials)
        name = branch.replace("/", "%2F")  # so that 'ring' may follow 'ring/one', which no two refs may
        self._incoming = f"refs/freehold/incoming/{name}"
        self._accepted = f"refs/freehold/accepted/{name}"

    def init(self) -> None:
        """Create the repository if it is not there; without templates, so without hooks."""
        if os.path.isfile(os.path.join(self.directory, "HEAD")):
            return
        os.makedirs(self.directory, mode=0o700, exist_ok=True)
        os.chmod(self.directory, 0o700)
        self._local("init", "--bare", "--quiet", "--template=", wrapped=True)

    # The remote ------------------------------------------------------------------------------------------------

    def remote_tip(self) -> str:
        """Return the commit the remote's branch is at; cheap. Raises ``Unreachable``."""
        ref = f"refs/heads/{self.branch}"
        result = self._remote("ls-remote", "--", self.address.url, ref)
        for line in result.out.decode("ascii", "replace").splitlines():
            sha, _, name = line.partition("\t")
            if name == ref:
                return check_object(sha)
        raise Unreachable.of(
            "branch-missing",
            f"the remote has no branch '{self.branch}'",
            hint="if it was renamed, change 'branch' in the configuration",
        )

    def fetch(self) -> str:
        """Bring the remote's tip here and return it; nothing but one question when it is here already.

        Raises ``Unreachable``, or ``TrustError`` (``bad-object``) if what came is malformed.
        """
        self.init()
        tip = self.remote_tip()
        if tip == self.tip():
            return tip
        self._fetch(f"+refs/heads/{self.branch}:{self._incoming}")
        fetched = self.tip()
        if fetched is None:
            raise Unreachable.of("fetch-empty", f"the remote gave nothing for the branch '{self.branch}'")
        self._tidy()
        return fetched

    def fetch_tags(self, sha: str) -> list[str]:
        """Bring the annotated tags of ``sha`` here and return their object ids. Raises ``Unreachable``.

        No ref is left behind: what was joined to a tag is looked at once.
        """
        result = self._remote("ls-remote", "--tags", "--", self.address.url)
        rows = [line.partition("\t") for line in result.out.decode("utf-8", "replace").splitlines()]
        peeled = {name.removesuffix("^{}") for found, _, name in rows if found == sha and name.endswith("^{}")}
        tags = {name: found for found, _, name in rows if name in peeled}
        names = [name for name in sorted(tags) if _is_plain_tag(name)][:20]
        if names:
            self._fetch(*names)
        return [tags[name] for name in names]

    def _fetch(self, *refspecs: str) -> None:
        """Fetch exactly ``refspecs``, whole history, no tags, nothing written beside the refs."""
        options = ["--quiet", "--force", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
        self._remote("fetch", *options, "--no-auto-maintenance", "--", self.address.url, *refspecs, wrapped=True)

    def _remote(self, *arguments: str, wrapped: bool = False) -> Result:
        """Run git against the remote, again after passing failures, within the deadline."""
        end = time.monotonic() + self.deadline
        for attempt in range(1, _ATTEMPTS + 1):
            left = max(0.1, end - time.monotonic())
            result = self.git.run(*arguments, url=self.address.url, seconds=left, wrapped=wrapped)
            if result.code == 0:
                return result
            pause = random.uniform(0.2, 0.5) * 2**attempt  # noqa: S311  spreads a herd, keeps no secret
            if attempt == _ATTEMPTS or not _PASSING.search(result.err) or time.monotonic() + pause > end:
                break
            time.sleep(pause)
        raise self._failure(result)

    def _failure(self, result: Result) -> Unreachable | TrustError:
        """Return the error that a failed exchange with the remote is."""
        where = scrub(self.address.url)
        said = _last_words(result.err)
        if _REFUSED.search(result.err):
            return _one(TrustError, "bad-object", f"what '{where}' sent is malformed and was not taken: {said}", None)
        code = next((code for code, pattern in _KINDS if pattern.search(result.err)), "unreachable")
        return _one(Unreachable, code, f"cannot reach '{where}': {said}", _HINTS.get(code))

    def _tidy(self) -> None:
        """Join the packs when many have gathered, leaving out what no ref needs."""
        packs = os.path.join(self.directory, "objects", "pack")
        if sum(name.endswith(".pack") for name in os.listdir(packs)) > _PACKS:
            self._local("repack", "-a", "-d", "-q", seconds=self.deadline)

    # Here ------------------------------------------------------------------------------------------------------

    def tip(self) -> str | None:
        """Return the commit fetched last, accepted or not."""
        return self._ref(self._incoming)

    def accepted(self) -> str | None:
        """Return the commit that :meth:`accept` keeps."""
        return self._ref(self._accepted)

    def accept(self, sha: str) -> None:
        """Keep ``sha`` and all its history, whatever the remote does later."""
        if self.accepted() != sha:
            self._local("update-ref", "--no-deref", self._accepted, check_object(sha))

    def _ref(self, name: str) -> str | None:
        """Return what the ref ``name`` holds, read from its file where it has one."""
        try:
            with open(os.path.join(self.directory, name), encoding="ascii") as stream:
                return check_object(stream.read(128).strip())
        except FileNotFoundError:
            if not os.path.isfile(os.path.join(self.directory, "packed-refs")):
                return None
        result = self.git.run("rev-parse", "--verify", "--quiet", name)
        return result.out.decode().strip() or None

    def has(self, sha: str) -> bool:
        """Say whether the commit ``sha`` is here."""
        return self.git.run("cat-file", "-e", f"{check_object(sha)}^{{commit}}").code == 0

    def tree_id(self, sha: str) -> str:
        """Return the id of the tree of the commit ``sha``."""
        return self.commit(sha).tree

    def commit(self, sha: str) -> Commit:
        """Return the commit ``sha``. Raises ``TrustError`` (``missing-commit``)."""
        return next(self.commits([sha]))

    def commits(self, shas: list[str]) -> Iterator[Commit]:
        """Yield the commits ``shas``, read in one process. Raises ``TrustError`` (``missing-commit``)."""
        for sha, found in zip(shas, self.objects([check_object(sha) for sha in shas]), strict=True):
            if found.kind != "commit":
                raise TrustError.of("missing-commit", f"there is no commit {sha[:12]} in the mirror")
            yield parse_commit(sha, found.data)

    def objects(self, names: list[str]) -> Iterator[Object]:
        """Yield the raw objects that ``names`` stand for, ``missing`` ones included."""
        return read_objects(self.git, names, seconds=max(self.deadline, 300))

    def read_blob(self, sha: str, path: str) -> bytes:
        """Return the bytes of the file ``path`` in the commit ``sha``. Raises ``DataError`` (``missing-file``)."""
        if "\n" not in path and "\0" not in path:
            found = next(self.objects([f"{check_object(sha)}:{path}"]))
            if found.kind == "blob":
                return found.data
        raise DataError.of("missing-file", f"there is no file {path!r} in commit {sha[:7]}")

    def parents(self, sha: str) -> tuple[str, ...]:
        """Return the parents of the commit ``sha``."""
        return self.commit(sha).parents

    def message(self, sha: str) -> str:
        """Return the message of the commit ``sha``."""
        return self.commit(sha).message

    def log(self, since: str | None, until: str, limit: int = 100) -> list[Commit]:
        """Return the commits that lead from ``since`` (not among them) to ``until``, newest first."""
        return list(self.commits(self.between(since, until, limit)))

    def between(self, since: str | None, until: str, limit: int) -> list[str]:
        """Return the ids of at most ``limit`` commits reachable from ``until`` but not ``since``, children first."""
        stop = [f"^{check_object(since)}"] if since else []
        out = self._local("rev-list", "--topo-order", f"--max-count={limit}", check_object(until), *stop, "--")
        return out.decode("ascii").split()

    def is_ancestor(self, old: str, new: str) -> bool:
        """Say whether ``old`` is ``new`` or an ancestor of it; no where one of them is not here."""
        return self.git.run("merge-base", "--is-ancestor", check_object(old), check_object(new)).code == 0

    def distance(self, old: str, new: str) -> int:
        """Return how many commits ``new`` has that ``old`` has not."""
        return int(self._local("rev-list", "--count", f"^{check_object(old)}", check_object(new), "--"))

    def _local(self, *arguments: str, seconds: float = 120, wrapped: bool = False) -> bytes:
        """Run git on the mirror alone and return its output. Raises ``TrustError`` (``mirror-damaged``)."""
        result = self.git.run(*arguments, seconds=seconds, wrapped=wrapped)
        if result.code != 0:
            raise TrustError.of(
                "mirror-damaged",
                f"git {arguments[0]} failed on the mirror: {_last_words(result.err)}",
                hint="if it stays so, remove the mirror's directory: it is fetched anew, and what was accepted is kept",
            )
        return result.out


def _one(kind: Callable[..., T], code: str, message: str, hint: str | None) -> T:
    """Return an error of ``kind`` with one problem."""
    return kind(Problem(code, message, hint=hint))


def _is_plain_tag(name: str) -> bool:
    """Say whether the ref ``name`` may stand in a refspec."""
    return re.fullmatch(r"refs/tags/[A-Za-z0-9_][A-Za-z0-9_.+/-]*", name) is not None and ".." not in name


def _last_words(err: str) -> str:
    """Return the line of git's messages that says most, in at most 300 characters."""
    lines = [line.strip() for line in err.splitlines() if line.strip()]
    loud = [line for line in lines if line.startswith(("fatal:", "error:", "ssh:"))]
    early = [line for line in lines if re.search(r"permission denied|host key|refused|timed out", line, re.IGNORECASE)]
    return ((early or loud or lines or ["git said nothing"])[0])[:300]
