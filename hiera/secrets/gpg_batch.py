"""Many OpenPGP messages for one gpg, since most of what opening one costs is to start it.

The ciphertexts lie in a directory of our own. Beside each stands, by the name that gpg gives its output, a symbolic
link to a file in memory that has no name itself: no plaintext is ever in a file system.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

FEWEST: Final = 4
"""From how many messages on one gpg is faster than one for each."""

MOST: Final = 64
"""How many one gpg opens: each needs a descriptor, of which a process may have 1024."""


def chunks(ciphertexts: Sequence[bytes], workers: int) -> list[Sequence[bytes]]:
    """Return ``ciphertexts`` in pieces, at least one for each worker."""
    size = max(1, min(MOST, -(-len(ciphertexts) // workers)))
    return [ciphertexts[at : at + size] for at in range(0, len(ciphertexts), size)]


@contextmanager
def laid_out(ciphertexts: Sequence[bytes]) -> Iterator[tuple[list[str], list[int]]]:
    """Give the paths of the messages, and the descriptors of their plaintexts. Raises ``OSError``."""
    with tempfile.TemporaryDirectory(prefix="fh-") as room, ExitStack() as stack:
        paths, outputs = [], []
        for number, ciphertext in enumerate(ciphertexts):
            outputs.append(os.memfd_create("plaintext"))
            stack.callback(os.close, outputs[-1])
            plain = os.path.join(room, str(number))
            os.symlink(f"/proc/self/fd/{outputs[-1]}", plain)
            paths.append(f"{plain}.gpg")
            with open(paths[-1], "wb") as stream:
                stream.write(ciphertext)
        yield paths, outputs


def by_message(lines: list[list[str]]) -> list[list[list[str]]]:
    """Return gpg's status lines message by message, of those only that it saw to the end."""
    found: list[list[list[str]]] = []
    block: list[list[str]] = []
    for line in lines:
        if line[0] == "FILE_START":
            block = []
        elif line[0] == "FILE_DONE":
            found.append(block)
        else:
            block.append(line)
    return found


def content(descriptor: int) -> bytes:
    """Return all that a file in memory holds."""
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)
