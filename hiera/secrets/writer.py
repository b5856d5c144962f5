"""Encrypts a value for those who shall read a file, as the repository's policy says."""

from __future__ import annotations

from hiera.errors import Collector, Location, Problem
from hiera.secrets import BOUND, GPG, PKCS7, Ciphertext
from hiera.secrets.bound import bind, is_bound
from hiera.secrets.keyring import Keyring, PublicKey
from hiera.secrets.pkcs7 import encrypt_pkcs7
from hiera.secrets.policy import FILE_NAME, Policy, Recipient, Rule
from hiera.tree import Tree


class Writer:
    """What it takes to write secrets into one control repository; private keys are no part of it."""

    def __init__(self, tree: Tree, policy: Policy, keyring: Keyring) -> None:
        self._tree = tree
        self.policy = policy
        self.keyring = keyring

    def encrypt(self, path: str, plain: bytes, scheme: str | None = None, key: str = "") -> Ciphertext:
        """Return ``plain`` encrypted for the readers of ``path``; by ``BOUND`` tied to the top-level ``key`` of it.

        A plaintext that is tied to a place already stays so.
        Raises ``DataError`` (``no-secret-rule``, ``unusable-key``, ``secret-scheme``).
        """
        rule = self.policy.rule_of(path)
        if scheme == BOUND and rule.scheme == GPG:
            if not is_bound(plain):
                plain = bind(plain, path, key)
        elif scheme not in (None, rule.scheme):
            message = f"'{path}' takes {rule.scheme}, not {scheme}"
            problems = Collector()
            problems.add(Problem("secret-scheme", message, rule.location, "write it as DEC::" + rule.scheme + "[...]!"))
            problems.check()
        if rule.pkcs7 is not None:
            return Ciphertext(PKCS7, encrypt_pkcs7(plain, self._tree.read(rule.pkcs7), Location(rule.pkcs7)))
        self.check(rule)
        made = GPG if scheme is None else scheme
        return Ciphertext(made, self.keyring.encrypt(plain, [one.fingerprint for one in rule.recipients]))

    def check(self, rule: Rule) -> None:
        """Raise ``DataError`` (``unusable-key``) for each recipient whose key cannot be used."""
        problems = Collector()
        for one in rule.recipients:
            problem = self.problem_of(one)
            if problem is not None:
                problems.add(problem)
        problems.check()

    def problem_of(self, one: Recipient) -> Problem | None:
        """Return what is wrong with the key of a recipient, if anything is."""
        if one.age:
            hint = "files of sops are written with sops; give this rule recipients with OpenPGP keys"
            return Problem("unusable-key", f"the key of '{one.name}' is one of age", one.location, hint)
        why = _trouble(self.keyring.known.get(one.fingerprint))
        if why is None:
            return None
        hint = f"put a current one into '{self.policy.keys}/', or take '{one.name}' out of '{FILE_NAME}'"
        return Problem("unusable-key", f"the key of '{one.name}' {why}", one.location, hint)


def _trouble(key: PublicKey | None) -> str | None:
    """Return why nothing can be encrypted for ``key``."""
    if key is None:
        return "is not in the repository"
    if key.revoked:
        return "is revoked"
    if key.expired():
        return "has expired"
    return None if key.usable else "cannot encrypt"
