"""The attributes of one resource against its type: names, data types, and what becomes a reference to content."""

from __future__ import annotations

import json
from collections.abc import Callable

from hiera.errors import Collector, DataError, Location, Note, Problem, did_you_mean
from hiera.tree import Tree
from hiera.values import Secret, Value, holds_secret, revealed
from manifests.catalog import ContentRef, Contents, Digester, Plain
from manifests.concat import Payload
from manifests.datatypes import mismatch, type_of
from manifests.draft import Entry, Given, secret_in_plain
from manifests.sources import Sources, walk
from manifests.spec import METAPARAMETERS, AttributeSpec, Role, TypeSpec

LARGE = 1 << 20
"""Files of the tree above this many bytes are read again when wanted, not kept."""


class Attributes:
    """Turns what was given into what a catalog holds; the bytes behind it go to ``contents``.

    An attribute with the role ``template`` holds the rendered text by now: rendering needs variables, which only the
    front end has.
    """

    def __init__(
        self, tree: Tree, sources: Sources, digester: Digester, contents: Contents, problems: Collector
    ) -> None:
        self._tree = tree
        self._sources = sources
        self._digester = digester
        self._contents = contents
        self._problems = problems
        self._files: dict[str, tuple[ContentRef, Payload]] = {}

    def check(self, entry: Entry, spec: TypeSpec) -> None:
        """Report the attributes of ``entry`` that its type does not know, misses, or wants otherwise."""
        given = entry.attributes
        for name, item in given.items():
            known = spec.attributes.get(name)
            if known is None:
                self._unknown(entry, spec, name, item.location)
            elif known.role is not Role.TEMPLATE:
                self._check_type(entry, known, item)
        for name, known in spec.attributes.items():
            if known.required and name not in given and name != spec.namevar:
                words = f"{entry.ref} needs the attribute '{name}'"
                self._problems.add(Problem("missing-attribute", words, entry.location, hint=_lower(known.doc)))
        bringing = [name for name in given if name in spec.attributes and _brings_content(spec.attributes[name])]
        if len(bringing) > 1:
            first, second = bringing[:2]
            self._problems.add(
                Problem(
                    "conflicting-attributes",
                    f"{entry.ref} has both '{first}' and '{second}'",
                    given[second].location,
                    "one of them brings the content",
                    (Note(f"'{first}' stands here", given[first].location),),
                )
            )

    def payload(self, entry: Entry, spec: TypeSpec) -> Payload | None:
        """Return the bytes that the attributes of ``entry`` bring, None if they bring none."""
        for name, given in entry.attributes.items():
            known = spec.attributes.get(name)
            if known is None or not _brings_content(known):
                continue
            if known.role is not Role.SOURCE:
                return _payload(given.value)
            path = self._first(given)
            return self._file(path)[1] if path is not None else None
        return None

    def settle(self, entry: Entry, spec: TypeSpec, whole: Payload | None = None) -> dict[str, Plain]:
        """Return the attributes of ``entry`` as the catalog has them; ``whole`` is the content of a concat."""
        settled: dict[str, Plain] = {}
        for name, given in entry.attributes.items():
            known = spec.attributes.get(name)
            if known is None:
                continue
            if known.role is Role.SOURCE and holds_secret(given.value):
                self._problems.add(secret_in_plain(entry.ref, name, given.location))
            elif known.role is Role.SOURCE:
                settled.update(self._source(entry, given))
            elif known.role is Role.TEMPLATE:
                settled["content"] = self.reference(_payload(given.value))
            elif known.role is Role.CONTENT:
                settled[name] = self.reference(_payload(given.value))
            elif known.sensitive:
                settled[name] = self.reference(_secret(given.value))
            elif holds_secret(given.value):
                self._problems.add(secret_in_plain(entry.ref, name, given.location))
            else:
                settled[name] = given.value
        if whole is not None:
            settled["content"] = self.reference(whole)
        return settled

    def reference(self, payload: Payload) -> ContentRef:
        """Return the reference for ``payload`` and keep the bytes beside the catalog."""
        if isinstance(payload, Secret):
            value = payload.reveal()
            data = value if isinstance(value, bytes) else str(value).encode()
            reference = ContentRef(self._digester(data, secret=True), 0, secret=True)
            self._contents.add(reference.digest, payload)
            return reference
        data = payload() if callable(payload) else payload
        reference = ContentRef(self._digester(data, secret=False), len(data))
        self._contents.add(reference.digest, payload)
        return reference

    def _unknown(self, entry: Entry, spec: TypeSpec, name: str, location: Location) -> None:
        """Report the attribute ``name``, which ``spec`` does not have."""
        words = f"{entry.ref.kind} '{entry.ref.title}' has no attribute '{name}'"
        hint = did_you_mean(name, [*spec.attributes, *METAPARAMETERS])
        self._problems.add(Problem("unknown-attribute", words, location, hint))

    def _check_type(self, entry: Entry, known: AttributeSpec, given: Given) -> None:
        """Report the value of one attribute if it is not of its type; what is secret is not echoed."""
        if isinstance(given.value, bytes):
            return
        if known.role is Role.PLAIN and not known.sensitive and holds_secret(given.value):
            return  # it may not be here at all, which is said when it is settled
        secret = known.sensitive or holds_secret(given.value)
        wrong = mismatch(type_of(known.type), revealed(given.value) if secret else given.value)
        if wrong is None:
            return
        words = f"expects {known.type}" if secret else wrong
        message = f"'{known.name}' of {entry.ref}: {words}"
        self._problems.add(Problem("type-mismatch", message, given.location, hint=_lower(known.doc)))

    def _source(self, entry: Entry, given: Given) -> dict[str, Plain]:
        """Return the attributes that a ``source`` stands for."""
        path = self._first(given)
        if path is None:
            return {}
        if not self._tree.is_dir(path):
            return {"content": self._file(path)[0]}
        recurse = entry.attributes.get("recurse")
        if recurse is None or recurse.value in (False, "false"):
            words = f"the source of {entry.ref} is a directory"
            self._problems.add(Problem("directory-source", words, given.location, "write 'recurse: true' to copy all"))
            return {}
        files, directories = walk(self._tree, path)
        tree: dict[str, Plain] = dict.fromkeys(directories)
        tree |= {relative: self._file(place)[0] for relative, place in files.items()}
        modes = {relative: "0755" for relative, place in files.items() if self._tree.mode(place) & 0o111}
        more: dict[str, Plain] = {"source_modes": modes} if modes else {}
        return {"source_tree": dict(sorted(tree.items())), **more}

    def _first(self, given: Given) -> str | None:
        """Return the path of the first source that exists; reports that none does."""
        names = given.value if isinstance(given.value, list) else [given.value]
        failure: DataError | None = None
        for name in names:
            if not isinstance(name, str):
                return None
            try:
                return self._sources.path("files", name, given.location)
            except DataError as error:
                failure = failure or error
        if failure is not None:
            self._problems.take(failure)
        return None

    def _file(self, path: str) -> tuple[ContentRef, Payload]:
        """Return the reference and the bytes of the file ``path`` of the tree, read once."""
        known = self._files.get(path)
        if known is None:
            data = self._tree.read(path)
            payload: Payload = data if len(data) <= LARGE else _reader(self._tree, path)
            reference = ContentRef(self._digester(data, secret=False), len(data))
            self._contents.add(reference.digest, payload)
            known = self._files[path] = (reference, payload)
        return known


def _reader(tree: Tree, path: str) -> Callable[[], bytes]:
    """Return what reads the file ``path`` when it is wanted."""
    return lambda: tree.read(path)


def _brings_content(known: AttributeSpec) -> bool:
    """Say whether an attribute brings the content of the resource."""
    return known.name == "content" or known.role in (Role.TEMPLATE, Role.SOURCE)


def _payload(value: Value) -> Payload:
    """Return a content attribute's value as bytes, secret if there is a secret in it."""
    if isinstance(value, Secret) or holds_secret(value):
        return _secret(value)
    return value if isinstance(value, bytes) else str(value).encode()


def _secret(value: Value) -> Secret:
    """Return ``value`` as a secret text."""
    if isinstance(value, Secret):
        return value.map(_text)
    return Secret(_text(value))


def _text(value: Value) -> str | bytes:
    """Return ``value`` as the text that is kept for it."""
    if isinstance(value, str | bytes):
        return value
    return json.dumps(revealed(value), sort_keys=True, ensure_ascii=False)


def _lower(doc: str) -> str | None:
    """Return the words of ``doc`` as a hint."""
    return doc.rstrip(".") or None
