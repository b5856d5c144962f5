"""Relationships written as arrows: they become ``before`` and ``notify`` of the resource on the left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hiera.errors import Collector as Problems
from hiera.errors import DataError, Location, Problem
from hiera.types import ClassType, ResourceType, Type, TypeSyntaxError, parse
from hiera.values import Value
from manifests.puppet import ast
from manifests.puppet.compiling.collectors import Collector
from manifests.puppet.compiling.names import key_of, reference, shown, type_of
from manifests.puppet.compiling.resource import CatalogResource

if TYPE_CHECKING:
    from manifests.puppet.compiling.compilation import Compilation
    from manifests.puppet.evaluator.scope import Scope

End = Collector | tuple[str, str]
"""What stands beside an arrow: a collector, or the key of a resource."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """``source`` before ``target``."""

    source: End
    target: End
    notify: bool
    place: Location


class Relationships:
    """The arrows of one compilation, resolved when all resources are there."""

    def __init__(self, compilation: Compilation) -> None:
        self._compilation = compilation
        self._arrows: list[Arrow] = []

    def chain(self, left: Value, right: Value, operator: str, scope: Scope, node: ast.Node) -> list[Value]:
        """Take ``left operator right``, and return what the next arrow goes from."""
        ends = [self._ends(side, scope, node) for side in (left, right)]
        source, target = ends if operator in ("->", "~>") else ends[::-1]
        self._relate(source, target, scope, node, notify="~" in operator)
        if not ends[1]:
            return ends[0]
        only = ends[1][0]
        if len(ends[1]) == 1 and isinstance(only, Collector):
            only.instead = ends[0]
        return ends[1]

    def add(
        self, sources: Sequence[Value], targets: Sequence[Value], scope: Scope, node: ast.Node | None, *, notify: bool
    ) -> None:
        """Put every one of ``sources`` before every one of ``targets``. Raises ``DataError``."""
        first, second = self._ends(list(sources), scope, node), self._ends(list(targets), scope, node)
        self._relate(first, second, scope, node, notify=notify)

    def _relate(
        self, sources: list[Value], targets: list[Value], scope: Scope, node: ast.Node | None, *, notify: bool
    ) -> None:
        place = self._compilation.place(scope, node)
        for source in sources:
            for target in targets:
                self._arrows.append(Arrow(_end(source), _end(target), notify, place))

    def _ends(self, value: Value, scope: Scope, node: ast.Node | None) -> list[Value]:
        """Return the ends that ``value`` stands for, each once."""
        found: list[Value] = []
        for item in value if isinstance(value, list | tuple) else [value]:
            if isinstance(item, list | tuple):
                ends = self._ends(item, scope, node)
            else:
                ends = [self._ends_of(item, scope, node)]
            found += [end for end in ends if end not in found]
        return found

    def _ends_of(self, item: Value, scope: Scope, node: ast.Node | None) -> Value:
        """Return ``item`` as a reference or collector. Raises ``DataError`` if it is neither."""
        place = self._compilation.place(scope, node)
        if isinstance(item, Collector):
            return item
        if isinstance(item, CatalogResource):
            return _named(item)
        if isinstance(item, str):
            try:
                item = parse(item)
            except TypeSyntaxError:
                message = f"'{item}' is no reference to a resource"
                raise DataError.of("bad-relationship", message, place) from None
        if isinstance(item, ResourceType | ClassType) and reference(item) is not None:
            return item
        word = "a type that is not in the catalog" if isinstance(item, Type) else "no resource"
        message = f"illegal relationship operand: {word} stands beside the arrow"
        raise DataError.of("bad-relationship", message, place, hint="write a reference, such as File['/x']")

    def finish(self, problems: Problems) -> None:
        """Write the arrows into the resources on their left; reports ends that are not in the catalog."""
        for arrow in self._arrows:
            for source in self._keys(arrow.source, left=True):
                for target in self._keys(arrow.target, left=False):
                    self._write(source, target, arrow, problems)

    def _keys(self, end: End, *, left: bool) -> list[tuple[str, str]]:
        """Return the resources at one end of an arrow."""
        if not isinstance(end, Collector):
            return [end]
        if end.collected or not left:
            return list(end.collected)
        return [key for item in end.instead or () for key in self._keys(_end(item), left=True)]

    def _write(self, source: tuple[str, str], target: tuple[str, str], arrow: Arrow, problems: Problems) -> None:
        """Make one relationship an attribute of its source."""
        catalog = self._compilation.catalog
        first, second = catalog.at(source), catalog.at(target)
        if first is None or second is None:
            missing, other, word = (source, target, "on") if first is None else (target, source, "from")
            message = f"could not find resource '{shown(missing)}' for relationship {word} '{shown(other)}'"
            problems.add(Problem("unknown-reference", message, arrow.place))
            return
        name = "notify" if arrow.notify else "before"
        given = first.get(name)
        listed = given if isinstance(given, list) else [] if given is None else [given]
        first.set(name, [*listed, shown(target)], arrow.place)


def _named(resource: CatalogResource) -> Type:
    return type_of(resource.key)


def _end(value: Value) -> End:
    """Return ``value`` as an end of an arrow."""
    if isinstance(value, Collector):
        return value
    key = reference(value)
    return key if key is not None else key_of(str(value), "")
