"""The front end of the Puppet language: pours a compiled catalog into the draft that both languages share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hiera.errors import Collector, Location, Problem
from hiera.types import DEFAULT, Regexp, Sensitive
from hiera.types.data import Deferred, Octets
from hiera.values import Secret, Value
from manifests.catalog import Ref
from manifests.draft import RELATIONS, Draft, Given
from manifests.finish import Heading
from manifests.puppet.agent_facts import WithAgentFacts
from manifests.puppet.applying import DROPPED, Adaptation
from manifests.puppet.compiling.compilation import Compilation, Wish
from manifests.puppet.compiling.exchange import NoOthers
from manifests.puppet.compiling.names import CLASS, reference, shown, split_reference
from manifests.puppet.compiling.naming import from_title, namevar
from manifests.puppet.compiling.programs import programs_of
from manifests.puppet.compiling.resource import CatalogResource, Parameter, flat
from manifests.puppet.compiling.running import compile_puppet
from manifests.puppet.kinds.builtin import of_windows
from manifests.puppet.loaders.loaders import Loaders
from manifests.puppet.loaders.parsing import ParseCache
from manifests.puppet.munging import munged

if TYPE_CHECKING:
    from manifests.compiler import Request
    from manifests.environment import Environment
    from manifests.spec import AttributeSpec, TypeSpec

STAGE = "Stage"
_SHOWN = 5
"""How many resources of a type that cannot be applied are named."""


class PuppetFrontend:
    """Fills a draft from manifests in the Puppet language."""

    def __init__(self, request: Request, environment: Environment, draft: Draft) -> None:
        self._request = request
        self._environment = environment
        self._draft = draft
        self._problems: Collector = draft.problems

    def fill(self, path: str | None) -> Heading:
        """Compile the manifest ``path``, or all below the directory ``path``, and return the heading.

        Raises ``DataError`` for what leaves nothing to go on with; all else is in the draft's problems.
        """
        request, environment = self._request, self._environment
        loaders = Loaders(
            request.tree,
            environment.modulepath,
            puppet_version=request.puppet_version,
            cache=ParseCache(request.parsed),
            directory=environment.directory,
        )
        programs = list(programs_of(loaders, path)) if path is not None else []
        strict = request.puppet_version >= 8
        wish = Wish(
            node=request.node,
            environment=environment.name,
            facts=WithAgentFacts(request.facts, request.node, request.puppet_version),
            trusted=_trusted(request),
            programs=programs,
            strict=strict,
            strict_variables=strict,
            host=request.host,
            password_key=request.password_key,
            exchange=NoOthers(),
        )
        compilation = compile_puppet(wish, loaders, request.data)
        for problem in (*environment.warnings, *compilation.problems.warnings, *_messages(compilation)):
            self._problems.add(problem)
        _Pouring(compilation, request, self._draft).run()
        classes = tuple(name for name in compilation.catalog.classes if name != "settings")
        return Heading(request.revision, environment.name, request.node, classes)


def _trusted(request: Request) -> dict[str, Value]:
    """Return ``$trusted``: what the node's own configuration says, and its name."""
    host, _, domain = request.node.partition(".")
    own = {"authenticated": "local", "certname": request.node, "hostname": host, "domain": domain or None}
    return {**own, "extensions": {}, "external": {}, **request.trusted}


def _messages(compilation: Compilation) -> Iterator[Problem]:
    """Yield what the manifests' authors warn of."""
    for level, message, place in compilation.messages:
        if level in ("warning", "err", "alert", "crit", "emerg"):
            yield Problem("manifest-warning", message, place, severity="warning")


