"""A catalog under construction: what the front ends declare, before anything is checked against the types.

Both front ends fill one :class:`Draft` and :func:`manifests.finish.finish` makes the catalog of it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from hiera.errors import Collector, Location, Note, Problem
from hiera.values import Value, holds_secret, revealed
from manifests.catalog import Ref
from manifests.spec import METAPARAMETERS
from manifests.tags import is_tag, merge_tags, own_tags

RELATIONS = {
    "require": (False, True),
    "before": (False, False),
    "notify": (True, False),
    "subscribe": (True, True),
}
"""Metaparameter -> (refreshes, the other side comes first)."""


class Given(NamedTuple):
    """A value and the place that gave it."""

    value: Value
    location: Location


@dataclass(slots=True)
class Entry:
    """A resource that was declared."""

    ref: Ref
    attributes: dict[str, Given]
    location: Location
    container: Ref
    tags: tuple[str, ...]
    asked_tags: tuple[str, ...] = ()
    aliases: list[str] = field(default_factory=list)
    broken: bool = False
    noop: bool | None = None
    prune: str = "restore"
    shared: bool = False
    virtual: bool = False
    exported: bool = False


@dataclass(slots=True)
class Scope:
    """A class or a define instance that holds declarations; what it hands down to them."""

    ref: Ref
    location: Location
    tags: tuple[str, ...]
    parents: list[Ref] = field(default_factory=list)
    noop: bool | None = None
    prune: str | None = None


class Relation(NamedTuple):
    """``source`` before ``target``, not resolved yet. ``optional`` relations may lead nowhere."""

    source: Ref
    target: Ref
    notify: bool
    location: Location
    optional: bool = False


class Draft:
    """Declarations, containers and relations in the order they were made. Problems go to ``problems``."""

    def __init__(self, problems: Collector) -> None:
        self.problems = problems
        self.entries: dict[Ref, Entry] = {}
        self.scopes: dict[Ref, Scope] = {}
        self.relations: list[Relation] = []
        self.left_out: dict[Ref, Location] = {}
        self.incomplete = False

    def contain(self, ref: Ref, location: Location, parent: Ref | None = None) -> Scope:
        """Add the class or define instance ``ref``; a class may be added again to stand in one more parent."""
        scope = self.scopes.get(ref)
        if scope is None:
            outer = self.scopes.get(parent) if parent is not None else None
            inherited = outer.tags if outer is not None else ()
            scope = self.scopes[ref] = Scope(ref, location, merge_tags(own_tags(ref), inherited))
            if outer is not None:
                scope.noop, scope.prune = outer.noop, outer.prune
        if parent is not None and parent not in scope.parents:
            scope.parents.append(parent)
        return scope

    def instantiate(self, ref: Ref, meta: Mapping[str, Given], location: Location, container: Ref) -> Scope | None:
        """Add an instance of a define with its metaparameters, or report the duplicate and return None."""
        first = self.scopes.get(ref)
        if first is not None:
            self.problems.add(_duplicate(f"{ref} is declared twice", location, first.location))
            return None
        scope = self.contain(ref, location, container)
        for name, given in meta.items():
            if name in RELATIONS or given.value is None:
                continue
            if name == "tag":
                scope.tags = merge_tags(scope.tags, self._tags(given))
            elif name == "noop":
                scope.noop = self._boolean(name, given)
            elif name == "prune":
                scope.prune = self._prune(given)
            else:
                self._refuse(ref, name, given)
        return scope

    def declare(
        self,
        ref: Ref,
        attributes: Mapping[str, Given],
        location: Location,
        container: Ref,
        *,
        own: Container[str] = (),
        shared: bool = False,
        virtual: bool = False,
        exported: bool = False,
    ) -> Entry | None:
        """Add the resource ``ref``; relations among ``attributes`` must have been taken out by the front end.

        ``own`` are the names of the type's attributes: cron has a ``schedule`` that is no metaparameter.

        Returns None after reporting a duplicate. An attribute whose value is None counts as not given.
        """
        outer = self.scopes[container]
        entry = Entry(ref, {}, location, container, (), noop=outer.noop, prune=outer.prune or "restore")
        entry.shared, entry.virtual, entry.exported = shared, virtual, exported
        tags: list[str] = []
        for name, given in attributes.items():
            if given.value is None:
                continue
            if name in METAPARAMETERS and name not in own:
                self._metaparameter(entry, name, given, tags)
            else:
                entry.attributes[name] = given
        entry.asked_tags = tuple(tags)
        entry.tags = merge_tags(own_tags(ref), tags, outer.tags)
        first = self.entries.get(ref)
        if first is None:
            self.entries[ref] = entry
            return entry
        return self._again(first, entry)

    def relate(
        self, source: Ref, target: Ref, location: Location, *, notify: bool = False, optional: bool = False
    ) -> None:
        """Put ``source`` before ``target``; with ``notify`` a change of it refreshes ``target``."""
        self.relations.append(Relation(source, target, notify, location, optional))

    def relate_by(self, name: str, own: Ref, others: Iterable[Ref], location: Location, *, optional: bool) -> None:
        """Add the relations that the metaparameter ``name`` of ``own`` asks for."""
        refreshes, other_first = RELATIONS[name]
        for other in others:
            source, target = (other, own) if other_first else (own, other)
            self.relations.append(Relation(source, target, refreshes, location, optional))

    def omit(self, ref: Ref, location: Location) -> None:
        """Remember that a condition at ``location`` left ``ref`` out, for the message of a relation to it."""
        self.left_out.setdefault(ref, location)

    def _again(self, first: Entry, second: Entry) -> Entry | None:
        """Merge the second declaration of a shared resource, or report it."""
        if not (first.shared and second.shared):
            hint = "write 'shared: true' on every declaration if they mean the same" if _alike(first, second) else None
            words = f"{first.ref} is declared twice"
            self.problems.add(_duplicate(words, second.location, first.location, hint))
            return None
        for name in first.attributes.keys() | second.attributes.keys():
            one, two = first.attributes.get(name), second.attributes.get(name)
            if one is None or two is None or not _same(one.value, two.value):
                places = [given.location if given else place.location for given, place in ((one, first), (two, second))]
                words = f"{first.ref} is shared, but its declarations differ in '{name}'"
                self.problems.add(
                    Problem("shared-differs", words, places[1], notes=(Note("the other declaration", places[0]),))
                )
        first.tags = merge_tags(first.tags, second.tags)
        first.aliases += second.aliases
        return first

    def _metaparameter(self, entry: Entry, name: str, given: Given, tags: list[str]) -> None:
        """Take one metaparameter other than a relation into ``entry``."""
        if holds_secret(given.value):
            self.problems.add(secret_in_plain(entry.ref, name, given.location))
        elif name == "tag":
            tags += self._tags(given)
        elif name == "noop":
            entry.noop = self._boolean(name, given)
        elif name == "prune":
            entry.prune = self._prune(given)
        elif name == "alias":
            entry.aliases += [str(item) for item in _listed(given.value)]
        else:
            self._refuse(entry.ref, name, given)

    def _tags(self, given: Given) -> list[str]:
        """Return the tags in ``given``, lower case; reports those that are none."""
        tags = [str(item) for item in _listed(given.value) if not isinstance(item, dict | list)]
        for tag in tags:
            if not is_tag(tag):
                hint = "letters, digits and _ : . - make a tag"
                self.problems.add(Problem("bad-tag", f"'{tag}' is not a tag", given.location, hint))
        return [tag.lower() for tag in tags]

    def _boolean(self, name: str, given: Given) -> bool | None:
        """Return the Boolean in ``given``; reports anything else."""
        if isinstance(given.value, bool):
            return given.value
        self.problems.add(Problem("type-mismatch", f"'{name}' must be true or false", given.location))
        return None

    def _prune(self, given: Given) -> str:
        """Return what ``prune`` says; reports anything unknown."""
        if given.value in ("restore", "keep", "first"):
            return str(given.value)
        self.problems.add(Problem("type-mismatch", "'prune' must be one of 'restore', 'keep', 'first'", given.location))
        return "restore"

    def _refuse(self, ref: Ref, name: str, given: Given) -> None:
        """Report a metaparameter of Puppet's that has no meaning here; some do no harm and only warn."""
        severity = "warning" if name in {"loglevel", "audit"} else "error"
        hints = {
            "schedule": f"'{given.value}' would let it pass at some times only; use a condition or a timer",
            "stage": "use 'require' or 'order' between classes; 'stage' is not supported",
            "audit": "drift is always recorded",
            "loglevel": "it has no effect",
        }
        words = f"{ref} uses the metaparameter '{name}', which is not supported"
        self.problems.add(
            Problem("unsupported-metaparameter", words, given.location, hints.get(name), severity=severity)  # type: ignore[arg-type]  # one of the two words
        )


def secret_in_plain(ref: Ref, name: str, location: Location) -> Problem:
    """Return the problem of a secret in an attribute that everybody may read."""
    return Problem("secret-in-plain", f"{ref}: '{name}' must not hold a secret", location, "use stdin or a 0600 file")


def _duplicate(words: str, location: Location, first: Location, hint: str | None = None) -> Problem:
    """Return the problem of a second declaration at ``location``."""
    return Problem("duplicate-declaration", words, location, hint, (Note("first declared here", first),))


def _alike(first: Entry, second: Entry) -> bool:
    """Say whether two entries ask for the same."""
    mine, theirs = first.attributes, second.attributes
    return mine.keys() == theirs.keys() and all(_same(mine[key].value, theirs[key].value) for key in mine)


def _same(one: Value, two: Value) -> bool:
    """Say whether two values are equal, looking into secrets only if both hold one."""
    if holds_secret(one) != holds_secret(two):
        return False
    return bool(revealed(one) == revealed(two)) if holds_secret(one) else bool(one == two)


def _listed(value: Value) -> list[Value]:
    """Return ``value`` as a list."""
    return list(value) if isinstance(value, list | tuple) else [value]
