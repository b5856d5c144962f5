"""The handbook's page of resource types, written from the types themselves: ``python -m runner.reference``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from manifests.spec import AttributeSpec, Role, TypeSpec
from runner.resources import Specifications

_HEAD = """\
# Resource types

<!-- Written by `python -m runner.reference > docs/types.md`; do not edit. -->

Every type with its attributes, their data types in Puppet's notation, and how exact its undo is: *exact* is byte for
byte with mode and owner, *state* means that what can be read is as before, *none* takes nothing back. The attributes in
**bold** are state: compared, recorded in the ledger and undone; the others only say how.
"""
_COMMON = """\
## Attributes of every type

| attribute | meaning |
|---|---|
| `require`, `before` | order: the other one comes first, or last |
| `subscribe`, `notify` | the same, and a change refreshes (a service restarts, a `refreshonly` exec runs) |
| `require?` and so on | the same, and nothing if the other one is not in the catalog |
| `when` | a bare expression; the resource exists if it is true |
| `for_each`, `as` | one resource for each entry of a list or mapping |
| `attributes` | a mapping spread into attributes; what is written out wins |
| `shared` | `true` on all declarations of one resource with equal attributes makes them one |
| `tag` | words that `--tags` selects by |
| `noop` | `true`: only say what would change |
| `prune` | when it leaves: `restore` (to the baseline, the default), `first` (so, before all else), `keep` (stay) |
"""
_UNDO = {"exact": "exact", "state": "by state", "none": "none"}


def page() -> str:
    """Return the whole page as Markdown."""
    types = Specifications()
    names = sorted(types)
    index = ", ".join(f"[{name}](#{name})" for name in names)
    return "\n".join([_HEAD, index + "\n", _COMMON, *(_section(types[name]) for name in names)])


def _section(spec: TypeSpec) -> str:
    """Return the section of one type."""
    facts = f"Title stands for `{spec.namevar}`. Undo: {_UNDO[spec.undo]}."
    rows = "\n".join(_rows(spec))
    table = f"\n| attribute | type | default | meaning |\n|---|---|---|---|\n{rows}\n" if rows else ""
    return f"## {spec.kind}\n\n{spec.doc}\n\n{facts}\n{table}"


def _rows(spec: TypeSpec) -> Iterator[str]:
    """Yield the row of each attribute, state first, then the others, in the order of the type."""
    for item in sorted(spec.attributes.values(), key=lambda item: not item.compared):
        name = f"**`{item.name}`**" if item.compared else f"`{item.name}`"
        default = "required" if item.required else _default(item)
        yield f"| {name} | `{_cell(item.type)}` | {default} | {_cell(item.doc)}{_note(item)} |"


def _default(item: AttributeSpec) -> str:
    if item.default is None:
        return ""
    text = str(item.default).lower() if isinstance(item.default, bool) else str(item.default)
    return f"`{text}`"


def _note(item: AttributeSpec) -> str:
    if item.sensitive or item.role in {Role.CONTENT, Role.TEMPLATE}:
        return " (may hold a secret)"
    return ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.write(page())
