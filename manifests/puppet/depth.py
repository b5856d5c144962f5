"""How deeply a manifest may nest, and room on Python's stack for that."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MAX_DEPTH: Final = 1000
"""The deepest nesting of expressions; one more is an error of the manifest."""

_FRAMES: Final = 16
"""The most calls that one level of nesting takes."""


@contextmanager
def deep_stack() -> Iterator[None]:
    """Let Python recurse as deeply as the deepest tree needs."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, MAX_DEPTH * _FRAMES + before))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
