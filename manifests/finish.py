"""From a draft to the frozen catalog: everything that can be known is checked here, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hiera.errors import Collector, DataError, Location, Note, Problem, did_you_mean
from hiera.values import Secret, Value
from manifests.attributes import Attributes
from manifests.catalog import Catalog, Container, Declaration, Edge, Plain, Ref
from manifests.concat import Payload, assemble
from manifests.draft import Draft, Entry, Relation, secret_in_plain
from manifests.graph import cycle_problem, order
from manifests.spec import TypeSpec

MAX_SUGGESTIONS = 20
"""How many unknown references get a suggestion: each is looked for among all titles."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What a catalog says of itself."""

    revision: str
    environment: str
    node: str
    classes: tuple[str, ...] = ()
    hold: str | None = None
    noop: bool = False


def unknown_type(types: Mapping[str, TypeSpec], kind: str, location: Location, more: tuple[str, ...] = ()) -> Problem:
    """Return the problem of a resource type that does not exist; ``more`` names defines to suggest."""
    hint = did_you_mean(kind, [*types, *more, "class"])
    return Problem("unknown-type", f"there is no resource type '{kind}'", location, hint)


class _Finishing:
    """One pass over a draft."""

    def __init__(self, draft: Draft, types: Mapping[str, TypeSpec], attributes: Attributes) -> None:
        self.draft = draft
        self.types = types
        self.attributes = attributes
        self.problems: Collector = draft.problems
        self.entries = {ref: entry for ref, entry in draft.entries.items() if not (entry.virtual or entry.exported)}
        self.names: dict[tuple[str, str], Ref] = {}
        self.suggestions = 0

    def declarations(self) -> tuple[Declaration, ...]:
        """Check every entry and return the declarations."""
        specs = {ref: self.types[ref.kind] for ref in self.entries if ref.kind in self.types}
        named = {ref: self._name(self.entries[ref], spec) for ref, spec in specs.items()}
        payloads: dict[Ref, Payload] = {}
        for ref, spec in specs.items():
            with _collecting(self.problems, self.entries[ref].location):
                if not self.entries[ref].broken:
                    self.attributes.check(self.entries[ref], spec)
                if ref.kind == "concat_fragment":
                    payload = self.attributes.payload(self.entries[ref], spec)
                    if payload is not None:
                        payloads[ref] = payload
        wholes, pairs = assemble(self.entries, payloads, self.problems)
        for fragment, whole in pairs:
            self.draft.relate(fragment, whole, self.entries[fragment].location)
        made = [self._declaration(self.entries[ref], spec, named[ref], wholes.get(ref)) for ref, spec in specs.items()]
        return tuple(item for item in made if item is not None)

    def _declaration(self, entry: Entry, spec: TypeSpec, name: str, whole: Payload | None) -> Declaration | None:
        """Return the declaration of ``entry``, None if a problem stands in the way."""
        attributes: dict[str, Plain] | None = None
        with _collecting(self.problems, entry.location):
            attributes = self.attributes.settle(entry, spec, whole)
        if attributes is None:
            return None
        return Declaration(
            entry.ref, name, attributes, entry.location, entry.container, entry.tags, entry.noop, entry.prune
        )

    def _name(self, entry: Entry, spec: TypeSpec) -> str:
        """Return the name of ``entry`` on the machine; reports a second declaration of the same thing."""
        given = entry.attributes.get(spec.namevar)
        value: Value = given.value if given is not None else entry.ref.title
        if isinstance(value, Secret):
            location = given.location if given is not None else entry.location
            self.problems.add(secret_in_plain(entry.ref, spec.namevar, location))
            return entry.ref.title
        name = value if isinstance(value, str) else entry.ref.title
        first = self.names.setdefault((entry.ref.kind, name), entry.ref)
        if first != entry.ref:
            self.problems.add(
                Problem(
                    "duplicate-declaration",
                    f"{first} and {entry.ref} are both {entry.ref.kind} '{name}'",
                    entry.location,
                    notes=(Note("first declared here", self.entries[first].location),),
                )
            )
        for alias in entry.aliases:
            self.names.setdefault((entry.ref.kind, alias), entry.ref)
        return name

    def edges(self) -> tuple[Edge, ...]:
        """Resolve the relations; reports those that lead nowhere."""
        found: dict[Edge, None] = {}
        for relation in self.draft.relations:
            source = self._resolve(relation.source, relation)
            target = self._resolve(relation.target, relation)
            if source is not None and target is not None:
                found[Edge(source, target, relation.notify, relation.location)] = None
        return tuple(found)

    def _resolve(self, ref: Ref, relation: Relation) -> Ref | None:
        """Return what ``ref`` means, by title, name or alias; None when there is no such thing."""
        if ref in self.entries or ref in self.draft.scopes:
            return ref
        known = self.names.get((ref.kind, ref.title))
        if known is None and not (relation.optional or self.draft.incomplete or ref in self.draft.entries):
            self.problems.add(self._missing(ref, relation))
        return known

    def _missing(self, ref: Ref, relation: Relation) -> Problem:
        """Return the problem of a relation to ``ref``, which is not in the catalog."""
        words = f"{ref} is not in the catalog"
        omitted = self.draft.left_out.get(ref)
        if omitted is not None:
            hint = "write the relation with '?' ('require?:') if it may be missing"
            notes = (Note("left out by the condition here", omitted),)
            return Problem("unknown-reference", words, relation.location, hint, notes)
        known = [item.title for item in (*self.entries, *self.draft.scopes) if item.kind == ref.kind]
        known += [name for kind, name in self.names if kind == ref.kind]
        self.suggestions += 1
        near = None
        if self.suggestions <= MAX_SUGGESTIONS:
            near = did_you_mean(ref.title, [title for title in known if title != "main"])
        fallback: str | None
        if ref.kind == "class":
            fallback = "include the class first"
        elif ref.kind not in self.types and not any(item.kind == ref.kind for item in self.draft.scopes):
            near, fallback = None, did_you_mean(ref.kind, [*self.types, "class"])
        else:
            fallback = "write the relation with '?' if it may be missing"
        return Problem("unknown-reference", words, relation.location, near or fallback)


class _collecting:  # noqa: N801  reads as a word in a with statement
    """Takes the problems of a ``DataError`` in its block, giving them ``location`` where they have none."""

    def __init__(self, problems: Collector, location: Location) -> None:
        self._problems = problems
        self._location = location

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, DataError):
            return False
        for problem in error.problems:
            self._problems.add(
                problem
                if problem.location
                else Problem(
                    problem.code, problem.message, self._location, problem.hint, problem.notes, problem.severity
                )
            )
        return True


def finish(draft: Draft, types: Mapping[str, TypeSpec], attributes: Attributes, heading: Heading) -> Catalog:
    """Return the catalog of ``draft``. Raises ``DataError`` with every problem gathered so far and found here."""
    finishing = _Finishing(draft, types, attributes)
    declarations = finishing.declarations()
    edges = finishing.edges()
    draft.problems.check()
    containers: list[Container] = []
    for scope in draft.scopes.values():
        parents: list[Ref | None] = [*scope.parents] or [None]
        containers += [Container(scope.ref, scope.location, parent) for parent in parents]
    catalog = Catalog(
        heading.revision,
        heading.environment,
        heading.node,
        declarations,
        edges,
        tuple(containers),
        heading.classes,
        heading.hold,
        heading.noop,
    )
    problem = cycle_problem(order(catalog))
    if problem is not None:
        draft.problems.add(problem)
    draft.problems.check()
    return catalog
