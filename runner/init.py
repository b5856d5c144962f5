"""A node's first configuration, and a control repository to start from."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from hiera.errors import Location, UsageError

SKELETON: Final = Path(__file__).with_name("skeleton")
_PLAIN: Final = re.compile(r"[a-z][A-Za-z0-9_-]*|/[A-Za-z0-9_./-]+|[a-z]+://[A-Za-z0-9_./@-]+")
_WORDS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_HEAD: Final = "# The configuration of this Freehold node; `freehold status` shows where it stands. Keep it 0600.\n"


def text(settings: Mapping[str, Any]) -> str:
    """Return the configuration file that says ``settings``; None is left out."""
    return _HEAD + "".join(_row(key, value, "") for key, value in settings.items() if value not in (None, {}))


def _row(key: str, value: Any, indent: str) -> str:
    if isinstance(value, Mapping):
        rows = "".join(_row(name, item, indent + "  ") for name, item in value.items() if item is not None)
        return f"{indent}{key}:\n{rows}"
    return f"{indent}{key}: {_scalar(value)}\n"


def _scalar(value: Any) -> str:
    said = str(value)
    return said if _PLAIN.fullmatch(said) and said.lower() not in _WORDS else msgspec.json.encode(said).decode()


def check(path: str, content: str, *, replace: bool) -> bool:
    """Return whether ``content`` is another than what stands in ``path``.

    Raises ``UsageError``: ``config-exists`` if another configuration stands there and ``replace`` is not given,
    ``config-unwritable``.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            there = stream.read()
    except FileNotFoundError:
        return True
    except OSError as error:
        raise _unwritable(path, error) from None
    if there != content and not replace and _says_something(there):
        message = "another configuration is there already"
        raise UsageError.of("config-exists", message, Location(path), hint="edit it, or replace it with --force")
    return there != content


def write(path: str, content: str, *, replace: bool) -> bool:
    """Put ``content`` into the 0600 file ``path``, whole or not at all; return whether anything changed.

    Raises ``UsageError`` as :func:`check` does.
    """
    if not check(path, content, replace=replace):
        return False
    try:
        _replace(path, content)
    except OSError as error:
        raise _unwritable(path, error) from None
    return True


def _says_something(content: str) -> bool:
    """Say whether a configuration sets anything: the one a package brings is all comments."""
    return any(row.strip() and not row.lstrip().startswith("#") for row in content.splitlines())


def _replace(path: str, content: str) -> None:
    os.makedirs(os.path.dirname(path) or ".", mode=0o755, exist_ok=True)
    temporary = f"{path}.{os.getpid()}.new"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _unwritable(path: str, error: OSError) -> UsageError:
    message = f"cannot write the configuration: {error.strerror}"
    return UsageError(
        *UsageError.of("config-unwritable", message, Location(path), hint="be root, or --config FILE").problems
    )


def introduction(settings: Any) -> tuple[str, str, str]:
    """Return the newest commit of the remote, the fingerprint that signed it and who that is, for a person to confirm.

    The signer must be listed by that commit's own policy. Raises ``FreeholdError``.
    """
    import tempfile  # noqa: PLC0415  only the first contact asks

    from runner.source.address import Credentials  # noqa: PLC0415  likewise
    from runner.source.mirror import Mirror  # noqa: PLC0415  likewise

    with tempfile.TemporaryDirectory(prefix="freehold-init-") as place:
        credentials = msgspec.convert(dict(settings.credentials), Credentials)
        mirror = Mirror(place, settings.repo, settings.branch, credentials, settings.fetch_timeout)
        mirror.init()
        tip = mirror.fetch()
        fingerprint, name = _signer(mirror, tip)
        return tip, fingerprint, name


def _signer(mirror: Any, tip: str) -> tuple[str, str]:
    """Return the listed key that signed ``tip`` and its name. Raises ``TrustError``."""
    from hiera.errors import TrustError  # noqa: PLC0415  see introduction
    from runner.source.chain import check_introduction  # noqa: PLC0415  see introduction
    from runner.source.policy import POLICY, parse_policy  # noqa: PLC0415  see introduction

    last: TrustError | None = None
    for key in parse_policy(mirror.read_blob(tip, POLICY)).keys.values():
        try:
            check_introduction(mirror, tip, key.fingerprint)
        except TrustError as error:
            last = error
            continue
        return key.fingerprint, key.name
    raise last or TrustError.of("unsigned-commit", f"{tip[:7]} is not signed by a listed key")


def skeleton(directory: str) -> list[str]:
    """Copy the small control repository into ``directory`` and return its files.

    Raises ``UsageError`` (``not-empty``) if something is there.
    """
    if os.path.isdir(directory) and os.listdir(directory):
        raise UsageError.of("not-empty", f"'{directory}' is not empty", hint="name a directory that is not there yet")
    made = []
    for source in sorted(SKELETON.rglob("*")):
        if source.is_file():
            name = str(source.relative_to(SKELETON))
            target = Path(directory, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            made.append(name)
    return made
