"""One node's catalog from one tree: picks the front ends, collects the problems, finishes the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from hiera.errors import Collector, DataError, Location, Problem
from hiera.supplied import NOTHING, Supplied
from hiera.tree import Tree
from hiera.values import Value
from manifests.catalog import Catalog, Contents, Digester
from manifests.spec import TypeSpec

if TYPE_CHECKING:
    from hiera.types import Type
    from manifests.draft import Draft
    from manifests.environment import Environment
    from manifests.finish import Heading
    from manifests.puppet.loaders.parsing import ByteStore
    from manifests.sources import Sources


class HostReader(Protocol):
    """The few files outside the tree that functions such as ``file('/abs')`` may read."""

    def read(self, path: str) -> bytes | None:
        """Return the bytes of the absolute ``path``, or None if it cannot be read."""


class Data(Protocol):
    """What the compiler wants of Hiera; :class:`hiera.lookup.Hiera` is it."""

    def lookup(
        self,
        key: str,
        scope: Mapping[str, Value],
        merge: str | Mapping[str, Value] | None = None,
        supplied: Supplied = NOTHING,
    ) -> Value:
        """Return the value of ``key``, or ``MISSING``. Raises ``DataError``."""

    def stand_in(self, key: str, kind: Type | None = None) -> Value:
        """Return what stands for ``key`` where a file sealed as a whole may hold it, or ``MISSING``."""


@dataclass(frozen=True, slots=True)
class Request:
    """All that a compilation may depend on."""

    tree: Tree
    revision: str
    node: str
    environment: str
    facts: Mapping[str, Value]
    data: Data
    types: Mapping[str, TypeSpec]
    digester: Digester
    trusted: Mapping[str, Value] = field(default_factory=dict)
    role: str | None = None
    host: HostReader | None = None
    manifest: str | None = None  # compile this file of the tree alone (``apply PATH``)
    puppet_version: int = 8  # how strict manifests in the Puppet language are read, 7 or 8
    place: Environment | None = None  # where everything stands, if not where a control repository has it
    password_key: bytes | None = None  # the node's own, from which functions make passwords that stay
    parsed: ByteStore | None = None  # keeps syntax trees of the Puppet language between runs
    version: str | None = None  # of Freehold itself, for ``requires:``; None asks the installed distribution


@dataclass(frozen=True, slots=True)
class Compilation:
    """A catalog, the bytes its ContentRefs stand for, and what deserves a warning."""

    catalog: Catalog
    contents: Contents
    warnings: tuple[Problem, ...]


class Frontend(Protocol):
    """A language of manifests: fills a draft."""

    def fill(self, path: str | None) -> Heading:
        """Run the manifest ``path`` of the tree and return what the catalog says of itself. Raises ``DataError``."""


def compile_catalog(request: Request) -> Compilation:
    """Return the catalog of one node. Raises ``DataError`` with every problem there is."""
    from manifests.attributes import Attributes  # noqa: PLC0415  a run with nothing to do compiles nothing
    from manifests.draft import Draft  # noqa: PLC0415  as above
    from manifests.finish import finish  # noqa: PLC0415  as above
    from manifests.requirement import check_requirement  # noqa: PLC0415  as above
    from manifests.sources import Sources  # noqa: PLC0415  as above

    check_requirement(request.tree, request.version)
    environment = request.place or _environment(request)
    sources = Sources(request.tree, environment, request.manifest)
    problems, contents = Collector(), Contents()
    draft = Draft(problems)
    path = request.manifest or _site(request.tree, environment)
    frontend = _frontend(path, request, environment, sources, draft)
    try:
        heading = frontend.fill(path)
    except DataError as error:
        problems.take(error)
        problems.check()
        raise
    attributes = Attributes(request.tree, sources, request.digester, contents, problems)
    try:
        catalog = finish(draft, request.types, attributes, heading)
    except DataError as error:
        if heading.hold is None:
            raise
        return _held(heading, error, problems)
    return Compilation(catalog, contents, tuple(problems.warnings))


def _held(heading: Heading, error: DataError, problems: Collector) -> Compilation:
    """Return the empty catalog of a node that sits out while its manifests are broken."""
    from msgspec.structs import replace  # noqa: PLC0415  a rare case

    catalog = Catalog(heading.revision, heading.environment, heading.node, (), (), hold=heading.hold, noop=heading.noop)
    warnings = (replace(problem, severity="warning") for problem in error.problems)
    return Compilation(catalog, Contents(), (*problems.warnings, *warnings))


def _environment(request: Request) -> Environment:
    """Return the environment of the tree; a manifest that is applied alone needs none. Raises ``DataError``."""
    from manifests.environment import Environment  # noqa: PLC0415  see above

    try:
        return Environment.find(request.tree, request.environment)
    except DataError:
        if request.manifest is None:
            raise
        return Environment(request.environment, "", {})


def _site(tree: Tree, environment: Environment) -> str | None:
    """Return the path of the site manifest, or the directory of manifests in the Puppet language; None if neither is.

    What ``environment.conf`` names comes first.
    """
    if environment.manifest is not None and (tree.is_file(environment.manifest) or tree.is_dir(environment.manifest)):
        return environment.manifest
    for suffix in ("yaml", "yml"):
        path = environment.path(f"manifests/site.{suffix}")
        if tree.is_file(path):
            return path
    from manifests.puppet.compiling.programs import manifests_below  # noqa: PLC0415  only for Puppet's environments

    directory = environment.path("manifests")
    return directory if next(manifests_below(tree, directory), None) is not None else None


def _frontend(path: str | None, request: Request, environment: Environment, sources: Sources, draft: Draft) -> Frontend:
    """Return the front end for the language of the manifest ``path``. Raises ``DataError``."""
    if path is not None and request.tree.is_dir(path):
        return _puppet(request, environment, draft)
    if path is not None and not request.tree.is_file(path):
        raise DataError.of("missing-file", f"there is no manifest '{path}'", Location(path))
    if path is not None and path.endswith(".pp"):
        return _puppet(request, environment, draft)
    if path is not None and not path.endswith((".yaml", ".yml")):
        message = f"'{path}' is no manifest: its name must end in .yaml or .pp"
        raise DataError.of("bad-manifest", message, Location(path))
    from manifests.yaml_jinja.frontend import YamlFrontend  # noqa: PLC0415  see above

    return YamlFrontend(request, environment, sources, draft)


def _puppet(request: Request, environment: Environment, draft: Draft) -> Frontend:
    """Return the front end of the Puppet language."""
    from manifests.puppet.frontend import PuppetFrontend  # noqa: PLC0415  trees of YAML need none of it

    return PuppetFrontend(request, environment, draft)
