"""Files made of fragments: the ``content`` of each ``concat`` from the ``concat_fragment``s that aim at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from hiera.errors import Collector, Problem, did_you_mean
from hiera.values import Secret
from manifests.catalog import Ref
from manifests.draft import Entry

WHOLES = frozenset({"concat", "concat_file"})
"""The kinds whose content is joined: ours, and what the define of puppetlabs-concat stands for."""

Payload: TypeAlias = bytes | Secret | Callable[[], bytes]
"""Bytes of a content attribute: here, secret, or read when wanted."""


def assemble(
    entries: Mapping[Ref, Entry], payloads: Mapping[Ref, Payload], problems: Collector
) -> tuple[dict[Ref, Payload], list[tuple[Ref, Ref]]]:
    """Return the content of each concat, and the pairs (fragment, concat) that belong together.

    ``payloads`` has the content of the fragments. A fragment whose target is not there is reported.
    """
    wholes = [entry for entry in entries.values() if entry.ref.kind in WHOLES]
    fragments = [entry for entry in entries.values() if entry.ref.kind == "concat_fragment"]
    if not wholes and not fragments:
        return {}, []
    by_name: dict[str, Entry] = {}
    for whole in wholes:
        for name in (whole.ref.title, _text(whole, "path"), *whole.asked_tags):
            if name:
                by_name.setdefault(name, whole)
    parts: dict[Ref, list[Entry]] = {whole.ref: [] for whole in wholes}
    for fragment in fragments:
        target = _text(fragment, "target")
        found = by_name.get(target) if target else None
        if found is not None:
            parts[found.ref].append(fragment)
        elif target:
            _report(fragment, target, by_name, problems)
    contents = {whole.ref: _join(whole, parts[whole.ref], payloads) for whole in wholes if _present(whole)}
    return contents, [(part.ref, ref) for ref, group in parts.items() for part in group]


def _join(whole: Entry, parts: list[Entry], payloads: Mapping[Ref, Payload]) -> Payload:
    """Return the fragments ``parts`` of ``whole`` as one content; one secret makes all of it secret."""
    newline = _value(whole, "ensure_newline") is True
    numeric = _value(whole, "order") == "numeric"
    ordered = sorted(parts, key=_numeric if numeric else _alphabetical)
    pieces = [payloads[part.ref] for part in ordered if part.ref in payloads]
    first = next((piece for piece in pieces if isinstance(piece, Secret)), None)
    if first is None:
        return _glue(pieces, newline=newline)
    return Secret(reveal=lambda: _glue(pieces, newline=newline), origin=first.origin, location=first.location)


def _glue(pieces: list[Payload], *, newline: bool) -> bytes:
    """Return ``pieces`` one after the other."""
    return b"".join(_ended(_bytes(piece), newline=newline) for piece in pieces)


def _ended(data: bytes, *, newline: bool) -> bytes:
    """Return ``data`` with a newline at its end if ``newline`` asks for one."""
    return data + b"\n" if newline and not data.endswith(b"\n") else data


def _bytes(payload: Payload) -> bytes:
    """Return what ``payload`` stands for, in the clear."""
    if isinstance(payload, Secret):
        value = payload.reveal()
        return value if isinstance(value, bytes) else str(value).encode()
    return payload() if callable(payload) else payload


def _order(part: Entry) -> str:
    """Return the ``order`` of a fragment, '10' where none is given, as Puppet's concat."""
    value = _value(part, "order")
    return "10" if value is None else str(value)


def _alphabetical(part: Entry) -> str:
    """Return the key that sorts fragments as text, ties by title."""
    return f"{_order(part)}___{part.ref.title}"


def _numeric(part: Entry) -> tuple[bool, int, str, str]:
    """Return the key that sorts fragments by number, those without one behind, ties by title."""
    text = _order(part)
    return (not text.isdecimal(), int(text) if text.isdecimal() else 0, text, part.ref.title)


def _report(fragment: Entry, target: str, known: Mapping[str, Entry], problems: Collector) -> None:
    """Report that nothing is called ``target``."""
    words = f"{fragment.ref} is for '{target}', but there is no such concat"
    hint = did_you_mean(target, known) or f"declare concat[{target}]"
    problems.add(Problem("missing-concat", words, fragment.attributes["target"].location, hint))


def _present(whole: Entry) -> bool:
    """Say whether ``whole`` shall exist."""
    return _value(whole, "ensure") != "absent"


def _value(entry: Entry, name: str) -> object:
    """Return the value of an attribute, None if it is not given or secret."""
    given = entry.attributes.get(name)
    return None if given is None or isinstance(given.value, Secret) else given.value


def _text(entry: Entry, name: str) -> str | None:
    """Return the value of an attribute if it is text."""
    value = _value(entry, name)
    return value if isinstance(value, str) else None
