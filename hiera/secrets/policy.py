"""``secrets.yaml`` at the root of a control repository: who shall be able to read the secrets of which files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from hiera.errors import Collector, DataError, Location, Problem, did_you_mean
from hiera.secrets import GPG, PKCS7
from hiera.tree import Tree
from hiera.yaml import nodes
from hiera.yaml.strict import read

FILE_NAME: Final = "secrets.yaml"
KEYS: Final = "secrets/keys"
"""The directory of the public keys where the file names no other."""

_TOP: Final = ("keys", "recipients", "groups", "rules")
_RULE: Final = ("path", "to", "pkcs7")
_FINGERPRINT: Final = re.compile(r"[0-9A-F]{40}([0-9A-F]{24})?")
_AGE: Final = re.compile(r"age1[02-9ac-hj-np-z]{58}")


class Recipient(msgspec.Struct, frozen=True):
    """Somebody, or a node, by the fingerprint of the primary key, or by an age key, which sops files alone use."""

    name: str
    fingerprint: str
    location: Location

    @property
    def age(self) -> bool:
        """Whether the key is one of age."""
        return self.fingerprint.startswith("age1")


class Rule(msgspec.Struct, frozen=True):
    """Who reads the files that fit ``path``: ``recipients`` by GPG, or who has the key to the certificate ``pkcs7``."""

    path: str
    recipients: tuple[Recipient, ...]
    pkcs7: str | None
    location: Location

    @property
    def scheme(self) -> str:
        """How new values are encrypted."""
        return GPG if self.pkcs7 is None else PKCS7

    def fits(self, path: str) -> bool:
        """Say whether ``path`` is meant."""
        return _pattern(self.path).fullmatch(path) is not None


class Policy(msgspec.Struct, frozen=True):
    """The rules in their order, everybody they may name, and the directory of the public keys."""

    keys: str
    recipients: Mapping[str, Recipient]
    rules: tuple[Rule, ...]

    def rule_of(self, path: str) -> Rule:
        """Return the first rule that fits ``path``. Raises ``DataError`` (``no-secret-rule``)."""
        rule = self.find(path)
        if rule is None:
            hint = f"add one: {{path: {path!r}, to: [...]}}"
            raise DataError.of("no-secret-rule", f"no rule says who may read '{path}'", Location(FILE_NAME), hint=hint)
        return rule

    def find(self, path: str) -> Rule | None:
        """Return the first rule that fits ``path``."""
        return next((rule for rule in self.rules if rule.fits(path)), None)

    def name_of(self, fingerprint: str) -> str | None:
        """Return the name of the recipient with that key."""
        return next((one.name for one in self.recipients.values() if one.fingerprint == fingerprint), None)

    def public_keys(self, tree: Tree) -> dict[str, bytes]:
        """Return the exported public keys in the tree by path."""
        paths = (f"{self.keys}/{name}" for name in tree.names(self.keys))
        return {path: tree.read(path) for path in paths if tree.is_file(path)}


def read_policy(tree: Tree) -> Policy:
    """Return the policy of ``tree``. Raises ``DataError`` with every problem of the file."""
    if not tree.is_file(FILE_NAME):
        hint = "write who may read what: `recipients`, `groups` and `rules`; see the handbook on data and secrets"
        raise DataError.of("no-secret-policy", f"the control repository has no '{FILE_NAME}'", hint=hint)
    return _Reader().policy(read(tree.read(FILE_NAME), FILE_NAME))


class _Reader:
    """Checks the file and gathers what is wrong with it."""

    def __init__(self) -> None:
        self._problems = Collector()
        self._recipients: dict[str, Recipient] = {}
        self._groups: dict[str, tuple[Recipient, ...]] = {}

    def policy(self, node: nodes.Node) -> Policy:
        """Return the checked policy. Raises ``DataError``."""
        top = self._entries(node, _TOP, "the policy")
        keys = self._text(top["keys"], "keys") if "keys" in top else KEYS
        for key, item in self._pairs(top.get("recipients"), "recipients"):
            self._recipient(key, item)
        for key, item in self._pairs(top.get("groups"), "groups"):
            if key.text in self._recipients:
                self._wrong(f"'{key.text}' is a recipient and a group", key)
            self._groups[key.text] = self._named(item, {})
        rules = [self._rule(item) for item in self._items(top.get("rules"), "rules")]
        self._problems.check()
        return Policy((keys or KEYS).strip("/"), self._recipients, tuple(rule for rule in rules if rule is not None))

    def _recipient(self, key: nodes.Scalar, node: nodes.Node) -> None:
        """Take one recipient."""
        text = self._text(node, key.text)
        fingerprint = "".join((text or "").split())
        if not _AGE.fullmatch(fingerprint):
            fingerprint = fingerprint.upper().removeprefix("0X")
            if text is not None and not _FINGERPRINT.fullmatch(fingerprint):
                self._wrong(f"the recipient '{key.text}' needs a whole fingerprint of 40 digits", node)
        self._recipients[key.text] = Recipient(key.text, fingerprint, key.location)

    def _rule(self, node: nodes.Node) -> Rule | None:
        """Return one rule, or None if it is wrong."""
        entries = self._entries(node, _RULE, "a rule")
        path = self._text(entries["path"], "path") if "path" in entries else None
        if path is None or ("to" in entries) == ("pkcs7" in entries):
            self._wrong("a rule needs a 'path', and either 'to' or 'pkcs7'", node)
            return None
        if "pkcs7" in entries:
            return Rule(path, (), self._text(entries["pkcs7"], "pkcs7"), node.location)
        recipients = self._named(entries["to"], self._groups)
        if not recipients:
            self._wrong(f"the rule for '{path}' names nobody", entries["to"])
        return Rule(path, recipients, None, node.location)

    def _named(self, node: nodes.Node, groups: Mapping[str, tuple[Recipient, ...]]) -> tuple[Recipient, ...]:
        """Return the recipients that a list of names means, each once."""
        found: dict[str, Recipient] = {}
        for item in self._items(node, "a list of names"):
            name = self._text(item, "a name") or ""
            if name in groups:
                found |= {one.name: one for one in groups[name]}
            elif name in self._recipients:
                found[name] = self._recipients[name]
            elif name:
                hint = did_you_mean(name, [*self._recipients, *groups])
                message = (
                    f"there is no recipient '{name}'" if not groups else f"there is no recipient or group '{name}'"
                )
                self._problems.add(Problem("unknown-recipient", message, item.location, hint))
        return tuple(found.values())

    def _entries(self, node: nodes.Node, known: tuple[str, ...], what: str) -> dict[str, nodes.Node]:
        """Return the entries of a mapping by key; unknown keys are problems."""
        pairs = list(self._pairs(node, what))
        for key, _ in pairs:
            if key.text not in known:
                hint = did_you_mean(key.text, known) or f"it knows {', '.join(known)}"
                message = f"{what} has no key '{key.text}'"
                self._problems.add(Problem("secret-policy", message, key.location, hint))
        return {key.text: item for key, item in pairs}

    def _pairs(self, node: nodes.Node | None, what: str) -> Iterator[tuple[nodes.Scalar, nodes.Node]]:
        """Yield the entries of a mapping."""
        if isinstance(node, nodes.Mapping):
            yield from node.entries
        elif node is not None:
            self._wrong(f"{what} must be a mapping", node)

    def _items(self, node: nodes.Node | None, what: str) -> Iterator[nodes.Node]:
        """Yield the items of a list."""
        if isinstance(node, nodes.Sequence):
            yield from node.items
        elif node is not None:
            self._wrong(f"{what} must be a list", node)

    def _text(self, node: nodes.Node, what: str) -> str | None:
        """Return a text that is not empty."""
        text = node.text if isinstance(node, nodes.Scalar) else ""
        if not text:
            self._wrong(f"'{what}' must be a text", node)
        return text or None

    def _wrong(self, message: str, node: nodes.Node) -> None:
        """Note a problem at ``node``."""
        self._problems.add(Problem("secret-policy", message, node.location))


def _pattern(text: str) -> re.Pattern[str]:
    """Return what a path pattern is as a regular expression: ``**`` crosses directories, ``*`` and ``?`` do not."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", text.removeprefix("/"))
    return re.compile("".join(parts.get(piece) or re.escape(piece) for piece in pieces), re.DOTALL)
