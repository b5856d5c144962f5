"""From the text of a template to what it renders."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from hiera.errors import DataError, Location, Problem
from hiera.values import Secret, Value
from manifests.puppet.depth import deep_stack
from manifests.puppet.erb.objects import Failure, Jump, Limit, Unsupported
from manifests.puppet.erb.scanner import Script, scan
from manifests.puppet.erb.scope import ErbScope
from manifests.puppet.erb.tokens import Mistake
from manifests.puppet.source import Source

_RAISED: Final = frozenset(("RuntimeError", "Puppet::ParseError", "Puppet::Error", "StandardError"))


def render(text: str, name: str, scope: ErbScope) -> Value:
    """Return the text that the template brings forth, a ``Secret`` if it looked into one.

    ``name`` is the path that errors name. Raises ``DataError``: ``erb-syntax``, ``erb-unsupported`` for Ruby beyond
    what templates may use, ``erb-error`` for what Ruby calls an exception, ``erb-limit`` for a template that takes
    too long, too much memory or calls itself too deeply, ``erb-depth`` for one that is nested too deeply.
    """
    from manifests.puppet.erb.running import Env, Run  # noqa: PLC0415  checking needs none of it

    with deep_stack():
        script, code = _compiled(text, name)
        run = Run(scope, script.texts, name)
        try:
            code(Env(run))
        except (Failure, Unsupported, Limit, RecursionError, MemoryError, Jump) as error:
            raise _error(run, error, script, text) from None
    output = "".join(run.out)
    if run.secret is None:
        return output
    return Secret(output, origin=run.secret.origin, location=run.secret.location)


def check(text: str, name: str) -> list[Problem]:
    """Return what is wrong with the syntax of a template."""
    try:
        with deep_stack():
            _compiled(text, name)
    except DataError as error:
        return list(error.problems)
    return []


def _compiled(text: str, name: str) -> tuple[Script, Callable[[Any], Any]]:
    """Return the script of a template and the closure that renders it. Raises ``DataError``."""
    try:
        return _prepared(text)
    except Mistake as mistake:
        location = Source(text, name).location(mistake.at)
        raise DataError(Problem(mistake.code, mistake.message, location)) from None
    except RecursionError:
        raise DataError(Problem("erb-depth", "the template is nested too deeply", Location(name, 1, 1))) from None


@lru_cache(maxsize=512)
def _prepared(text: str) -> tuple[Script, Callable[[Any], Any]]:
    """Return what :func:`_compiled` does; a ``Mistake`` names an offset of the template."""
    from manifests.puppet.erb import statements  # noqa: PLC0415  likewise
    from manifests.puppet.erb.parser import parse  # noqa: PLC0415  templates without a change need none of it

    script = scan(text)
    if script.unclosed is not None:
        raise Mistake("this tag is never closed", script.unclosed)
    try:
        return script, statements.compiled(parse(script.code))
    except Mistake as mistake:
        mistake.at = min(max(0, script.origin(mistake.at)), len(text))
        raise


def _error(run: Any, error: BaseException, script: Script, text: str) -> DataError:
    """Return as a located problem what ended a rendering; no words that may hold a secret."""
    location = Source(text, run.name).location(min(max(0, script.origin(run.at)), len(text)))
    if isinstance(error, Failure):
        message = error.message
        if run.secret is not None:
            message = "what it says is not shown, for the template looked into a secret"
        if error.kind not in _RAISED:
            message = f"{error.kind}: {message}"
        return DataError(Problem("erb-error", message, location))
    if isinstance(error, Unsupported):
        return DataError(Problem("erb-unsupported", str(error), location))
    if isinstance(error, Jump):
        return DataError(Problem("erb-error", f"'{error.kind}' leaves a block that is over", location))
    words = str(error) if isinstance(error, Limit) else "the template needs too much memory or calls itself too deeply"
    return DataError(Problem("erb-limit", words, location))
