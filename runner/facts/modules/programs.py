"""Asking installed programs, within bounds."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Final

from runner.facts.place import Place

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/libexec"
DEADLINE: Final = 10.0
"""Seconds that a program may take."""


def which(place: Place, name: str) -> str | None:
    """Return the path of the program ``name``; None if it is missing, or if facts are told of another root."""
    return shutil.which(name, path=PATH) if place.root == "/" else None


def output(place: Place, *argv: str, seconds: float = DEADLINE) -> str | None:
    """Return what ``argv`` says on both its outputs, None if it is missing or does not end in time."""
    path = which(place, argv[0])
    if path is None:
        return None
    environment = {"PATH": PATH, "LC_ALL": "C", "HOME": os.environ.get("HOME", "/")}
    try:
        done = subprocess.run(
            [path, *argv[1:]],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        place.warnings.append(f"'{argv[0]}' did not answer within {seconds:g} seconds")
        return None
    except OSError as error:
        place.warnings.append(f"'{argv[0]}' cannot be started: {error.strerror}")
        return None
    return done.stdout[: 1 << 20].decode("utf-8", "replace")
