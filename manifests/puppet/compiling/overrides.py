"""Overrides: ``Type[title] { ... }`` and the attributes that collectors give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from hiera.errors import DataError, Location, Note, Problem
from hiera.values import Value
from manifests.puppet.compiling.declaring import is_default
from manifests.puppet.compiling.names import shown
from manifests.puppet.compiling.resource import CatalogResource, Code, Parameter, flat

if TYPE_CHECKING:
    from manifests.puppet.compiling.compilation import Compilation
    from manifests.puppet.evaluator.scope import Scope


class Override:
    """New values for one resource, and the code that gives them."""

    __slots__ = ("code", "parameters", "place", "scope")

    def __init__(self, parameters: Sequence[Parameter], code: Code, scope: Scope, place: Location) -> None:
        self.parameters = parameters
        self.code = code
        self.scope = scope
        self.place = place


class Overrides:
    """The overrides of one compilation; those of resources not declared yet wait for the end."""

    def __init__(self, compilation: Compilation) -> None:
        self._compilation = compilation
        self._waiting: dict[tuple[str, str], list[Override]] = {}

    def add(self, key: tuple[str, str], override: Override) -> None:
        """Override the resource ``key`` now, or when it is there. Raises ``DataError``."""
        resource = self._compilation.catalog.at(key)
        if resource is not None:
            self.merge(resource, override)
        else:
            self._waiting.setdefault(key, []).append(override)

    def finish(self, resource: CatalogResource) -> None:
        """Apply what waited for ``resource``. Raises ``DataError``."""
        for override in self._waiting.pop(resource.key, ()):
            self.merge(resource, override)

    def unused(self) -> Iterable[Problem]:
        """Yield a problem for each override whose resource never came."""
        for key, overrides in self._waiting.items():
            for override in overrides:
                message = f"could not find resource(s) {shown(key)} for overriding"
                yield Problem("unknown-reference", message, override.place)

    def merge(self, resource: CatalogResource, override: Override) -> None:
        """Give ``resource`` the values of ``override``. Raises ``DataError`` if its code may not."""
        if override.code is not resource.code and not override.code.descends_from(resource.code):
            hint = "write the override into a class that inherits, or collect: Type <| title == 'x' |> { ... }"
            notes = (Note("declared here", resource.place),)
            raise DataError(
                Problem("illegal-override", "only subclasses can override parameters", override.place, hint, notes)
            )
        if resource.evaluated:
            self._late(resource, override)
        for parameter in override.parameters:
            self._one(resource, parameter)

    def _late(self, resource: CatalogResource, override: Override) -> None:
        """Tell that the values come after the body was evaluated."""
        message = f"attempt to override an already evaluated resource, defined at {resource.place}, with new values"
        if self._compilation.strict:
            raise DataError.of("late-override", message, override.place)
        self._compilation.warn(Problem("late-override", message, override.place, severity="warning"))

    def _one(self, resource: CatalogResource, parameter: Parameter) -> None:
        """Set one value. Raises ``DataError`` if it stands in a place of equal rights."""
        current = resource.given.get(parameter.name)
        if current is None:
            resource.put(parameter)
            return
        if is_default(resource.type, parameter.name, parameter.value, resource.scope):
            return
        allowed = parameter.code.descends_from(current.code) or (
            parameter.code is current.code and is_default(resource.type, parameter.name, current.value, resource.scope)
        )
        if not allowed:
            by = f" by {current.code.name}" if current.code.name else ""
            message = f"parameter '{parameter.name}' is already set on {resource}{by}; cannot redefine"
            notes = (Note("set here", current.place),)
            raise DataError(Problem("duplicate-value", message, parameter.place, notes=notes))
        value: Value = [*flat(current.value), *flat(parameter.value)] if parameter.add else parameter.value
        resource.put(Parameter(parameter.name, value, parameter.place, parameter.code))
