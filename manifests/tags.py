"""The tags of a resource, as Puppet gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from manifests.catalog import Ref

_VALID = re.compile(r"[0-9a-z_][0-9a-z_:.\-]*")


def is_tag(text: str) -> bool:
    """Say whether ``text`` may be a tag."""
    return _VALID.fullmatch(text.lower()) is not None


def own_tags(ref: Ref) -> list[str]:
    """Return the tags that ``ref`` brings along: its kind, its title if that is a tag, and the segments of both."""
    tags = [ref.kind]
    if "::" in ref.kind:
        tags += ref.kind.split("::")
    title = ref.title.lower()
    if is_tag(title):
        tags.append(title)
        if ref.kind == "class":
            tags += title.split("::")
    return tags


def merge_tags(*groups: Iterable[str]) -> tuple[str, ...]:
    """Return the tags of all ``groups``, each once, in the order first seen."""
    return tuple(dict.fromkeys(tag for group in groups for tag in group))
