"""What a title says of a resource's attributes, and what identifies it on the machine."""

from __future__ import annotations

from hiera.errors import DataError
from hiera.values import Value
from manifests.puppet.compiling.resource import CatalogResource


def from_title(resource: CatalogResource) -> dict[str, Value]:
    """Return the attributes that the title stands for. Raises ``DataError`` (``bad-title``)."""
    kind = resource.kind
    found = {"name": resource.title} if kind is None else kind.read_title(resource.title)
    if found is None:
        message = f'no set of title patterns matched the title "{resource.title}"'
        raise DataError.of("bad-title", message, resource.place)
    return found


def namevar(resource: CatalogResource) -> str:
    """Return the attribute that the title is repeated in: ``name`` where there is no single one."""
    kind = resource.kind
    return kind.namevars[0] if kind is not None and len(kind.namevars) == 1 else "name"


def attributes(resource: CatalogResource) -> dict[str, Value]:
    """Return the attributes as a catalog has them: from the title, then those given, under their own names."""
    variable = namevar(resource)
    found = from_title(resource)
    for name, parameter in resource.given.items():
        if parameter.value is not None:
            found[variable if name == "name" else name] = parameter.value
    return found


def names_on_machine(resource: CatalogResource) -> tuple[Value, ...]:
    """Return what is the same for two resources only if they are the same thing."""
    found = attributes(resource)
    variable = namevar(resource)
    name = found.get(variable, found.get("name", resource.title))
    found.setdefault(variable, name)
    found.setdefault("name", name)
    keys = sorted(resource.kind.namevars) if resource.kind is not None else ["name"]
    return tuple(found.get(key) for key in keys)
