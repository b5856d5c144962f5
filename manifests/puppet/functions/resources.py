"""Functions that declare resources, and ask for declared ones."""

from __future__ import annotations

from typing import Any

from hiera.ruby_text import ruby_text
from hiera.types import ResourceType, infer
from hiera.values import Value
from manifests.functions.collections import flatten, same
from manifests.functions.iteration import clear
from manifests.puppet.functions.base import Invocation
from manifests.puppet.functions.classes import known_class, known_type
from manifests.puppet.functions.names import reference
from manifests.puppet.names import plain_name


def create_resources(
    call: Invocation, kind: str, instances: dict[Value, Value], defaults: dict[str, Value] | None = None
) -> None:
    """Declare a resource for each title and its parameters; the type with ``@`` or ``@@`` before it is virtual."""
    name = plain_name(kind.removeprefix("@").removeprefix("@"))
    virtual, exported = kind.startswith("@"), kind.startswith("@@")
    if name == "class" and virtual:
        raise call.fault("virtual-class", "classes cannot be virtual or exported")
    for title, given in instances.items():
        if not isinstance(clear_outer(given), dict):
            raise call.wrong(f"expects a hash of parameters for '{ruby_text(title)}'")
        parameters = {**(defaults or {}), **clear_outer(given)}
        for one in title if isinstance(title, tuple) else [title]:
            call.compilation.declare(name, one, parameters, call.scope, call.node, virtual=virtual, exported=exported)


def clear_outer(value: Value) -> Value:
    """Return a hash of parameters whose whole is a secret as one whose values are."""
    from hiera.values import Secret  # noqa: PLC0415  rarely needed

    if isinstance(value, Secret) and isinstance(value.reveal(), dict):
        return {key: Secret(item, origin=value.origin) for key, item in value.reveal().items()}
    return value


def ensure_resource(call: Invocation, kind: Value, title: Value, parameters: Value = None) -> None:
    """Declare resources unless they are declared with these parameters already."""
    if not isinstance(kind, str) or not kind:
        raise call.wrong("expects the name of a type first")
    if title is None:
        raise call.wrong("expects a title")
    given = _mapping(call, parameters)
    for item in flatten(title):
        if isinstance(item, dict):
            raise call.wrong("expects a text as a title, got a Hash")
        if not _matching(call, f"{kind}[{ruby_text(item)}]", given):
            create_resources(call, kind, {item: given})


def ensure_resources(call: Invocation, kind: Value, resources: dict[Value, Value], parameters: Value = None) -> None:
    """Declare a resource for each title and its parameters, unless it is declared so already."""
    for title, given in resources.items():
        ensure_resource(call, kind, title, {**_mapping(call, parameters), **_mapping(call, given)})


def _mapping(call: Invocation, given: Value) -> dict[str, Value]:
    """Return the parameters of a resource, none for undef. Raises ``DataError`` for what is no hash."""
    if given is None or given == "":
        return {}
    table = clear_outer(given)
    if not isinstance(table, dict):
        raise call.wrong(f"expects a Hash of parameters, got {infer(given).generalized()}")
    return table


def ensure_packages(call: Invocation, packages: Value, defaults: dict[str, Value] | None = None) -> None:
    """Declare packages unless they are declared already."""
    if isinstance(packages, dict):
        for name, given in packages.items():
            ensure_packages(call, name, {**(defaults or {}), **_mapping(call, given)})
        return
    for name in [packages] if isinstance(packages, str) else packages:
        wanted = {"ensure": "installed", **(defaults or {})}
        if wanted["ensure"] in {"present", "installed"}:
            present = _matching(call, f"Package[{name}]", {"ensure": "present"})
            wanted["ensure"] = "present" if present else "installed"
        ensure_resource(call, "package", name, wanted)


def defined_with_params(call: Invocation, given: Value, parameters: Value = None) -> bool:
    """Say whether a resource is declared with at least these parameters."""
    if not given:
        raise call.wrong("expects a reference first")
    return _matching(call, given, parameters or {})


def _matching(call: Invocation, given: Value, parameters: dict[str, Value]) -> bool:
    """Say whether a resource of the reference has the parameters."""
    kind, title = reference(call, given)
    if not title:
        raise call.wrong("expects a reference with a title")
    if not (kind == "class" or known_type(call, kind) or known_class(call, kind)):
        return False
    found = call.compilation.find_resource(kind, title)
    if found is None or found is call.compilation.resource_of(call.scope):
        return False
    return all(_alike(found.get(name), value) for name, value in parameters.items())


def _alike(first: Any, second: Any) -> bool:
    return same(clear(first), clear(second))


def getparam(call: Invocation, given: Value, parameter: str) -> Value:
    """Return the parameter of a declared resource, or the empty text."""
    kind, title = reference(call, given)
    found = call.compilation.find_resource(kind, title)
    value = None if found is None or not parameter else found.get(parameter)
    return "" if value is None else value


def str2resource(call: Invocation, text: str) -> ResourceType:
    """Return the declared resource that a text such as ``File[/etc/motd]`` names."""
    kind, title = reference(call, text)
    if call.compilation.find_resource(kind, title) is None:
        hint = "it must be declared before, and its title is not quoted"
        raise call.fault("unknown-resource", f"there is no resource {text} so far", hint)
    return ResourceType(kind, title)
