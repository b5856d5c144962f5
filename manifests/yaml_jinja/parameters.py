"""Binding the parameters of classes and defines: given, looked up, or by default, and of the declared type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hiera.errors import Collector, DataError, Location, Problem, did_you_mean
from hiera.types import Type, TypeSyntaxError, parse
from hiera.values import MISSING, Secret, Value, holds_secret
from manifests.datatypes import mismatch
from manifests.draft import Given
from manifests.yaml_jinja.evaluation import Evaluator
from manifests.yaml_jinja.expressions import Variables
from manifests.yaml_jinja.loading import Manifest, Parameter
from manifests.yaml_jinja.lookups import Lookups
from manifests.yaml_jinja.written import Written, written


@dataclass(frozen=True, slots=True)
class _Ready:
    """A parameter with its type parsed and its default made ready."""

    parameter: Parameter
    type: Type | None
    notation: str
    default: Written | None


@dataclass(frozen=True, slots=True)
class _Subject:
    """The class or define instance whose parameters are bound: its manifest, its name in messages, its place."""

    manifest: Manifest
    what: str
    location: Location


class Binder:
    """Gives parameters their values."""

    def __init__(self, evaluator: Evaluator, lookups: Lookups, problems: Collector) -> None:
        self._evaluator = evaluator
        self._lookups = lookups
        self._problems = problems
        self._ready: dict[str, dict[str, _Ready]] = {}

    def types(self, manifest: Manifest) -> dict[str, Type | None]:
        """Return the types of the parameters of ``manifest``."""
        return {name: ready.type for name, ready in self._prepared(manifest).items()}

    def bind(
        self, manifest: Manifest, given: Mapping[str, Given], variables: Variables, what: str, location: Location
    ) -> bool:
        """Put the parameters of ``manifest`` into ``variables``; say whether all could be bound.

        ``what`` names the class or define instance in messages; it stands at ``location``.
        """
        ready = self._prepared(manifest)
        bound = True
        for name, item in given.items():
            if name not in ready:
                bound = False
                hint = did_you_mean(name, ready) or (f"it has: {', '.join(ready)}" if ready else "it has none")
                message = f"{what} has no parameter '{name}'"
                self._problems.add(Problem("unknown-parameter", message, item.location, hint))
        subject = _Subject(manifest, what, location)
        for name, wanted in ready.items():
            try:
                found = self._find(subject, wanted, given.get(name), variables)
            except DataError as error:
                self._problems.take(error)
                bound = False
                continue
            variables[name] = self._evaluator.taint.guard(found)
        return bound

    def _find(self, subject: _Subject, ready: _Ready, given: Given | None, variables: Variables) -> Value:
        """Return the value of one parameter. Raises ``DataError``."""
        manifest, what = subject.manifest, subject.what
        name = ready.parameter.name
        if given is not None and given.value is not None:
            return self._checked(ready, given.value, given.location, f"parameter '{name}' of {what}")
        if not manifest.define:
            key = f"{manifest.name}::{name}"
            found = self._lookups.parameter(key, ready.parameter.location)
            if found is not MISSING:
                return self._looked_up(ready, found, key)
        if ready.default is not None:
            value = ready.default.get(self._evaluator, variables)
            place = ready.parameter.default.location if ready.parameter.default else ready.parameter.location
            return self._checked(ready, value, place, f"the default of '{name}'")
        if given is not None:
            return self._checked(ready, None, given.location, f"parameter '{name}' of {what}")
        if ready.type is not None and mismatch(ready.type, None) is None:
            return None
        stands = MISSING if manifest.define else self._lookups.stand_in(f"{manifest.name}::{name}", ready.type)
        if stands is not MISSING:
            return stands
        message = f"{what} needs a value for the parameter '{name}'"
        where = subject.location if manifest.define else ready.parameter.location
        hint = None if manifest.define else f"set the Hiera key '{manifest.name}::{name}', or give a default"
        raise DataError(Problem("missing-parameter", message, where, hint))

    def _looked_up(self, ready: _Ready, value: Value, key: str) -> Value:
        """Return the ``value`` that Hiera has for ``key`` if it is of its type; its place is asked for an error."""
        what, place = f"the Hiera key '{key}'", ready.parameter.location
        if isinstance(value, Secret):
            return self._checked(ready, value, value.location or place, what)
        try:
            return self._checked(ready, value, place, what)
        except DataError:
            return self._checked(ready, value, self._lookups.place(key) or place, what)

    def _checked(self, ready: _Ready, value: Value, place: Location, what: str) -> Value:
        """Return ``value`` if it is of the declared type; a secret is checked when it is opened."""
        kind = ready.type
        if kind is None:
            return value
        if isinstance(value, Secret):
            return value.map(lambda opened: _demanded(kind, opened, place, what, ready.notation))
        if not holds_secret(value):
            words = mismatch(kind, value)
            if words is not None:
                raise DataError.of("type-mismatch", f"{what}: {words}", place)
        return value

    def _prepared(self, manifest: Manifest) -> dict[str, _Ready]:
        """Return the parameters of ``manifest`` with their types, parsed once."""
        known = self._ready.get(manifest.name)
        if known is None:
            known = {name: self._prepare(item) for name, item in manifest.parameters.items()}
            self._ready[manifest.name] = known
        return known

    def _prepare(self, parameter: Parameter) -> _Ready:
        """Return one parameter made ready; a type that is none is reported."""
        kind: Type | None = None
        notation = parameter.type.text if parameter.type is not None else "Any"
        if parameter.type is not None:
            try:
                kind = parse(notation)
            except TypeSyntaxError as error:
                self._problems.take(error.at(parameter.type.location))
        default = written(parameter.default, kind) if parameter.default is not None else None
        return _Ready(parameter, kind, notation, default)


def _demanded(kind: Type, value: Value, place: Location, what: str, notation: str) -> Value:
    """Return the opened secret ``value`` if it is of its type; the error does not show it."""
    if mismatch(kind, value) is not None:
        raise DataError.of("type-mismatch", f"{what}: the secret is no {notation}", place)
    return value
