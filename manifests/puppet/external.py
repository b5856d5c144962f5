"""Texts that claim a syntax: what heredocs may be checked for before they are used."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from hiera.errors import Collector
from manifests.puppet.source import Source


def mistake_in(text: str, syntax: str) -> str | None:
    """Return what is wrong with ``text`` as ``syntax`` (such as ``data+json``), or None; what is unknown is right."""
    parts = syntax.split("+")
    for first in range(len(parts)):
        check = _CHECKS.get("+".join(parts[first:]))
        if check is not None:
            return check(text)
    return None


def _json(text: str) -> str | None:
    import json  # noqa: PLC0415  hardly any manifest needs it

    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        return str(error).lower()
    return None


def _base64(text: str) -> str | None:
    import base64  # noqa: PLC0415  hardly any manifest needs it

    try:
        base64.b64decode(re.sub(r"[\r?\n \t]", "", text), validate=True)
    except ValueError as error:
        return str(error).lower()
    return None


def _puppet(text: str) -> str | None:
    return _manifest(text, epp=False)


def _template(text: str) -> str | None:
    return _manifest(text, epp=True)


def _manifest(text: str, *, epp: bool) -> str | None:
    from manifests.puppet.parser import parse  # noqa: PLC0415  the parser is not needed by those who only validate
    from manifests.puppet.validation import validate  # noqa: PLC0415  this module is part of validating

    collector, source = Collector(), Source(text, "")
    program = parse(source, collector, epp=epp)
    if program is not None:
        validate(program, source, collector)
    return collector.errors[0].message if collector.errors else None


_CHECKS: Final[dict[str, Callable[[str], str | None]]] = {
    "json": _json, "base64": _base64, "pp": _puppet, "epp": _template,
}  # fmt: skip
