"""The filters that expressions and templates have besides the functions of the shared table."""

from __future__ import annotations

import functools
import html
import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from manifests.yaml_jinja.bounds import LimitError, check_size, formatted, joined, replaced
from manifests.yaml_jinja.taint import Guarded, Taint

_HARMLESS: Final = (
    "abs", "batch", "capitalize", "count", "d", "default", "dictsort", "filesizeformat", "first", "float", "groupby",
    "int", "items", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "round",
    "select", "selectattr", "slice", "sort", "sum", "title", "trim", "truncate", "unique", "upper", "urlencode",
    "wordcount",
)  # fmt: skip

_LOOKS_NOT_INSIDE: Final = frozenset(
    {"batch", "count", "d", "default", "first", "items", "last", "length", "list", "map", "reject", "rejectattr",
     "select", "selectattr", "slice"}
)  # fmt: skip
"""Filters that open a secret of a container only if they give it on."""


class NullInTextError(Exception):
    """A null, a list or a mapping stood where text was wanted."""


def text(value: Any) -> str:
    """Return ``value`` as it stands in text. Raises ``NullInTextError`` for what has no obvious form there."""
    if value.__class__ is str:
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if value is None:
        raise NullInTextError("null cannot stand in text", "give a default: {{ value | default('') }}")
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str):
        word = "mapping" if isinstance(value, Mapping) else "list"
        raise NullInTextError(f"a {word} cannot stand in text", "say how: {{ value | join(', ') }} or | tojson")
    printed = str(value)
    if callable(value):
        raise NullInTextError("a function cannot stand in text", "call it with ( )")
    return printed


def texts_joined(values: Any) -> str:
    """Return ``values`` as texts one after the other: the operator ``~``."""
    return joined(map(text, values))


def join(values: Any, separator: str = "", attribute: str | None = None) -> str:
    """Return the texts of ``values`` with ``separator`` between them."""
    if isinstance(values, str):
        raise TypeError("join needs a list, not a text")
    picked = values if attribute is None else [item[attribute] for item in values]
    pieces = [text(item) for item in picked]
    check_size(sum(map(len, pieces)) + len(separator) * max(0, len(pieces) - 1))
    return separator.join(pieces)


def tojson(value: Any, indent: int | None = None) -> str:
    """Return ``value`` as JSON, keys in their order."""
    if indent is not None and indent > 64:
        raise LimitError("an indent is at most 64")
    return joined([json.dumps(value, indent=indent, ensure_ascii=False, default=_plain)])


def _plain(value: Any) -> Any:
    """Return what JSON can hold for a value of another kind."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) or hasattr(value, "__next__"):
        return list(value)
    return str(value)


def quote(value: Any) -> str:
    """Return ``value`` quoted for the shell; a list is quoted word by word."""
    if isinstance(value, list | tuple):
        return " ".join(shlex.quote(text(item)) for item in value)
    return shlex.quote(text(value))


def indent(value: str, width: int | str = 4, first: bool = False, blank: bool = False) -> str:  # noqa: FBT001, FBT002  Jinja's own signature
    """Return ``value`` with its lines but the first indented by ``width``."""
    if isinstance(width, int) and width > 1000:
        raise LimitError("an indent is at most 1000")
    lead = " " * width if isinstance(width, int) else width
    check_size(len(value) + value.count("\n") * len(lead))
    lines = value.splitlines(keepends=True)
    return "".join(
        lead + line if (number or first) and (blank or line.strip()) else line for number, line in enumerate(lines)
    )


def center(value: str, width: int = 80) -> str:
    """Return ``value`` in the middle of ``width`` columns."""
    if width > 10_000:
        raise LimitError("a width is at most 10000")
    return text(value).center(width)


def wordwrap(value: str, width: int = 79) -> str:
    """Return ``value`` with its lines broken at ``width`` columns."""
    import textwrap  # noqa: PLC0415  hardly any template wraps

    if len(value) > 1 << 16:
        raise LimitError("wordwrap takes at most 64 KiB")
    return "\n".join("\n".join(textwrap.wrap(line, width)) for line in value.splitlines())


def table(taint: Taint) -> dict[str, Callable[..., Any]]:
    """Return the filters by name, fit for values with secrets in them."""
    from jinja2.filters import FILTERS  # noqa: PLC0415  loaded with the first expression

    filters: dict[str, Callable[..., Any]] = {
        name: _guarding(FILTERS[name], taint, lazily=name in _LOOKS_NOT_INSIDE) for name in _HARMLESS
    }
    own: dict[str, Callable[..., Any]] = {
        "join": join,
        "tojson": tojson,
        "to_json": tojson,
        "quote": quote,
        "string": text,
        "format": lambda pattern, *values, **named: formatted(pattern, named or values),
        "replace": replaced,
        "indent": indent,
        "center": center,
        "wordwrap": wordwrap,
        "escape": lambda value: html.escape(text(value)),
    }
    own["e"] = own["escape"]
    return filters | {name: _guarding(function, taint, lazily=False) for name, function in own.items()}


def _guarding(function: Callable[..., Any], taint: Taint, *, lazily: bool) -> Callable[..., Any]:
    """Return ``function`` for arguments that may be guarded containers."""
    if lazily:
        return function

    @functools.wraps(function)
    def opened(*arguments: Any, **named: Any) -> Any:
        if any(isinstance(item, Guarded | list | dict) for item in arguments):
            arguments = tuple(_opened(item, taint) for item in arguments)
        return function(*arguments, **named)

    return opened


def _opened(item: Any, taint: Taint) -> Any:
    """Return an argument in the clear."""
    if isinstance(item, Guarded):
        return taint.open_deep(item)
    if isinstance(item, list):
        return [_opened(inner, taint) for inner in item] if any(isinstance(x, Guarded) for x in item) else item
    if isinstance(item, dict) and any(isinstance(inner, Guarded) for inner in item.values()):
        return {key: _opened(inner, taint) for key, inner in item.items()}
    return item
