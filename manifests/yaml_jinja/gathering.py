"""What a declaration says: its title, its attributes from all sides, and its relations."""

from __future__ import annotations

from collections.abc import Mapping

from hiera.errors import DataError, Location
from hiera.types import Type
from hiera.values import Secret
from hiera.yaml.nodes import Node, Scalar
from manifests.catalog import Ref
from manifests.datatypes import type_of
from manifests.draft import Draft, Given, secret_in_plain
from manifests.spec import METAPARAMETERS, Role, TypeSpec
from manifests.yaml_jinja.blocks import Block
from manifests.yaml_jinja.body import Body, Taking, kind_of
from manifests.yaml_jinja.defaults import Defaults
from manifests.yaml_jinja.evaluation import Evaluator
from manifests.yaml_jinja.expressions import Variables
from manifests.yaml_jinja.filters import text as as_text
from manifests.yaml_jinja.loading import Manifest
from manifests.yaml_jinja.parameters import Binder
from manifests.yaml_jinja.references import References
from manifests.yaml_jinja.written import Written, written

Plan = tuple[tuple[str, Location, Written, bool], ...]
"""Attribute, its place, its value, whether it names a template; for one block."""


class Gatherer:
    """Evaluates what stands in a block."""

    def __init__(
        self, draft: Draft, evaluator: Evaluator, binder: Binder, references: References, defaults: Defaults
    ) -> None:
        self._draft = draft
        self._problems = draft.problems
        self._evaluator = evaluator
        self._binder = binder
        self._references = references
        self._defaults = defaults
        self._plans: dict[int, tuple[Block, Plan]] = {}

    def title(self, block: Block, variables: Variables) -> str:
        """Return the title of a declaration. Raises ``DataError``."""
        value = self._evaluator.value(block.title, variables)
        if isinstance(value, Secret):
            problem = secret_in_plain(Ref(block.kind, "..."), "title", block.location)
            raise DataError(problem)
        title = value if isinstance(value, str) else as_text(value)
        if not title.strip():
            raise DataError.of("bad-reference", f"the title of this {block.kind} is empty", block.location)
        return title

    def attributes(
        self, block: Block, body: Body, variables: Variables, spec: TypeSpec | None, define: Manifest | None
    ) -> tuple[dict[str, Given], bool]:
        """Return the attributes of a declaration, defaults and spread included, and whether all could be had."""
        found: dict[str, Given] = {}
        complete = True
        if block.spread is not None:
            found = self._spread(block.spread, variables)
        for name, place, value, is_template in self._plan(block, spec, define):
            try:
                given = value.get(self._evaluator, variables)
                if is_template and given is not None:
                    given = self._evaluator.template(given, variables, place)
                found[name] = Given(given, place)
            except DataError as error:
                self._problems.take(error)
                complete = False
        if block.spread is not None and spec is not None:
            self._render_spread(block.spread, found, spec, variables)
        for name, item in self._defaults.of(block.kind, body).items():
            found.setdefault(name, item)
        return found, complete

    def _render_spread(self, spread: Node, found: dict[str, Given], spec: TypeSpec, variables: Variables) -> None:
        """Render the template that a spread mapping names. Raises ``DataError``."""
        for name, item in found.items():
            known = spec.attributes.get(name)
            if known is not None and known.role is Role.TEMPLATE and item.location == spread.location:
                found[name] = Given(self._evaluator.template(item.value, variables, item.location), item.location)

    def _spread(self, node: Node, variables: Variables) -> dict[str, Given]:
        """Return the attributes that ``attributes:`` brings. Raises ``DataError``."""
        value = self._evaluator.bare(node, variables) if isinstance(node, Scalar) else None
        if not isinstance(node, Scalar):
            value = written(node).get(self._evaluator, variables)
        secret = value if isinstance(value, Secret) else None
        many = secret.reveal() if secret is not None else value
        if many is None:
            return {}
        if not isinstance(many, Mapping):
            raise DataError.of("type-mismatch", f"'attributes' needs a mapping, not {kind_of(many)}", node.location)
        if secret is not None:
            many = {key: Secret(item, origin=secret.origin) for key, item in many.items()}
        return {str(key): Given(item, node.location) for key, item in many.items()}

    def _plan(self, block: Block, spec: TypeSpec | None, define: Manifest | None) -> Plan:
        """Return the attributes of a block made ready, once."""
        known = self._plans.get(id(block))
        if known is None:
            kinds: Mapping[str, Type | None] = self._binder.types(define) if define is not None else {}
            plan: list[tuple[str, Location, Written, bool]] = []
            for key, node in block.attributes:
                attribute = spec.attributes.get(key.text) if spec is not None else None
                kind = type_of(attribute.type) if attribute is not None else kinds.get(key.text)
                is_template = attribute is not None and attribute.role is Role.TEMPLATE
                place = node.location if attribute is not None or key.text in kinds else key.location
                if attribute is None and key.text in METAPARAMETERS:
                    kind, place = type_of("String") if key.text in ("tag", "alias") else None, node.location
                plan.append((key.text, place, written(node, kind), is_template))
            known = self._plans[id(block)] = (block, tuple(plan))
        return known[1]

    def relations(
        self, block: Block, own: Ref, attributes: dict[str, Given], variables: Variables
    ) -> list[tuple[str, list[Ref], Location]]:
        """Return the relations of the declaration of ``own``, those among spread attributes and defaults included.

        A default that relates a resource to itself is left out: ``defaults: {file: {require: file[/srv]}}``.
        """
        found: list[tuple[str, list[Ref], Location]] = []
        for entry in block.relations:
            with Taking(self._draft, whole=True):
                found.append((entry.key.text, self._references.read(entry.node, variables), entry.node.location))
        for name in ("require", "before", "notify", "subscribe"):
            given = attributes.pop(name, None)
            if given is not None and not any(entry.key.text == name for entry in block.relations):
                with Taking(self._draft, whole=True):
                    refs = self._references.of_value(given.value, given.location)
                    found.append((name, [ref for ref in refs if ref != own], given.location))
        return found
