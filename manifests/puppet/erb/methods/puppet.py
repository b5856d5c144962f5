"""Methods of ``scope`` and of Puppet's own values."""

from __future__ import annotations

import re
from typing import Any

from hiera.types import ClassType, ResourceType
from hiera.values import MISSING
from manifests.puppet.erb.methods.base import Method, Table
from manifests.puppet.erb.methods.common import OBJECT
from manifests.puppet.erb.objects import Failure, Hash, Proc, Resource, ScopeObject, Unsupported, Value, symbol
from manifests.puppet.erb.running import Run, call_scope
from manifests.puppet.erb.scope import ErbScope
from manifests.puppet.erb.text import to_s
from manifests.puppet.erb.values import members

_FUNCTION = "function_"


def _lookup(run: Run, block: Proc | None, scope: ScopeObject, name: Value, *options: Value) -> Value:
    if scope.part:
        raise Failure("NoMethodError", f"undefined method '[]' for the {scope.part}")
    key = to_s(run, name)
    view = scope.view or run.scope
    own = view.kept(key)
    if own is not MISSING:
        return own
    value = view.variable(key)
    return None if value is MISSING else run.take(value)


def _known(run: Run, block: Proc | None, scope: ScopeObject, name: Value) -> bool:
    value = (scope.view or run.scope).variable(to_s(run, name))
    return value is not MISSING and value is not None


def _exists(run: Run, block: Proc | None, scope: ScopeObject, name: Value) -> bool:
    return (scope.view or run.scope).variable(to_s(run, name)) is not MISSING


def _to_hash(run: Run, block: Proc | None, scope: ScopeObject, *options: Value) -> Value:
    seen = (scope.view or run.scope).variables()
    return Hash((name, run.take(value)) for name, value in seen.items() if value is not None)


def _call(run: Run, block: Proc | None, scope: ScopeObject, name: Value, arguments: Value = None) -> Value:
    return call_scope(
        run,
        to_s(run, name),
        arguments if isinstance(arguments, list) else [] if arguments is None else _spread(arguments),
        scope.view,
        block,
    )


def _spread(value: Value) -> list[Value]:
    return members(value) if isinstance(value, Hash) else [value]


def scope_function(run: Run, name: str, arguments: list[Value], view: ErbScope | None = None) -> Value:
    """Answer ``scope.function_name([...])``."""
    given = arguments[0] if arguments else []
    if not isinstance(given, list):
        raise Failure("ArgumentError", "a function called from a template takes its arguments in one list")
    return call_scope(run, name.removeprefix(_FUNCTION), given, view)


def _set(run: Run, block: Proc | None, scope: ScopeObject, *arguments: Value) -> Value:
    name, value = arguments[:2]
    (scope.view or run.scope).keep(to_s(run, name), value)
    return value


_REFERENCE = re.compile(r"([\w:]+)\[(.+)\]", re.DOTALL)


def _find(run: Run, block: Proc | None, scope: ScopeObject, kind: Value, title: Value = None) -> Value:
    """Answer ``findresource``, by type and title or by one text for both."""
    view = _resources_view(run, scope)
    if title is None:
        found = _REFERENCE.fullmatch(to_s(run, kind))
        if found is None:
            raise Unsupported("a resource by this reference is not supported")
        kind, title = found.groups()
    return view.resource(to_s(run, kind), to_s(run, title).strip("'\""))


def _resources_view(run: Run, scope: ScopeObject) -> Any:
    if not run.file:
        raise Unsupported("the resources of the catalog are not supported")
    return scope.view or run.scope


def _resource(run: Run, block: Proc | None, scope: ScopeObject, *reference: Value) -> Value:
    """Answer ``resource``: one of the catalog, or that of the scope."""
    if reference:
        return _find(run, block, scope, *reference)
    return _resources_view(run, scope).own() if run.file else ScopeObject("resource", scope.view)


