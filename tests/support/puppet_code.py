"""The smallest compilation in which expressions of the Puppet language can be evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hiera.errors import Collector, Problem
from hiera.values import MISSING, Value
from manifests.puppet import ast
from manifests.puppet.depth import deep_stack
from manifests.puppet.evaluator import Evaluator, Scope
from manifests.puppet.parser import parse
from manifests.puppet.source import Source


@dataclass
class Found:
    """A definition and where it stands."""

    definition: Any
    source: Source
    module: str = ""


@dataclass
class Definitions:
    """Functions and aliases of the code itself, and resource types by name."""

    functions: dict[str, Found] = field(default_factory=dict)
    aliases: dict[str, Found] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset({"file", "notify", "package", "service", "exec", "user"})

    def find_function(self, name: str) -> Found | None:
        """Return the function ``name``."""
        return self.functions.get(name)

    def find_alias(self, name: str) -> Found | None:
        """Return the alias ``name``."""
        return self.aliases.get(name)

    def find_define(self, name: str) -> None:
        """Return None: there is no define."""

    def kind(self, name: str) -> str | None:
        """Return the name of a resource type that there is."""
        return name if name in self.kinds else None

    def hint_for(self, name: str) -> None:
        """Return None: nothing is to be said of what is not here."""


class Compilation:
    """Evaluates code in a top scope of its own."""

    def __init__(self, *, strict: bool = True, variables: Mapping[str, Value] | None = None) -> None:
        self.strict = strict
        self.loaders = Definitions()
        self.warnings: list[Problem] = []
        self.scopes: dict[str, Scope] = {}
        self.attributes: dict[tuple[str, str], dict[str, Value]] = {}
        self.evaluator = Evaluator(self)
        self.top = Scope("top", self, Source("", "site.pp"))
        self.top.variables.update(
            {"title": "main", "name": "main", "module_name": "", "caller_module_name": None, **(variables or {})}
        )
        self.scopes[""] = self.top

    def class_scope(self, name: str) -> Scope | None:
        """Return a scope by its name."""
        return self.scopes.get(name)

    def attribute(self, kind: str, title: str, name: str) -> Value:
        """Return an attribute of a resource that the test has put here."""
        known = self.attributes.get((kind, title))
        return MISSING if known is None else known[name]

    def warn(self, problem: Problem) -> None:
        """Keep the warning."""
        self.warnings.append(problem)

    def run(self, code: str) -> Value:
        """Return the value of ``code``."""
        source = Source(code, "site.pp")
        self.top.source = source
        with deep_stack():
            return self.evaluator.evaluate(self.parsed(source).body, self.top)

    def parsed(self, source: Source, *, epp: bool = False) -> ast.Program:
        """Return the tree of ``source``; its definitions can be found from then on."""
        collector = Collector()
        program = parse(source, collector, epp=epp)
        collector.check()
        assert program is not None
        for definition in program.definitions:
            if isinstance(definition, ast.Function):
                self.loaders.functions[definition.name] = Found(definition, source)
            elif isinstance(definition, ast.TypeAlias):
                self.loaders.aliases[definition.name.lower()] = Found(definition, source)
        return program


def evaluated(code: str, **options: Any) -> Value:
    """Return the value of ``code`` in a compilation of its own."""
    return Compilation(**options).run(code)
