"""Who may speak at a commit: the policy and the keys in its ``trust`` directory, read as objects, never as files."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from typing import Final

from hiera.errors import FreeholdError, Location, Problem, TrustError
from runner.source.mirror import Mirror
from runner.source.policy import POLICY, ListedKey, Policy, parse_policy
from runner.source.signatures import Keyring, Refused, Signature

_MOST_FILES: Final = 500
_MOST_BYTES: Final = 256 * 1024


class Authority:
    """One version of the ``trust`` directory."""

    def __init__(self, policy: Policy, keyring: Keyring) -> None:
        self.policy = policy
        self.keyring = keyring

    def compare(self, signature: Signature, fingerprint: str) -> None:
        """Raise ``Refused`` unless ``signature`` is by the key ``fingerprint``, and that was not revoked."""
        if signature.fingerprint != fingerprint:
            raise Refused("unknown-signer", f"is signed by {signature.fingerprint}, not by {fingerprint}")
        if {signature.key, signature.fingerprint} & self.keyring.revoked:
            raise Refused("revoked-key", f"is signed by {signature.fingerprint}, which was revoked")

    def approve(self, signature: Signature) -> ListedKey:
        """Return the listed key that made ``signature``. Raises ``Refused``."""
        self.compare(signature, signature.fingerprint)
        listed = self.policy.keys.get(signature.fingerprint)
        if listed is None:
            reason = f"is signed by {signature.fingerprint}, which its parent's policy does not list"
            raise Refused("unknown-signer", reason)
        return listed


class Authorities(contextlib.AbstractContextManager["Authorities"]):
    """The authorities of many commits; each distinct ``trust`` tree is read and imported once."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._trees: dict[str, str | None] = {}
        self._loaded: dict[str, Authority | TrustError] = {}

    def __exit__(self, *_: object) -> None:
        for found in self._loaded.values():
            if isinstance(found, Authority):
                found.keyring.close()

    def learn(self, shas: Iterable[str]) -> None:
        """Look up the ``trust`` trees of ``shas`` in one process."""
        wanted = [sha for sha in dict.fromkeys(shas) if sha not in self._trees]
        found = self._mirror.objects([f"{sha}:trust" for sha in wanted])
        for sha, tree in zip(wanted, found, strict=True):
            self._trees[sha] = tree.id if tree.kind == "tree" else None

    def of(self, sha: str) -> Authority:
        """Return the authority in force after the commit ``sha``.

        Raises ``TrustError``: ``policy-missing``, ``bad-policy``, ``bad-key-file`` or ``key-missing``.
        """
        if sha not in self._trees:
            self.learn([sha])
        tree = self._trees[sha]
        if tree is None:
            raise _policy_missing()
        if tree not in self._loaded:
            try:
                self._loaded[tree] = self._load(tree)
            except TrustError as error:
                self._loaded[tree] = error
        found = self._loaded[tree]
        if isinstance(found, TrustError):
            raise found
        return found

    def _load(self, tree: str) -> Authority:
        """Read the policy and the keys of the ``trust`` tree."""
        blobs = self._blobs(tree)
        if "policy.yaml" not in blobs:
            raise _policy_missing()
        policy = parse_policy(blobs["policy.yaml"])
        files = {name.removeprefix("keys/"): data for name, data in blobs.items() if name.startswith("keys/")}
        try:
            keyring = Keyring(files)
        except Refused as refused:
            raise TrustError.of(refused.code, f"the commit {refused.reason}", Location("trust/keys")) from None
        problems = _missing_keys(policy, keyring, files)
        if problems:
            keyring.close()
            raise TrustError(*problems)
        return Authority(policy, keyring)

    def _blobs(self, tree: str) -> dict[str, bytes]:
        """Return the plain files below the ``trust`` tree; links and other kinds are as good as absent."""
        result = self._mirror.git.run("ls-tree", "-r", "-z", "-l", tree)
        rows = [row.partition(b"\t") for row in result.out.split(b"\0") if row]
        if len(rows) > _MOST_FILES:
            raise TrustError.of("bad-policy", f"more than {_MOST_FILES} files below trust/", Location("trust"))
        ids: dict[str, str] = {}
        for meta, _, name in rows:
            mode, _, oid, size = meta.decode("ascii").split()
            if mode.startswith("100"):
                if int(size) > _MOST_BYTES:
                    place = Location(f"trust/{os.fsdecode(name)}")
                    raise TrustError.of("bad-policy", f"the file is larger than {_MOST_BYTES} bytes", place)
                ids[os.fsdecode(name)] = oid
        found = self._mirror.objects(list(ids.values()))
        return {name: blob.data for name, blob in zip(ids, found, strict=True)}


def _policy_missing() -> FreeholdError:
    """Return the error for a commit without a policy."""
    hint = "a policy is changed, never removed: without one nobody could sign the next commit"
    return TrustError.of("policy-missing", f"there is no {POLICY}", Location(POLICY), hint=hint)


def _missing_keys(policy: Policy, keyring: Keyring, files: Mapping[str, bytes]) -> list[Problem]:
    """Return a problem for each listed key that no file below ``trust/keys`` holds."""
    problems = []
    for key in policy.keys.values():
        if key.file and key.file not in files:
            problems.append(Problem("key-missing", f"there is no file trust/keys/{key.file}", Location(POLICY)))
        elif key.fingerprint not in keyring.known:
            message = f"no file in trust/keys holds the key {key.fingerprint}"
            hint = "add it: gpg --armor --export FINGERPRINT > trust/keys/NAME.asc"
            problems.append(Problem("key-missing", message, Location(POLICY), hint))
    return problems
