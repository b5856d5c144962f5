"""A manifest with modules, data and an environment named by hand: what ``--modulepath`` and its kin mean."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from hiera.errors import DataError, Location, Problem, UsageError
from manifests.environment import Environment
from runner.puppet.machine_tree import MachineTree, in_tree, on_machine

if TYPE_CHECKING:
    from hiera.files import Files
    from hiera.lookup import Hiera
    from hiera.secrets.vault import Vault
    from hiera.tree import Tree
    from manifests.compiler import Compilation

NO_ENVIRONMENT = "nonexistent/environment"
"""The directory of an environment that nobody named."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where all that belongs to a manifest stands on this machine; ``hiera`` is the file of the global layer."""

    tree: MachineTree
    environment: Environment
    hiera: str | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any], name: str) -> Place | None:
        """Return what the options of a command line mean in the environment ``name``, None if they name nothing.

        Raises ``UsageError`` for a directory or file that is not there.
        """
        path, directory, hiera = (options.get(item) or None for item in ("modulepath", "env_dir", "hiera_config"))
        if not (path or directory or hiera):
            return None
        if directory is not None and not os.path.isdir(directory):
            raise UsageError.of("missing-file", f"there is no directory '{directory}' for --environment-dir")
        if hiera is not None and not os.path.isfile(hiera):
            raise UsageError.of("missing-file", f"there is no file '{hiera}' for --hiera-config")
        tree = tree_with(hiera)
        places = tuple(in_tree(item) for item in path.split(":") if item) if path else None
        where = in_tree(directory) if directory else NO_ENVIRONMENT
        return cls(tree, Environment.at(tree, where, name, () if places is None and not directory else places), hiera)

    @property
    def manifest(self) -> str:
        """The path of the environment's own manifest in the tree, a file or a directory."""
        return self.environment.manifest or self.environment.path("manifests")


def tree_with(hiera: str | None) -> MachineTree:
    """Return the machine's tree in which the file ``hiera`` stands where the reader looks for a ``hiera.yaml``."""
    if hiera is None:
        return MachineTree()
    path = in_tree(hiera)
    return MachineTree({f"{os.path.dirname(path)}/hiera.yaml": path})


def data_of(  # noqa: PLR0917  what an environment is, then what reads it
    tree: Tree,
    environment: Environment,
    hiera: str | None,
    files: Files,
    vault: Vault,
    warn: Callable[[Problem], None],
) -> Hiera:
    """Return the data of an environment, below the global layer of the file ``hiera`` if there is one."""
    from hiera.config import NO_CONFIG, read_config  # noqa: PLC0415  the command line starts without
    from hiera.layers import Layer  # noqa: PLC0415  likewise
    from hiera.lookup import Hiera  # noqa: PLC0415  likewise
    from runner.compilation import convert_value  # noqa: PLC0415  likewise

    name, directory = environment.name, environment.directory
    layers = []
    everywhere = read_config(tree, os.path.dirname(in_tree(hiera)), module=False, warn=warn) if hiera else None
    if everywhere is not None:
        layers.append(Layer("global", everywhere, files, environment=name))
    config = read_config(tree, directory, module=False, warn=warn) or NO_CONFIG
    layers.append(Layer(f"environment {name}", config, files, environment=name))
    found = Hiera(tree, tuple(layers), environment.modules, files, vault)
    found.environment, found.convert = name, convert_value
    return found


def readable(problem: Problem) -> Problem:
    """Return ``problem`` with the files named as people write them."""
    notes = tuple(replace(note, location=_place(note.location)) for note in problem.notes)
    return replace(problem, location=_place(problem.location) if problem.location is not None else None, notes=notes)


def readable_error(error: DataError) -> DataError:
    """Return ``error`` with the files named as people write them."""
    return DataError(*map(readable, error.problems))


def readable_catalog(compilation: Compilation) -> Compilation:
    """Return a catalog and its warnings with the files named as people write them."""
    from dataclasses import replace as with_fields  # noqa: PLC0415  the name is taken above

    catalog = compilation.catalog
    declarations = tuple(replace(item, location=_place(item.location)) for item in catalog.declarations)
    warnings = tuple(map(readable, compilation.warnings))
    return with_fields(compilation, catalog=replace(catalog, declarations=declarations), warnings=warnings)


def _place(location: Location) -> Location:
    return replace(location, file=on_machine(location.file))
