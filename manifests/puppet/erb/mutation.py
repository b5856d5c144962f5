"""What changes a text in Ruby: here it makes a new one, which is put where the old one stood.

Each takes the rendering, the block, the text and the arguments, and gives the new text and what the call answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from manifests.puppet.erb.objects import Failure, Value

if TYPE_CHECKING:
    from manifests.puppet.erb.objects import Proc
    from manifests.puppet.erb.running import Run

Change = Callable[..., tuple[str, Value]]
CHAINS: Final = frozenset(("<<", "concat", "prepend", "insert", "replace", "force_encoding"))
"""The changes that answer the text itself, so that a second one may follow."""


def _banged(name: str) -> Change:
    """Return the change that ``name!`` makes; it answers nil if there was nothing to change."""

    def change(run: Run, block: Proc | None, text: str, *arguments: Value) -> tuple[str, Value]:
        from manifests.puppet.erb.running import send  # noqa: PLC0415  the tables of methods are made of this one

        new = send(run, text, name, list(arguments), block)
        return (text, None) if new == text else (new, new)

    return change


def _same(name: str) -> Change:
    """Return the change that the method ``name`` makes; it answers the new text."""

    def change(run: Run, block: Proc | None, text: str, *arguments: Value) -> tuple[str, Value]:
        from manifests.puppet.erb.running import send  # noqa: PLC0415  the tables of methods are made of this one

        new = send(run, text, name, list(arguments), block)
        return new, new

    return change


def _append(run: Run, block: Proc | None, text: str, other: Value) -> tuple[str, Value]:
    if isinstance(other, int) and not isinstance(other, bool):
        other = chr(other)
    if not isinstance(other, str):
        kind = "nil" if other is None else other.__class__.__name__
        raise Failure("TypeError", f"no implicit conversion of {kind} into String")
    new = text + other
    return new, new


def _clear(run: Run, block: Proc | None, text: str) -> tuple[str, Value]:
    return "", ""


def _slice(run: Run, block: Proc | None, text: str, *keys: Value) -> tuple[str, Value]:
    from manifests.puppet.erb.running import send  # noqa: PLC0415  the tables of methods are made of this one

    taken = send(run, text, "[]", list(keys), block)
    return (text, None) if taken is None else (send(run, text, "[]=", [*keys, ""], None), taken)


_BANGED = (
    "upcase",
    "downcase",
    "capitalize",
    "swapcase",
    "strip",
    "lstrip",
    "rstrip",
    "chomp",
    "chop",
    "gsub",
    "sub",
    "tr",
    "tr_s",
    "delete",
    "squeeze",
    "reverse",
    "succ",
    "next",
    "delete_prefix",
    "delete_suffix",
    "encode",
    "scrub",
)
TEXT_CHANGES: Final[dict[str, Any]] = {
    **{f"{name}!": _banged(name) for name in _BANGED},
    "reverse!": _same("reverse"),
    "<<": _append,
    "clear": _clear,
    "concat": _same("concat"),
    "prepend": _same("prepend"),
    "insert": _same("insert"),
    "replace": _same("replace"),
    "slice!": _slice,
}
