"""``kernel*``: the running kernel."""

from __future__ import annotations

import os
import re

from hiera.values import Value
from runner.facts.place import Place


def gather(place: Place) -> dict[str, Value]:  # noqa: ARG001  uname(2) is not a file
    """Return ``kernel``, ``kernelrelease``, ``kernelversion`` and ``kernelmajversion``."""
    kernel = os.uname()
    version = re.match(r"[0-9.]*[0-9]", kernel.release)
    full = version[0] if version else kernel.release
    return {
        "kernel": kernel.sysname,
        "kernelrelease": kernel.release,
        "kernelversion": full,
        "kernelmajversion": ".".join(full.split(".")[:2]),
    }
