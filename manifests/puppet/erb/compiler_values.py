"""From the tree of a template to Python closures: texts, variables, constants, lists and hashes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from manifests.puppet.erb import nodes
from manifests.puppet.erb.blocks import spread
from manifests.puppet.erb.constants import constant
from manifests.puppet.erb.nodes import Node
from manifests.puppet.erb.objects import (
    Class,
    Failure,
    Hash,
    Main,
    Match,
    Pattern,
    Range,
    Unsupported,
    Value,
    key_of,
    symbol,
)
from manifests.puppet.erb.running import Env, Run
from manifests.puppet.erb.text import to_s
from manifests.puppet.erb.tokens import Mistake
from manifests.puppet.source import Source

Code: TypeAlias = Callable[[Env], Value]
Handlers: TypeAlias = dict[type, Callable[[Any, Any], Code]]
Stores: TypeAlias = dict[type, Callable[[Any, Any], Callable[[Env, Value], None]]]
MAIN: Final = Main()
"""What ``self`` is outside of all modules."""


class ValueCompiler:
    """Makes closures of nodes that stand for values."""

    def __init__(self, handlers: Handlers, stores: Stores, source: Source | None = None) -> None:
        self.handlers = handlers
        self.stores = stores
        self.source = source
        self.space = ""
        self.given: list[frozenset[str]] = [frozenset()]
        self.returned: set[int] = set()
        self.places: list[str] = ["top"]

    def compile(self, node: Node) -> Code:
        """Return the closure for ``node``."""
        handler = self.handlers.get(node.__class__)
        if handler is None:
            raise Mistake("this cannot stand as a value", node.at)
        return handler(self, node)

    def each(self, found: Sequence[Node]) -> list[Code]:
        """Return the closures for several nodes."""
        return [self.compile(node) for node in found]

    def literal(self, node: nodes.Literal) -> Code:
        """Compile a literal."""
        value = node.value
        return lambda env: value

    def text(self, node: nodes.Text) -> Code:
        """Compile a piece of text."""
        index = node.index

        def show(env: Env) -> None:
            run = env.run
            run.steps -= 1
            run.show(run.texts[index])

        return show

    def output(self, node: nodes.Output) -> Code:
        """Compile ``<%=``."""
        value = self.compile(node.value)
        at = node.at

        def show(env: Env) -> None:
            found = value(env)
            run = env.run
            if found.__class__ is not str:
                run.at = at
                found = to_s(run, found)
            run.show(found)

        return show

    def interpolated(self, node: nodes.Interpolated) -> Code:
        """Compile a text, symbol or regular expression with code in it."""
        parts, kind, flags = self.each(node.parts), node.kind, "".join(sorted(set(node.flags) & set("imx")))

        def join(env: Env) -> Value:
            run = env.run
            pieces = [part(env) for part in parts]
            if kind == "regex":
                return Pattern("".join(_source(run, piece) for piece in pieces), flags)
            text = "".join(piece if piece.__class__ is str else to_s(run, piece) for piece in pieces)
            run.charge(len(text))
            return text if kind == "text" else symbol(text)

        if kind == "regex" and all(isinstance(part, nodes.Literal) for part in node.parts):
            pattern = Pattern("".join(part.value for part in node.parts if isinstance(part, nodes.Literal)), flags)
            return lambda env: pattern
        return join

    def local(self, node: nodes.Local) -> Code:
        """Compile a local variable."""
        name, depth = node.name, node.depth
        if name == "_erbout":
            return lambda env: "".join(env.run.out)
        if depth == 0:
            return lambda env: env.vars.get(name)
        if depth == 1:
            return lambda env: env.outer.vars.get(name)  # type: ignore[union-attr]  # the parser counted the blocks

        def find(env: Env) -> Value:
            for _ in range(depth):
                env = env.outer  # type: ignore[assignment]  # the parser counted the blocks
            return env.vars.get(name)

        return find

    def instance(self, node: nodes.Instance) -> Code:
        """Compile ``@name``."""
        name = node.name

        def find(env: Env) -> Value:
            run = env.run
            try:
                return run.instances[name]
            except KeyError:
                run.at = node.at
                return run.instance(name)

        return find

    def global_(self, node: nodes.Global) -> Code:
        """Compile ``$name``."""
        name = node.name

        def find(env: Env) -> Value:
            run = env.run
            match = run.match
            if name == "~":
                return match
            if name[1:].isdigit() or name in ("$&", "$~"):
                return _matched(match, name)
            if name in ("$!", "$@"):
                return run.error if name == "$!" else None
            if run.file and name not in run.globals:
                run.at = node.at
                raise Unsupported(f"'{name}' is not supported")
            return run.globals.get(name)

        return find

    def constant(self, node: nodes.Constant) -> Code:
        """Compile a constant."""
        name, around = node.name, _around(self.space)

        def find(env: Env) -> Value:
            run = env.run
            if name in run.constants:
                return run.constants[name]
            run.at = node.at
            if run.modules:
                for space in around:
                    full = f"{space}{name}"
                    if full in run.constants:
                        return run.constants[full]
                    if full in run.modules:
                        return Class(full)
            try:
                return constant(name)
            except Failure:
                if run.file:
                    raise Unsupported(f"constant '{name}' is not supported") from None
                raise

        return find

    def itself(self, _: nodes.Itself) -> Code:
        """Compile ``self``: in a module's own method that module."""
        value = Class(self.space) if self.space and self.places[0] == "function" else MAIN
        return lambda env: value

    def array(self, node: nodes.ArrayNode) -> Code:
        """Compile an array."""
        return self.items(node.items)

    def items(self, found: Sequence[Node]) -> Callable[[Env], list[Value]]:
        """Return the closure that gives the values of ``found``, splats taken apart."""
        if not any(isinstance(item, nodes.Splat) for item in found):
            codes = self.each(found)
            if not codes:
                return lambda env: []
            if len(codes) == 1:
                only = codes[0]
                return lambda env: [only(env)]
            return lambda env: [code(env) for code in codes]
        pairs = [
            (self.compile(item.value if isinstance(item, nodes.Splat) else item), isinstance(item, nodes.Splat))
            for item in found
        ]

        def gather(env: Env) -> list[Value]:
            values: list[Value] = []
            for code, splat in pairs:
                values += spread(code(env)) if splat else [code(env)]
            env.run.charge(len(values))
            return values

        return gather

    def hash(self, node: nodes.HashNode) -> Code:
        """Compile a hash."""
        pairs = [(self.compile(key) if key else None, self.compile(value)) for key, value in node.pairs]

        def make(env: Env) -> Value:
            made = Hash()
            for key, value in pairs:
                if key is None:
                    made.update(value(env) or {})
                else:
                    name = key(env)
                    made[key_of(name)] = value(env)
            return made

        return make

    def range(self, node: nodes.RangeNode) -> Code:
        """Compile a range."""
        first = self.compile(node.first) if node.first else _nothing
        last = self.compile(node.last) if node.last else _nothing
        is_open = node.open
        return lambda env: Range(first(env), last(env), is_open)


def _around(space: str) -> list[str]:
    """Return what may stand before a constant's name in ``space``, the innermost first."""
    parts = space.split("::") if space else []
    return ["::".join([*parts[:count], ""]) for count in range(len(parts), -1, -1)]


def _nothing(env: Env) -> Value:
    return None


def _source(run: Run, piece: Value) -> str:
    """Return a piece of a regular expression as its source."""
    return piece if isinstance(piece, str) else to_s(run, piece)


def _matched(match: Value, name: str) -> Value:
    if not isinstance(match, Match):
        return None
    if name == "$~":
        return match
    number = 0 if name == "$&" else int(name[1:])
    return match.found[number] if number <= match.found.re.groups else None
