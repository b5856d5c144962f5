"""Changes to the text of data files that leave everything else in them as it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from hiera.errors import DataError, Location
from hiera.secrets import GPG, Ciphertext, Refusal
from hiera.secrets.openpgp import recipients_of
from hiera.secrets.spans import Span, block_of, replaced, spans_of
from hiera.values import Value
from hiera.yaml import nodes
from hiera.yaml.compose import compose
from hiera.yaml.data import read

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][\w:.-]*\w|[A-Za-z_]")


def with_value(text: str, path: str, key: str, block: str) -> str:
    """Return the YAML ``text`` with ``block`` as the value of the top-level ``key``, added at the end if it is new.

    Raises ``DataError`` (``secret-place``) if the file is of a shape in which that cannot be done safely.
    """
    root = compose(text.encode(), path).root
    if root is not None and (not isinstance(root, nodes.Mapping) or root.flow):
        message = "a value can only be put into YAML whose top is a mapping with one key to a line"
        raise DataError.of("secret-place", message, root.location, hint="use `freehold secret edit`")
    entries = root.entries if isinstance(root, nodes.Mapping) else ()
    row = f"{key if _PLAIN_KEY.fullmatch(key) else json.dumps(key)}: {block}\n"
    lines = text.splitlines(keepends=True)
    numbers = sorted(item.location.line for item, _ in entries)
    found = next((item.location.line for item, _ in entries if item.text == key), None)
    if found is None:
        new = _ended(text) + row
    else:
        after = next((number for number in numbers if number > found), len(lines) + 1)
        new = "".join([*lines[: found - 1], row, *lines[_end_of(lines, found, after) :]])
    _check(text, new, path, key, block)
    return new


def _ended(text: str) -> str:
    """Return ``text`` with a line end at its end."""
    return text if not text or text.endswith("\n") else f"{text}\n"


def _end_of(lines: Sequence[str], start: int, after: int) -> int:
    """Return how many lines there are up to the end of the entry on line ``start``, what follows being on ``after``.

    Blank lines, comments at the margin and marks of documents behind the entry belong to what comes next.
    """
    end = after - 1
    while end > start and re.match(r"\s*$|#|---|\.\.\.", lines[end - 1]):
        end -= 1
    return end


def _check(before: str, after: str, path: str, key: str, block: str) -> None:
    """Raise ``DataError`` (``secret-place``) unless ``key`` has changed, to ``block``, and nothing else has."""
    was, now = (_plain(text, path) for text in (before, after))
    was.pop(key, None)
    if now.pop(key, None) != block or now != was:
        message = f"'{key}' cannot be put into '{path}' without changing something else"
        raise DataError.of("secret-place", message, Location(path), hint="use `freehold secret edit`")


def _plain(text: str, path: str) -> dict[str, Value]:
    """Return the data of ``text`` with ciphertexts as they stand."""
    value = read(text.encode(), path, lambda _: None)
    return dict(value) if isinstance(value, dict) else {}


class Rekeyed(msgspec.Struct, frozen=True):
    """A file after ``rekey``: its text, which of its values are new, and which should be but cannot be opened here."""

    text: str
    changed: tuple[Span, ...] = ()
    closed: tuple[Span, ...] = ()


def rekeyed(
    text: str,
    wanted: Callable[[Ciphertext], bool],
    open_: Callable[[Sequence[Ciphertext]], Sequence[bytes | Refusal]],
    encrypt: Callable[[bytes], Ciphertext],
) -> Rekeyed:
    """Return ``text`` with each value for which ``wanted`` is true encrypted anew; what stays closed stays."""
    spans = spans_of(text)
    stale = [span for span in spans if wanted(span.ciphertext)]
    answers = dict(zip((span.start for span in stale), open_([span.ciphertext for span in stale]), strict=True))
    closed = tuple(span for span in stale if isinstance(answers[span.start], Refusal))

    def instead(_: int, span: Span) -> str | None:
        plain = answers.get(span.start)
        if plain is None or isinstance(plain, Refusal):
            return None
        return block_of(encrypt(plain), text[span.start : span.end])

    changed = tuple(span for span in stale if span not in closed)
    return Rekeyed(replaced(text, spans, instead), changed, closed)


def readers(ciphertext: Ciphertext) -> tuple[str, ...] | None:
    """Return the ids of the keys that open ``ciphertext``, None where it does not say."""
    return recipients_of(ciphertext.data) if ciphertext.scheme == GPG else None
