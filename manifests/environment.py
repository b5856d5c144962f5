"""Where an environment's files stand in a control repository."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hiera.errors import DataError, Problem, did_you_mean
from hiera.tree import Tree
from manifests.environment_conf import read_environment_conf


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment of a tree.

    ``directory`` is ``environments/<name>``, or "" for a repository that is one tree at its root. ``modules`` maps the
    name of each module to its directory; the environment's own shadow those shared at the root. ``modulepath`` are
    the directories they were found in, ``manifest`` the site manifest that ``environment.conf`` names.
    """

    name: str
    directory: str
    modules: Mapping[str, str]
    modulepath: tuple[str, ...] = ()
    manifest: str | None = None
    warnings: tuple[Problem, ...] = ()

    @classmethod
    def find(cls, tree: Tree, name: str) -> Environment:
        """Return the environment ``name`` of ``tree``. Raises ``DataError`` (``unknown-environment``)."""
        directory = ""
        if tree.is_dir("environments"):
            directory = f"environments/{name}"
            if "/" in name or name.startswith(".") or not tree.is_dir(directory):
                known = [item for item in tree.names("environments") if tree.is_dir(f"environments/{item}")]
                hint = did_you_mean(name, known) or f"the repository has: {', '.join(known) or 'none'}"
                raise DataError(Problem("unknown-environment", f"there is no environment '{name}'", hint=hint))
        return cls.at(tree, directory, name)

    @classmethod
    def at(cls, tree: Tree, directory: str, name: str, modulepath: Sequence[str] | None = None) -> Environment:
        """Return the environment in ``directory`` of ``tree``; a ``modulepath`` counts for that of its own settings."""
        shared = ("modules",) if directory.startswith("environments/") else ()
        conf = read_environment_conf(tree, directory, name, shared)
        places = conf.modulepath if modulepath is None else tuple(modulepath)
        modules: dict[str, str] = {}
        for place in places:
            for item in tree.names(place):
                if tree.is_dir(f"{place}/{item}"):
                    modules.setdefault(item, f"{place}/{item}")
        return cls(name, directory, modules, places, conf.manifest, conf.warnings)

    def path(self, relative: str) -> str:
        """Return ``relative`` below the environment's directory as a path of the tree."""
        return f"{self.directory}/{relative}" if self.directory else relative
