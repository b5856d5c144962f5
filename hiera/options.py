"""``lookup_options``: what data says about how other keys are merged and converted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec

from hiera.errors import DataError, Location
from hiera.merge import MergeWish
from hiera.values import MISSING, Secret, Value

Converter: TypeAlias = Callable[[str, Sequence[Value], Value], Value]
"""Makes a value of the data type named first with the further arguments; raises ``DataError``."""

_KNOWN: Final = ("merge", "convert_to")


class Option(msgspec.Struct, frozen=True):
    """What holds for one key."""

    merge: MergeWish = None
    convert_to: tuple[Value, ...] | None = None

    @property
    def type_name(self) -> str:
        """The data type that ``convert_to`` names, "" without one."""
        return str(self.convert_to[0]) if self.convert_to else ""

    def converted(self, key: str, value: Value, convert: Converter | None) -> Value:
        """Return ``value`` as the data type that is wanted. Raises ``DataError`` (``convert-to``)."""
        arguments = self.convert_to or ()
        if self.type_name == "Sensitive" and len(arguments) == 1:
            return value if isinstance(value, Secret) else Secret(value, origin=f"'{key}'")
        if convert is None:
            message = f"'convert_to' of '{key}' names the data type '{self.type_name}', which cannot be made here"
            raise DataError.of("convert-to", message)
        if isinstance(value, Secret):
            return value.map(lambda inner: convert(self.type_name, arguments[1:], inner))
        return convert(self.type_name, arguments[1:], value)


_NONE: Final = Option()


class Options:
    """The options of a layer and of those above it: by key first, then by pattern in their order."""

    def __init__(self, keys: Mapping[str, Option], patterns: Sequence[tuple[re.Pattern[str], Option]]) -> None:
        self._keys = keys
        self._patterns = patterns

    @classmethod
    def of(cls, value: Value) -> Options:
        """Return the options that the checked ``value`` holds, none for ``MISSING``."""
        keys: dict[str, Option] = {}
        patterns: list[tuple[re.Pattern[str], Option]] = []
        for name, option in ({} if value is MISSING else value).items():
            if name.startswith("^"):
                patterns.append((_compiled(name), _option(option)))
            else:
                keys[name] = _option(option)
        return cls(keys, patterns)

    @staticmethod
    def checked(value: Value, module: str | None, place: Location | None) -> Value:
        """Return ``value`` if it can be the ``lookup_options`` of ``module``. Raises ``DataError``."""
        if not isinstance(value, Mapping):
            raise DataError.of("lookup-options", "'lookup_options' must be a hash", place)
        for name, option in value.items():
            if not isinstance(name, str):
                raise DataError.of("lookup-options", "a key of 'lookup_options' must be a text", place)
            if module is not None and not name.removeprefix("^").startswith(f"{module}::"):
                message = f"the lookup option for '{name}' is not for a key of the module '{module}'"
                raise DataError.of("lookup-options", message, place, hint=f"start it with '{module}::'")
            if not isinstance(option, Mapping):
                raise DataError.of("lookup-options", f"the lookup option for '{name}' must be a hash", place)
            _compiled(name, place)
        return value

    def of_key(self, key: str) -> Option:
        """Return what holds for the root key ``key``."""
        if key in self._keys:
            return self._keys[key]
        return next((option for pattern, option in self._patterns if pattern.search(key)), _NONE)


def _compiled(name: str, place: Location | None = None) -> re.Pattern[str]:
    """Return the pattern that a name starting with ``^`` is. Raises ``DataError`` (``lookup-options``)."""
    if not name.startswith("^"):
        return re.compile("")
    try:
        return re.compile(name.replace(r"\z", r"\Z").replace(r"\h", "[0-9a-fA-F]"), re.MULTILINE)
    except re.error as error:
        message = f"the lookup option '{name}' is no regular expression: {error.msg}"
        raise DataError.of("lookup-options", message, place) from None


def _option(value: Mapping[str, Value]) -> Option:
    """Return one option; keys that Puppet does not know either are left alone."""
    convert = value.get("convert_to")
    wanted = None if convert is None else tuple(convert) if isinstance(convert, list) else (convert,)
    return Option(value.get("merge"), wanted or None)
