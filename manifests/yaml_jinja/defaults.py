"""Defaults of resource types: of the site for everybody, and of a file for what stands in it."""

from __future__ import annotations

from collections.abc import Mapping

from hiera.errors import Problem, did_you_mean
from manifests.datatypes import type_of
from manifests.draft import Draft, Given
from manifests.finish import unknown_type
from manifests.spec import METAPARAMETERS, Role, TypeSpec
from manifests.yaml_jinja.body import Body, Taking
from manifests.yaml_jinja.evaluation import Evaluator
from manifests.yaml_jinja.loading import Library, Manifest
from manifests.yaml_jinja.written import written


class Defaults:
    """Checks and evaluates defaults; ``site`` is the manifest whose defaults hold everywhere."""

    def __init__(self, draft: Draft, types: Mapping[str, TypeSpec], library: Library, evaluator: Evaluator) -> None:
        self.site: Body | None = None
        self._draft = draft
        self._problems = draft.problems
        self._types = types
        self._library = library
        self._evaluator = evaluator

    def of(self, kind: str, body: Body) -> dict[str, Given]:
        """Return the defaults for a type: those of the file, then those of the site."""
        known = body.defaults.get(kind)
        if known is None:
            known = {}
            for place in (self.site, body):
                if place is not None and kind in place.manifest.defaults:
                    known.update(self._evaluated(kind, place))
            body.defaults[kind] = known
        return known

    def _evaluated(self, kind: str, body: Body) -> dict[str, Given]:
        """Return the defaults that one file gives, with the variables of that file."""
        _, mapping = body.manifest.defaults[kind]
        spec = self._types.get(kind)
        found: dict[str, Given] = {}
        for key, node in mapping.entries:
            known = spec.attributes.get(key.text) if spec is not None else None
            with Taking(self._draft, whole=True):
                wanted = type_of(known.type) if known is not None else None
                value = written(node, wanted).get(self._evaluator, body.variables)
                if known is not None and known.role is Role.TEMPLATE:
                    value = self._evaluator.template(value, body.variables, node.location)
                found[key.text] = Given(value, node.location)
        return found

    def check(self, manifest: Manifest) -> None:
        """Report defaults for types and attributes that do not exist, and forget them."""
        for kind, (key, mapping) in list(manifest.defaults.items()):
            if kind not in self._types:
                if self._library.path(kind) is None:
                    self._problems.add(unknown_type(self._types, kind, key.location))
                    del manifest.defaults[kind]
                continue
            spec = self._types[kind]
            for name, _ in mapping.entries:
                if name.text not in spec.attributes and name.text not in METAPARAMETERS:
                    message = f"{kind} has no attribute '{name.text}'"
                    hint = did_you_mean(name.text, [*spec.attributes, *METAPARAMETERS])
                    self._problems.add(Problem("unknown-attribute", message, name.location, hint))
                    manifest.defaults.pop(kind, None)
