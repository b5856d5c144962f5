"""``%{...}`` in data, in paths and in the options of a hierarchy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from hiera.digging import dig, parse_key
from hiera.errors import DataError, Location
from hiera.ruby_text import ruby_text
from hiera.secrets.sealed import derived, secrets_in
from hiera.values import MISSING, Secret, Value, revealed

Lookup = Callable[[str], Value]
"""Answers ``%{lookup('key')}``; ``MISSING`` if there is no such key."""

_EXPRESSION: Final = re.compile(r"%\{([^}]*)\}")
_METHOD: Final = re.compile(r"""(\w+)\((?:"([^"]+)"|'([^']+)')\)""")
_EMPTY: Final = frozenset(("", "::", '""', "''", '"::"', "'::'"))
_METHODS: Final = ("alias", "hiera", "literal", "lookup", "scope")


class Interpolator:
    """Replaces expressions in the values of one place.

    ``lookup`` is None where only variables are allowed, as in a hierarchy. ``place`` is named in errors. ``reads``
    takes each variable that was asked for and what it was.
    """

    __slots__ = ("_lookup", "_place", "_reads", "_scope", "_stack")

    def __init__(
        self,
        scope: Mapping[str, Value],
        lookup: Lookup | None,
        place: Location | None,
        reads: dict[str, Value] | None = None,
    ) -> None:
        self._scope = scope
        self._lookup = lookup
        self._place = place
        self._reads = reads
        self._stack: tuple[str, ...] = ()

    def value(self, value: Value) -> Value:
        """Return ``value`` with the expressions in its texts and in its keys replaced, all the way down."""
        if isinstance(value, str):
            return self.text(value) if "%{" in value else value
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.value(key): self.value(item) for key, item in value.items()}
        if isinstance(value, Secret):
            return derived([value], self._inside_secret(value))
        return value

    def _inside_secret(self, secret: Secret) -> Callable[[], Value]:
        """Return what reveals ``secret`` and replaces the expressions in it, then."""
        return lambda: self.value(secret.reveal())

    def text(self, text: str) -> Value:
        """Return ``text`` with its expressions replaced: a text, a secret if any part is one, or an alias's value."""
        whole = _EXPRESSION.fullmatch(text)
        if whole is not None:
            method, argument = self._parsed(whole[1].strip())
            if method == "alias":
                return self._of_key(argument)
        parts = list(self._parts(text))
        secrets = [secret for part in parts for secret in secrets_in(part)]
        if secrets:
            return derived(secrets, lambda: "".join(ruby_text(revealed(part)) for part in parts))
        return "".join(ruby_text(part) for part in parts)

    def _parts(self, text: str) -> Iterator[Value]:
        """Yield the literal pieces of ``text`` and the values of its expressions in turn."""
        at = 0
        for match in _EXPRESSION.finditer(text):
            yield text[at : match.start()]
            yield self._evaluated(match[1].strip())
            at = match.end()
        yield text[at:]

    def _evaluated(self, expression: str) -> Value:
        """Return the value of one expression; what it finds is interpolated again, as Puppet does."""
        if expression in _EMPTY:
            return ""
        method, argument = self._parsed(expression)
        if method == "literal":
            return argument
        if method == "alias":
            hint = "use lookup() to put the value into a text"
            raise DataError.of("interpolation", "alias() must be the whole text", self._place, hint=hint)
        if method != "scope":
            return self._again(f"{argument}", self._of_key(argument))
        return self._again(f"scope:{argument}", self.variable(argument))

    def _again(self, name: str, value: Value) -> Value:
        """Return ``value`` with the expressions in it replaced. Raises ``DataError`` (``lookup-recursion``)."""
        if not _has_expression(value):
            return value
        if name in self._stack:
            chain = " -> ".join([*self._stack, name])
            raise DataError.of("lookup-recursion", f"the interpolation leads back to itself: {chain}", self._place)
        self._stack = (*self._stack, name)
        try:
            return self.value(value)
        finally:
            self._stack = self._stack[:-1]

    def _parsed(self, expression: str) -> tuple[str, str]:
        """Return the method of ``expression`` and what it is called with. Raises ``DataError`` (``interpolation``)."""
        match = _METHOD.fullmatch(expression)
        if match is None:
            return "scope", expression
        method, argument = match[1], match[2] or match[3]
        if method not in _METHODS:
            hint = f"there are {', '.join(_METHODS)}"
            message = f"there is no interpolation function '{method}'"
            raise DataError.of("interpolation", message, self._place, hint=hint)
        if self._lookup is None:
            message = f"{method}() cannot be used here, only variables can"
            raise DataError.of("interpolation", message, self._place)
        return method, argument

    def _of_key(self, key: str) -> Value:
        """Return the value that Hiera has for ``key``, "" for none."""
        value = self._lookup(key) if self._lookup is not None else MISSING
        return "" if value is MISSING else value

    def variable(self, name: str) -> Value:
        """Return the variable ``name``, dug into where it has segments, or None; facts are variables as well."""
        key = parse_key(name.removeprefix("::"))
        value = self._root(key.root)
        if value is not MISSING and value is not None:
            value = dig(value, key.segments, name, self._place)
        value = None if value is MISSING else value
        if self._reads is not None:
            self._reads[name] = value
        return value

    def _root(self, name: str) -> Value:
        """Return the variable ``name`` of the scope, or the fact of that name, or ``MISSING``."""
        name = name.removeprefix("::")
        try:
            return self._scope[name]
        except KeyError:
            pass
        try:
            return self._scope["facts"][name]
        except (KeyError, TypeError):
            return MISSING


def _has_expression(value: Value) -> bool:
    """Say whether there may be an expression to replace in ``value``."""
    if isinstance(value, str):
        return "%{" in value
    return isinstance(value, list | dict) and bool(value)
