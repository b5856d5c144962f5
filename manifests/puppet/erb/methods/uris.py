"""``URI.parse``, and versions as RubyGems orders them."""

from __future__ import annotations

import re
from typing import ClassVar, Final

import msgspec

from manifests.puppet.erb.methods.base import Method, Table, plain
from manifests.puppet.erb.methods.common import OBJECT
from manifests.puppet.erb.objects import Failure, Unsupported, Value

_PORTS: Final = {"http": 80, "https": 443, "ftp": 21, "ldap": 389, "ldaps": 636, "ws": 80, "wss": 443}
_URI: Final = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?"
    r"(?://(?:(?P<userinfo>[A-Za-z0-9._~!$&'()*+,;=:%-]*)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)"
    r"(?::(?P<port>\d*))?)?"
    r"(?P<path>[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)"
    r"(?:\?(?P<query>[A-Za-z0-9._~!$&'()*+,;=:@%/?\[\]-]*))?(?:\#(?P<fragment>[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*))?"
)
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Uri(msgspec.Struct):
    """An address of the web, in its parts."""

    text: str
    scheme: str | None
    userinfo: str | None
    host: str | None
    port: int | None
    path: str | None
    query: str | None
    fragment: str | None
    opaque: str | None = None

    def __str__(self) -> str:
        if not self.host:
            return self.text
        user = "" if self.userinfo is None else f"{self.userinfo}@"
        port = "" if self.port is None or self.port == _PORTS.get(self.scheme or "") else f":{self.port}"
        path = f"/{self.path}" if self.scheme == "ftp" else self.path or ""
        query = "" if self.query is None else f"?{self.query}"
        scheme = "" if self.scheme is None else f"{self.scheme}:"
        return f"{scheme}//{user}{self.host}{port}{path}{query}" + (f"#{self.fragment}" if self.fragment else "")

    @property
    def ruby_name(self) -> str:
        """Return the class that Ruby has for the scheme."""
        scheme = (self.scheme or "").upper()
        return f"URI::{scheme if scheme.lower() in _PORTS else 'Generic'}"


def uri(value: Value) -> Uri:
    """Return what ``URI.parse`` makes of a text. Raises ``Failure``."""
    if isinstance(value, Uri):
        return value
    if not isinstance(value, str):
        raise Failure("URI::InvalidURIError", "bad URI(is not URI?)")
    found = _URI.fullmatch(value)
    colon = found is not None and found["scheme"] is None and ":" in found["path"].partition("/")[0]
    rootless = found is not None and found["host"] is not None and found["path"][:1] not in ("", "/")
    if found is None or colon or rootless or _BAD_ESCAPE.search(value) or not value.isascii():
        raise Failure("URI::InvalidURIError", "bad URI(is not URI?)")
    scheme, path = found["scheme"], found["path"]
    scheme = None if scheme is None else scheme.lower()
    port = int(found["port"]) if found["port"] else _PORTS.get(scheme or "")
    if scheme is not None and found["host"] is None and path and not path.startswith("/"):
        opaque = path + ("" if found["query"] is None else f"?{found['query']}")
        return Uri(value, scheme, None, None, port, None, None, found["fragment"], opaque)
    host = found["host"] or ("" if scheme == "file" else None)
    if scheme == "ftp":
        path = path.removeprefix("/")
    return Uri(value, scheme, found["userinfo"], host, port, path, found["query"], found["fragment"])


def _set(name: str) -> Method:
    """Return the method that replaces a part."""

    def method(run: object, block: object, value: Uri, part: Value) -> Value:
        if not value.host:
            raise Unsupported("changing this address is not supported")
        setattr(value, name, part)
        return part

    return method


def _of_user(part: int) -> Method:
    def method(run: object, block: object, value: Uri) -> Value:
        pieces = (value.userinfo or "").split(":", 1)
        return (pieces[part] if part < len(pieces) else None) if value.userinfo is not None else None

    return method


URI: Table = {
    **OBJECT,
    **plain(
        {
            **{
                name: lambda value, name=name: getattr(value, name)
                for name in ("scheme", "userinfo", "host", "port", "path", "query", "fragment", "opaque")
            },
            "hostname": lambda value: value.host.strip("[]") if value.host is not None else None,
            "default_port": lambda value: _PORTS.get(value.scheme or ""),
            "request_uri": lambda value: (value.path or "/") + (f"?{value.query}" if value.query is not None else ""),
            "absolute?": lambda value: value.scheme is not None,
            "relative?": lambda value: value.scheme is None,
        }
    ),
    **{f"{name}=": _set(name) for name in ("scheme", "userinfo", "host", "port", "path", "query", "fragment")},
    "user": _of_user(0),
    "password": _of_user(1),
}

_VERSION: Final = re.compile(r"\s*([0-9]+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)?\s*")
_SEGMENT: Final = re.compile(r"[0-9]+|[a-z]+", re.IGNORECASE)


class Version(msgspec.Struct, frozen=True):
    """A version as RubyGems has it."""

    text: str
    ruby_name: ClassVar[str] = "Gem::Version"

    def __str__(self) -> str:
        return self.text

    def _segments(self) -> list[int | str]:
        found: list[int | str] = [
            int(part) if part.isdigit() else part for part in _SEGMENT.findall(self.text.replace("-", ".pre."))
        ]
        while found and found[-1] == 0:
            found.pop()
        return found

    def __lt__(self, other: Version) -> bool:
        return self.order(other) < 0

    def __gt__(self, other: Version) -> bool:
        return self.order(other) > 0

    def order(self, other: Version) -> int:
        """Return -1, 0 or 1: a word comes before a number, nothing counts as 0."""
        left, right = self._segments(), other._segments()
        for index in range(max(len(left), len(right))):
            one = left[index] if index < len(left) else 0
            two = right[index] if index < len(right) else 0
            if one == two:
                continue
            if isinstance(one, str) != isinstance(two, str):
                return -1 if isinstance(one, str) else 1
            return -1 if one < two else 1  # type: ignore[operator]  # both are of one kind here
        return 0


def version(value: Value) -> Version:
    """Return what ``Gem::Version.new`` makes of a text. Raises ``Failure``."""
    if isinstance(value, Version):
        return value
    text = "0" if value is None else str(value)
    if not _VERSION.fullmatch(text):
        raise Failure("ArgumentError", f"Malformed version number string {text}")
    return Version(text.strip() or "0")


def _compared(test: str) -> Method:
    tests = {
        "<=>": lambda order: order, "==": lambda order: order == 0, "<": lambda order: order < 0,
        "<=": lambda order: order <= 0, ">": lambda order: order > 0, ">=": lambda order: order >= 0,
    }  # fmt: skip

    def method(run: object, block: object, value: Version, other: Value) -> Value:
        if not isinstance(other, Version | str):
            return False if test == "==" else None
        return tests[test](value.order(version(other)))

    return method


VERSION: Table = {
    **OBJECT,
    **{test: _compared(test) for test in ("<=>", "==", "<", "<=", ">", ">=")},
    **plain(
        {
            "segments": lambda value: [
                int(part) if part.isdigit() else part for part in _SEGMENT.findall(value.text.replace("-", ".pre."))
            ],
            "version": lambda value: value.text,
            "prerelease?": lambda value: any(char.isalpha() for char in value.text),
        }
    ),
}
