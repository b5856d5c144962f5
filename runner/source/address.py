"""What names and opens a remote: addresses, branches and object ids checked by form, and credentials as files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final

import msgspec

from hiera.errors import UsageError

_HOST: Final = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
_USER: Final = r"[A-Za-z0-9_][A-Za-z0-9._-]*"
_PATH: Final = r"[^\s\x00-\x20\x7f]*"
_FORMS: Final = {
    "ssh": re.compile(rf"ssh://(?:{_USER}@)?{_HOST}(?::[0-9]{{1,5}})?/{_PATH}"),
    "https": re.compile(rf"https://{_HOST}(?::[0-9]{{1,5}})?/{_PATH}"),
    "file": re.compile(r"file:///[^\x00-\x1f\x7f]*"),
}
_SCP: Final = re.compile(rf"(?:{_USER}@)?{_HOST}:(?![/:-]?:|-){_PATH}")
_USERINFO: Final = re.compile(r"(?<=://)[^/\s@]*@")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BRANCH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@#=-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.+@#=-]*)*")
_OBJECT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Address(msgspec.Struct, frozen=True):
    """A repository that may be fetched from; ``transport`` is ssh, https or file."""

    url: str
    transport: str


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Files that open a remote; none of their contents reaches an argument list, a log or a report.

    ``ssh_key`` replaces every key of the account; ``known_hosts`` pins the host keys; ``token_file`` holds what https
    sends as the password of ``username``; ``ca_file`` replaces the system's certificate authorities.
    """

    ssh_key: str | None = None
    known_hosts: str | None = None
    token_file: str | None = None
    username: str = "git"
    ca_file: str | None = None

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Credentials:
        """Return the credentials that the ``credentials`` section of the configuration names."""
        return cls(**settings)

    def check(self) -> None:
        """Raise ``UsageError`` (``credentials-path``) unless every path is absolute and plain."""
        for name in ("ssh_key", "known_hosts", "token_file", "ca_file"):
            path = getattr(self, name)
            if path is not None and (not os.path.isabs(path) or any(char in path for char in '"\\%$\n\r\0')):
                raise UsageError.of(
                    "credentials-path", f"credentials: '{name}' is not a plain absolute path", hint="write it from '/'"
                )


def parse_address(text: str) -> Address:
    """Return the address that ``text`` names.

    Raises ``UsageError`` (``repo-password``, ``repo-transport``, ``repo-address``). The text is echoed without
    anything that may be a password.
    """
    if os.path.isabs(text):
        text = "file://" + text
    scheme, found, rest = text.partition("://")
    if not found:
        return _parse_scp(text)
    _refuse_password(scheme, rest)
    form = _FORMS.get(scheme)
    if form is None:
        raise UsageError.of(
            "repo-transport", f"'{scrub(scheme)}' is not a transport Freehold uses", hint="use ssh, https or file"
        )
    if not form.fullmatch(text):
        raise UsageError.of("repo-address", f"'{scrub(text)}' is not the address of a repository")
    return Address(text, scheme)


def _refuse_password(scheme: str, rest: str) -> None:
    """Raise ``UsageError`` if the part before ``@`` holds, or with https may be, a password or token."""
    user, at, _ = rest.partition("/")[0].rpartition("@")
    if at and (":" in user or scheme == "https"):
        raise UsageError.of(
            "repo-password",
            "the address of the repository holds a password or token",
            hint="remove it and name a file under 'credentials' (token_file or ssh_key): addresses show in process"
            " lists, logs and reports",
        )


def _parse_scp(text: str) -> Address:
    """Return the address in the short form of ssh, ``user@host:path``."""
    before = text.partition("@")[0]
    if "@" in text and ":" in before:
        _refuse_password("ssh", text)
    if "::" in text.partition("/")[0] and not text.partition("@")[2].startswith("["):
        raise UsageError.of(
            "repo-transport", "remote helpers ('name::address') are not used", hint="use ssh, https or file"
        )
    if not _SCP.fullmatch(text):
        raise UsageError.of(
            "repo-address",
            f"'{scrub(text)}' is not the address of a repository",
            hint="write ssh://user@host/path, https://host/path, or an absolute path",
        )
    return Address(text, "ssh")


def check_branch(name: str) -> str:
    """Return ``name`` if it can be a branch. Raises ``UsageError`` (``branch-name``)."""
    wrong = ".." in name or "@{" in name or len(name) > 200
    if wrong or not _BRANCH.fullmatch(name) or any(part.endswith((".lock", ".")) for part in name.split("/")):
        raise UsageError.of("branch-name", f"{name!r:.80} is not a branch name Freehold takes")
    return name


def check_object(name: str) -> str:
    """Return ``name`` if it is a full object id. Raises ``UsageError`` (``commit-id``)."""
    if not _OBJECT.fullmatch(name):
        raise UsageError.of(
            "commit-id", f"{name!r:.80} is not a full commit id", hint="write all 40 lower case hexadecimal digits"
        )
    return name


def scrub(text: str) -> str:
    """Return ``text`` fit for a message: user information of addresses and control characters are gone."""
    return _CONTROL.sub("", _USERINFO.sub("", text)).strip()
