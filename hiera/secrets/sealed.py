"""A secret that is still encrypted, and knows by which ciphertexts, so that many can be opened at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from hiera.errors import Location
from hiera.secrets import Ciphertext
from hiera.values import Secret, Value


class Sealed(Secret):
    """A secret over one or more ciphertexts that are decrypted at the first ``reveal``."""

    __slots__ = ("ciphertexts",)

    def __init__(
        self, reveal: Callable[[], Value], ciphertexts: tuple[Ciphertext, ...], origin: str, location: Location | None
    ) -> None:
        super().__init__(reveal=reveal, origin=origin, location=location)
        self.ciphertexts = ciphertexts

    def map(self, function: Callable[[Value], Value]) -> Secret:
        """Return the secret that ``function`` makes of this one; it stays sealed by the same ciphertexts."""
        return Sealed(lambda: function(self.reveal()), self.ciphertexts, self.origin, self.location)


def derived(sources: Sequence[Secret], reveal: Callable[[], Value]) -> Secret:
    """Return the secret that ``reveal`` makes of ``sources``; it comes from where the first of them does."""
    first = sources[0]
    ciphertexts = tuple(text for source in sources if isinstance(source, Sealed) for text in source.ciphertexts)
    if ciphertexts:
        return Sealed(reveal, ciphertexts, first.origin, first.location)
    return Secret(reveal=reveal, origin=first.origin, location=first.location)


def secrets_in(value: Value) -> Iterator[Secret]:
    """Yield each secret that ``value`` is or holds, without opening any."""
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from secrets_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from secrets_in(item)
