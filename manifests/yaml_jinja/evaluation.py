"""Runs expressions and templates of one compilation, and turns what goes wrong into located problems."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from hiera.errors import DataError, Location
from hiera.tree import Tree
from hiera.values import MISSING, Secret, Value
from hiera.yaml.nodes import Scalar
from manifests.sources import Sources
from manifests.yaml_jinja.bounds import Clock
from manifests.yaml_jinja.expressions import Compiled, Formula, Literal, Parts, Path, Variables, without_jinja
from manifests.yaml_jinja.failures import Known, Spots, explain
from manifests.yaml_jinja.filters import NullInTextError
from manifests.yaml_jinja.taint import Taint

if TYPE_CHECKING:
    from manifests.yaml_jinja.sandbox import Environment


class Evaluator:
    """Evaluates values, bare expressions and templates with the variables it is given.

    ``functions`` makes the table of functions when the first formula is met; ``open_all`` is called before a secret is
    opened, so that many can be decrypted together.
    """

    def __init__(
        self,
        tree: Tree,
        sources: Sources,
        functions: Callable[[], Mapping[str, Any]],
        open_all: Callable[[], None] = lambda: None,
    ) -> None:
        self.taint = Taint(open_all)
        self.clock = Clock()
        self.variables: Variables = {}
        self._tree = tree
        self._sources = sources
        self._functions = functions
        self._spots = Spots(tree)
        self._environment: Environment | None = None
        self._values: dict[str, Compiled | Formula] = {}
        self._templates: dict[str, Any] = {}

    def value(self, scalar: Scalar, variables: Variables) -> Value:
        """Return the value of the text of ``scalar``, its expressions evaluated. Raises ``DataError``."""
        return self._evaluate(scalar.text, scalar, variables)

    def bare(self, scalar: Scalar, variables: Variables) -> Value:
        """Return the value of an expression written without braces, or with one pair. Raises ``DataError``."""
        text = scalar.text.strip()
        enclosed = text.startswith("{{") and text.endswith("}}")
        if "{{" in (text[2:] if enclosed else text):
            message = "this must be one expression, without text around it"
            raise DataError.of("template-syntax", message, scalar.location, hint="write it without braces")
        source = text if enclosed else "{{ " + text + " }}"
        compiled = self._compiled(source, scalar)
        if isinstance(compiled, Formula) and not compiled.whole:
            raise DataError.of("template-syntax", "this must be one expression", scalar.location)
        return self._evaluate(source, scalar, variables)

    def template(self, name: Value, variables: Variables, location: Location) -> str | Secret:
        """Return the rendered template ``name``. Raises ``DataError``."""
        if isinstance(name, Secret):
            raise DataError.of("secret-in-plain", "the name of a template must not hold a secret", location)
        if not isinstance(name, str):
            raise DataError.of("type-mismatch", "the name of a template must be a text", location)
        template = self._templates.get(name)
        if template is None:
            path = self._sources.path("templates", name, location)
            try:
                template = self._jinja().get_template(name)
            except DataError:
                raise
            except Exception as error:  # noqa: BLE001  whatever the template's compiler says is the author's affair
                raise self._failure(error, None, Location(path), variables) from None
            self._templates[name] = template

        def render() -> Value:
            environment = self._jinja()
            context = environment.context_class(environment, variables, template.name, template.blocks)
            return environment.concat(template.root_render_func(context))

        result: str | Secret = self._run(render, None, Location(str(template.filename)), variables)
        return result

    def close(self) -> None:
        """Give back what evaluations took of the process: the alarm."""
        self.clock.disarm()

    def _evaluate(self, source: str, scalar: Scalar, variables: Variables) -> Value:
        """Return the value of ``source``, the text of ``scalar`` or its one expression."""
        compiled = self._compiled(source, scalar)
        if isinstance(compiled, Literal):
            return compiled.source
        if isinstance(compiled, Path | Parts):
            try:
                if isinstance(compiled, Path):
                    found = compiled.find(variables)
                else:
                    found = compiled.join(variables, scalar.location)
            except NullInTextError:
                found = MISSING
            if found is not MISSING:
                return found if found.__class__ in _PLAIN or isinstance(found, Secret) else self._settled(found)
            compiled = self._formula(source, scalar)
        return self._run(lambda: self._result(compiled, variables), scalar, scalar.location, variables)

    def _settled(self, value: Value) -> Value:
        """Return ``value`` as plain data."""
        from manifests.yaml_jinja.sandbox import settled  # noqa: PLC0415  values of other kinds are rare

        return settled(value, self.taint)

    def _compiled(self, source: str, scalar: Scalar) -> Compiled | Formula:
        """Return ``source`` compiled, once for each text."""
        known = self._values.get(source)
        if known is None:
            known = self._values[source] = without_jinja(source) or self._formula(source, scalar)
        return known

    def _formula(self, source: str, scalar: Scalar) -> Formula:
        """Return ``source`` compiled by Jinja. Raises ``DataError`` (``template-syntax``)."""
        from jinja2 import nodes  # noqa: PLC0415  see the sandbox

        environment = self._jinja()
        try:
            parsed = environment.parse(source)
            expression = _only_expression(parsed)
            if expression is None:
                return Formula(whole=False, template=environment.from_string(parsed))
            assignment = nodes.Assign(nodes.Name(_RESULT, "store"), expression, lineno=1)
            whole = nodes.Template([assignment], lineno=1)
            whole.set_environment(environment)
            return Formula(whole=True, template=environment.from_string(whole))
        except Exception as error:  # noqa: BLE001  see above
            raise self._failure(error, scalar, scalar.location, {}) from None

    def _result(self, formula: Any, variables: Variables) -> Value:
        """Return what ``formula`` gives."""
        environment = self._jinja()
        template = formula.template
        context = environment.context_class(environment, variables, None, template.blocks)
        text = environment.concat(template.root_render_func(context))
        return context.vars[_RESULT] if formula.whole else text

    def _run(self, make: Callable[[], Value], scalar: Scalar | None, location: Location, variables: Variables) -> Value:
        """Return what ``make`` gives as plain data; a secret if it looked into one."""
        from manifests.yaml_jinja.sandbox import settled  # noqa: PLC0415  see the sandbox

        taint, clock = self.taint, self.clock
        outer, around = taint.begin(), (clock.started, self.variables)
        clock.arm()
        clock.started, self.variables = time.monotonic(), variables
        try:
            value = settled(make(), taint)
            secret = taint.secret
        except Exception as error:  # noqa: BLE001  whatever an expression raises is its author's affair
            raise self._failure(error, scalar, location, variables) from None
        finally:
            taint.end(outer)
            clock.started, self.variables = around
        if secret is None:
            return value
        return Secret(value, origin=secret.origin, location=secret.location)

    def _failure(self, error: Exception, scalar: Scalar | None, location: Location, variables: Variables) -> DataError:
        """Return the located error for what was raised."""
        if isinstance(error, DataError) and error is self.taint.failure:
            return _located(error, location)
        environment = self._jinja()
        known = Known(variables, environment.globals, environment.filters, environment.tests)
        return explain(error, scalar, location, self._spots, known, secret=self.taint.secret is not None)

    def _jinja(self) -> Environment:
        """Return the sandbox, made when first needed."""
        if self._environment is None:
            from manifests.yaml_jinja.sandbox import Environment  # noqa: PLC0415  plain manifests need no Jinja

            self._environment = Environment(self._tree, self._sources, self.taint, self._functions())
        return self._environment


_RESULT = "_result_"
_PLAIN = frozenset({str, int, bool, float, type(None), dict, list})


def _only_expression(template: Any) -> Any:
    """Return the one expression that a parsed text consists of, or None."""
    from jinja2 import nodes  # noqa: PLC0415  see the sandbox

    if len(template.body) != 1 or not isinstance(template.body[0], nodes.Output):
        return None
    parts = template.body[0].nodes
    return parts[0] if len(parts) == 1 and not isinstance(parts[0], nodes.TemplateData) else None


def _located(error: DataError, location: Location) -> DataError:
    """Return ``error`` with a place for the problems that have none."""
    import msgspec  # noqa: PLC0415  for an error only

    return DataError(
        *(item if item.location else msgspec.structs.replace(item, location=location) for item in error.problems)
    )
