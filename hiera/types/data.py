"""Values that the data types bring with them, beyond those of JSON."""

from __future__ import annotations

import base64
import binascii
import operator
import re
from typing import Any, Final

import msgspec

from hiera.types import regex
from hiera.values import Secret


class _Default:
    """The type of ``DEFAULT``, the value of the word ``default``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "default"


DEFAULT: Final = _Default()


class Sensitive(msgspec.Struct, frozen=True):
    """Puppet's wrapper around a value that is not to be shown; it is a value, the taint is :class:`Secret`."""

    value: Any

    def __str__(self) -> str:
        return "Sensitive [value redacted]"

    __repr__ = __str__

    def unwrap(self) -> Any:
        """Return the value inside."""
        return self.value.reveal() if isinstance(self.value, Secret) else self.value


class Distinct(msgspec.Struct, frozen=True):
    """A hash's key beside one that Python takes for the same: ``1`` beside ``true``, ``1.0`` beside ``1``."""

    value: Any

    def __str__(self) -> str:
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)


class Deferred(msgspec.Struct, frozen=True):
    """A function and its arguments, to be called when the catalog is applied; a name with a dollar is a variable."""

    name: str
    arguments: tuple[Any, ...] = ()

    def __str__(self) -> str:
        from hiera.types.formats import text_of  # noqa: PLC0415  the modules know each other

        arguments = f", 'arguments' => {text_of(list(self.arguments))}" if self.arguments else ""
        return f"Deferred({{'name' => {text_of([self.name])[1:-1]}{arguments}}})"


class Regexp(msgspec.Struct, frozen=True):
    """A regular expression in Ruby's notation."""

    source: str

    def __str__(self) -> str:
        return "/" + re.sub(r"(\\.)|/", lambda found: found[1] or "\\/", self.source, flags=re.DOTALL) + "/"

    @property
    def compiled(self) -> re.Pattern[str]:
        """Return the expression ready for use. Raises ``re.error``."""
        return regex.compiled(self.source)


class Octets(str):
    """A text that Puppet's functions give as bytes, such as a password's hash; its catalogs show it as a Binary."""

    __slots__ = ()


class Binary(msgspec.Struct, frozen=True):
    """A sequence of bytes; its text is strict Base64."""

    data: bytes

    def __str__(self) -> str:
        return base64.b64encode(self.data).decode()

    @classmethod
    def of(cls, text: str, form: str = "%B") -> Binary:
        """Return the bytes that ``text`` stands for.

        ``%b`` and ``%B`` read Base64, ``%u`` its URL-safe form, ``%s`` encodes as UTF-8, ``%r`` takes raw bytes.
        Raises ``ValueError``.
        """
        if form in {"%s", "%r"}:
            return cls(text.encode("utf-8" if form == "%s" else "latin-1"))
        if form == "%u":
            text = text.translate({45: "+", 95: "/"})
            text += "=" * (-len(text) % 4)
        if form == "%b":
            text = re.sub(r"[^A-Za-z0-9+/]", "", text)
            text += "=" * (-len(text) % 4)
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("invalid base64") from None
        if form == "%B" and base64.b64encode(data).decode() != text:  # bits that are lost
            raise ValueError("invalid base64")
        return cls(data)


_VERSION = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
    r"(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)


class SemVer(msgspec.Struct, frozen=True):
    """A version as semver.org 2.0.0 defines it."""

    major: int
    minor: int
    patch: int
    prerelease: str = ""
    build: str = ""

    @classmethod
    def of(cls, text: str) -> SemVer:
        """Return the version that ``text`` names. Raises ``ValueError``."""
        found = _VERSION.fullmatch(text)
        if found is None:
            raise ValueError(f"The string '{text}' cannot be converted to a SemVer")
        return cls(int(found[1]), int(found[2]), int(found[3]), found[4] or "", found[5] or "")

    def _order(self) -> tuple[Any, ...]:
        """Return what orders versions: a release comes after its prereleases, numbers before words."""
        parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.prerelease.split(".") if part]
        return self.major, self.minor, self.patch, not parts, parts

    def __lt__(self, other: SemVer) -> bool:
        return self._order() < other._order()

    def __le__(self, other: SemVer) -> bool:
        return self._order() <= other._order()

    def __gt__(self, other: SemVer) -> bool:
        return self._order() > other._order()

    def __ge__(self, other: SemVer) -> bool:
        return self._order() >= other._order()

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        return text + (f"-{self.prerelease}" if self.prerelease else "") + (f"+{self.build}" if self.build else "")


_PARTIAL = re.compile(r"(?P<op>>=|<=|>|<|=|~>|~|\^)?\s*v?(?P<v>[\dxX*]+(?:\.[\dxX*]+){0,2}(?:[-+][\w.+-]+)?)")
_HYPHEN = re.compile(r"(\S+)\s+-\s+(\S+)")
_Bound = tuple[str, SemVer]


