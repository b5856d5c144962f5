"""What the author of a manifest has to say."""

from __future__ import annotations

from collections.abc import Callable

from hiera.errors import DataError, Problem
from hiera.ruby_text import ruby_text
from hiera.values import Value, redacted
from manifests.puppet.functions.base import Invocation


def _logger(level: str) -> Callable[..., None]:
    """Return the function that passes on messages of ``level``."""

    def write(call: Invocation, *words: Value) -> None:
        """Pass a message on to the log."""
        call.compilation.log(level, _said(words), call.place)

    return write


def _said(words: tuple[Value, ...]) -> str:
    """Return the words as one text; what is secret does not appear."""
    return " ".join(map(_word, redacted(words)))


def _word(value: Value) -> str:
    """Return one value as messages show it."""
    return ruby_text(value)


debug = _logger("debug")
info = _logger("info")
notice = _logger("notice")
warning = _logger("warning")
err = _logger("err")
alert = _logger("alert")
crit = _logger("crit")
emerg = _logger("emerg")


def fail(call: Invocation, *words: Value) -> None:
    """End the compilation with a message."""
    raise DataError(Problem("failed", _said(words) or "failed", call.place))


def deprecation(call: Invocation, key: str, message: str, strict: Value = True) -> None:  # noqa: FBT002  the function's own default
    """Say that something shall no longer be used; an error where the compilation is strict."""
    del key
    if strict and call.compilation.strict:
        raise call.fault("deprecated", message)
    call.compilation.warn(Problem("deprecated", message, call.place, severity="warning"))
