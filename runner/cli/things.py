"""How a thing is named on the command line: ``type[title]``, ``type title``, or a title alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from hiera.errors import UsageError

_REFERENCE: Final = re.compile(r"([A-Za-z][A-Za-z0-9_:]*)\[(.+)\]", re.DOTALL)


def parse_thing(words: Sequence[str]) -> tuple[str | None, str]:
    """Return the kind (None: any) and the name or title that ``words`` say. Raises ``UsageError`` (``bad-thing``)."""
    if len(words) == 1:
        found = _REFERENCE.fullmatch(words[0])
        if found:
            return found[1].lower(), found[2].strip("'\"")
        if words[0]:
            return None, words[0]
    if len(words) == 2 and re.fullmatch(r"[A-Za-z][A-Za-z0-9_:]*", words[0]) and words[1]:
        return words[0].lower(), words[1]
    raise UsageError.of(
        "bad-thing", "this names no thing", hint="say `service nginx`, `/etc/motd` or `'service[nginx]'` (quoted)"
    )
