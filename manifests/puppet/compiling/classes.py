"""Declaring classes: include, contain and require, and parameters that come from Hiera."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from hiera.errors import DataError
from manifests.puppet import ast
from manifests.puppet.compiling.hints import class_hint
from manifests.puppet.compiling.names import CLASS
from manifests.puppet.compiling.resource import CatalogResource, Code, Parameter
from manifests.puppet.names import capitalized, plain_name

if TYPE_CHECKING:
    from manifests.puppet.compiling.compilation import Compilation
    from manifests.puppet.evaluator.scope import Scope
    from manifests.puppet.loaders.definitions import Found


class Classes:
    """The classes of one compilation."""

    def __init__(self, compilation: Compilation) -> None:
        self._compilation = compilation
        self._codes: dict[str, Code] = {}

    def include(self, names: Iterable[str], scope: Scope, node: ast.Node | None) -> list[CatalogResource]:
        """Return the resources of the classes ``names``, declared and evaluated if they were not before."""
        found = [self.find(name, scope, node) for name in names]
        present: list[CatalogResource] = []
        fresh: list[CatalogResource] = []
        for definition in found:
            name = plain_name(definition.definition.name)
            evaluated = self._compilation.scopes.get(name)
            if evaluated is not None and isinstance(evaluated.resource, CatalogResource):
                present.append(evaluated.resource)
            else:
                fresh.append(self.ensure(definition, scope, node))
        for resource in fresh:
            self._compilation.bodies.evaluate_class(resource)
        return present + fresh

    def contain(self, names: Iterable[str], scope: Scope, node: ast.Node | None) -> list[CatalogResource]:
        """Include ``names``, and contain them in the resource of ``scope``."""
        container = self._compilation.resource_of(scope)
        resources = self.include(names, scope, node)
        for resource in resources:
            self._compilation.catalog.contain(container, resource)
        return resources

    def require(self, names: Iterable[str], scope: Scope, node: ast.Node | None) -> list[CatalogResource]:
        """Include ``names``, and let the resource of ``scope`` require them, in the order of ``names``."""
        names = list(names)
        resources = self.include(names, scope, node)
        owner = self._compilation.resource_of(scope)
        place = self._compilation.place(scope, node)
        for name in names:
            resource = self._compilation.catalog.resources[CLASS, capitalized(plain_name(name))]
            owner.set("require", [*_listed(owner.get("require")), str(resource)], place)
        return resources

    def find(self, name: str, scope: Scope, node: ast.Node | None, *, declared: bool = False) -> Found:
        """Return the definition of the class ``name``, which is to be ``declared`` as resources are.

        Raises ``DataError`` (``unknown-class``).
        """
        plain = plain_name(name)
        found = self._compilation.loaders.find_class(plain)
        if found is None:
            raise DataError.of(
                "unknown-class",
                f"could not find declared class {name}"
                if declared
                else f"could not find class ::{plain} for {self._compilation.node}",
                self._compilation.place(scope, node),
                hint=class_hint(plain, self._compilation.loaders),
            )
        return found

    def ensure(self, found: Found, scope: Scope, node: ast.Node | None) -> CatalogResource:
        """Return the resource of a class, declared now if it was not, but not evaluated."""
        title = capitalized(plain_name(found.definition.name))
        known = self._compilation.catalog.resources.get((CLASS, title))
        return known or self.declare(found, {}, scope, node)

    def declare(
        self,
        found: Found,
        given: Mapping[str, Parameter],
        scope: Scope,
        node: ast.Node | None,
        *,
        virtual: bool = False,
    ) -> CatalogResource:
        """Return the new resource of a class; its parents are declared before it. Raises ``DataError``."""
        compilation = self._compilation
        title = capitalized(plain_name(found.definition.name))
        container = compilation.resource_of(scope)
        code = self.code_of(found, scope, node)
        resource = CatalogResource(
            CLASS, title, scope, compilation.place(scope, node), container, code, found=found, own_code=code
        )
        resource.virtual = virtual
        for parameter in given.values():
            resource.put(parameter)
        compilation.declaring.take_defaults(resource, scope)
        if parent_name(found):
            self.ensure(self.parent_of(found, scope, node), scope, node)
        compilation.catalog.add(resource)
        return resource

    def parent_of(self, found: Found, scope: Scope, node: ast.Node | None) -> Found:
        """Return the class that ``found`` inherits from. Raises ``DataError`` if there is none."""
        parent = parent_name(found)
        loaded = self._compilation.loaders.find_class(parent)
        if loaded is None:
            message = (
                f"could not find parent resource type '{parent}' of type hostclass in {self._compilation.environment}"
            )
            raise DataError.of("unknown-class", message, self._compilation.place(scope, node))
        return loaded

    def code_of(self, found: Found, scope: Scope, node: ast.Node | None) -> Code:
        """Return what stands for the code of a class and those it inherits from."""
        name = plain_name(found.definition.name)
        known = self._codes.get(name)
        if known is None:
            known = self._codes[name] = Code(name)
            if parent_name(found):
                known.parent = self.code_of(self.parent_of(found, scope, node), scope, node)
        return known

    def code_of_define(self, found: Found) -> Code:
        """Return what stands for the code of a define."""
        return self._codes.setdefault(f"define {plain_name(found.definition.name)}", Code(found.definition.name))


def parent_name(found: Found) -> str:
    """Return the name of the class that ``found`` inherits from, "" if it is a class that inherits from none."""
    definition = found.definition
    return plain_name(definition.parent or "") if isinstance(definition, ast.Class) else ""


def _listed(value: object) -> list[object]:
    """Return ``value`` as a flat list without undef."""
    if value is None:
        return []
    return [item for inner in value for item in _listed(inner)] if isinstance(value, list) else [value]
