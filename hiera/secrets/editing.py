"""The form of a file in which somebody edits its secrets, as hiera-eyaml's: ``DEC(1)::GPG[plaintext]!``.

A value that is left as it was keeps its ciphertext byte for byte, and so does one that cannot be opened here: it is
shown as the block that it is. ``DEC::GPG[plaintext]!`` makes a new secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from hiera.errors import Collector, DataError, Location, Problem
from hiera.secrets import Ciphertext, Refusal
from hiera.secrets.bound import freed
from hiera.secrets.spans import Span, block_of, key_above, replaced, spans_of

Open = Callable[[Sequence[Ciphertext]], Sequence[bytes | Refusal]]
"""Decrypts several ciphertexts."""

Encrypt = Callable[[str, bytes, str], Ciphertext]
"""Encrypts, for a top-level key, a plaintext by a scheme."""

END: Final = "]!"
_OPEN: Final = re.compile(r"DEC(?:\((\d+)\))?::([A-Z0-9]+)\[(.*?)\]!", re.DOTALL)
_LEFT: Final = re.compile(r"DEC(?:\(\d+\))?::")


class Edit:
    """One file on its way into an editor and back."""

    def __init__(self, text: str, path: str, open_: Open) -> None:
        """``text`` is the file ``path``."""
        self._text = text
        self._path = path
        self._spans = spans_of(text)
        answers = open_([span.ciphertext for span in self._spans])
        self._plain = [_shown(answer, span, path) for answer, span in zip(answers, self._spans, strict=True)]

    @property
    def sealed(self) -> int:
        """How many values cannot be shown."""
        return self._plain.count(None)

    def form(self) -> str:
        """Return the text with each value that can be opened in the clear."""

        def instead(number: int, span: Span) -> str | None:
            plain = self._plain[number - 1]
            return None if plain is None else f"DEC({number})::{span.ciphertext.scheme}[{plain}{END}"

        return replaced(self._text, self._spans, instead)

    def closed(self, edited: str, encrypt: Encrypt) -> str:
        """Return ``edited`` with every value encrypted again, untouched ones as they were.

        Raises ``DataError`` (``secret-form``, and what ``encrypt`` raises), so that no plaintext is ever written.
        """
        problems = Collector()
        pieces, at = [], 0
        for match in _OPEN.finditer(edited):
            pieces.append(edited[at : match.start()])
            try:
                pieces.append(self._block(match, edited, partial(encrypt, key_above("".join(pieces)))))
            except DataError as error:
                problems.take(error)
            at = match.end()
        pieces.append(edited[at:])
        for left in _LEFT.finditer("".join(pieces)):
            line = "".join(pieces).count("\n", 0, left.start()) + 1
            message = f"a value that begins with 'DEC' does not end with '{END}'"
            problems.add(Problem("secret-form", message, Location(self._path, line)))
        problems.check()
        return "".join(pieces)

    def _block(self, match: re.Match[str], edited: str, encrypt: Callable[[bytes, str], Ciphertext]) -> str:
        """Return the block for one value of the form. Raises ``DataError``."""
        number, scheme, plain = match[1], match[2], match[3]
        if number is None:
            return block_of(encrypt(plain.encode(), scheme))
        index = int(number) - 1
        if not 0 <= index < len(self._spans) or self._plain[index] is None:
            line = edited.count("\n", 0, match.start()) + 1
            hint = f"write a new value as DEC::{scheme}[...{END}"
            raise DataError.of(
                "secret-form", f"there is no value number {number}", Location(self._path, line), hint=hint
            )
        span = self._spans[index]
        before = self._text[span.start : span.end]
        if plain == self._plain[index] and scheme == span.ciphertext.scheme:
            return before  # a bound one that was carried to another key is refused there, as it should be
        return block_of(encrypt(plain.encode(), scheme), before)


def _shown(answer: bytes | Refusal, span: Span, path: str) -> str | None:
    """Return a plaintext as it can be edited, None for what cannot be."""
    if not isinstance(answer, Refusal):
        answer = freed(answer, span.ciphertext.scheme, path, span.key)
    if isinstance(answer, Refusal):
        return None
    try:
        text = answer.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if END in text or "\r" in text else text
