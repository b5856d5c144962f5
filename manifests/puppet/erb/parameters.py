"""How the arguments of a block or function get to its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from manifests.puppet.erb import nodes
from manifests.puppet.erb.nodes import Parameter
from manifests.puppet.erb.objects import Failure, Hash, Symbol, Value, symbol
from manifests.puppet.erb.running import Env

if TYPE_CHECKING:
    from manifests.puppet.erb.compiler import Compiler
    from manifests.puppet.erb.compiler_values import Code

Bind = Callable[[Env, tuple[Value, ...]], None]


def binder(compiler: Compiler, node: nodes.Block) -> Bind:
    """Return what puts arguments into the variables of ``node``."""
    parameters = node.parameters
    if all(one.kind == "plain" for one in parameters):
        return _plain([one.name for one in parameters], strict=node.strict, spreads=node.spreads)
    return _Binder(compiler, parameters, strict=node.strict, spreads=node.spreads)


def _plain(names: list[str], *, strict: bool, spreads: bool) -> Bind:
    """Return the binder for parameters without anything special."""
    count = len(names)

    def bind(env: Env, arguments: tuple[Value, ...]) -> None:
        if spreads and len(arguments) == 1 and arguments[0].__class__ is list:
            arguments = tuple(arguments[0])
        if strict and len(arguments) != count:
            raise Failure("ArgumentError", f"wrong number of arguments (given {len(arguments)}, expected {count})")
        variables = env.vars
        for name, value in zip(names, arguments, strict=False):
            variables[name] = value

    return bind


class _Binder:
    """Puts arguments into parameters of all kinds."""

    def __init__(self, compiler: Compiler, parameters: tuple[Parameter, ...], *, strict: bool, spreads: bool) -> None:
        self.strict = strict
        self.spreads = spreads
        self.places = [one for one in parameters if one.kind in ("plain", "optional", "rest", "parts")]
        self.keys = [one for one in parameters if one.kind in ("key", "keys")]
        self.block = next((one.name for one in parameters if one.kind == "block"), None)
        self.defaults: dict[str, Code] = {
            one.name: compiler.compile(one.default) for one in parameters if one.default is not None
        }
        self.needed = sum(one.kind in ("plain", "parts") for one in self.places)
        self.rest = any(one.kind == "rest" for one in self.places)

    def __call__(self, env: Env, arguments: tuple[Value, ...]) -> None:
        values = list(arguments)
        if self.spreads and len(values) == 1 and values[0].__class__ is list:
            values = list(values[0])
        named = Hash()
        if self.keys and values and values[-1].__class__ is Hash and all(key.__class__ is Symbol for key in values[-1]):
            named = values.pop()
        if self.strict and (len(values) < self.needed or (len(values) > len(self.places) and not self.rest)):
            raise Failure("ArgumentError", f"wrong number of arguments (given {len(values)}, expected {self.needed})")
        _place(env, self.places, values, self.defaults)
        self._named(env, named)
        if self.block is not None:
            env.vars[self.block] = env.block

    def _named(self, env: Env, named: Hash) -> None:
        left = Hash(named)
        for one in self.keys:
            if one.kind == "keys":
                env.vars[one.name] = left
                return
            key = symbol(one.name)
            if key in left:
                env.vars[one.name] = left.pop(key)
            elif one.name in self.defaults:
                env.vars[one.name] = self.defaults[one.name](env)
            else:
                raise Failure("ArgumentError", f"missing keyword: :{one.name}")
        if left and self.strict and self.keys:
            raise Failure("ArgumentError", f"unknown keyword: :{next(iter(left))}")


def _place(env: Env, places: list[Parameter], values: list[Value], defaults: dict[str, Code]) -> None:
    """Give ``values`` to ``places`` in order; what is optional gets what the others leave."""
    needed = sum(one.kind in ("plain", "parts") for one in places)
    spare = max(0, len(values) - needed)
    at = 0
    for one in places:
        if one.kind == "rest":
            after = sum(other.kind in ("plain", "parts") for other in places[places.index(one) + 1 :])
            end = max(at, len(values) - after)
            env.vars[one.name] = values[at:end]
            at = end
        elif one.kind == "optional":
            if spare > 0:
                env.vars[one.name], at, spare = values[at], at + 1, spare - 1
            else:
                env.vars[one.name] = defaults[one.name](env)
        else:
            value = values[at] if at < len(values) else None
            at += 1
            if one.kind == "parts":
                _place(env, list(one.parts), list(value) if isinstance(value, list) else [value], defaults)
            else:
                env.vars[one.name] = value
