"""The front end of the YAML language: from the site manifest, or one applied alone, into a draft."""

from __future__ import annotations

from hiera.errors import Collector, DataError, Location, Problem
from hiera.values import MISSING, Secret, Value
from manifests.catalog import Ref
from manifests.compiler import Request
from manifests.draft import Draft, Given
from manifests.environment import Environment
from manifests.finish import Heading
from manifests.sources import Sources
from manifests.yaml_jinja.body import Body
from manifests.yaml_jinja.calls import function_table
from manifests.yaml_jinja.classification import Classification, classify
from manifests.yaml_jinja.evaluation import Evaluator
from manifests.yaml_jinja.loading import Library
from manifests.yaml_jinja.lookups import Lookups, trusted
from manifests.yaml_jinja.parameters import Binder
from manifests.yaml_jinja.running import Interpreter
from manifests.yaml_jinja.shared import Compiling
from manifests.yaml_jinja.taint import unguarded
from manifests.yaml_jinja.written import written

MAIN = Ref("class", "main")
"""The container of what stands in the site manifest itself."""


class YamlFrontend:
    """Fills a draft from YAML manifests."""

    def __init__(self, request: Request, environment: Environment, sources: Sources, draft: Draft) -> None:
        self._request = request
        self._draft = draft
        self._problems: Collector = draft.problems
        self._lookups = Lookups(request)
        self._library = Library(request.tree, environment, draft.problems)
        self._evaluator = Evaluator(
            request.tree,
            sources,
            lambda: function_table(self._compiling(sources), self._evaluator.taint, self._param),
            self._lookups.open_all,
        )
        binder = Binder(self._evaluator, self._lookups, draft.problems)
        self._interpreter = Interpreter(draft, request.types, self._library, self._evaluator, binder)

    def _compiling(self, sources: Sources) -> Compiling:
        """Return what functions may ask."""
        return Compiling(self._request, sources, self._lookups, self._draft, self._evaluator)

    def fill(self, path: str | None) -> Heading:
        """Run the manifest ``path`` (None: there is none, only Hiera's ``classes``) and return the heading.

        Raises ``DataError`` for what leaves nothing to go on with; all else is in the draft's problems.
        """
        try:
            return self._fill(path)
        finally:
            self._evaluator.close()
            self._lookups.open_all()

    def _fill(self, path: str | None) -> Heading:
        """See :meth:`fill`."""
        request, interpreter = self._request, self._interpreter
        from manifests.yaml_jinja.loading import Manifest  # noqa: PLC0415  for a tree without a site manifest

        manifest = self._library.site(path) if path is not None else Manifest("", "", Location("manifests/site.yaml"))
        interpreter.start(
            {
                "facts": request.facts,
                "trusted": trusted(request),
                "node": request.node,
                "environment": request.environment,
                "role": request.role,
            }
        )
        body = interpreter.run_site(manifest, MAIN)
        found = classify(manifest.nodes, request.node, self._problems) if manifest.nodes is not None else None
        if found is not None:
            self._explicit(found, body)
        interpreter.run_rest(body)
        names = [(scalar.text, scalar.location) for scalar in found.include] if found is not None else []
        from_data = self._classes_of_data() if request.manifest is None else []
        if from_data:
            source = self._lookups.place("classes") or Location("hiera.yaml")
            names += [(name, source) for name in from_data]
        for name, place in names:
            interpreter.include(name.strip(), place, body)
        if path is None and not from_data:
            message = "there is no 'manifests/site.yaml', and Hiera has no 'classes'"
            self._problems.add(Problem("missing-manifest", message, hint="write manifests/site.yaml"))
        if manifest.nodes is not None and found is None and not from_data:
            self._unmatched(manifest.nodes.location)
        classes = tuple(interpreter.classes)
        hold = found.hold if found is not None else None
        noop = found.noop if found is not None else False
        return Heading(request.revision, request.environment, request.node, classes, hold, noop)

    def _explicit(self, found: Classification, body: Body) -> None:
        """Keep the parameters that ``nodes`` gives to classes."""
        for key, node in found.parameters:
            name, separator, parameter = key.text.removeprefix("::").rpartition("::")
            if not separator:
                hint = "write class::parameter, such as nginx::port"
                message = f"'{key.text}' names no parameter of a class"
                self._problems.add(Problem("bad-name", message, key.location, hint))
                continue
            try:
                kind = self._kind(name, parameter)
                value = written(node, kind).get(self._evaluator, body.variables)
            except DataError as error:
                self._problems.take(error)
                continue
            self._interpreter.explicit.setdefault(name, {})[parameter] = Given(value, node.location)

    def _kind(self, name: str, parameter: str) -> Value:
        """Return the type of a class parameter, None where it is not known."""
        try:
            manifest = self._library.find(name)
        except DataError:
            return None
        return self._interpreter.parameter_types(manifest).get(parameter) if manifest is not None else None

    def _classes_of_data(self) -> list[str]:
        """Return the classes that the Hiera key ``classes`` lists."""
        try:
            value = self._lookups.find("classes", Location("hiera.yaml"), "unique")
        except DataError as error:
            self._problems.take(error)
            return []
        if value is MISSING or value is None:
            return []
        names = value if isinstance(value, list) else [value]
        if any(isinstance(name, Secret) or not isinstance(name, str) for name in names):
            message = "the Hiera key 'classes' must be a list of class names"
            self._problems.add(Problem("type-mismatch", message, self._lookups.place("classes")))
            return []
        return names

    def _unmatched(self, location: Location) -> None:
        """Report that nobody says what this node is."""
        message = f"no entry of 'nodes' matches '{self._request.node}', and Hiera gives it no classes"
        hint = "add the name, a glob, or 'default'"
        self._problems.add(Problem("unclassified-node", message, location, hint))

    def _param(self, name: str) -> Value:
        """Return the parameter ``class::name`` of a class that is in the catalog. Raises ``DataError``."""
        owner, _, parameter = name.removeprefix("::").rpartition("::")
        variables = self._interpreter.classes.get(owner)
        if variables is None:
            message = f"the class '{owner}' is not in the catalog yet"
            raise DataError.of("missing-parameter", message, hint=f"include '{owner}' before param() is used")
        if parameter not in variables:
            raise DataError.of("missing-parameter", f"the class '{owner}' has no parameter '{parameter}'")
        return unguarded(variables[parameter])