class SemVerRange(msgspec.Struct, frozen=True):
    """A set of versions in the notation of node-semver: ``>=1.0.0 <2.0.0``, ``~1.2``, ``^1.2.3``, ``1.x``, ``||``."""

    source: str

    def __str__(self) -> str:
        return self.source

    def alternatives(self) -> list[list[_Bound]]:
        """Return the comparisons, one list for each alternative. Raises ``ValueError``."""
        return [_comparisons(part.strip()) for part in self.source.split("||")]

    def includes(self, version: SemVer) -> bool:
        """Say whether ``version`` lies in the range; a prerelease only if a bound of the same release names one."""
        return any(_within(version, bounds) for bounds in self.alternatives())


def _within(version: SemVer, bounds: list[_Bound]) -> bool:
    """Say whether ``version`` meets all ``bounds``."""
    tests = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}
    if not all(tests[sign](version, bound) for sign, bound in bounds):
        return False
    release = (version.major, version.minor, version.patch)
    return not version.prerelease or any(
        bound.prerelease and (bound.major, bound.minor, bound.patch) == release for _, bound in bounds
    )


def _comparisons(text: str) -> list[_Bound]:
    """Return the plain comparisons that one alternative of a range stands for. Raises ``ValueError``."""
    if hyphen := _HYPHEN.fullmatch(text):
        return [(">=", _filled(hyphen[1])[0]), *_upper(hyphen[2])]
    found: list[_Bound] = []
    at = 0
    while at < len(text):
        match = _PARTIAL.match(text, at)
        if match is None:
            raise ValueError(f'Unparsable version range: "{text}"')
        found += _comparison(match["op"] or "=", match["v"])
        at = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip())
    return found


def _filled(text: str) -> tuple[SemVer, int]:
    """Return the lowest version that the partial version ``text`` names, and how many of its numbers were given."""
    core, mark, rest = re.fullmatch(r"([^-+]*)([-+]?)(.*)", text).groups()  # type: ignore[union-attr]  # matches all
    numbers = [part for part in core.split(".") if part not in {"x", "X", "*"}]
    given = len(numbers)
    full = ".".join([*numbers, "0", "0", "0"][:3])
    return SemVer.of(full + mark + rest), given


def _next(version: SemVer, given: int) -> SemVer:
    """Return the first version after all those that share the first ``given`` numbers of ``version``."""
    if given == 1:
        return SemVer(version.major + 1, 0, 0)
    if given == 2:
        return SemVer(version.major, version.minor + 1, 0)
    return SemVer(version.major, version.minor, version.patch + 1)


def _upper(text: str) -> list[_Bound]:
    """Return the upper bound of a hyphen range."""
    version, given = _filled(text)
    if given == 0:
        return []
    return [("<=", version)] if given == 3 else [("<", _next(version, given))]


def _comparison(sign: str, text: str) -> list[_Bound]:
    """Return the plain comparisons that ``sign`` before the partial version ``text`` stands for."""
    version, given = _filled(text)
    if given == 0:
        return [(">=", version)]
    if sign in {"~", "~>"}:
        return [(">=", version), ("<", _next(version, min(given, 2)))]
    if sign == "^":
        fixed = 1 if version.major or given == 1 else 2 if version.minor or given == 2 else 3
        return [(">=", version), ("<", _next(version, fixed))]
    if sign == "=" and given < 3:
        return [(">=", version), ("<", _next(version, given))]
    if sign in {">", "<="} and given < 3:
        return [(">=" if sign == ">" else "<", _next(version, given))]
    return [(sign, version)]


class Timespan(msgspec.Struct, frozen=True, order=True):
    """A length of time in nanoseconds; negative is allowed."""

    nanoseconds: int

    def __str__(self) -> str:
        seconds, fraction = divmod(abs(self.nanoseconds), 10**9)
        minutes, second = divmod(seconds, 60)
        hours, minute = divmod(minutes, 60)
        day, hour = divmod(hours, 24)
        sign = "-" if self.nanoseconds < 0 else ""
        # as in Puppet's format %-N, zeros before the fraction are lost with those behind it
        shown = str(fraction).rstrip("0") or "0"
        return f"{sign}{day}-{hour:02}:{minute:02}:{second:02}.{shown}"


class Timestamp(msgspec.Struct, frozen=True, order=True):
    """A moment in nanoseconds since 1970 UTC."""

    nanoseconds: int

    def __str__(self) -> str:
        from datetime import UTC, datetime  # noqa: PLC0415  few values are moments

        seconds, fraction = divmod(self.nanoseconds, 10**9)
        try:
            text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        except (OSError, OverflowError, ValueError):  # beyond the year 9999
            return f"{seconds}.{fraction:09} seconds since 1970 UTC"
        return f"{text}.{fraction:09} UTC"


class Uri(msgspec.Struct, frozen=True):
    """A uniform resource identifier."""

    text: str

    def __str__(self) -> str:
        return self.text
