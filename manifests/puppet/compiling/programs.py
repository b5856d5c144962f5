"""The files of a site manifest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hiera.errors import DataError, Location
from hiera.tree import Tree

if TYPE_CHECKING:
    from manifests.puppet.loaders.loaders import Loaders
    from manifests.puppet.loaders.parsing import Parsed


def programs_of(loaders: Loaders, path: str) -> Iterator[Parsed]:
    """Yield the manifest ``path`` of the tree, or all those below the directory ``path``. Raises ``DataError``."""
    if loaders.tree.is_dir(path):
        for inner in manifests_below(loaders.tree, path):
            yield loaders.parse(inner)
        return
    if not loaders.tree.is_file(path):
        raise DataError.of("missing-file", f"there is no manifest '{path}'", Location(path))
    yield loaders.parse(path)


def manifests_below(tree: Tree, directory: str) -> Iterator[str]:
    """Yield the manifests in ``directory`` and below it, sorted as Puppet reads them."""
    for name in tree.names(directory):
        inner = f"{directory}/{name}"
        if tree.is_dir(inner):
            yield from manifests_below(tree, inner)
        elif name.endswith(".pp"):
            yield inner
