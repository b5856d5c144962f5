"""References and arrows as manifests write them, with expressions in them."""

from __future__ import annotations

from collections.abc import Iterator

from hiera.errors import DataError, Location
from hiera.values import Secret, Value
from hiera.yaml.nodes import Node, Scalar, Sequence
from manifests.catalog import Ref
from manifests.yaml_jinja.evaluation import Evaluator
from manifests.yaml_jinja.expressions import Variables, is_plain
from manifests.yaml_jinja.structure import ARROW, BROKEN, COMMA, is_null, parse_reference, split


class References:
    """Reads references; those without expressions are read once."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._fixed: dict[int, tuple[Node, list[Ref]]] = {}

    def read(self, node: Node, variables: Variables) -> list[Ref]:
        """Return what ``node`` refers to: one, a comma-separated text, or a list. Raises ``DataError``."""
        known = self._fixed.get(id(node))
        if known is not None:
            return known[1]
        if is_null(node):
            return []
        if isinstance(node, Sequence):
            return [ref for item in node.items for ref in self.read(item, variables)]
        if not isinstance(node, Scalar):
            raise DataError.of(BROKEN, "a relation is written type[title], not as a mapping", node.location)
        refs = list(self._scalar(node, variables))
        if is_plain(node.text):
            self._fixed[id(node)] = (node, refs)
        return refs

    def of_value(self, value: Value, location: Location) -> list[Ref]:
        """Return what a value of the data refers to. Raises ``DataError``."""
        if value is None:
            return []
        if isinstance(value, list):
            return [ref for item in value for ref in self.of_value(item, location)]
        if not isinstance(value, str):
            raise DataError.of(BROKEN, "a reference must be a text of the form type[title]", location)
        return [parse_reference(part, location) for part in list(split(value, COMMA))[::2]]

    def arrows(self, scalar: Scalar, variables: Variables) -> Iterator[tuple[list[Ref], bool, list[Ref]]]:
        """Yield each arrow of a chain as (what comes first, whether it notifies, what follows)."""
        pieces = list(split(scalar.text, ARROW))
        if len(pieces) < 3:
            message = "an order is written with arrows: class[a] -> class[b] ~> class[c]"
            raise DataError.of("bad-order", message, scalar.location)
        sides = [list(self._scalar(_part(scalar, piece), variables)) for piece in pieces[::2]]
        for left, arrow, right in zip(sides, pieces[1::2], sides[1:], strict=False):
            yield left, arrow == "~>", right

    def _scalar(self, scalar: Scalar, variables: Variables) -> Iterator[Ref]:
        """Yield the references in a text."""
        for piece in list(split(scalar.text, COMMA))[::2]:
            part = _part(scalar, piece)
            if is_plain(piece):
                yield parse_reference(piece, part.location)
                continue
            value = self._evaluator.value(part, variables)
            if isinstance(value, Secret):
                raise DataError.of("secret-in-plain", "a reference must not hold a secret", part.location)
            yield from self.of_value(value, part.location)


def _part(scalar: Scalar, piece: str) -> Scalar:
    """Return the part ``piece`` of the text of ``scalar``, with its own place."""
    place = scalar.location
    if "\n" not in scalar.text and piece != scalar.text and scalar.style not in ("|", ">"):
        column = place.column + scalar.text.index(piece) + len(scalar.style)
        place = Location(place.file, place.line, column, max(1, len(piece)))
    return Scalar(piece, scalar.style, scalar.tag, place)
