"""Evaluating bodies: of the site manifest, of nodes, of classes at once and of defines when their time comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from hiera.errors import DataError, Note
from hiera.values import MISSING, Value
from manifests.puppet import ast
from manifests.puppet.compiling.classes import parent_name
from manifests.puppet.compiling.names import CLASS
from manifests.puppet.compiling.resource import CatalogResource, Code
from manifests.puppet.evaluator.closures import Origin
from manifests.puppet.evaluator.control import Break, Next, Return, illegal
from manifests.puppet.evaluator.failures import placed
from manifests.puppet.evaluator.scope import Scope
from manifests.puppet.evaluator.variables import ScopeVariables
from manifests.puppet.kinds.base import METAPARAMETERS
from manifests.puppet.names import capitalized, plain_name

if TYPE_CHECKING:
    from manifests.puppet.compiling.compilation import Compilation
    from manifests.puppet.compiling.nodes import FoundNode


class Bodies:
    """Scopes and bodies of one compilation. Defines wait in the order of their declaration."""

    def __init__(self, compilation: Compilation) -> None:
        self._compilation = compilation
        self.waiting: list[CatalogResource] = []

    def evaluate(self, body: ast.Node | None, scope: Scope) -> None:
        """Evaluate ``body``; ``return`` and ``next`` end that of a class or define. Raises ``DataError``."""
        try:
            self._compilation.evaluator.evaluate(body, scope)
        except (Next, Return) as way:
            if scope.kind not in ("class", "define"):
                raise illegal(way) from None
        except Break as way:
            raise illegal(way) from None

    def evaluate_class(self, resource: CatalogResource) -> None:
        """Evaluate a class that was declared, its parents first. Raises ``DataError``."""
        if resource.evaluated or resource.found is None:
            return
        compilation = self._compilation
        resource.evaluated = True
        resource.complete_tags()
        found = resource.found
        parent = self._parent_scope(resource)
        name = plain_name(found.definition.name)
        scope = Scope(
            "class",
            compilation,
            found.source,
            module=found.module,
            name=name,
            resource=resource,
            enclosing=parent or resource.scope.outermost(),
            caller=parent or resource.scope,
        )
        compilation.catalog.classes.append(name)
        self._standing(scope, resource, name, name)
        compilation.scopes[name] = scope
        self._bind(resource, scope, self._from_data(resource, scope))
        self._stage(resource)
        self.evaluate(resource.definition.body, scope)

    def _parent_scope(self, resource: CatalogResource) -> Scope | None:
        """Return the scope of the class that ``resource`` inherits from, evaluated now if need be."""
        parent = parent_name(resource.found) if resource.found is not None else ""
        if not parent:
            return None
        compilation = self._compilation
        declared = compilation.catalog.resources.get((CLASS, capitalized(parent)))
        if declared is not None:
            self.evaluate_class(declared)
        return compilation.scopes.get(parent)

    def _standing(self, scope: Scope, resource: CatalogResource, title: Value, name: Value) -> None:
        """Set the variables that every class and define has."""
        variables = scope.variables
        if scope.module:
            variables["module_name"] = scope.module
        caller = resource.get("caller_module_name") or _module_of(scope.caller)
        if caller:
            variables["caller_module_name"] = caller
        variables["title"] = title
        variables["name"] = name

    def _from_data(self, resource: CatalogResource, scope: Scope) -> dict[str, str]:
        """Give a class the parameters that Hiera has and the declaration has not; return a hint for each of them.

        Raises ``DataError``.
        """
        variables = ScopeVariables(scope)
        hints: dict[str, str] = {}
        for parameter in resource.definition.parameters:
            if resource.get(parameter.name) is not None:
                continue
            key = f"{scope.name}::{parameter.name}"
            value = self._lookup(key, variables, resource)
            if value is MISSING and parameter.default is None:
                kind = None if parameter.type is None else self._compilation.evaluator.type_of(parameter.type, scope)
                value = self._compilation.data.stand_in(key, kind)
            if value is MISSING or (value is None and parameter.default is not None):
                continue
            resource.set(parameter.name, value, code=resource.own_code)
            hints[parameter.name] = f"the value is Hiera's: see `freehold lookup {key} --explain`"
        return hints

    def _lookup(self, key: str, variables: ScopeVariables, resource: CatalogResource) -> Value:
        """Return what Hiera has for ``key``. Raises ``DataError``, placed at the declaration if nowhere else."""
        try:
            return self._compilation.data.lookup(key, variables)
        except DataError as error:
            note = Note(f"asked for '{key}' here", resource.place)
            asked = (
                replace(one, notes=(*one.notes, note)) if one.location is not None else one for one in error.problems
            )
            raise placed(DataError(*asked), resource.place) from None

    def _bind(self, resource: CatalogResource, scope: Scope, hints: Mapping[str, str] | None = None) -> None:
        """Set the parameters of a class or define as variables: given, else the default. Raises ``DataError``.

        ``hints`` says of parameters where their value comes from.
        """
        definition = resource.definition
        names = {parameter.name for parameter in definition.parameters}
        given: dict[str, Value] = {}
        for name, parameter in resource.given.items():
            if name in names:
                given[name] = parameter.value
            elif name in METAPARAMETERS:
                scope.variables[name] = parameter.value
            elif name not in ("name", "title"):
                given[name] = parameter.value
        origins = {
            name: Origin(parameter.place, hints.get(name) if hints else None)
            for name, parameter in resource.given.items()
        }
        try:
            self._compilation.evaluator.bind(definition.parameters, given, scope, str(resource), origins)
        except DataError as error:
            raise placed(error, resource.place) from None
        for declared in definition.parameters:
            if declared.default is not None and resource.get(declared.name) is None:
                resource.set(declared.name, scope.variables.get(declared.name), code=resource.own_code)

    def _stage(self, resource: CatalogResource) -> None:
        """Put a class into its stage: its own, that of the class that declared it, or main. Raises ``DataError``."""
        compilation = self._compilation
        wanted = resource.get("stage")
        outer = compilation.resource_of(resource.scope)
        wanted = wanted or outer.get("stage") or "main"
        stage = compilation.stage(str(wanted))
        if stage is None:
            message = f"could not find stage {wanted} specified by {resource}"
            raise DataError.of("unknown-reference", message, resource.place)
        if stage.title != "main" and resource.get("stage") is None:
            resource.set("stage", stage.title)
        compilation.catalog.contain(stage, resource)

    def node(self, found: FoundNode) -> Scope:
        """Evaluate a node definition, and return its scope."""
        compilation = self._compilation
        code = Code(found.name)
        main = compilation.resource_of(compilation.top)
        resource = CatalogResource("Node", found.name, compilation.top, found.place, main, code)
        resource.own_code = code
        resource.evaluated = True
        compilation.catalog.add(resource)
        compilation.catalog.contain(main, resource)
        resource.complete_tags()
        scope = Scope(
            "node",
            compilation,
            found.source,
            name=found.name,
            resource=resource,
            enclosing=compilation.top,
            caller=compilation.top,
        )
        compilation.catalog.classes.append(found.name)
        scope.variables.update(title=found.name, name=found.name)
        scope.match = found.match
        compilation.scopes[found.name] = scope
        compilation.node_scope = scope
        self.evaluate(found.definition.body, scope)
        return scope

    def evaluate_defines(self) -> bool:
        """Evaluate the defines that wait and are not virtual, and say whether there were any.

        What goes wrong in one does not keep the others from being evaluated.
        """
        ready = [resource for resource in self.waiting if not resource.virtual]
        if not ready:
            return False
        self.waiting = [resource for resource in self.waiting if resource.virtual]
        for resource in ready:
            try:
                self._define(resource)
            except DataError as error:
                self._compilation.problems.take(error)
        return True

    def _define(self, resource: CatalogResource) -> None:
        """Evaluate one define. Raises ``DataError``."""
        found = resource.found
        if found is None or resource.evaluated:
            return
        resource.evaluated = True
        resource.complete_tags()
        scope = Scope(
            "define",
            self._compilation,
            found.source,
            module=found.module,
            name=plain_name(found.definition.name),
            resource=resource,
            enclosing=resource.scope.outermost(),
            caller=resource.scope,
        )
        title = resource.title if resource.written is None else resource.written
        self._standing(scope, resource, title, resource.get("name") or title)
        self._bind(resource, scope)
        self.evaluate(resource.definition.body, scope)

    def __iter__(self) -> Iterator[CatalogResource]:
        return iter(self.waiting)


def _module_of(scope: Scope | None) -> str:
    """Return the module of the code that asked for a body."""
    return scope.module if scope is not None else ""
