"""The catalog in the form in which Puppet writes it as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from hiera.types import (
    DEFAULT,
    Binary,
    ClassType,
    Regexp,
    ResourceType,
    SemVer,
    SemVerRange,
    Sensitive,
    Timespan,
    Timestamp,
    Type,
    Uri,
)
from hiera.types.data import Distinct, Octets
from hiera.values import REDACTED, Secret, Value
from manifests.draft import RELATIONS
from manifests.puppet.compiling.catalog import PuppetCatalog
from manifests.puppet.compiling.names import reference, shown
from manifests.puppet.compiling.naming import attributes, namevar
from manifests.puppet.compiling.resource import CatalogResource, flat
from manifests.puppet.compiling.rich_types import as_data

_TYPE: Final = "__ptype"
_VALUE: Final = "__pvalue"
_RICH: Final[tuple[tuple[type[Any], str], ...]] = (
    (Regexp, "Regexp"),
    (Binary, "Binary"),
    (SemVer, "SemVer"),
    (SemVerRange, "SemVerRange"),
    (Timespan, "Timespan"),
    (Timestamp, "Timestamp"),
    (Uri, "URI"),
)


def as_json(catalog: PuppetCatalog, *, reveal: bool) -> dict[str, Any]:
    """Return the catalog as plain data: ``name``, ``environment``, ``resources``, ``edges``, ``classes``.

    Virtual resources are left out. Secrets and sensitive values are shown only with ``reveal``.
    """
    real = [resource for resource in catalog if not resource.virtual]
    there = set(real)
    return {
        "name": catalog.node,
        "environment": catalog.environment,
        "resources": [_resource(resource, reveal=reveal) for resource in real],
        "edges": [
            {"source": str(outer), "target": str(inner)}
            for outer, inner in catalog.edges
            if outer in there and inner in there
        ],
        "classes": list(catalog.classes),
    }


def _resource(resource: CatalogResource, *, reveal: bool) -> dict[str, Any]:
    """Return one resource."""
    found: dict[str, Any] = {"type": resource.type, "title": resource.title, "tags": sorted(resource.tags)}
    if resource.place.line:
        found["file"], found["line"] = resource.place.file, resource.place.line
    found["exported"] = resource.exported
    convert = Data(reveal=reveal)
    variable = namevar(resource)
    parameters = {}
    for name, value in attributes(resource).items():
        if name == variable and value == resource.title and resource.written is None and not resource.is_main:
            continue
        hidden = name in resource.sensitive and not reveal
        listed = name in RELATIONS and isinstance(value, list)
        shown_value = [item for item in flat(value) if item is not None] if listed else value
        parameters[name] = REDACTED if hidden else convert(shown_value)
    found["parameters"] = parameters
    if resource.sensitive:
        found["sensitive_parameters"] = sorted(resource.sensitive)
    return found


class Data:
    """Turns values of the language into plain ones; what JSON does not know becomes a ``__ptype`` hash."""

    def __init__(self, *, reveal: bool) -> None:
        self._reveal = reveal

    def __call__(self, value: Value) -> Any:
        """Return ``value`` as plain data."""
        if isinstance(value, Octets):
            return {_TYPE: "Binary", _VALUE: str(Binary(value.encode()))}
        if value is None or isinstance(value, str | bool | int | float):
            return value
        if isinstance(value, list | tuple):
            return [self(item) for item in value]
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, Secret):
            return self(value.reveal()) if self._reveal else REDACTED
        if value is DEFAULT:
            return {_TYPE: "Default"}
        if isinstance(value, Sensitive):
            return {_TYPE: "Sensitive", _VALUE: self(value.value) if self._reveal else REDACTED}
        return self._rich(value)

    def _mapping(self, value: Mapping[Value, Value]) -> Any:
        if all(isinstance(key, str) and key != _TYPE for key in value):
            return {str(key): self(item) for key, item in value.items()}
        pairs = ((key.value if isinstance(key, Distinct) else key, item) for key, item in value.items())
        return {_TYPE: "Hash", _VALUE: [self(part) for pair in pairs for part in pair]}

    def _rich(self, value: Value) -> Any:
        """Return a value that has no plain form."""
        key = reference(value)
        if key is not None:
            return shown(key)
        if isinstance(value, ResourceType | ClassType):
            return str(value)
        for kind, name in _RICH:
            if isinstance(value, kind):
                return {_TYPE: name, _VALUE: _text(value)}
        if isinstance(value, Type):
            return as_data(value)
        return _object(value, self)


def _text(value: Value) -> str:
    """Return what stands for a rich value."""
    return value.source if isinstance(value, Regexp) else str(value)


def _object(value: Value, convert: Callable[[Value], Any]) -> Any:
    """Return an object, such as a Deferred, by its attributes."""
    name = getattr(value, "type_name", type(value).__name__)
    fields = getattr(value, "__struct_fields__", ())
    return {_TYPE: name, **{field: convert(getattr(value, field)) for field in fields}}
