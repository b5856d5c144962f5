"""``requires: freehold >= X`` in ``freehold.yaml`` at the root of the repository: asked before anything else."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final

from hiera.errors import Collector, DataError, Location
from hiera.tree import Tree

FILE: Final = "freehold.yaml"
_FORM: Final = re.compile(r"freehold\s*(>=|>|==|<=|<)\s*(\d+(?:\.\d+)*)")
_COMPARE: Final[dict[str, Callable[[list[int], list[int]], bool]]] = {
    ">=": operator.ge, ">": operator.gt, "==": operator.eq, "<=": operator.le, "<": operator.lt,
}  # fmt: skip


def check_requirement(tree: Tree, version: str | None = None) -> None:
    """Raise ``DataError`` (``requires``) if the repository wants another version than ``version`` (the installed)."""
    if not tree.is_file(FILE):
        return
    found = _read(tree)
    if found is None:
        return
    text, location = found
    wants = _form(text, location)
    mine = version or _installed()
    sign, wanted = wants
    if not _COMPARE[sign](*_padded(mine, wanted)):
        message = f"this repository requires {text}, and this is {mine}"
        raise DataError.of("requires", message, location, hint="install another version of Freehold")


def _form(text: str, location: Location) -> tuple[str, str]:
    """Return the sign and the version in ``text``. Raises ``DataError`` (``requires``)."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise DataError.of("requires", f"'{text}' is not a requirement", location, hint="write freehold >= 1.2")
    return match[1], match[2]


def _read(tree: Tree) -> tuple[str, Location] | None:
    """Return the requirement and its place, None if there is none. Raises ``DataError``."""
    from hiera.yaml.nodes import Scalar  # noqa: PLC0415  few repositories have this file
    from hiera.yaml.strict import read  # noqa: PLC0415  as above
    from manifests.yaml_jinja.structure import fields  # noqa: PLC0415  as above

    problems = Collector()
    found = fields(read(tree.read(FILE), FILE), ("requires",), f"'{FILE}'", problems)
    problems.check()
    if "requires" not in found:
        return None
    node = found["requires"].node
    if not isinstance(node, Scalar):
        raise DataError.of("requires", "'requires' must be a text", node.location, hint="write freehold >= 1.2")
    return node.text, node.location


def _installed() -> str:
    """Return the version of the installed distribution."""
    from importlib import metadata  # noqa: PLC0415  see above

    try:
        return metadata.version("freehold")
    except metadata.PackageNotFoundError:
        raise DataError.of("requires", "this copy of Freehold does not know its own version", Location(FILE)) from None


def _padded(one: str, two: str) -> tuple[list[int], list[int]]:
    """Return the numbers of two versions, made equally long."""
    parts = [[int(number) for number in re.findall(r"\d+", text.split("+")[0])[:4]] for text in (one, two)]
    longest = max(map(len, parts))
    first, second = ([*numbers, *[0] * (longest - len(numbers))] for numbers in parts)
    return first, second
