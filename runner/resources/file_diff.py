"""What changed in a file, for people: a unified diff, bounded."""

from __future__ import annotations

import itertools
from typing import Final

SIZE_LIMIT: Final = 256 * 1024  # bytes of either side
LINE_LIMIT: Final = 500
_SNIFFED: Final = 8000  # bytes looked at for a NUL, as git does


def unified(path: str, before: bytes | None, after: bytes | None) -> str | None:
    """Return the unified diff of the two contents of ``path`` (None: there is no file), or None if they are equal."""
    if before == after:
        return None
    old = "/dev/null" if before is None else f"a{path}"
    new = "/dev/null" if after is None else f"b{path}"
    if any(side is not None and b"\0" in side[:_SNIFFED] for side in (before, after)):
        return f"Binary files {old} and {new} differ"
    if any(side is not None and len(side) > SIZE_LIMIT for side in (before, after)):
        return f"Files {old} and {new} differ, too large to show"
    import difflib  # noqa: PLC0415  only a change that is shown pays for it

    rows = difflib.unified_diff(_lines(before), _lines(after), old, new, lineterm="")
    shown = list(itertools.islice(rows, LINE_LIMIT + 1))
    if len(shown) > LINE_LIMIT:
        shown[LINE_LIMIT:] = [f"... cut after {LINE_LIMIT} lines"]
    return "\n".join(shown) or None


def _lines(data: bytes | None) -> list[str]:
    """Return the lines; a last one without a line end carries diff's remark."""
    lines = (data or b"").decode(errors="replace").split("\n")
    if lines[-1]:
        lines[-1] += "\n\\ No newline at end of file"
    else:
        lines.pop()
    return lines
