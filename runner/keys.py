"""The closed list of settings, and what each accepts.

A check takes a value as a file, a variable or an option gives it and returns it as its type; it raises ``ValueError``
with the end of a sentence that begins with the name of the setting.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from hiera.errors import UsageError, did_you_mean
from hiera.values import Value
from runner import identity, measures

HANDED: Final = "$CREDENTIALS_DIRECTORY/"
"""How a path begins that systemd hands to the unit (systemd.exec(5), Credentials)."""
SYSTEM_CREDENTIALS: Final = "/run/credentials/@system"
"""Where a run by hand finds what this machine was given at boot."""

Check: TypeAlias = Callable[[Value], Any]


def _string(value: Value) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
        raise ValueError("must be a text")
    return str(value)


def _url(value: Value) -> str:
    from runner.source.address import parse_address  # noqa: PLC0415  only a node with a repository has one

    return _by(lambda text: parse_address(text).url, value)


def _branch(value: Value) -> str:
    from runner.source.address import check_branch  # noqa: PLC0415  as above

    return _by(check_branch, value)


def _by(check: Callable[[str], str], value: Value) -> str:
    """Return what a check of another room makes of ``value``, its problem as the ``ValueError`` of this one."""
    try:
        return check(_string(value))
    except UsageError as error:
        problem = error.problems[0]
        raise ValueError(f"is wrong: {problem.message}" + (f"; {problem.hint}" if problem.hint else "")) from None


def _path(value: Value) -> str:
    text = _string(value)
    if text.startswith(HANDED):
        directory = os.environ.get("CREDENTIALS_DIRECTORY", SYSTEM_CREDENTIALS)
        return os.path.join(directory, text.removeprefix(HANDED))
    return os.path.abspath(os.path.expanduser(text))


def _flag(value: Value) -> bool:
    text = str(value).lower()
    if text in {"true", "yes", "on", "1"}:
        return True
    if text in {"false", "no", "off", "0"}:
        return False
    raise ValueError("must be true or false")


def _number(at_least: int) -> Check:
    def check(value: Value) -> int:
        text = str(value)
        if isinstance(value, bool) or not text.isdecimal() or int(text) < at_least:
            raise ValueError(f"must be a whole number, at least {at_least}")
        return int(text)

    return check


def _puppet_version(value: Value) -> int:
    if isinstance(value, bool) or str(value) not in {"7", "8"}:
        raise ValueError("must be 7 or 8")
    return int(str(value))


def _mapping(value: Value) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise ValueError("must be a mapping")  # noqa: TRY004  one exception for all wrong input
    return value


def _trust(value: Value) -> dict[str, Value]:
    if not isinstance(value, dict) or "mode" not in value:
        raise ValueError(
            "must be a mapping with 'mode': `trust: {mode: signed, introduction: {commit: .., signer: ..}}`"
        )
    return value


def _closed(known: Mapping[str, Check]) -> Check:
    """Return a check for a mapping whose keys are ``known``."""

    def check(value: Value) -> dict[str, Any]:
        good = {}
        for key, item in _mapping(value).items():
            if key not in known:
                near = did_you_mean(key, known)
                raise ValueError(f"has no key '{key}'" + (f"; {near}" if near else f"; it knows {', '.join(known)}"))
            try:
                good[key] = known[key](item)
            except ValueError as error:
                raise ValueError(f"has a wrong '{key}', which {error}") from None
        return good

    return check


_SECRETS: Final[Mapping[str, Check]] = {
    "gnupghome": _path,
    "openpgp_key": _path,
    "passphrase_file": _path,
    "passphrase_credential": identity.name,
    "pkcs7_private_key": _path,
    "pkcs7_public_key": _path,
    "age_identity": _path,
}


def _secrets(value: Value) -> dict[str, Any]:
    good: dict[str, Any] = _closed(_SECRETS)(value)
    if "gnupghome" in good and "openpgp_key" in good:
        raise ValueError("has both 'gnupghome' and 'openpgp_key'; the keys stand in one place")
    if "passphrase_file" in good and "passphrase_credential" in good:
        raise ValueError("has both 'passphrase_file' and 'passphrase_credential'; the passphrase stands in one place")
    if "pkcs7_private_key" in good and "pkcs7_public_key" not in good:
        raise ValueError("needs 'pkcs7_public_key' beside 'pkcs7_private_key': the two of a pair are read together")
    return good


def _paths(value: Value) -> tuple[str, ...]:
    items = value.split(":") if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError("must be a list of directories")  # noqa: TRY004  one exception for all wrong input
    return tuple(_path(item) for item in items)


KEYS: Final[Mapping[str, Check]] = {
    "repo": _url,
    "branch": _branch,
    "environment": identity.name,
    "node": identity.node,
    "role": identity.name,
    "trusted": _mapping,
    "puppet_version": _puppet_version,
    "state_dir": _path,
    "root": _path,
    "trust": _trust,
    "secrets": _secrets,
    "credentials": _closed(
        {"ssh_key": _path, "known_hosts": _path, "token_file": _path, "username": _string, "ca_file": _path}
    ),
    "daemon": _closed(
        {"every": measures.duration, "splay": measures.duration, "deadline": measures.duration, "health": _path}
    ),
    "max_prune": measures.budget,
    "stale_after": measures.duration,
    "fetch_timeout": measures.duration,
    "backup_limit": measures.size,
    "keep_runs": _number(1),
    "keep_trees": _number(1),
    "workers": _number(0),
    "facts_dirs": _paths,
    "show_diff": _flag,
    "noop": _flag,
}
FAMILIES: Final = frozenset({"secrets"})
"""Settings whose own keys are settings."""
_STRUCTURED: Final = frozenset({"trusted", "trust", "secrets", "credentials", "daemon"})
VARIABLES: Final = frozenset(KEYS) - _STRUCTURED
"""Settings that a ``FREEHOLD_*`` variable can carry."""
