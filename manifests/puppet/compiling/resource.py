"""One resource of a catalog under construction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hiera.errors import DataError, Location
from hiera.values import Secret, Value
from manifests.puppet import ast
from manifests.puppet.compiling.names import CLASS, is_tag, shown

if TYPE_CHECKING:
    from manifests.puppet.evaluator.scope import Scope
    from manifests.puppet.kinds.base import Kind
    from manifests.puppet.loaders.definitions import Found


@dataclass(eq=False, slots=True)
class Code:
    """The class, define, node or site manifest whose code gave a value; it decides who may override what.

    ``free`` becomes true once a collector with attributes stood in the code: from then on it may override anything.
    """

    name: str
    parent: Code | None = None
    free: bool = False

    def descends_from(self, other: Code) -> bool:
        """Say whether this code inherits from ``other``, however far, or is free."""
        if self.free:
            return True
        return self.parent is not None and (self.parent is other or self.parent.descends_from(other))


@dataclass(eq=False, slots=True)
class Parameter:
    """A value of a resource, the place that gave it and the code it stands in; ``add`` for ``+>``."""

    name: str
    value: Value
    place: Location
    code: Code
    add: bool = False


@dataclass(eq=False, slots=True)
class CatalogResource:
    """A resource that was declared.

    ``type`` and a class's ``title`` are written as Puppet prints them (``Apache::Vhost``); the class of the site
    manifest has the title ``main``. ``scope`` is where it was declared and ``container`` the resource whose body that
    was. ``kind`` is the table of a built-in type, ``found`` the definition of a class or define. ``written`` is the
    title as a function gave it where that was no text: ``$title`` is that.
    """

    type: str
    title: str
    scope: Scope
    place: Location
    container: CatalogResource | None
    code: Code
    given: dict[str, Parameter] = field(default_factory=dict)
    virtual: bool = False
    exported: bool = False
    kind: Kind | None = None
    found: Found | None = None
    own_code: Code | None = None
    tags: dict[str, None] = field(default_factory=dict)
    sensitive: set[str] = field(default_factory=set)
    evaluated: bool = False
    tags_complete: bool = False
    written: Value = None

    def __post_init__(self) -> None:
        self.title = str(self.title)  # bytes are a text like any other here
        self.tag(self.type.lower())
        if is_tag(self.title) and not self.is_main:
            self.tag(self.title)

    def __str__(self) -> str:
        return f"{self.type}[{self.title}]"

    @property
    def key(self) -> tuple[str, str]:
        """Return what identifies the resource."""
        return self.type, self.title

    @property
    def is_class(self) -> bool:
        """Say whether this is a class."""
        return self.type == CLASS

    @property
    def definition(self) -> ast.Class | ast.Define:
        """Return the class or define that this is an instance of; only those have one."""
        definition = self.found.definition if self.found is not None else None
        assert isinstance(definition, ast.Class | ast.Define)
        return definition

    @property
    def is_main(self) -> bool:
        """Say whether this is the class or the stage that always exists."""
        return self.title == "main" and self.type in (CLASS, "Stage")

    @property
    def parameters(self) -> Mapping[str, Value]:
        """Return the values that were given, by name."""
        return {name: parameter.value for name, parameter in self.given.items()}

    def get(self, name: str) -> Value:
        """Return the value of the attribute ``name``, None if there is none; ``title`` is the title."""
        if name == "title":
            return self.title
        parameter = self.given.get(name)
        return None if parameter is None else parameter.value

    def set(self, name: str, value: Value, place: Location | None = None, code: Code | None = None) -> None:
        """Give the attribute ``name`` a value, whatever it had."""
        self.put(Parameter(name, value, place or self.place, code or self.code))

    def put(self, parameter: Parameter) -> None:
        """Take ``parameter`` in the place of whatever stood there. Raises ``DataError`` for what can be no tag."""
        if parameter.name == "tag":
            self.tag_all(parameter.value, parameter.place)
        self.given[parameter.name] = parameter

    def tag(self, name: str) -> None:
        """Add a tag, and the segments of a qualified one."""
        name = name.lower()
        if name in self.tags:
            return
        self.tags[name] = None
        if "::" in name:
            self.tags.update(dict.fromkeys(part for part in name.split("::")))

    def tag_all(self, value: Value, place: Location) -> None:
        """Add the tags in ``value``, however nested. Raises ``DataError`` (``bad-tag``)."""
        for item in flat(value):
            if item is None:
                continue
            text = str(item) if not isinstance(item, bool) else str(item).lower()
            if not is_tag(text):
                raise DataError.of("bad-tag", f"invalid tag '{text}'", place, hint="letters, digits, _ : . - make one")
            self.tag(text)

    def tags_from(self, other: CatalogResource) -> None:
        """Add the tags of ``other``."""
        self.tags.update(other.tags)

    def tagged(self, tags: Iterable[str]) -> bool:
        """Say whether the resource, or whatever it stands in, has one of ``tags``."""
        wanted = frozenset(tags)
        resource: CatalogResource | None = self
        while resource is not None:
            if not wanted.isdisjoint(resource.tags):
                return True
            outer = resource.container
            resource = outer if outer is not resource else None
        return False

    def complete_tags(self) -> None:
        """Take the tags of what the resource stands in, once."""
        if not self.tags_complete:
            self.tags_complete = True
            if self.container is not None and self.container is not self:
                self.tags_from(self.container)


def flat(value: Value) -> list[Value]:
    """Return the items of ``value``, however deeply lists are nested; a secret is opened."""
    if isinstance(value, Secret):
        value = value.reveal()
    if not isinstance(value, list | tuple):
        return [value]
    return [item for inner in value for item in flat(inner)]


def name_of(resource: CatalogResource) -> str:
    """Return ``Type[title]`` of ``resource``."""
    return shown(resource.key)