class _Pouring:
    """One catalog on its way into a draft."""

    def __init__(self, compilation: Compilation, request: Request, draft: Draft) -> None:
        self._compilation = compilation
        self._catalog = compilation.catalog
        self._types = request.types
        self._draft = draft
        self._containers: dict[CatalogResource, list[CatalogResource]] = defaultdict(list)
        for outer, inner in self._catalog.edges:
            self._containers[inner].append(outer)
        self._staged = any(item.type == STAGE and item.title != "main" for item in self._catalog)
        self._unknown: dict[str, list[CatalogResource]] = defaultdict(list)
        self._adaptation = Adaptation(draft.problems)

    def run(self) -> None:
        """Declare containers and resources in order, then what relates them."""
        real = [item for item in self._catalog if not item.virtual]
        for resource in real:
            if self._is_container(resource):
                self._contain(resource)
            else:
                self._declare(resource)
        for resource in real:
            self._relate(resource)
        self._refuse()

    def _is_container(self, resource: CatalogResource) -> bool:
        return resource.kind is None or resource.type == STAGE

    def _contain(self, resource: CatalogResource) -> None:
        """Add a class, define, node or stage."""
        if resource.type == STAGE and not self._staged:
            return
        parents: list[Ref | None] = [
            _ref(outer) for outer in self._containers[resource] if self._staged or outer.type != STAGE
        ]
        for parent in parents or [None]:
            scope = self._draft.contain(_ref(resource), resource.place, parent)
            scope.tags = tuple(resource.tags)

    def _declare(self, resource: CatalogResource) -> None:
        """Add a resource of a type that can be applied."""
        kind = resource.type.lower()
        spec = self._types.get(kind)
        containers = self._containers[resource]
        if spec is None or not containers:
            self._unknown[kind].append(resource)
            return
        ref = Ref(kind, resource.title)
        attributes = self._adaptation.adapt(ref, spec, dict(self._attributes(resource, spec)), resource.place)
        entry = self._draft.declare(ref, attributes, resource.place, _ref(containers[0]), own=_own(spec))
        if entry is not None:
            entry.tags = tuple(resource.tags)

    def _attributes(self, resource: CatalogResource, spec: TypeSpec) -> Iterator[tuple[str, Given]]:
        """Yield the attributes of ``resource`` under the names of its type here."""
        variable = namevar(resource)
        for name, value in from_title(resource).items():
            if name in spec.attributes and (value != resource.title or name != spec.namevar):
                yield name, Given(value, resource.place)
        for name, parameter in resource.given.items():
            if (name in RELATIONS and name not in spec.attributes) or name == "tag":
                continue
            name = variable if name == "name" else name  # noqa: PLW2901  the name by which the type knows it
            yield name, Given(self._value(resource, parameter, spec.attributes.get(name)), parameter.place)

    def _value(self, resource: CatalogResource, parameter: Parameter, attribute: AttributeSpec | None) -> Value:
        """Return a value as the catalog that is applied may hold it."""
        value = self._plain(parameter.value)
        if parameter.name in resource.sensitive and not isinstance(value, Secret):
            value = Secret(value, origin=f"{resource} {parameter.name}")
        return munged(attribute, value) if attribute is not None else value

    def _plain(self, value: Value) -> Value:
        """Return ``value`` without what only the language knows; a Deferred is called now, on the node itself."""
        if isinstance(value, dict):
            return {str(self._plain(key)): self._plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._plain(item) for item in value]
        if isinstance(value, Octets):
            return str(value)
        if isinstance(value, Sensitive):
            return Secret(self._plain(value.unwrap()))
        if isinstance(value, Deferred):
            return self._plain(self._compilation.resolve(value))
        if value is DEFAULT:
            return "default"
        if isinstance(value, Regexp):
            return str(value)
        key = reference(value)
        return shown(key) if key is not None else value

    def _relate(self, resource: CatalogResource) -> None:
        """Add the relations that ``resource`` asks for."""
        if not self._known(resource):
            return
        for name in RELATIONS:
            parameter = resource.given.get(name)
            if parameter is not None and not self._is_attribute(resource, name):
                others = [ref for item in flat(parameter.value) for ref in self._ends(item, parameter.place)]
                self._draft.relate_by(name, _ref(resource), others, parameter.place, optional=False)

    def _ends(self, item: Value, place: Location) -> Iterator[Ref]:
        """Yield what a relation refers to, by the title it was declared with."""
        if item is None:
            return
        key = split_reference(item) if isinstance(item, str) else reference(item)
        found = self._catalog.at(key) if key is not None else None
        if found is None or found.virtual:
            text = shown(key) if key is not None else str(item)
            message = f"{text} is virtual: it is not in the catalog"
            self._problems.add(Problem("unknown-reference", message, place, "realize it"))
        elif self._known(found):
            yield _ref(found)

    @property
    def _problems(self) -> Collector:
        return self._draft.problems

    def _known(self, resource: CatalogResource) -> bool:
        """Say whether ``resource`` stands in the draft."""
        ref = _ref(resource)
        return ref in self._draft.entries or ref in self._draft.scopes

    def _is_attribute(self, resource: CatalogResource, name: str) -> bool:
        spec = self._types.get(resource.type.lower())
        return spec is not None and name in spec.attributes

    def _refuse(self) -> None:
        """Report the resources of types that cannot be applied, one problem for each type."""
        for kind, resources in self._unknown.items():
            if kind in DROPPED:
                self._drop(kind, resources[0])
                continue
            names = ", ".join(f"'{item.title}'" for item in resources[:_SHOWN])
            more = f" and {len(resources) - _SHOWN} more" if len(resources) > _SHOWN else ""
            message = f"resources of the type '{kind}' can be compiled but not applied: {names}{more}"
            hint = "freehold compile shows the catalog; leave the class out, or write the type in Python"
            if of_windows(kind):
                hint = "a type of Windows, which Freehold does not manage"
            self._problems.add(Problem("unsupported-type", message, resources[0].place, hint))

    def _drop(self, kind: str, first: CatalogResource) -> None:
        """Warn of resources that do nothing, where that makes a difference to somebody."""
        why = DROPPED[kind]
        if why is not None:
            message = f"resources of the type '{kind}' have no effect: {why}"
            self._problems.add(Problem("ignored-type", message, first.place, severity="warning"))


def _ref(resource: CatalogResource) -> Ref:
    """Return the name of ``resource`` in the draft."""
    title = resource.title.lower() if resource.type == CLASS else resource.title
    return Ref(resource.type.lower(), title)


def _own(spec: TypeSpec) -> frozenset[str]:
    """Return the names of the type's attributes that are metaparameters elsewhere."""
    return frozenset(spec.attributes)
