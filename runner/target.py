"""Which commit is in force: fetched, verified, accepted, and what people said about it (SEMANTICS 9-14)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from hiera.errors import FreeholdError, Problem, StaleError, TrustError
from hiera.tree import DirectoryTree
from runner.reporters.base import Reporter, SourceEvent, Told
from runner.settings import Settings
from runner.source.accepted import AcceptedFile
from runner.source.address import Credentials
from runner.source.export import Exports
from runner.source.git import Unreachable
from runner.source.mirror import Mirror
from runner.source.trust import Trust
from runner.store.state import StateDirectory


@dataclass(slots=True)
class Target:
    """The commit to converge. ``trouble`` is why it is not simply the remote's tip, ``exit_code`` what that costs."""

    revision: str
    tree: DirectoryTree
    signer: str
    trouble: FreeholdError | None = None

    @property
    def exit_code(self) -> int:
        """The exit code that the trouble with the source asks for; 0 if there is none."""
        return self.trouble.exit_code if self.trouble is not None else 0


class Source:
    """The repository as one run sees it. Used only while the lock is held."""

    def __init__(self, settings: Settings, state: StateDirectory, reporter: Reporter) -> None:
        settings.require("repo", "trust")
        assert settings.repo is not None
        self._settings = settings
        self._state = state
        self._reporter = reporter
        self.trust = Trust.from_settings(settings.trust)
        self.mirror = Mirror(
            state.place("mirror.git"),
            settings.repo,
            settings.branch,
            Credentials.from_settings(settings.credentials),
            settings.fetch_timeout,
        )
        self.exports = Exports(state.place("trees"), self.mirror, settings.keep_trees)
        self._file = AcceptedFile(state.place("accepted"), settings.branch, self.trust.basis)

    def resolve(self) -> Target:
        """Fetch, verify, accept; return what is to be converged.

        Raises ``StaleError`` or ``TrustError`` if there is no accepted commit to fall back on.
        """
        self.mirror.init()
        accepted, signer = self._accepted()
        trouble: FreeholdError | None = None
        try:
            tip = self._fetch()
            if tip != accepted:
                accepted, signer = self._accept(accepted, tip, signer)
            self._state.standing.remember("refused", None)
        except Unreachable as error:
            trouble = self._away(error, accepted)
        except TrustError as error:
            trouble = self._refused(error, accepted)
        if accepted is None:
            raise trouble or TrustError.of("nothing-accepted", "this node has accepted no commit yet")
        revision = self._in_force(accepted)
        return Target(revision, self.exports.export(revision), signer, trouble)

    def tree_of(self, revision: str) -> DirectoryTree:
        """Return the exported tree of an accepted commit."""
        return self.exports.export(revision)

    def max_prune(self, revision: str) -> int | None:
        """Return the number of the trailer ``Max-Prune: N`` of a commit's message, or None."""
        for line in reversed(self.mirror.message(revision).rstrip().splitlines()):
            name, _, value = line.partition(":")
            if name.strip().lower() == "max-prune" and value.strip().isdecimal():
                return int(value)
            if not line.strip():
                break
        return None

    def _accepted(self) -> tuple[str | None, str]:
        """Return the highest accepted commit and its signer, from the two places that keep it."""
        row = self._state.standing.accepted(self._settings.branch)
        kept = self._file.read()
        if row is not None and kept == row.revision:
            return row.revision, row.signer
        agreed = self._file.reconcile(row.revision if row else None, self.mirror, self.trust)
        if agreed is None:
            return None, ""
        self._remember_accepted(agreed, row.signer if row and row.revision == agreed else "")
        return agreed, row.signer if row else ""

    def _fetch(self) -> str:
        """Return the remote's tip, fetched if it moved. Raises ``Unreachable`` or ``TrustError``."""
        before = self.mirror.tip()
        tip = self.mirror.fetch()
        if tip != before:
            self._reporter.on(SourceEvent("fetched", f"the remote's {self._settings.branch} is at {tip[:12]}", tip))
        self._state.standing.remember("fetch", {"at": time.time(), "ok": True, "tip": tip, "error": ""})
        return tip

    def _accept(self, accepted: str | None, tip: str, signer: str) -> tuple[str, str]:
        """Verify everything between ``accepted`` and ``tip``, then move. Raises ``TrustError``."""
        verdict = self.trust.verify(self.mirror, accepted, tip)
        if verdict.ahead and accepted is not None:
            message = f"the remote's tip {tip[:12]} is older than the accepted {accepted[:12]}: keeping the newer one"
            self._state.standing.remember("ahead", {"revision": tip})
            self._reporter.on(SourceEvent("ahead", message, tip))
            return accepted, signer
        self._state.standing.remember("ahead", None)
        self._remember_accepted(tip, verdict.signer)
        return tip, verdict.signer

    def _remember_accepted(self, revision: str, signer: str) -> None:
        """Move the accepted commit: the file first, then the database, then the ref that keeps its objects."""
        self._file.write(revision)
        self.mirror.accept(revision)
        with self._state.database.transaction():
            self._state.standing.accept(self._settings.branch, revision, signer)

    def _away(self, error: Unreachable, accepted: str | None) -> FreeholdError | None:
        """Note that the remote is away; that is an error only after ``stale_after``, or with nothing to go on."""
        before = self._state.standing.recall("fetch") or {}
        message = error.problems[0].message
        last = before.get("at", 0.0) if before.get("ok", False) else before.get("last_ok", 0.0)
        now = {"at": time.time(), "ok": False, "tip": before.get("tip", ""), "error": message, "last_ok": last}
        self._state.standing.remember("fetch", now)
        self._reporter.on(SourceEvent("unreachable", message))
        if accepted is None:
            return StaleError(*error.problems)
        if time.time() - last > self._settings.stale_after:
            return StaleError(
                Problem("stale", f"the remote was last reached {_ago(time.time() - last)} ago: {message}")
            )
        return None

    def _refused(self, error: TrustError, accepted: str | None) -> TrustError:
        """Note what was refused; the last good tree stays in force."""
        problem = error.problems[0]
        tip = (self._state.standing.recall("fetch") or {}).get("tip", "")
        note = {"revision": tip, "code": problem.code, "message": problem.message, "at": time.time()}
        note |= {"subject": "", "author": ""}
        if tip and self.mirror.has(tip):
            commit = self.mirror.commit(tip)
            note |= {"subject": commit.subject, "author": commit.author.name}
        self._state.standing.remember("refused", note)
        for item in error.problems:
            self._reporter.on(Told(item))
        if accepted is not None:
            self._reporter.on(SourceEvent("refused", f"staying with {accepted[:12]}", tip))
        return error

    def _in_force(self, accepted: str) -> str:
        """Return the commit that pins and marks leave in force."""
        standing = self._state.standing
        pin = standing.hold("pin")
        if pin is not None:
            self._reporter.on(SourceEvent("pinned", f"pinned to {pin.value[:12]}: {pin.reason}", pin.value))
            return pin.value
        mark = standing.mark_of(accepted)
        good = standing.last_good()
        if mark is not None and mark.verdict == "bad" and good is not None:
            self._reporter.on(SourceEvent("bad", f"{accepted[:12]} is marked bad: {mark.note}", accepted))
            return good.revision
        return accepted


def _ago(seconds: float) -> str:
    """Return a duration in the largest unit that fits."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
