"""Releases of a Forge, over its API of version 3."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec

from hiera.errors import DataError, UsageError
from runner.source.git import Unreachable
from runner.version import __version__

_VERSION: Final = re.compile(r"\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")
_SLUG: Final = re.compile(r"[A-Za-z0-9]+-[a-z][a-z0-9_]*")
_ANSWER_LIMIT: Final = 16 * 1024 * 1024
_ARCHIVE_LIMIT: Final = 256 * 1024 * 1024
PUBLIC: Final = "https://forgeapi.puppet.com"
_OLD_NAMES: Final = ("forge.puppet.com", "forge.puppetlabs.com", "forgeapi.puppetlabs.com")
"""Names of the public Forge that old files still use; its API answers under none of them."""
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_Answer = TypeVar("_Answer")


class _Release(msgspec.Struct):
    """What the API says of one release."""

    version: str
    file_uri: str = ""
    file_sha256: str | None = None
    file_md5: str | None = None


class _Module(msgspec.Struct):
    """What the API says of one module."""

    current_release: _Release | None = None


class Release(NamedTuple):
    """A release to be downloaded; ``checksum`` is ``sha256:`` or, from old Forges, ``md5:`` and the digest."""

    slug: str
    version: str
    url: str
    checksum: str


class Forge:
    """A Forge whose API stands at ``url``."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.hostname in _OLD_NAMES:
            url, parts = PUBLIC, urlsplit(PUBLIC)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise UsageError.of("forge-address", f"'{url}' is no address of a Forge", hint="it begins with https://")
        self.url = url.rstrip("/") + "/"

    def release(self, slug: str, version: str) -> Release:
        """Return the release ``version`` of ``owner-name``, the newest one for "" or "latest".

        Raises ``DataError`` (``unknown-release``) and ``Unreachable``.
        """
        if not _SLUG.fullmatch(slug):
            raise DataError.of("unknown-release", f"'{slug}' names no module of a Forge", hint="write owner/name")
        if version in ("", "latest"):
            newest = self._ask(f"v3/modules/{slug}", _Module).current_release
            if newest is None:
                raise DataError.of("unknown-release", f"module '{slug}' has no release")
            version = newest.version
        if not _VERSION.fullmatch(version):
            hint = "write a whole version, such as 9.4.1, or :latest"
            raise DataError.of("unknown-release", f"'{version}' is no version of '{slug}'", hint=hint)
        found = self._ask(f"v3/releases/{slug}-{version}", _Release)
        checksum = f"sha256:{found.file_sha256}" if found.file_sha256 else f"md5:{found.file_md5 or ''}"
        return Release(slug, version, self._same_host(found.file_uri), checksum.lower())

    def download(self, release: Release) -> bytes:
        """Return the archive of ``release``. Raises ``DataError`` (``wrong-checksum``) if it is another one."""
        data = self._get(release.url, _ARCHIVE_LIMIT)
        name, _, expected = release.checksum.partition(":")
        actual = hashlib.new(name, data, usedforsecurity=name != "md5").hexdigest()
        if not expected or not hmac.compare_digest(actual, expected):
            message = f"the archive of {release.slug} {release.version} is not the one that the Forge tells of"
            raise DataError.of("wrong-checksum", message)
        return data

    def _same_host(self, uri: str) -> str:
        """Return the address of a file, which must be on the same host."""
        url = urljoin(self.url, uri)
        if urlsplit(url)[:2] != urlsplit(self.url)[:2]:
            raise DataError.of("wrong-checksum", "the Forge names a file on another host")
        return url

    def _ask(self, path: str, kind: type[_Answer]) -> _Answer:
        """Return the answer of the API as ``kind``."""
        data = self._get(self.url + path, _ANSWER_LIMIT)
        try:
            return msgspec.json.decode(data, type=kind)
        except msgspec.MsgspecError as error:
            raise Unreachable.of("forge-answer", f"the Forge answered something else than it should: {error}") from None

    def _get(self, url: str, limit: int) -> bytes:
        """Return what stands at ``url``. Raises ``Unreachable``, or ``DataError`` where there is nothing."""
        from http.client import HTTPException  # noqa: PLC0415  only a download needs the network
        from urllib.error import HTTPError  # noqa: PLC0415  likewise
        from urllib.request import Request, urlopen  # noqa: PLC0415  likewise

        request = Request(url, headers={"User-Agent": f"freehold/{__version__}"})  # noqa: S310  the scheme was checked
        try:
            with urlopen(request, timeout=60) as answer:  # noqa: S310  likewise
                data: bytes = answer.read(limit + 1)
        except HTTPError as error:
            if error.code in (404, 410):
                raise DataError.of("unknown-release", f"the Forge has no '{urlsplit(url).path}'") from None
            raise Unreachable.of("forge-unreachable", f"the Forge answered {error.code} for '{url}'") from None
        except (OSError, HTTPException) as error:
            raise Unreachable.of("forge-unreachable", f"the Forge cannot be asked: {error}") from None
        if len(data) > limit:
            raise Unreachable.of("forge-answer", f"the Forge sent more than {limit} bytes")
        return data
