"""Ports of the functions that modules have in Ruby: one table a module, looked at only where the module is there.

A port answers only if a module of the module path has the Ruby source of that name, so that a name is known exactly
where Puppet knows it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from manifests.functions.base import Function, parameters_of
from manifests.puppet.functions.base import Invocation, ScopeFunction
from manifests.puppet.functions.ports.table import PORTS


def find_port(name: str, loaders: Any) -> ScopeFunction | None:
    """Return the port of the Ruby function ``name``, None if there is none or no module has that function."""
    theme = PORTS.get(name)
    if theme is None or loaders.ruby_function(name) is None:
        return None
    return _port(name, theme)


_made: Final[dict[str, ScopeFunction]] = {}


def _port(name: str, theme: str) -> ScopeFunction:
    if name not in _made:
        module = importlib.import_module(f"manifests.puppet.functions.ports.{theme}")
        table: Mapping[str, tuple[Callable[..., Any], str] | tuple[Callable[..., Any], str, str]] = module.TABLE
        run, signature, *wish = table[name]
        block = "optional" if wish and wish[0] == "block" else ""
        if wish and wish[0] == "call":
            _made[name] = ScopeFunction(name, run, parameters_of(signature), "optional")
        else:
            function = Function(name, run, signature, parameters_of(signature), block=block)
            _made[name] = ScopeFunction(name, _acting(function))
    return _made[name]


def _acting(function: Function) -> Callable[..., Any]:
    """Return what runs a function that needs only its arguments."""

    def act(call: Invocation, *arguments: Any) -> Any:
        return function(*arguments, block=call.block)

    return act
