"""Whether a new tip may follow the commit accepted last: descent always, signatures as the configuration says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, cast

import msgspec

from hiera.errors import Collector, Location, Problem, TrustError, UsageError, did_you_mean
from hiera.values import Value
from runner.source.address import check_object
from runner.source.chain import Checked, Signer, check_chain, check_introduction, check_tip, describe
from runner.source.mirror import Mirror
from runner.source.policy import parse_fingerprint

Mode = Literal["signed", "signed-tip", "unsigned"]
State = Literal["first", "same", "forward", "ahead"]

_MODES: Final = ("signed", "signed-tip", "unsigned")
_TEACH: Final = (
    "write 'trust: {mode: signed, introduction: {commit: SHA, signer: FINGERPRINT}}' to accept signed commits only,"
    " or 'trust: {mode: unsigned}' to accept whatever the branch holds"
)


class Introduction(msgspec.Struct, frozen=True):
    """The commit that trust begins with, and the fingerprint of the key that signed it, both told out of band."""

    commit: str
    signer: str


class Verdict(msgspec.Struct, frozen=True):
    """What may be used: ``target`` is the commit in force, ``tip`` the one the remote offered.

    ``state`` is ``first`` (nothing was accepted before), ``same``, ``forward``, or ``ahead`` (the remote is behind us:
    the accepted tree is kept). ``signer`` names who signed the tip, "" if that was not asked now; ``commits`` are the
    newly checked ones, oldest first.
    """

    state: State
    mode: Mode
    target: str
    tip: str
    signer: str = ""
    commits: tuple[Checked, ...] = ()

    @property
    def ahead(self) -> bool:
        """Whether the accepted commit is newer than what the remote offers."""
        return self.state == "ahead"


class Trust(msgspec.Struct, frozen=True):
    """The ``trust`` of a node's configuration."""

    mode: Mode
    introduction: Introduction | None = None

    @classmethod
    def from_settings(cls, settings: Mapping[str, Value] | None, where: Location | None = None) -> Trust:
        """Return the trust that the configuration's ``trust`` section describes.

        Raises ``UsageError`` with every problem; a missing section is one, because there is no default.
        """
        if settings is None:
            raise UsageError.of("trust-missing", "the configuration does not say whom to trust", where, hint=_TEACH)
        collector = Collector()
        _refuse_unknown(settings, ("mode", "introduction"), "trust", where, collector)
        mode = settings.get("mode")
        if mode not in _MODES:
            hint = did_you_mean(str(mode), _MODES) or _TEACH
            collector.add(Problem("trust-mode", "trust: 'mode' is not signed, signed-tip or unsigned", where, hint))
        introduction = _read_introduction(settings.get("introduction"), str(mode), where, collector)
        collector.check(UsageError)
        return cls(cast("Mode", mode), introduction)

    @property
    def basis(self) -> str:
        """What an accepted commit was accepted on; another basis means it has to be proven anew."""
        who = self.introduction
        return f"{self.mode} {who.commit} {who.signer}" if who else self.mode

    def verify(self, mirror: Mirror, accepted: str | None, tip: str) -> Verdict:
        """Return the verdict on ``tip`` after ``accepted``; None is first contact. Nothing is written.

        Raises ``TrustError`` whose problems name code and commit; the oldest commit's comes first.
        """
        check_object(tip)
        if accepted == tip:
            return Verdict("same", self.mode, tip, tip)
        if accepted is not None and not mirror.is_ancestor(accepted, tip):
            return self._keep_or_refuse(mirror, accepted, tip)
        state: State = "first" if accepted is None else "forward"
        if self.introduction is None:
            return Verdict(state, self.mode, tip, tip)
        base, introducer = self._base(mirror, self.introduction, accepted, tip)
        if self.mode == "signed":
            checked = check_chain(mirror, self.introduction.commit, base, tip)
        else:
            checked = check_tip(mirror, base, tip)
        signer = checked[-1].signer if checked else introducer
        return Verdict(state, self.mode, tip, tip, str(signer or ""), tuple(checked))

    def _keep_or_refuse(self, mirror: Mirror, accepted: str, tip: str) -> Verdict:
        """Return the verdict on a tip that does not descend from ``accepted``."""
        if mirror.is_ancestor(tip, accepted):
            return Verdict("ahead", self.mode, accepted, tip)
        raise TrustError.of(
            "force-push",
            f"{describe(mirror, tip)} does not descend from {accepted[:7]}, which this node accepted: the branch"
            f" '{mirror.branch}' was rewritten",
            hint="push a commit that descends from it (git revert undoes, git push --force does not)",
        )

    def _base(self, mirror: Mirror, start: Introduction, accepted: str | None, tip: str) -> tuple[str, Signer | None]:
        """Return the commit the check begins after: the accepted one, or the introduction, proven, and its signer."""
        if accepted is not None and mirror.is_ancestor(start.commit, accepted):
            return accepted, None
        if not mirror.is_ancestor(start.commit, tip):
            raise TrustError.of(
                "not-introduced",
                f"{describe(mirror, tip)} does not descend from the introduction {start.commit[:7]}",
                hint="check 'repo', 'branch' and trust: introduction: commit",
            )
        if accepted is not None and not mirror.is_ancestor(accepted, start.commit):
            raise TrustError.of(
                "not-introduced",
                f"the accepted commit {accepted[:7]} lies beside the introduction {start.commit[:7]}",
                hint="check trust: introduction: commit; it has to be in the branch's history",
            )
        return start.commit, check_introduction(mirror, start.commit, start.signer)


def _read_introduction(value: Value, mode: str, where: Location | None, collector: Collector) -> Introduction | None:
    """Return the introduction, reporting what is wrong with it for ``mode``."""
    if mode == "unsigned":
        if value is not None:
            message = "trust: mode 'unsigned' checks no signatures, so an introduction says nothing"
            collector.add(Problem("trust-introduction", message, where, "remove it, or write 'mode: signed'"))
        return None
    if mode not in _MODES:
        return None
    if not isinstance(value, Mapping):
        message = "trust: 'introduction' is missing: with which commit does trust begin, and who signed it"
        hint = "write 'introduction: {commit: SHA, signer: FINGERPRINT}' (git log --format='%H %GF')"
        collector.add(Problem("trust-introduction", message, where, hint))
        return None
    _refuse_unknown(value, ("commit", "signer"), "trust: introduction", where, collector)
    commit, signer = value.get("commit"), parse_fingerprint(value.get("signer"))
    try:
        check_object(commit if isinstance(commit, str) else "")
    except UsageError:
        hint = "write all 40 hexadecimal digits, in quotes"
        collector.add(Problem("trust-introduction", "trust: introduction: 'commit' is no full commit id", where, hint))
    if signer is None:
        hint = "write the whole fingerprint, in quotes: gpg --fingerprint, or ssh-keygen -lf FILE"
        message = "trust: introduction: 'signer' is no full fingerprint"
        collector.add(Problem("trust-introduction", message, where, hint))
    return Introduction(str(commit), signer or "")


def _refuse_unknown(
    value: Mapping[str, Value], known: tuple[str, ...], name: str, where: Location | None, collector: Collector
) -> None:
    """Report every key of ``value`` that is not ``known``."""
    for key in value:
        if key not in known:
            hint = did_you_mean(str(key), known) or f"it knows {' and '.join(known)}"
            collector.add(Problem("unknown-setting", f"{name}: there is no '{key}'", where, hint))
