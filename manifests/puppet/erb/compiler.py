"""From the tree of a template to Python closures: values, calls and assignments.

A closure takes the :class:`Env` and returns the value. Which block a variable belongs to is known before it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from manifests.puppet.erb import nodes
from manifests.puppet.erb.blocks import arity_of, as_proc, too_deep
from manifests.puppet.erb.compiler_values import MAIN, Code, Handlers, ValueCompiler
from manifests.puppet.erb.mutation import CHAINS, TEXT_CHANGES
from manifests.puppet.erb.nodes import Node
from manifests.puppet.erb.objects import (
    Failure,
    Jump,
    Proc,
    Unsupported,
    Value,
)
from manifests.puppet.erb.parameters import binder
from manifests.puppet.erb.running import MAX_CALLS, Env, Run, send
from manifests.puppet.erb.text import to_s
from manifests.puppet.erb.tokens import Mistake

_METHOD_MAKERS: Final = frozenset(("lambda", "newfunction"))
"""Functions whose block is left by ``return``."""
_USING: Final = frozenset(("inject", "reduce", "map", "collect", "flat_map", "then", "filter_map", "map!", "collect!"))
"""Methods that go on with what the block answers."""
_PICKING: Final = frozenset(("first", "last", "fetch", "dig", "find", "detect", "max_by", "min_by", "max", "min"))
"""Methods that give a member itself."""
_INLINE: Final = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


class Compiler(ValueCompiler):
    """Makes closures of all nodes."""

    def call(self, node: nodes.Call) -> Code:
        """Compile a call."""
        if node.receiver is None:
            return self.function(node)
        if node.name in TEXT_CHANGES and not node.safe:
            return self._change(node)
        receiver, name, at = self.compile(node.receiver), node.name, node.at
        if node.block is None and not node.safe and _is_simple(node.arguments):
            if not node.arguments:
                return lambda env: send(env.run, receiver(env), name, [], None, at)
            argument = self.compile(node.arguments[0])
            inline = _INLINE.get(name)
            if inline is not None:
                return _arithmetic(receiver, argument, name, at, inline)
            return lambda env: send(env.run, receiver(env), name, [argument(env)], None, at)
        if name in _USING and isinstance(node.block, nodes.Block):
            self.returned.add(_last(node.block.body).at)
        block = self.block_of(_strict(node.block) if name == "newfunction" else node.block)
        arguments, safe = self.items(node.arguments), node.safe

        def call(env: Env) -> Value:
            target = receiver(env)
            if safe and target is None:
                return None
            values = arguments(env)
            if block is None:
                return send(env.run, target, name, values, None, at)
            return _sent(env.run, target, name, values, block(env), at)

        return call

    def function(self, node: nodes.Call) -> Code:
        """Compile a call without a receiver."""
        name, at = node.name, node.at
        given_block = _strict(node.block) if name in _METHOD_MAKERS else node.block
        arguments, block = self.items(node.arguments), self.block_of(given_block)
        if name == "block_given?":
            return lambda env: env.block is not None
        if name == "binding":
            raise Mistake("'binding' is not supported", at, "erb-unsupported")
        bare, space = node.bare, self.space

        def call(env: Env) -> Value:
            run = env.run
            values = arguments(env)
            given = block(env) if block else None
            defined = (run.modules[space].get(name) if space in run.modules else None) or run.functions.get(name)
            try:
                if defined is not None:
                    run.step()
                    run.at = at
                    return defined.call(*values, block=given)
                return send(run, MAIN, name, values, given, at)
            except Jump as jump:
                if given is not None and jump.home is given and jump.kind == "break":
                    return jump.value
                raise
            except Failure as failure:
                if (
                    bare
                    and failure.kind == "NoMethodError"
                    and failure.message.startswith(f"undefined method '{name}' for an instance of Puppet")
                ):
                    raise Failure("NameError", f"undefined local variable or method '{name}'") from None
                raise

        return call

    def block_of(self, node: Node | None) -> Code | None:
        """Return the closure that makes the block of a call."""
        if node is None:
            return None
        if isinstance(node, nodes.Block):
            return self.block(node)
        value = self.compile(node)
        return lambda env: as_proc(env.run, value(env))

    def block(self, node: nodes.Block) -> Code:
        """Compile a block or a lambda."""
        self.places.append("lambda" if node.strict else "block")
        self.given.append(_kept_names(node))
        body, bind, strict = self.compile(node.body), binder(self, node), node.strict
        self.places.pop()
        self.given.pop()
        arity = arity_of(node)

        def make(env: Env) -> Proc:
            run = env.run

            def call(*arguments: Value, block: Proc | None = None) -> Value:
                inner = Env(run, env)
                inner.tag = proc
                if strict:
                    inner.home = inner
                if block is not None:
                    inner.block = block
                run.steps -= 1
                run.depth += 1
                if run.steps < 0 or run.depth > MAX_CALLS:
                    too_deep(run)
                try:
                    bind(inner, arguments)
                    return body(inner)
                except Jump as jump:
                    if jump.kind == "next" or (strict and jump.home in (inner, proc)):
                        return jump.value
                    raise
                finally:
                    run.depth -= 1

            proc = Proc(call, arity, strict=strict)
            return proc

        return make

    def _change(self, node: nodes.Call) -> Code:
        """Compile a call that changes a text in place, if the receiver is one: the new one takes its place."""
        assert node.receiver is not None  # functions are compiled elsewhere
        name, at = node.name, node.at
        if isinstance(node.receiver, nodes.Local) and node.receiver.name == "_erbout" and name in ("<<", "concat"):
            shown = self.items(node.arguments)
            return lambda env: _show_all(env.run, shown(env))
        receiver, arguments, block = self.compile(node.receiver), self.items(node.arguments), self.block_of(node.block)
        home = _root(node.receiver)
        store = self.store(home) if home is not None else None
        change = TEXT_CHANGES[name]
        shared = self.source is not None and node.at not in self.returned and self._is_shared(node.receiver, home)

        def call(env: Env) -> Value:
            target = receiver(env)
            values = arguments(env)
            given = block(env) if block else None
            run = env.run
            if target.__class__ is not str:
                return send(run, target, name, values, given, at)
            run.step()
            run.at = at
            try:
                new, result = change(run, given, target, *values)
            except (TypeError, AttributeError, LookupError) as error:
                raise Failure("TypeError", f"wrong arguments for method '{name}' of String") from error
            if new != target and shared:
                raise Unsupported(f"'{name}' that changes a text which others may hold is not supported")
            if new is not target:
                run.charge(len(new))
                if store is not None:
                    store(env, new)
            return result

        return call

    def _is_shared(self, receiver: Node, home: Node | None) -> bool:
        """Say whether the text in ``home`` is one that was given: whoever gave it would see the change."""
        if home is None:
            return isinstance(receiver, nodes.Call) and receiver.name in _PICKING
        if not isinstance(home, nodes.Local) or home.depth >= len(self.given):
            return False
        return home.name in self.given[-1 - home.depth]

    def store(self, node: Node) -> Callable[[Env, Value], None]:
        """Return what assigns to ``node``."""
        handler = self.stores.get(node.__class__)
        if handler is None:
            raise Mistake("this cannot be assigned to", node.at)
        return handler(self, node)


def _sent(run: Run, target: Value, name: str, values: list[Value], block: Proc | None, at: int) -> Value:  # noqa: PLR0917  called often
    """Call a method with a block, which may end the call by ``break``."""
    try:
        return send(run, target, name, values, block, at)
    except Jump as jump:
        if block is not None and jump.home is block and jump.kind == "break":
            return jump.value
        raise


def _show_all(run: Run, values: list[Value]) -> None:
    for value in values:
        run.show(to_s(run, value))


def _arithmetic(receiver: Code, argument: Code, name: str, at: int, inline: Callable[[Any, Any], Value]) -> Code:
    """Return a call of an operator that is quick for small integers."""

    def call(env: Env) -> Value:
        left, right = receiver(env), argument(env)
        if left.__class__ is int and right.__class__ is int:
            return inline(left, right)
        return send(env.run, left, name, [right], None, at)

    return call


def _is_simple(arguments: Sequence[Node]) -> bool:
    """Say whether there is at most one argument, and no splat."""
    return not arguments or (len(arguments) == 1 and not isinstance(arguments[0], nodes.Splat))


def _strict(block: Node | None) -> Node | None:
    """Return the block of a call as that of a method, which ``return`` leaves."""
    return msgspec.structs.replace(block, strict=True) if isinstance(block, nodes.Block) else block


def _last(node: Node) -> Node:
    """Return the statement whose value is that of ``node``."""
    while isinstance(node, nodes.Sequence) and node.statements:
        node = node.statements[-1]
    return node


def _kept_names(node: nodes.Block) -> frozenset[str]:
    """Return the parameters of a block that hold what was given until its end: those never assigned to."""
    names = {one.name for one in node.parameters if one.kind in ("plain", "optional", "key")}
    names.update(part.name for one in node.parameters for part in one.parts)
    waiting: list[Any] = [node.body]
    while waiting and names:
        item = waiting.pop()
        if isinstance(item, nodes.Assign | nodes.Update) and isinstance(item.target, nodes.Local):
            names.discard(item.target.name)
        if isinstance(item, msgspec.Struct):
            waiting += [getattr(item, name) for name in item.__struct_fields__]
        elif isinstance(item, tuple):
            waiting += item
    return frozenset(names)


def _root(node: Node) -> Node | None:
    """Return the variable whose text a change of ``node`` changes; None if it is a passing value."""
    while True:
        if isinstance(node, nodes.Call) and node.name in CHAINS and node.receiver is not None:
            node = node.receiver
        elif isinstance(node, nodes.Assign | nodes.Update):
            node = node.target
        elif isinstance(node, nodes.Sequence) and len(node.statements) == 1:
            node = node.statements[0]
        else:
            break
    if isinstance(node, nodes.Local | nodes.Instance | nodes.Global) or (
        isinstance(node, nodes.Call) and node.name == "[]"
    ):
        return node
    return None


VALUES: Final[Handlers] = {
    nodes.Literal: Compiler.literal,
    nodes.Text: Compiler.text,
    nodes.Output: Compiler.output,
    nodes.Interpolated: Compiler.interpolated,
    nodes.Local: Compiler.local,
    nodes.Instance: Compiler.instance,
    nodes.Global: Compiler.global_,
    nodes.Constant: Compiler.constant,
    nodes.ArrayNode: Compiler.array,
    nodes.HashNode: Compiler.hash,
    nodes.RangeNode: Compiler.range,
    nodes.Call: Compiler.call,
    nodes.Block: Compiler.block,
    nodes.Itself: Compiler.itself,
}
