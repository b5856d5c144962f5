"""What stands in the place of secrets where nothing is decrypted: ``compile --sealed``.

A placeholder is a text that says which ciphertext it stands for. Where it meets a data type, any text would do: whether
the secret is a good one cannot be told without it. What is known of a value without its key is kept: the type that sops
writes beside it, and the one that ``convert_to`` makes of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from hiera.values import Value

if TYPE_CHECKING:
    from hiera.types import Type

_TEXT: Final = re.compile(r"\[sealed:[0-9a-f]{16}\]")
_SAMPLES: Final[dict[str, Value]] = {"int": 0, "float": 0.0, "bool": True}


class PlaceholderDecryptor:
    """Opens nothing, and says of each ciphertext what stands for it."""

    def decrypt(self, ciphertexts: Sequence[bytes]) -> Sequence[bytes]:
        """See :class:`hiera.secrets.Decryptor`."""
        return [placeholder(ciphertext).encode() for ciphertext in ciphertexts]


def placeholder(ciphertext: bytes) -> str:
    """Return the text that stands for the plaintext of ``ciphertext``."""
    return f"[sealed:{hashlib.sha256(ciphertext).hexdigest()[:16]}]"


def is_placeholder(value: Value) -> bool:
    """Say whether ``value`` is a text with a placeholder in it."""
    return isinstance(value, str) and "[sealed:" in value and _TEXT.search(value) is not None


def of_sops(ciphertext: str) -> Value:
    """Return what stands for a value of a sops file, by the type that is written beside it."""
    kind = re.search(r",type:(\w+)\]\Z", ciphertext)
    return _SAMPLES.get(kind[1] if kind else "", placeholder(ciphertext.encode()))


def could_be(kind: Type) -> bool:
    """Say whether some text is of the type ``kind``, so that a placeholder may stand for one."""
    from hiera.types.scalars import EnumType, PatternType, StringType  # noqa: PLC0415  only placeholders ask

    kind = kind.resolved()
    parts = kind.spread()
    if parts is not None and not isinstance(kind, EnumType | PatternType | StringType):
        return any(could_be(part) for part in parts)
    return isinstance(kind, EnumType | PatternType | StringType) or kind.check("") is None


def stands_for(kind: Type, value: Value) -> bool:
    """Say whether ``value`` is a placeholder, wrapped or not, for what may well be of the type ``kind``."""
    from hiera.types.data import Sensitive  # noqa: PLC0415  only placeholders ask
    from hiera.types.wrappers import SensitiveType  # noqa: PLC0415  as above

    kind = kind.resolved()
    if isinstance(value, Sensitive):
        parts = kind.spread() or (kind,)
        return any(isinstance(part, SensitiveType) and stands_for(part.inner, value.value) for part in parts)
    return is_placeholder(value) and could_be(kind)


def converted(kind: Type, value: str) -> Value:
    """Return what stands for the value that a placeholder would be as ``kind``."""
    from hiera.types.containers import ArrayType, HashType  # noqa: PLC0415  only placeholders ask
    from hiera.types.data import Sensitive  # noqa: PLC0415  as above
    from hiera.types.scalars import BooleanType, FloatType, IntegerType  # noqa: PLC0415  as above
    from hiera.types.wrappers import SensitiveType  # noqa: PLC0415  as above

    kind = kind.resolved()
    parts = kind.spread()
    if parts is not None and not could_be(kind):
        found = (converted(part, value) for part in parts)
        return next((item for item in found if item is not None and kind.check(item) is None), value)
    if isinstance(kind, SensitiveType):
        return Sensitive(converted(kind.inner, value))
    if isinstance(kind, IntegerType | FloatType):
        number = kind.low if kind.low is not None else kind.high if kind.high is not None else 0
        return number if isinstance(kind, IntegerType) else float(number)
    if isinstance(kind, BooleanType):
        return True
    if isinstance(kind, ArrayType):
        return [value]
    return {} if isinstance(kind, HashType) else value
