"""From the name of a function to what runs it, whoever wrote it."""

from __future__ import annotations

from typing import Any

from hiera.errors import DataError, did_you_mean
from hiera.values import Value
from manifests.functions import FUNCTIONS
from manifests.functions.base import Function
from manifests.puppet.functions.base import Invocation, ScopeFunction
from manifests.puppet.functions.context import ScopeContext
from manifests.puppet.functions.own import own_function
from manifests.puppet.functions.ports import find_port
from manifests.puppet.functions.table import SCOPE_FUNCTIONS, find

_shared: dict[str, ScopeFunction] = {}


def resolve(name: str, compilation: Any) -> ScopeFunction | Any | None:
    """Return the function ``name``: one that needs the compilation, a shared one, one of a module, of the site, a port.

    A function written in the Puppet language comes back as the loaders' ``Found``.
    """
    name = name.removeprefix("::")
    return find(name) or shared(name) or compilation.loaders.find_function(name) or beyond(name, compilation)


def shared(name: str) -> ScopeFunction | None:
    """Return the function ``name`` of both languages, None if there is none."""
    found = _shared.get(name)
    if found is None and name in FUNCTIONS:
        found = _shared[name] = wrapped(FUNCTIONS[name])
    return found


def wrapped(function: Function) -> ScopeFunction:
    """Return a function of both languages as one of the Puppet language; it asks the scope of the call."""

    def act(call: Invocation, *arguments: Value) -> Value:
        context = ScopeContext(call) if function.wants_context else None
        return function(*arguments, context=context, block=call.block)

    return ScopeFunction(function.name, act)


def beyond(name: str, compilation: Any) -> ScopeFunction | None:
    """Return the function ``name`` of the site's own Python, or the port of one that a module has in Ruby."""
    return own_function(name, compilation) or find_port(name, compilation.loaders)


def unknown(name: str, compilation: Any, call: Invocation | None = None) -> DataError:
    """Return the error that there is no function ``name``, with the reason if one can be told."""
    place = None if call is None else call.place
    ruby = compilation.loaders.ruby_function(name)
    if ruby is not None:
        hint = f"'{ruby}' is written in Ruby: write it in Python as lib/functions/{name.replace('::', '/')}.py"
        return DataError.of("unported-function", f"the function '{name}' is not ported", place, hint=hint)
    hint = compilation.loaders.hint_for(name) or did_you_mean(name, {*FUNCTIONS, *SCOPE_FUNCTIONS})
    return DataError.of("unknown-function", f"Unknown function: '{name}'", place, hint=hint)
