"""External facts: ``facts.d`` directories of ``.yaml``, ``.json``, ``.txt`` files and of executables.

A fact file that is wrong never fails a run: it is left out, with a warning that names it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import stat
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from hiera.values import Value

DEADLINE: Final = 10.0
"""Seconds that one executable may take."""

LIMIT: Final = 1 << 20
"""Bytes that one file or executable may give."""

ENVIRONMENT: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
}


class _UnusableError(Exception):
    """A fact file that is left out, and why."""


def gather(directories: Sequence[str], warnings: list[str], *, run: bool = True) -> dict[str, Value]:
    """Return the external facts of ``directories``; of two that give a name, the later one counts.

    Executables run at the same time, or with ``run`` false not at all. What had to be left out is added to
    ``warnings``.
    """
    paths = [path for directory in directories for path in _files(directory, warnings)]
    facts: dict[str, Value] = {}
    if not paths:
        return facts
    with ThreadPoolExecutor(max_workers=min(8, len(paths))) as pool:
        for path, answer in zip(paths, pool.map(lambda path: _answer(path, run=run), paths), strict=True):
            if isinstance(answer, str):
                warnings.append(f"external fact file '{path}' is left out: {answer}")
            else:
                facts |= answer
    return facts


def _files(directory: str, warnings: list[str]) -> list[str]:
    """Return the files of a directory in order of their names; hidden ones and backups are not looked at."""
    try:
        names = sorted(os.listdir(directory))
    except OSError as reason:
        warnings.append(f"external facts in '{directory}' are left out: {reason.strerror}")
        return []
    paths = [os.path.join(directory, name) for name in names if not name.startswith(".") and not name.endswith("~")]
    return [path for path in paths if os.path.isfile(path)]


def _answer(path: str, *, run: bool) -> dict[str, Value] | str:
    """Return the facts of one file, or in words why there are none."""
    try:
        facts = _read(path, run=run)
    except _UnusableError as reason:
        return str(reason)
    except OSError as reason:
        return reason.strerror or type(reason).__name__
    return {str(key): value for key, value in facts.items()}


def _read(path: str, *, run: bool) -> Mapping[Value, Value]:
    """Return the facts of one file. Raises ``_UnusableError`` and ``OSError``."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in _PARSERS:
        if not os.access(path, os.X_OK):
            raise _UnusableError("neither .yaml, .json, .txt nor executable")
        if not run:
            raise _UnusableError("a program would tell of this machine and not of the image")
        return parse(_run(path))
    with open(path, "rb") as file:
        data = file.read(LIMIT + 1)
    return _PARSERS[suffix](_decoded(data))


def _decoded(data: bytes) -> str:
    """Return the text of what a file or an executable gave."""
    if len(data) > LIMIT:
        raise _UnusableError("it gives more than 1 MiB")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _UnusableError("it is not UTF-8 text") from None


def parse(text: str) -> Mapping[Value, Value]:
    """Return the facts in what an executable printed: JSON, ``key=value`` lines or YAML."""
    if text.lstrip().startswith("{"):
        return _json(text)
    if all(re.match(r"[^\s=:]+\s*=", line) for line in text.splitlines() if line.strip()):
        return _lines(text)
    return _yaml(text)


def _json(text: str) -> Mapping[Value, Value]:
    """Return the facts in JSON text."""
    try:
        return _mapping(json.loads(text))
    except (ValueError, RecursionError) as reason:
        raise _UnusableError(f"it is not JSON: {reason}") from None


def _yaml(text: str) -> Mapping[Value, Value]:
    """Return the facts in YAML text. Aliases are refused: they can grow without bound."""
    import yaml  # noqa: PLC0415  only machines with such files pay for it

    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.CSafeLoader)):
            raise _UnusableError("aliases are not allowed in it")
        return _mapping(yaml.load(text, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as reason:
        raise _UnusableError(f"it is not YAML: {str(reason).splitlines()[0]}") from None


def _mapping(value: Value) -> Mapping[Value, Value]:
    """Return ``value`` if it is a mapping of facts; nothing at all is no facts."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _UnusableError("it does not give a mapping of facts")
    return value


def _lines(text: str) -> Mapping[Value, Value]:
    """Return the facts in ``key=value`` lines; values are text, lines without ``=`` are passed over."""
    pairs = (line.partition("=") for line in text.splitlines())
    return {key.strip(): value.strip() for key, equals, value in pairs if equals and key.strip()}


_PARSERS: Final = {".yaml": _yaml, ".yml": _yaml, ".json": _json, ".txt": _lines}


def _run(path: str) -> str:
    """Return what the executable prints. Raises ``_UnusableError`` for a failure or when its time is up."""
    if os.geteuid() == 0:
        _check_owner(path)
    pipe = subprocess.PIPE
    env = ENVIRONMENT | {"HOME": os.path.expanduser("~")}
    process = subprocess.Popen(
        [path], stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, cwd="/", env=env, start_new_session=True
    )
    try:
        output, errors = process.communicate(timeout=DEADLINE)
    except subprocess.TimeoutExpired:
        raise _UnusableError(f"it took longer than {DEADLINE:g} s") from None
    finally:
        _end(process)
    if process.returncode:
        last = (errors.decode(errors="replace").strip().splitlines() or [""])[-1]
        raise _UnusableError(f"exit status {process.returncode}{': ' if last else ''}{last[:200]}")
    return _decoded(output)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole process group, what the executable left running included, and close our ends."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _check_owner(path: str) -> None:
    """Refuse to run as root what somebody else could have written. Raises ``_UnusableError``."""
    for place in (os.path.realpath(path), os.path.dirname(os.path.realpath(path))):
        found = os.stat(place)
        if found.st_uid != 0:
            raise _UnusableError(f"'{place}' does not belong to root")
        if found.st_mode & stat.S_IWOTH:
            raise _UnusableError(f"'{place}' is writable by everybody")
