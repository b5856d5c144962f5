"""From the tree of a template to Python closures: conditions, loops, errors and what is assigned to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hiera.errors import DataError
from manifests.puppet.erb import nodes
from manifests.puppet.erb.blocks import spread
from manifests.puppet.erb.compiler import VALUES, Compiler
from manifests.puppet.erb.compiler_values import Code, Handlers, Stores
from manifests.puppet.erb.constants import constant
from manifests.puppet.erb.nodes import Node
from manifests.puppet.erb.objects import Error, Failure, Jump, Unsupported, Value, symbol, truthy
from manifests.puppet.erb.running import Env, items_of, send
from manifests.puppet.erb.tokens import Mistake
from manifests.puppet.erb.values import error_is
from manifests.puppet.source import Source

Store = Callable[[Env, Value], None]
_OURS: Final = frozenset(("function-unsupported", "function-limit", "erb-unsupported", "erb-limit", "refused"))
"""What ends a call here but not in Puppet: nothing may go on as if Puppet had failed."""


def _sequence(compiler: Compiler, node: nodes.Sequence) -> Code:
    codes = compiler.each(node.statements)
    if not codes:
        return lambda env: None

    def run(env: Env) -> Value:
        value = None
        for code in codes:
            value = code(env)
        return value

    return run


def _and(compiler: Compiler, node: nodes.And) -> Code:
    left, right = compiler.compile(node.left), compiler.compile(node.right)

    def both(env: Env) -> Value:
        value = left(env)
        return right(env) if value is not None and value is not False else value

    return both


def _or(compiler: Compiler, node: nodes.Or) -> Code:
    left, right = compiler.compile(node.left), compiler.compile(node.right)

    def either(env: Env) -> Value:
        value = left(env)
        return value if value is not None and value is not False else right(env)

    return either


def _not(compiler: Compiler, node: nodes.Not) -> Code:
    value = compiler.compile(node.value)

    def negate(env: Env) -> Value:
        found = value(env)
        return found is None or found is False

    return negate


def _if(compiler: Compiler, node: nodes.If) -> Code:
    test, then, other = compiler.compile(node.test), compiler.compile(node.then), compiler.compile(node.other)

    def choose(env: Env) -> Value:
        found = test(env)
        return then(env) if found is not None and found is not False else other(env)

    return choose


def _case(compiler: Compiler, node: nodes.Case) -> Code:
    subject = compiler.compile(node.subject) if node.subject else None
    branches = [(compiler.items(tests), compiler.compile(body)) for tests, body in node.branches]
    other, at = compiler.compile(node.other), node.at

    def choose(env: Env) -> Value:
        value = subject(env) if subject else None
        for tests, body in branches:
            for test in tests(env):
                if truthy(test if subject is None else send(env.run, test, "===", [value], None, at)):
                    return body(env)
        return other(env)

    return choose


def _while(compiler: Compiler, node: nodes.While) -> Code:
    test = compiler.compile(node.test)
    compiler.places.append("loop")
    body, first = compiler.compile(node.body), node.first
    compiler.places.pop()

    def loop(env: Env) -> Value:
        again = first or truthy(test(env))
        while again:
            env.run.step()
            try:
                body(env)
            except Jump as jump:
                if jump.kind == "loop-break":
                    return jump.value
                if jump.kind != "loop-next":
                    raise
            again = truthy(test(env))
        return None

    return loop


def _for(compiler: Compiler, node: nodes.For) -> Code:
    value, store = compiler.compile(node.value), compiler.store(node.target)
    compiler.places.append("loop")
    body = compiler.compile(node.body)
    compiler.places.pop()

    def loop(env: Env) -> Value:
        found = value(env)
        for item in list(items_of(found)):
            env.run.step()
            store(env, item)
            try:
                body(env)
            except Jump as jump:
                if jump.kind == "loop-break":
                    return jump.value
                if jump.kind != "loop-next":
                    raise
        return found

    return loop


def _jump(compiler: Compiler, node: nodes.Jump) -> Code:
    value, kind, place = compiler.compile(node.value), node.kind, compiler.places[-1]
    if kind == "return":
        if not any(one in ("lambda", "function") for one in compiler.places):
            raise Mistake("'return' outside of a function is not supported", node.at, "erb-unsupported")
    elif place in ("top", "function"):
        raise Mistake(f"'{kind}' outside of a block or loop", node.at)
    if place == "loop" and kind != "return":
        kind = f"loop-{kind}"

    def jump(env: Env) -> Value:
        raise Jump(kind, value(env), env.home if kind == "return" else env.tag)

    return jump


def _begin(compiler: Compiler, node: nodes.Begin) -> Code:
    body = compiler.compile(node.body)
    rescues = [
        (compiler.items(one.kinds), compiler.store(one.target) if one.target else None, compiler.compile(one.body))
        for one in node.rescues
    ]
    other = compiler.compile(node.other) if node.other else None
    ensure = compiler.compile(node.ensure) if node.ensure else None

    def attempt(env: Env) -> Value:
        try:
            value = body(env)
        except (Failure, DataError) as failure:
            if isinstance(failure, DataError) and failure.problems[0].code in _OURS:
                raise
            return _rescued(env, failure, rescues)
        return other(env) if other else value

    if ensure is None:
        return attempt if rescues or other else body

    def finally_(env: Env) -> Value:
        try:
            return attempt(env)
        finally:
            ensure(env)

    return finally_


def _rescued(env: Env, failure: Failure | DataError, rescues: list[tuple[Any, Store | None, Code]]) -> Value:
    """Return what the first branch gives that takes ``failure``; raise it again if none does."""
    if isinstance(failure, DataError):
        error = Error("Puppet::ParseError", failure.problems[0].message)
    else:
        error = Error(failure.kind, failure.message)
    for kinds, store, body in rescues:
        wanted = [kind.name for kind in kinds(env)] or ["StandardError"]
        if any(error_is(error.kind, name) for name in wanted):
            if store:
                store(env, error)
            env.run.error = error
            return body(env)
    raise failure


def _definition(compiler: Compiler, node: nodes.Definition) -> Code:
    places, compiler.places = compiler.places, ["function"]
    make = compiler.block(node.function)
    compiler.places = places
    name, space, source = node.name, compiler.space, compiler.source

    def define(env: Env) -> Value:
        run = env.run
        if space:
            run.modules.setdefault(space, {})[name] = run.placed(make(Env(run)), source)
        else:
            run.functions[name] = make(Env(run))
        return symbol(name)

    return define


def _space(compiler: Compiler, node: nodes.Space) -> Code:
    outer = compiler.space
    compiler.space = f"{outer}::{node.name}".strip(":")
    space, body = compiler.space, compiler.compile(node.body)
    compiler.space = outer

    def enter(env: Env) -> Value:
        env.run.modules.setdefault(space, {})
        return body(Env(env.run))

    return enter


def _yield(compiler: Compiler, node: nodes.Yield) -> Code:
    arguments = compiler.items(node.arguments)

    def call(env: Env) -> Value:
        if env.block is None:
            raise Failure("LocalJumpError", "no block given (yield)")
        return env.block.call(*arguments(env))

    return call


def _defined(compiler: Compiler, node: nodes.Defined) -> Code:
    inner = node.value
    while isinstance(inner, nodes.Sequence) and len(inner.statements) == 1:
        inner = inner.statements[0]
    if isinstance(inner, nodes.Instance):
        name = inner.name
        return lambda env: "instance-variable" if env.run.has_instance(name) else None
    if isinstance(inner, nodes.Local):
        return lambda env: "local-variable"
    value = compiler.compile(inner)
    word, bare = _word(inner), isinstance(inner, nodes.Call) and inner.bare

    def probe(env: Env) -> Value:
        try:
            if isinstance(inner, nodes.Constant) and inner.name not in env.run.constants:
                constant(inner.name)
            elif not isinstance(inner, nodes.Constant):
                value(env)
        except (Failure, DataError):
            return None
        except Unsupported:
            if bare:
                return None
            raise
        return word

    return probe


def _word(node: Node) -> str:
    """Return what ``defined?`` says of ``node``."""
    words: dict[type, str] = {
        nodes.Constant: "constant",
        nodes.Call: "method",
        nodes.Assign: "assignment",
        nodes.Itself: "self",
    }
    return words.get(node.__class__, "expression")


def _assign(compiler: Compiler, node: nodes.Assign) -> Code:
    value, store = compiler.compile(node.value), compiler.store(node.target)

    def assign(env: Env) -> Value:
        found = value(env)
        store(env, found)
        return found

    return assign


def _captures(compiler: Compiler, node: nodes.Captures) -> Code:
    test = compiler.compile(node.test)
    stores = [(target.name, compiler.store(target)) for target in node.targets]

    def match(env: Env) -> Value:
        found = test(env)
        groups = env.run.match if found is not None else None
        for name, store in stores:
            store(env, None if groups is None else groups.found[name])
        return found

    return match


def _update(compiler: Compiler, node: nodes.Update) -> Code:
    target, store, value = compiler.compile(node.target), compiler.store(node.target), compiler.compile(node.value)
    operator, at = node.operator, node.at
    if isinstance(node.target, nodes.Constant):
        raise Mistake("a constant cannot be updated", at)
    if operator in ("||", "&&"):
        wanted = operator == "&&"

        def choose(env: Env) -> Value:
            found = target(env)
            if truthy(found) is not wanted:
                return found
            new = value(env)
            store(env, new)
            return new

        return choose

    def update(env: Env) -> Value:
        new = send(env.run, target(env), operator, [value(env)], None, at)
        store(env, new)
        return new

    return update


def _store_local(compiler: Compiler, node: nodes.Local) -> Store:
    name, depth = node.name, node.depth
    if name == "_erbout":
        return _store_output

    def store(env: Env, value: Value) -> None:
        for _ in range(depth):
            env = env.outer  # type: ignore[assignment]  # the parser counted the blocks
        env.vars[name] = value

    return store


def _store_output(env: Env, value: Value) -> None:
    env.run.out = [value if isinstance(value, str) else ""]
    env.run.size = len(env.run.out[0])


def _store_instance(compiler: Compiler, node: nodes.Instance) -> Store:
    name = node.name

    def store(env: Env, value: Value) -> None:
        env.run.instances[name] = value

    return store


def _store_global(compiler: Compiler, node: nodes.Global) -> Store:
    name = node.name

    def store(env: Env, value: Value) -> None:
        env.run.globals[name] = value

    return store


def _store_constant(compiler: Compiler, node: nodes.Constant) -> Store:
    name = f"{compiler.space}::{node.name}" if compiler.space else node.name

    def store(env: Env, value: Value) -> None:
        env.run.constants[name] = value

    return store


def _store_call(compiler: Compiler, node: nodes.Call) -> Store:
    """Return what assigns to ``a[i]``; a text in a variable is replaced."""
    assert node.receiver is not None  # a bare name became a variable
    receiver, arguments, at = compiler.compile(node.receiver), compiler.items(node.arguments), node.at
    name = "[]=" if node.name == "[]" else f"{node.name}="
    home = compiler.store(node.receiver) if isinstance(node.receiver, nodes.Local | nodes.Instance) else None

    def store(env: Env, value: Value) -> None:
        target = receiver(env)
        if isinstance(target, str) and name == "[]=":
            new = send(env.run, target, "[]=", [*arguments(env), value], None, at)
            if home:
                home(env, new)
            return
        send(env.run, target, name, [*arguments(env), value], None, at)

    return store


def _store_many(compiler: Compiler, node: nodes.Targets) -> Store:
    splat = next((index for index, item in enumerate(node.items) if isinstance(item, nodes.Splat)), -1)
    stores = [compiler.store(item.value if isinstance(item, nodes.Splat) else item) for item in node.items]
    after = len(stores) - splat - 1

    def store(env: Env, value: Value) -> None:
        values = list(value) if isinstance(value, list) else spread(value) if value is None else [value]
        if splat >= 0:
            end = max(splat, len(values) - after)
            values = [*values[:splat], *[None] * (splat - len(values)), values[splat:end], *values[end:]]
        for index, one in enumerate(stores):
            one(env, values[index] if index < len(values) else None)

    return store


HANDLERS: Final[Handlers] = {
    **VALUES,
    nodes.Sequence: _sequence,
    nodes.Space: _space,
    nodes.And: _and,
    nodes.Or: _or,
    nodes.Not: _not,
    nodes.If: _if,
    nodes.Case: _case,
    nodes.While: _while,
    nodes.For: _for,
    nodes.Jump: _jump,
    nodes.Begin: _begin,
    nodes.Definition: _definition,
    nodes.Yield: _yield,
    nodes.Defined: _defined,
    nodes.Assign: _assign,
    nodes.Captures: _captures,
    nodes.Update: _update,
}
STORES: Final[Stores] = {
    nodes.Local: _store_local,
    nodes.Instance: _store_instance,
    nodes.Global: _store_global,
    nodes.Constant: _store_constant,
    nodes.Call: _store_call,
    nodes.Targets: _store_many,
}


def compiled(node: Node, source: Source | None = None) -> Code:
    """Return the closure that runs ``node``, of the file ``source`` if not of a template. Raises ``Mistake``."""
    return Compiler(HANDLERS, STORES, source).compile(node)
