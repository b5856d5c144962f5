"""Declaring resources: of built-in types, of defines, and classes declared like resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from hiera.errors import DataError, Problem
from hiera.ruby_text import ruby_text
from hiera.values import Value
from manifests.puppet import ast
from manifests.puppet.compiling.hints import type_hint
from manifests.puppet.compiling.resource import CatalogResource, Parameter
from manifests.puppet.kinds.base import METAPARAMETERS
from manifests.puppet.names import capitalized, plain_name

if TYPE_CHECKING:
    from manifests.puppet.compiling.compilation import Compilation
    from manifests.puppet.evaluator.scope import Scope
    from manifests.puppet.kinds.base import Kind
    from manifests.puppet.loaders.definitions import Found


class Declaring:
    """The declarations of one compilation."""

    def __init__(self, compilation: Compilation) -> None:
        self._compilation = compilation

    def declare(  # noqa: PLR0917  as the statement writes them
        self,
        kind: str,
        title: Value,
        parameters: Mapping[str, Value],
        scope: Scope,
        node: ast.Node | None,
        form: str = "regular",
    ) -> CatalogResource:
        """Declare one resource with plain values, as functions do. Raises ``DataError``."""
        place = self._compilation.place(scope, node)
        code = self._compilation.resource_of(scope).own_code or self._compilation.main_code
        given = {name: Parameter(name, value, place, code) for name, value in parameters.items()}
        resource = self.all(kind, [ruby_text(title)], given, scope, node, form)[0]
        if not isinstance(title, str):
            resource.written = title
            resource.tags.pop(resource.title, None)  # only a text is a tag
        return resource

    def all(  # noqa: PLR0917  as the statement writes them
        self,
        kind: str,
        titles: Sequence[str],
        given: Mapping[str, Parameter],
        scope: Scope,
        node: ast.Node | None,
        form: str = "regular",
    ) -> list[CatalogResource]:
        """Declare a resource of the type ``kind`` for each title. Raises ``DataError``."""
        kind = plain_name(kind)
        if kind == "class":
            return [self._class(title, given, scope, node, form) for title in titles]
        table, found = self.find(kind)
        if table is None and found is None:
            raise self._unknown(kind, scope, node)
        return [self._resource(kind, title, table, found, given, scope, node, form) for title in titles]

    def find(self, kind: str) -> tuple[Kind | None, Found | None]:
        """Return the built-in type or else the define ``kind``."""
        loaders = self._compilation.loaders
        table = loaders.kind(kind) if "::" not in kind else None
        return (table, None) if table is not None else (None, loaders.find_define(kind))

    def _class(
        self, title: str, given: Mapping[str, Parameter], scope: Scope, node: ast.Node | None, form: str
    ) -> CatalogResource:
        """Declare and evaluate a class."""
        compilation = self._compilation
        found = compilation.classes.find(title, scope, node, declared=True)
        resource = compilation.classes.declare(found, given, scope, node, virtual=form != "regular")
        compilation.bodies.evaluate_class(resource)
        return resource

    def _resource(  # noqa: PLR0917  all that a resource is made of
        self,
        kind: str,
        title: str,
        table: Kind | None,
        found: Found | None,
        given: Mapping[str, Parameter],
        scope: Scope,
        node: ast.Node | None,
        form: str,
    ) -> CatalogResource:
        """Declare one resource that is no class."""
        compilation = self._compilation
        container = compilation.resource_of(scope)
        place = compilation.place(scope, node)
        code = container.own_code or compilation.main_code
        resource = CatalogResource(capitalized(kind), title, scope, place, container, code, kind=table, found=found)
        resource.virtual = form != "regular"
        resource.exported = form == "exported"
        if found is not None:
            resource.own_code = compilation.classes.code_of_define(found)
        for parameter in given.values():
            resource.put(parameter)
        self.take_defaults(resource, scope)
        if resource.get("stage") is not None:
            message = f"only classes can set 'stage'; normal resources like {resource} cannot change run stage"
            raise DataError.of("stage-of-resource", message, place)
        compilation.catalog.add(resource)
        if resource.type != "Stage":
            compilation.catalog.contain(container, resource)
        if found is not None:
            compilation.bodies.waiting.append(resource)
        return resource

    def take_defaults(self, resource: CatalogResource, scope: Scope) -> None:
        """Give ``resource`` the defaults in force for attributes that the declaration does not name."""
        for name, parameter in defaults_for(resource.type, scope).items():
            if name not in resource.given:
                resource.put(parameter)

    def set_defaults(self, kind: str, parameters: Iterable[Parameter], scope: Scope) -> None:
        """Set defaults for resources declared in ``scope`` from now on. Raises ``DataError`` for a second value."""
        owner = own(scope)
        if owner.defaults is None:
            owner.defaults = {}
        table = owner.defaults.setdefault(capitalized(kind), {})
        for parameter in parameters:
            if parameter.name in table:
                message = f"default already defined for {capitalized(kind)} {{ {parameter.name} }}; cannot redefine"
                raise DataError.of("duplicate-default", message, parameter.place)
            table[parameter.name] = parameter

    def meta(self, name: str) -> bool:
        """Say whether ``name`` is a metaparameter."""
        return name in METAPARAMETERS

    def takes(self, resource: CatalogResource, name: str) -> bool:
        """Say whether ``resource`` may have the attribute ``name``."""
        if name in METAPARAMETERS or name == "name":
            return True
        if resource.kind is not None:
            return resource.kind.accepts(name)
        if resource.found is None:
            return False
        return any(parameter.name == name for parameter in resource.definition.parameters)

    def _unknown(self, kind: str, scope: Scope, node: ast.Node | None) -> DataError:
        """Return the error of a type that does not exist."""
        place = self._compilation.place(scope, node)
        hint = type_hint(kind, self._compilation.loaders)
        return DataError(Problem("unknown-type", f"unknown resource type: '{kind}'", place, hint))


def own(scope: Scope) -> Scope:
    """Return the scope of the body that the local ``scope`` belongs to."""
    while scope.kind == "local" and scope.enclosing is not None:
        scope = scope.enclosing
    return scope


def defaults_for(kind: str, scope: Scope) -> dict[str, Parameter]:
    """Return the defaults in force for the type ``kind`` (as printed): the nearest of those along the callers."""
    chain: list[dict[str, Parameter]] = []
    current: Scope | None = scope
    while current is not None:
        if current.defaults is not None and kind in current.defaults:
            chain.append(current.defaults[kind])
        current = current.caller
    found: dict[str, Parameter] = {}
    for table in reversed(chain):
        found.update(table)
    return found


def default_of(resource: CatalogResource, name: str) -> Value:
    """Return the default in force for an attribute of ``resource``, None if there is none."""
    parameter = defaults_for(resource.type, resource.scope).get(name)
    return parameter.value if parameter is not None else None


def is_default(kind: str, name: str, value: Value, scope: Scope) -> bool:
    """Say whether ``value`` is what a default in force gives the attribute ``name``."""
    current: Scope | None = scope
    while current is not None:
        table = current.defaults.get(kind) if current.defaults is not None else None
        if table is not None and name in table and table[name].value == value:
            return True
        current = current.caller
    return False
