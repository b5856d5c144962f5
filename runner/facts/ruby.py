"""Facts that modules of a control repository would bring as Ruby: named, because nothing here runs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from hiera.errors import Location, Problem
from hiera.tree import Tree
from manifests.puppet.ruby.scanner import Token, scan
from runner.facts import collection, legacy, modules

_MEANINGLESS: Final = frozenset((
    "pe_version", "pe_major_version", "pe_minor_version", "pe_patch_version", "puppet_vardir", "puppet_server",
    "puppet_environmentpath", "extlib__puppet_config", "docker_systemroot", "docker_program_files_path",
    "docker_program_data_path", "docker_user_temp_path", "archive_windir", "docker_worker_join_token",
    "docker_manager_join_token",
))  # fmt: skip
"""What only Puppet's own agent or Windows can tell."""


def unknown_facts(tree: Tree, module_directories: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a warning for each Ruby source of a module that brings facts nothing here tells."""
    for directory in module_directories.values():
        place = f"{directory}/lib/facter"
        for name in tree.names(place):
            if name.endswith(".rb"):
                problem = _problem(f"{place}/{name}", tree.read(f"{place}/{name}").decode("utf-8", "replace"))
                if problem is not None:
                    yield problem


def _problem(path: str, text: str) -> Problem | None:
    """Return the warning for one source, None if each of its facts is told."""
    missing = {name: offset for name, offset in added_facts(text).items() if not is_told(name)}
    if not missing:
        return None
    first = min(missing.values())
    place = Location(path, text.count("\n", 0, first) + 1, first - text.rfind("\n", 0, first))
    names = ", ".join(f"'{name}'" for name in missing)
    message = f"the fact{'s' if len(missing) > 1 else ''} {names} of this Ruby source will not be known"
    hint = "give it as an external fact (facts.d) if a manifest reads it"
    return Problem("ruby-fact", message, place, hint, severity="warning")


def added_facts(text: str) -> dict[str, int]:
    """Return the names that a Ruby source gives to ``Facter.add``, each with its offset; computed ones are ``...``."""
    tokens = [token for token in scan(text) if token.kind != "line"]
    found: dict[str, int] = {}
    for at in range(len(tokens) - 3):
        if [token.text for token in tokens[at : at + 3]] == ["Facter", ".", "add"]:
            found.setdefault(_name(tokens[at + 3 : at + 5]), tokens[at].offset)
    return found


def _name(tokens: list[Token]) -> str:
    first = tokens[1] if tokens[0].text == "(" and len(tokens) > 1 else tokens[0]
    return first.text if first.kind in ("symbol", "string") and first.text else "..."


def is_told(name: str) -> bool:
    """Say whether Freehold tells the fact ``name``, or nobody can who is not Puppet."""
    told = {item for names in collection.FAMILIES.values() for item in names}
    return name in told or name in legacy.PATHS or name in modules.known() or name in _MEANINGLESS
