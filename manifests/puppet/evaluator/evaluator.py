"""Going through a tree: one handler for each kind of node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from hiera.types import Type
from hiera.values import Value
from manifests.functions.base import Block, Context
from manifests.puppet import ast
from manifests.puppet.evaluator import calling, closures, templates, text, typing
from manifests.puppet.evaluator.failures import failure
from manifests.puppet.evaluator.handlers import EXPRESSIONS
from manifests.puppet.source import Source

if TYPE_CHECKING:
    from manifests.puppet.evaluator.ports import Callee, Compilation, Finder
    from manifests.puppet.evaluator.scope import Scope

Handler: TypeAlias = Callable[["Evaluator", Any, "Scope"], Value]
"""What evaluates one kind of node."""


class Evaluator:
    """Evaluates trees for one compilation.

    ``handlers`` adds the statements to the expressions; ``finders`` are asked for functions first, then the shared
    table, the Puppet language and last ``late`` ones.
    ``context`` makes what the shared functions ask of a scope. Run it inside of
    :func:`manifests.puppet.depth.deep_stack`.
    """

    __slots__ = (
        "aliases",
        "callees",
        "compilation",
        "context",
        "depth",
        "finders",
        "handlers",
        "late",
        "reading",
        "signatures",
        "types",
    )

    def __init__(
        self,
        compilation: Compilation,
        handlers: Mapping[type[ast.Node], Handler] | None = None,
        *,
        finders: Sequence[Finder] = (),
        late: Sequence[Finder] = (),
        context: Callable[[Evaluator, Scope], Context] | None = None,
    ) -> None:
        self.compilation = compilation
        self.handlers: dict[type[ast.Node], Handler] = {**EXPRESSIONS, **(handlers or {})}
        self.finders, self.late = tuple(finders), tuple(late)
        self.context = context
        self.callees: dict[str, Callee] = {}
        self.types: dict[int, tuple[ast.Node, Type]] = {}
        self.aliases: dict[str, Type] = {}
        self.reading: set[str] = set()
        self.signatures: dict[int, tuple[ast.Node, closures.Signature]] = {}
        self.depth = 0

    def evaluate(self, node: ast.Node | None, scope: Scope) -> Value:
        """Return the value of ``node``; undef for nothing at all. Raises located ``DataError``."""
        if node is None:
            return None
        try:
            handler = self.handlers[node.__class__]
        except KeyError:
            name = type(node).__name__
            raise failure("misplaced-expression", f"this {name} cannot be evaluated here", scope, node) from None
        return handler(self, node, scope)

    def call(
        self,
        name: str,
        arguments: Sequence[Value],
        scope: Scope,
        *,
        node: ast.Node | None = None,
        block: Block | None = None,
    ) -> Value:
        """Return what the function ``name`` makes of ``arguments``. Raises ``DataError``, placed at ``node``."""
        return calling.call(self, name, list(arguments), scope, node=node, block=block)

    def bind(
        self,
        parameters: Sequence[ast.Parameter],
        given: Mapping[str, Value],
        scope: Scope,
        owner: str,
        origins: Mapping[str, closures.Origin] | None = None,
    ) -> None:
        """Set the variables of ``parameters`` in ``scope``, the defaults of what is undef evaluated there in turn.

        Raises one ``DataError`` with all that is wrong, in Puppet's words; ``owner`` is what they speak of,
        ``origins`` says where the values of ``given`` were written.
        """
        closures.bind(self, parameters, given, scope, owner, origins)

    def block(self, node: ast.Lambda, scope: Scope) -> Block:
        """Return the lambda ``node`` of ``scope`` as a Python callable."""
        return closures.Closure(self, node, scope)

    def type_of(self, node: ast.Node, scope: Scope) -> Type:
        """Return the data type that the expression ``node`` names. Raises ``DataError``."""
        return typing.type_of(self, node, scope)

    def find_type(self, name: str) -> Type | None:
        """Return the data type, alias or resource type ``name``, or None."""
        return typing.find_type(self, name)

    def text(self, value: Value) -> Value:
        """Return what interpolation makes of ``value``: a text, or the secret of one."""
        return text.interpolated(value)

    def render_epp(
        self, source: Source, program: ast.Program, parameters: Mapping[str, Value] | None, scope: Scope
    ) -> Value:
        """Return the text of the template ``program`` of the file ``source``; ``scope`` is what it sees around it."""
        return templates.render(self, source, program, parameters, scope)