def _top(run: Run, block: Proc | None, scope: ScopeObject) -> Value:
    return ScopeObject(view=_resources_view(run, scope).top())


def _all(run: Run, block: Proc | None, scope: ScopeObject) -> Value:
    return list(_resources_view(run, scope).resources())


def _attribute(run: Run, block: Proc | None, value: Resource, name: Value) -> Value:
    key = to_s(run, name)
    if key == "title":
        return value.title
    return run.take(value.parameters.get(key))


def _attributes(run: Run, block: Proc | None, value: Resource) -> Value:
    return Hash((symbol(name), run.take(found)) for name, found in value.parameters.items())


RESOURCE: Table = {
    **OBJECT,
    "[]": _attribute,
    "to_hash": _attributes,
    "type": lambda run, block, value: value.type,
    "title": lambda run, block, value: value.title,
    "name": lambda run, block, value: value.title,
    "ref": lambda run, block, value: str(value),
    "to_ref": lambda run, block, value: str(value),
    "tags": lambda run, block, value: list(value.tags),
    "tagged?": lambda run, block, value, *names: any(to_s(run, name) in value.tags for name in names),
}


def _part(name: str) -> Method:
    return lambda run, block, scope, *_: ScopeObject(name, scope.view)


def _classes(run: Run, block: Proc | None, scope: ScopeObject) -> Value:
    return list((scope.view or run.scope).classes())


def _tags(run: Run, block: Proc | None, scope: ScopeObject) -> Value:
    view = scope.view or run.scope
    return list(view.all_tags() if scope.part == "catalog" else view.tags())


def _environment(run: Run, block: Proc | None, scope: ScopeObject) -> Value:
    return ScopeObject("environment", scope.view)


def _name(run: Run, block: Proc | None, scope: ScopeObject) -> Value:
    if scope.part == "environment":
        return _variable(run, scope, "environment")
    return _variable(run, scope, "trusted", "certname") if scope.part == "node" else _variable(run, scope, "title")


def _variable(run: Run, scope: ScopeObject, *path: str) -> Value:
    value = (scope.view or run.scope).variable(path[0])
    value = None if value is MISSING else run.take(value)
    return value.get(path[1]) if len(path) > 1 and isinstance(value, Hash) else value


def _module(run: Run, block: Proc | None, scope: ScopeObject) -> Value:
    return _variable(run, scope, "module_name")


SCOPE: Table = {
    **OBJECT,
    "[]": _lookup,
    "lookupvar": _lookup,
    "lookup_qualified_variable": _lookup,
    "include?": _known,
    "exist?": _exists,
    "to_hash": _to_hash,
    "call_function": _call,
    "setvar": _set,
    "[]=": _set,
    "catalog": _part("catalog"),
    "compiler": _part("compiler"),
    "resource": _resource,
    "resources": _all,
    "findresource": _find,
    "find_global_scope": _top,
    "topscope": _top,
    "is_topscope?": lambda run, block, scope: _resources_view(run, scope).at_top,
    "source": _part("source"),
    "classes": _classes,
    "tags": _tags,
    "environment": _environment,
    "name": _name,
    "module_name": _module,
    "node": _part("node"),
    "known_resource_types": _part("types"),
    "facts": lambda run, block, scope: _variable(run, scope, "facts"),
    "title": lambda run, block, scope: _variable(run, scope, "title"),
    "host": lambda run, block, scope: _variable(run, scope, "trusted", "certname"),
    "has_variable?": _exists,
    "tagged?": lambda run, block, scope, *names: any(
        to_s(run, name) in (scope.view or run.scope).tags() for name in names
    ),
}


def _title(run: Run, block: Proc | None, value: Value, *_: Value) -> Value:
    if isinstance(value, ResourceType | ClassType):
        return value.title
    raise Failure("NoMethodError", f"undefined method 'title' for {value.__class__.__name__}")


FOREIGN: Table = {**OBJECT, "title": _title}
