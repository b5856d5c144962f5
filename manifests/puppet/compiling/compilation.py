"""One catalog under construction: what statements and functions ask for, and the order of its phases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hiera.errors import Collector, DataError, Location, Problem
from hiera.types.data import Deferred
from hiera.values import MISSING, Value
from manifests.puppet import ast
from manifests.puppet.compiling.bodies import Bodies
from manifests.puppet.compiling.catalog import PuppetCatalog
from manifests.puppet.compiling.classes import Classes
from manifests.puppet.compiling.collectors import Collectors
from manifests.puppet.compiling.declaring import Declaring, default_of
from manifests.puppet.compiling.facts import hash_of, top_variables
from manifests.puppet.compiling.finishing import Finishing
from manifests.puppet.compiling.names import CLASS, key_of
from manifests.puppet.compiling.nodes import Nodes
from manifests.puppet.compiling.overrides import Overrides
from manifests.puppet.compiling.relationships import Relationships
from manifests.puppet.compiling.resource import CatalogResource, Code
from manifests.puppet.compiling.settings import settings_of
from manifests.puppet.evaluator.scope import Scope
from manifests.puppet.evaluator.typing import type_of_parameter
from manifests.puppet.names import plain_name
from manifests.puppet.source import Source

if TYPE_CHECKING:
    from manifests.compiler import Data, HostReader
    from manifests.puppet.compiling.exchange import Exchange
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.loaders.loaders import Loaders
    from manifests.puppet.loaders.parsing import Parsed

MAX_ROUNDS: Final = 1000
"""How often collectors and defines may bring forth more of each other."""

_NOWHERE: Final = Source("", "")


@dataclass(frozen=True, slots=True)
class Wish:
    """All that a catalog may depend on beyond the modules.

    ``programs`` are the files of the site manifest in the order in which they count. ``settings`` are Puppet's settings
    as ``$settings::x`` shows them. ``facts`` are also variables of the top scope; ``variables`` are more of those.
    """

    node: str
    environment: str
    facts: Mapping[str, Value]
    trusted: Mapping[str, Value]
    programs: Sequence[Parsed] = ()
    classes: Sequence[str] = ()
    settings: Mapping[str, Value] = field(default_factory=dict)
    variables: Mapping[str, Value] = field(default_factory=dict)
    strict: bool = True
    strict_variables: bool = True
    host: HostReader | None = None
    exchange: Exchange | None = None
    password_key: bytes | None = None


class Compilation:
    """A catalog under construction.

    ``problems`` gathers what goes wrong where the rest can go on: bodies of defines, and everything checked at the end.
    """

    def __init__(
        self,
        wish: Wish,
        loaders: Loaders,
        data: Data,
        evaluator: Callable[[Compilation], Evaluator],
    ) -> None:
        self.wish = wish
        self.facts = wish.facts
        self.trusted = wish.trusted
        self.node = wish.node
        self.environment = wish.environment
        self.strict = wish.strict
        self.strict_variables = wish.strict_variables
        self.host = wish.host
        self.password_key = wish.password_key
        self.loaders = loaders
        self.data = data
        self.problems = Collector()
        self.messages: list[tuple[str, str, Location | None]] = []
        self.catalog = PuppetCatalog(wish.node, wish.environment)
        self.scopes: dict[str, Scope] = {}
        self.evaluator = evaluator(self)
        self.main_code = Code("")
        self.bodies = Bodies(self)
        self.classes = Classes(self)
        self.declaring = Declaring(self)
        self.overrides = Overrides(self)
        self.collectors = Collectors(self, wish.exchange)
        self.relationships = Relationships(self)
        self.top = self._top()
        self.node_scope: Scope | None = None

    def _top(self) -> Scope:
        """Return the top scope with facts and whatever else is known everywhere."""
        source = self.wish.programs[0].source if self.wish.programs else _NOWHERE
        top = Scope("top", self, source)
        place = Location(source.file)
        stage = CatalogResource("Stage", "main", top, place, None, self.main_code)
        stage.kind = self.loaders.kind("stage")
        stage.set("name", "main")
        self.catalog.add(stage, collectable=False)
        main = CatalogResource(CLASS, "main", top, place, None, self.main_code, own_code=self.main_code)
        main.set("name", "main")
        top.resource = main
        own = {
            **self.wish.variables,
            "module_name": None,  # undef, not unknown, outside of modules
            "caller_module_name": None,
            "environment": self.environment,
            "trusted": dict(self.trusted),
            "server_facts": dict(self.wish.variables.get("server_facts", {})),
            "facts": hash_of(self.facts),
        }
        top.variables = top_variables(self.facts, own)
        self.scopes[""] = top
        return top

    def run(self) -> PuppetCatalog:
        """Compile, and return the catalog. Raises ``DataError`` with every problem."""
        self._settings()
        self._main()
        self._node()
        self.classes.include(self.wish.classes, self.node_scope or self.top, None)
        self._generate()
        self.problems.check()
        finishing = Finishing(self)
        finishing.run()
        self.problems.check()
        return self.catalog

    def _settings(self) -> None:
        """Make ``Class[Settings]`` and the variables ``$settings::x``."""
        resource = CatalogResource(CLASS, "Settings", self.top, self._main_resource().place, None, self.main_code)
        resource.evaluated = True
        self.catalog.add(resource, collectable=False)
        scope = Scope("class", self, self.top.source, name="settings", resource=resource, enclosing=self.top)
        scope.variables.update(settings_of(self.wish))
        self.scopes["settings"] = scope
        self.catalog.classes.append("settings")
        self.catalog.contain(self._stage(), resource)

    def _main(self) -> None:
        """Evaluate the site manifest."""
        main = self._main_resource()
        self.catalog.add(main)
        main.evaluated = True
        self.top.variables.update(title="main", name="main", module_name="")
        self.catalog.contain(self._stage(), main)
        self._signatures()
        for parsed in self.wish.programs:
            self.top.source = parsed.source
            self.bodies.evaluate(parsed.program.body, self.top)

    def _signatures(self) -> None:
        """Check the types of the parameters of classes and defines in the site manifest, used or not."""
        for parsed in self.wish.programs:
            self.top.source = parsed.source
            for node in parsed.program.definitions:
                for parameter in node.parameters if isinstance(node, ast.Class | ast.Define) else ():
                    try:
                        type_of_parameter(
                            self.evaluator, parameter.type, self.top
                        ) if parameter.type is not None else None
                    except DataError as error:
                        self.problems.take(error)
        self.problems.check()

    def _node(self) -> None:
        """Evaluate the definition of the node, if the site manifest has any node definitions."""
        nodes = Nodes.of(self.wish.programs)
        found = nodes.find(self.node, self.top, self.evaluator) if nodes else None
        if found is not None:
            self.node_scope = self.bodies.node(found)

    def _main_resource(self) -> CatalogResource:
        main: Any = self.top.resource
        assert isinstance(main, CatalogResource)
        return main

    def _stage(self) -> CatalogResource:
        return self.catalog.resources["Stage", "main"]

    def _generate(self) -> None:
        """Collect and evaluate defines in turn until nothing new comes forth."""
        for _ in range(MAX_ROUNDS):
            collected = self.collectors.collect()
            if not self.bodies.evaluate_defines() and not collected:
                return
        message = f"defines and collectors brought forth more of each other {MAX_ROUNDS} times"
        place = next((resource.place for resource in self.bodies.waiting), None)
        raise DataError.of("endless-defines", message, place, hint="does a define declare itself?")

    def class_scope(self, name: str) -> Scope | None:
        """Return the scope of the class ``name`` if it has been evaluated; "" is the top scope."""
        return self.scopes.get(name) or self.scopes.get(plain_name(name))

    def include(self, names: Iterable[str], scope: Scope, node: ast.Node | None) -> list[CatalogResource]:
        """Declare classes that are not yet, and evaluate them. Raises ``DataError``."""
        return self.classes.include(names, scope, node)

    def contain(self, names: Iterable[str], scope: Scope, node: ast.Node | None) -> list[CatalogResource]:
        """Include classes, and let the resource of ``scope`` contain them."""
        return self.classes.contain(names, scope, node)

    def require(self, names: Iterable[str], scope: Scope, node: ast.Node | None) -> list[CatalogResource]:
        """Include classes, and let the resource of ``scope`` require them."""
        return self.classes.require(names, scope, node)

    def declare(
        self,
        kind: str,
        title: Value,
        parameters: Mapping[str, Value],
        scope: Scope,
        node: ast.Node | None,
        *,
        virtual: bool = False,
        exported: bool = False,
    ) -> CatalogResource:
        """Declare one resource or class. Raises ``DataError``."""
        form = "exported" if exported else "virtual" if virtual else "regular"
        return self.declaring.declare(kind, title, parameters, scope, node, form)

    def realize(self, references: Iterable[Value], scope: Scope, node: ast.Node | None) -> None:
        """Let the resources ``references`` refer to be real, whether declared already or later."""
        self.collectors.realize(references, scope, node)

    def find_resource(self, kind: str, title: str) -> CatalogResource | None:
        """Return a resource by type and title, alias or name; virtual ones too."""
        return self.catalog.find(kind, title)

    def tag(self, scope: Scope, tags: Iterable[Value]) -> None:
        """Tag the class or define of ``scope``. Raises ``DataError`` for what can be no tag."""
        resource = self.resource_of(scope)
        resource.tag_all(list(tags), resource.place)

    def relate(self, source: Value, target: Value, scope: Scope, node: ast.Node | None, *, notify: bool) -> None:
        """Put the resources of ``source`` before those of ``target``."""
        self.relationships.add([source], [target], scope, node, notify=notify)

    def attribute(self, kind: str, title: str, name: str) -> Value:
        """Return an attribute of a resource, ``MISSING`` if there is no such resource.

        Raises ``KeyError`` if the type has no such attribute.
        """
        resource = self.catalog.find(kind, title)
        if resource is None:
            return MISSING
        if not self.declaring.takes(resource, name):
            raise KeyError(name)
        value = resource.get(name)
        return value if value is not None else default_of(resource, name)

    def resolve(self, deferred: Deferred) -> Value:
        """Return what a call that was put off gives now. Raises ``DataError``."""
        arguments = [self.resolve(item) if isinstance(item, Deferred) else item for item in deferred.arguments]
        if deferred.name.startswith("$"):
            value = self.top.get(deferred.name[1:])
            return self.evaluator.call("dig", [value, *arguments], self.top) if arguments else value
        return self.evaluator.call(deferred.name, arguments, self.top)

    def resource_of(self, scope: Scope) -> CatalogResource:
        """Return the resource whose body ``scope`` belongs to."""
        resource: Any = scope.resource
        return resource if isinstance(resource, CatalogResource) else self._main_resource()

    def place(self, scope: Scope, node: ast.Node | None) -> Location:
        """Return where ``node`` stands; without a node the file of ``scope``."""
        return scope.place(node) if node is not None else Location(scope.source.file)

    def exported_without_exchange(self, scope: Scope, node: ast.Node) -> None:
        """Warn, once for each place, that what is exported reaches nobody and nothing is collected of others."""
        if self.wish.exchange is None:
            message = "there is no exchange between nodes: exported resources stay here, and <<| |>> finds none"
        elif self.wish.exchange.alone:
            message = "there is no exchange between nodes: <<| |>> finds what this node itself exports"
        else:
            return
        self.warn(Problem("no-exchange", message, scope.place(node), severity="warning"))

    def warn(self, problem: Problem) -> None:
        """Tell of a problem that does not stop the compilation."""
        self.problems.add(problem)

    def log(self, level: str, message: str, place: Location | None = None) -> None:
        """Keep a message of the manifest's author."""
        self.messages.append((level, message, place))

    def stage(self, title: str) -> CatalogResource | None:
        """Return the stage ``title``."""
        return self.catalog.at(key_of("stage", title))
