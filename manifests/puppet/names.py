"""Names of types and classes: how they are compared, and how they are printed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_REFERENCE: Final = re.compile(r"([^\[\]]+)\[(.+)\]", re.DOTALL)


def plain_name(name: str) -> str:
    """Return ``name`` as tables keep it: lower case, without the colons of the top scope."""
    return name.removeprefix("::").lower()


@lru_cache(maxsize=8192)
def capitalized(name: str) -> str:
    """Return ``name`` with every segment capitalized: ``apache::vhost`` -> ``Apache::Vhost``."""
    return "::".join(part[:1].upper() + part[1:] for part in name.split("::"))


def type_and_title(text: str) -> tuple[str, str] | None:
    """Return the two parts of ``File[/x]`` as they are written, None if ``text`` is no reference."""
    found = _REFERENCE.fullmatch(text)
    return (found[1], found[2]) if found else None
