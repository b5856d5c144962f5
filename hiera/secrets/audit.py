"""Who can read which secret, and what is wrong with that: told from ciphertexts and public keys alone."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Final

import msgspec

from hiera.errors import DataError, Location, Problem
from hiera.secrets import GPG, PKCS7, Ciphertext
from hiera.secrets.openpgp import HIDDEN, recipients_of
from hiera.secrets.policy import FILE_NAME, Rule
from hiera.secrets.sops import METADATA, is_sops
from hiera.secrets.sops_keys import keys_of
from hiera.secrets.spans import spans_of
from hiera.secrets.writer import Writer
from hiera.values import Value
from hiera.yaml.data import read

SOON: Final = 30 * 86400
"""How long before its end, in seconds, a key is said to expire soon."""

_NAMED: Final = re.compile(
    r"(?:^|[_.:-])(?:pass|passwd|password|passphrase|secret|secrets|secret_?key|private_?key|api_?key|access_?key"
    r"|token|credentials?)$",
    re.IGNORECASE,
)
_PRIVATE: Final = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----")
_HARMLESS: Final = re.compile(
    r"%\{[^}]*\}|[*!x]*|\$[0-9a-z]+\$.*|\{[A-Z0-9]+\}.*|(?:true|false|undef|none|unset)|/[^\s]*"
)
_MEND: Final = "run `freehold secret rekey`, or `sops updatekeys` for a sops file"
_DATA: Final = (".yaml", ".yml", ".eyaml", ".json")


class Reading(msgspec.Struct, frozen=True):
    """One encrypted value and whoever can read it, by name or by the id of an unknown key."""

    file: str
    line: int
    key: str
    readers: tuple[str, ...]


class Audit:
    """Looks at the files of one repository. ``now`` is the time, in seconds since 1970."""

    def __init__(self, writer: Writer, now: float | None = None) -> None:
        self._writer = writer
        self._now = time.time() if now is None else now
        self.readings: list[Reading] = []
        self.problems: list[Problem] = []

    def keys(self) -> None:
        """Check the keys of everybody a rule names."""
        policy = self._writer.policy
        used = {one.name: one for rule in policy.rules for one in rule.recipients if not one.age}
        for one in used.values():
            problem = self._writer.problem_of(one)
            if problem is not None:
                self.problems.append(problem)
                continue
            key = self._writer.keyring.known[one.fingerprint]
            if key.expires and key.expires - self._now < SOON:
                days = int((key.expires - self._now) // 86400)
                self._add("key-expires", f"the key of '{one.name}' expires in {days} days", one.location, warning=True)

    def file(self, path: str, data: bytes) -> None:
        """Look at one file."""
        if path.endswith(".gpg"):
            self._value(path, 0, "", Ciphertext(GPG, data))
            return
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return
        for span in spans_of(text):
            self._value(path, span.line, span.key, span.ciphertext)
        if path.endswith(_DATA):
            self._plaintexts(path, data)

    def _value(self, path: str, line: int, key: str, ciphertext: Ciphertext) -> None:
        """Take one encrypted value and compare its readers with the rule."""
        place, what = Location(path, line), f"'{key}'" if key else "the file"
        rule = self._writer.policy.find(path)
        if rule is None:
            self._add("no-secret-rule", f"no rule says who may read {what}", place, f"add one to '{FILE_NAME}'")
        elif rule.scheme != (GPG if ciphertext.openpgp else ciphertext.scheme):
            message = f"{what} is encrypted by {ciphertext.scheme}, the rule for '{rule.path}' says {rule.scheme}"
            self._add("secret-scheme", message, place, warning=True)
        if ciphertext.scheme == PKCS7:
            self.readings.append(Reading(path, line, key, ("whoever holds the PKCS7 key pair",)))
            return
        ids = recipients_of(ciphertext.data)
        if ids is None:
            self._add("damaged-secret", f"{what} is no OpenPGP message for keys", place)
            return
        self._read_by(rule, ids, key, place)

    def _read_by(self, rule: Rule | None, ids: tuple[str, ...], key: str, place: Location) -> None:
        """Take the readers of one value, or of a whole file without a ``key``."""
        self.readings.append(Reading(place.file, place.line, key, tuple(self._name(one) for one in ids)))
        if rule is not None and rule.scheme == GPG:
            self._compare(rule, ids, f"'{key}'" if key else "the file", place)

    def _sops(self, path: str, metadata: Value) -> None:
        """Take a file of sops: who can read its key can read all of it."""
        place = Location(path)
        rule = self._writer.policy.find(path)
        if rule is None:
            self._add("no-secret-rule", "no rule says who may read the file", place, f"add one to '{FILE_NAME}'")
        try:
            keys = keys_of(metadata, place)
        except DataError as error:
            self.problems += error.problems
            return
        ids = [one for message in keys.messages if message.openpgp for one in recipients_of(message.data) or ()]
        self._read_by(rule, (*dict.fromkeys(ids), *keys.recipients, *keys.others), "", place)

    def _compare(self, rule: Rule, ids: tuple[str, ...], what: str, place: Location) -> None:
        """Note who can read a value and shall not, and the other way round."""
        wanted = {one.fingerprint: one.name for one in rule.recipients}
        able = {key.fingerprint if (key := self._writer.keyring.by_id(one)) else one for one in ids}
        for one in sorted(able - {*wanted}):
            if one == HIDDEN:
                self._add("reader-hidden", f"{what} has a hidden recipient", place, warning=True)
                continue
            name = self._writer.policy.name_of(one) or self._held_by(one)
            hint = f"{_MEND}, then change the value itself: whoever left may know it"
            self._add("reader-left", f"{what} can be read by '{name}', who is no recipient here", place, hint)
        for one in sorted({*wanted} - able, key=wanted.__getitem__):
            self._add("reader-missing", f"{what} cannot be read by '{wanted[one]}'", place, _MEND)

    def _held_by(self, fingerprint: str) -> str:
        """Return a key that the policy does not name, with the name in it where the repository still has it."""
        key = self._writer.keyring.known.get(fingerprint)
        return fingerprint if key is None else f"{key.name} {fingerprint}".strip()

    def _name(self, key_id: str) -> str:
        """Return the name of whoever has the key."""
        key = self._writer.keyring.by_id(key_id)
        named = self._writer.policy.name_of(key_id)
        if named is not None:
            return named
        if key is None:
            return "somebody hidden" if key_id == HIDDEN else f"unknown key {key_id}"
        return self._writer.policy.name_of(key.fingerprint) or key.name or key_id

    def _plaintexts(self, path: str, data: bytes) -> None:
        """Note texts that look like secrets and are not encrypted."""
        try:
            value = json.loads(data) if path.endswith(".json") else read(data, path, lambda _: None)
        except (DataError, ValueError, RecursionError):
            return
        if is_sops(value):
            self._sops(path, value[METADATA])
            return
        lines = data.decode("utf-8", "replace").split("\n")
        for key, text in _texts(value, ""):
            hint = f"encrypt it: `freehold secret encrypt {path} KEY`, then change it: it stands in the history"
            if _PRIVATE.search(text):
                self._add("plaintext-secret", f"'{key}' is a private key in the clear", _place(path, lines, key), hint)
            elif _NAMED.search(key) and "ENC[" not in text and not _HARMLESS.fullmatch(text):
                message = f"'{key}' looks like a secret in the clear"
                self._add("plaintext-secret", message, _place(path, lines, key), hint, warning=True)

    def _add(self, code: str, message: str, place: Location, hint: str | None = None, *, warning: bool = False) -> None:
        """Note a problem, each once."""
        problem = Problem(code, message, place, hint, severity="warning" if warning else "error")
        if problem not in self.problems:
            self.problems.append(problem)


def _texts(value: Value, key: str) -> Iterator[tuple[str, str]]:
    """Yield each text of ``value`` with the key it belongs to."""
    if isinstance(value, str) and value.strip():
        yield key, value.strip()
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)


def _place(path: str, lines: list[str], key: str) -> Location:
    """Return where ``key`` first stands before a colon."""
    pattern = re.compile(rf"""^[\s\-{{,]*["']?{re.escape(key)}["']?\s*:""")
    return Location(path, next((number for number, line in enumerate(lines, 1) if pattern.match(line)), 0))
