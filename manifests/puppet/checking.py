"""Checking every manifest and template of an environment, whether a node comes by it or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from hiera.errors import DataError, Problem
from manifests.puppet.loaders.parsing import read
from manifests.puppet.source import Source

if TYPE_CHECKING:
    from hiera.tree import Tree
    from manifests.environment import Environment

_ROOMS = {"manifests": (".pp",), "functions": (".pp",), "types": (".pp",), "templates": (".epp", ".erb")}
"""Where a module has what is read here; plans and tasks are Bolt's."""


def check_text(source: Source, *, puppet_version: int) -> tuple[Problem, ...]:
    """Return what is wrong with one manifest or template; its name says which it is."""
    if source.file.endswith(".erb"):
        from manifests.puppet.erb import check  # noqa: PLC0415  few files are ERB

        return tuple(check(source.text, source.file))
    try:
        return read(source, puppet_version=puppet_version).warnings
    except DataError as error:
        return error.problems


def check_environment(tree: Tree, environment: Environment, *, puppet_version: int) -> Iterator[Problem]:
    """Yield what is wrong with the files of an environment and its modules.

    A template that asks for more of Ruby than there is is an error only for the node that comes by it: here it is
    a warning.
    """
    for path in _files(tree, environment):
        try:
            found = check_text(Source.decode(tree.read(path), path), puppet_version=puppet_version)
        except DataError as error:
            found = error.problems
        for problem in found:
            beyond = problem.code == "erb-unsupported"
            yield replace(problem, severity="warning") if beyond else problem


def _files(tree: Tree, environment: Environment) -> Iterator[str]:
    """Yield the paths of manifests and templates."""
    for directory in (environment.directory, *environment.modules.values()):
        for room, endings in _ROOMS.items():
            yield from _below(tree, f"{directory}/{room}" if directory else room, endings)


def _below(tree: Tree, directory: str, endings: tuple[str, ...]) -> Iterator[str]:
    for name in tree.names(directory):
        path = f"{directory}/{name}"
        if name.endswith(endings):
            yield path
        elif tree.is_dir(path):
            yield from _below(tree, path, endings)
