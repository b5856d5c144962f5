"""Values as manifests write them, made ready once and evaluated as often as their resource is declared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from hiera.types import Type
from hiera.types.coerce import coerce_scalar
from hiera.values import MISSING, Secret, Value
from hiera.yaml.core import core
from hiera.yaml.nodes import Mapping, Node, Scalar
from manifests.datatypes import element_type
from manifests.yaml_jinja.evaluation import Evaluator
from manifests.yaml_jinja.expressions import Variables, is_plain
from manifests.yaml_jinja.structure import is_null

RAW = "!raw"


class Written(Protocol):
    """A value that is evaluated with variables."""

    def get(self, evaluator: Evaluator, variables: Variables) -> Value:
        """Return the value. Raises ``DataError``."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A value without expressions; containers are never changed by anybody."""

    value: Value

    def get(self, evaluator: Evaluator, variables: Variables) -> Value:  # noqa: ARG002  the same for all
        """See :class:`Written`."""
        return self.value


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text with expressions."""

    scalar: Scalar

    def get(self, evaluator: Evaluator, variables: Variables) -> Value:
        """See :class:`Written`."""
        return evaluator.value(self.scalar, variables)


@dataclass(frozen=True, slots=True)
class WrittenList:
    """A list with expressions somewhere inside."""

    items: tuple[Written, ...]

    def get(self, evaluator: Evaluator, variables: Variables) -> Value:
        """See :class:`Written`."""
        return [item.get(evaluator, variables) for item in self.items]


@dataclass(frozen=True, slots=True)
class WrittenMapping:
    """A mapping with expressions in its keys or values."""

    entries: tuple[tuple[Written, Written], ...]

    def get(self, evaluator: Evaluator, variables: Variables) -> Value:
        """See :class:`Written`."""
        found = {}
        for key, value in self.entries:
            name = key.get(evaluator, variables)
            found[_key(name)] = value.get(evaluator, variables)
        return found


def _key(name: Value) -> str:
    """Return ``name`` as a key."""
    from manifests.yaml_jinja.filters import text  # noqa: PLC0415  keys are texts already, as a rule

    if isinstance(name, str):
        return name
    return text(name.reveal() if isinstance(name, Secret) else name)


def written(node: Node, kind: Type | None = None) -> Written:
    """Return the value that ``node`` writes; plain scalars are read as the type ``kind`` wants."""
    if isinstance(node, Scalar):
        return _scalar(node, kind)
    if isinstance(node, Mapping):
        entries = [(_scalar_key(key), written(item, element_type(kind, key.text))) for key, item in node.entries]
        if _constant(part for entry in entries for part in entry):
            return Constant({key.get(_NOBODY, {}): item.get(_NOBODY, {}) for key, item in entries})
        return WrittenMapping(tuple(entries))
    items = tuple(written(item, element_type(kind, index)) for index, item in enumerate(node.items))
    return Constant([item.get(_NOBODY, {}) for item in items]) if _constant(items) else WrittenList(items)


def _scalar_key(key: Scalar) -> Written:
    """Return the key of a mapping: always a text."""
    return Constant(key.text) if key.tag == RAW or is_plain(key.text) else Rendered(key)


def _scalar(node: Scalar, kind: Type | None) -> Written:
    """Return the value of a scalar."""
    if node.tag == RAW:
        return Constant(node.text)
    if not is_plain(node.text):
        return Rendered(node)
    if not node.plain:
        return Constant(node.text)
    if is_null(node):
        return Constant(None)
    wanted = coerce_scalar(kind, node.text) if kind is not None else MISSING
    return Constant(core(node) if wanted is MISSING else wanted)


def _constant(parts: Iterable[Written]) -> bool:
    """Say whether every one of ``parts`` is a constant."""
    return all(isinstance(part, Constant) for part in parts)


_NOBODY: Evaluator = None  # type: ignore[assignment]  # constants ask no evaluator
