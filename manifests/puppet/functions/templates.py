"""Templates: ERB by the small Ruby, EPP by the evaluator."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from hiera.errors import DataError, Note, did_you_mean
from hiera.types import infer
from hiera.values import MISSING, Secret, Value, joined
from manifests.functions.base import Block
from manifests.puppet.evaluator.variables import ScopeVariables
from manifests.puppet.functions.base import Invocation
from manifests.puppet.functions.classes import catalog_tags
from manifests.puppet.functions.files import content, text
from manifests.puppet.functions.names import file_names

if TYPE_CHECKING:
    from manifests.puppet.loaders import Parsed


_INLINE: Final = "inline template"
_SHARED: Final = " templates"
"""Where a scope keeps what its templates share: no variable can have this name."""


class ErbView:
    """What an ERB template may ask of the scope that renders it."""

    def __init__(self, call: Invocation) -> None:
        self._call = call

    def keep(self, name: str, value: Value) -> None:
        """Let later templates of this scope find ``value`` as the variable ``name``."""
        self._call.scope.variables.setdefault(_SHARED, {})[name] = value

    def kept(self, name: str) -> Value:
        """Return what a template of this scope kept as ``name``, or ``MISSING``."""
        return self._call.scope.variables.get(_SHARED, {}).get(name, MISSING)

    def variable(self, name: str) -> Value:
        """Return the variable ``name``, or ``MISSING``."""
        return self._call.scope.get(name)

    def variables(self) -> Mapping[str, Value]:
        """Return all variables that are seen from here."""
        return ScopeVariables(self._call.scope)

    def call(self, name: str, arguments: Sequence[Value], block: Block | None = None) -> Value:
        """Return what a function answers."""
        return self._call.call(name, *arguments, block=block)

    def tags(self) -> Sequence[str]:
        """Return the tags of what is evaluated."""
        return list(self._call.compilation.resource_of(self._call.scope).tags)

    def all_tags(self) -> Sequence[str]:
        """Return the tags of the whole catalog."""
        return catalog_tags(self._call.compilation)

    def classes(self) -> Sequence[str]:
        """Return the classes declared so far."""
        return list(self._call.compilation.catalog.classes)


def template(call: Invocation, *names: Value) -> Value:
    """Return templates (``module/name.erb``) rendered and joined."""
    return joined([_erb(call, name) for name in file_names(call, names)])


def inline_template(call: Invocation, *texts: Value) -> Value:
    """Return texts rendered as ERB templates and joined."""
    parts: list[Value] = []
    for given in texts:
        secret = isinstance(given, Secret)
        plain = given.reveal() if isinstance(given, Secret) else given
        if not isinstance(plain, str):
            raise call.wrong(f"expects a text, got {infer(plain).generalized()}")
        with _standing_in(call, _INLINE):
            done = _rendered(call, plain, _INLINE)
        parts.append(Secret(done) if secret else done)
    return joined(parts)


def _erb(call: Invocation, name: str) -> Value:
    """Return one template of a module rendered. Raises ``DataError``."""
    found = content(call, name, template=True)
    if found is None:
        raise _no_template(call, name)
    path = name if name.startswith("/") else call.compilation.loaders.template(name)
    return _rendered(call, text(call, name, found), path)


def _no_template(call: Invocation, name: str) -> DataError:
    module, _, rest = name.partition("/")
    known = call.compilation.loaders.modules.get(module)
    hint = "write module/name: name stands in the directory templates of the module"
    if rest and module and known is None:
        hint = f"there is no module '{module}'"
    elif known is not None:
        directory = posixpath.join(known.path, "templates", posixpath.dirname(rest))
        hint = did_you_mean(posixpath.basename(rest), call.compilation.loaders.tree.names(directory)) or hint
    return call.fault("missing-template", f"could not find template '{name}'", hint)


@contextmanager
def _standing_in(call: Invocation, file: str) -> Iterator[None]:
    """Say of problems in ``file``, which is a text of a manifest, where that stands."""
    try:
        yield
    except DataError as error:
        if call.place is None:
            raise
        notes = (Note("the template is given here", call.place),)
        raise DataError(
            *(
                replace(one, notes=(*one.notes, *notes)) if one.location and one.location.file == file else one
                for one in error.problems
            )
        ) from None


def _rendered(call: Invocation, source: str, name: str) -> Value:
    """Return an ERB template rendered; a text that holds a secret is one."""
    from manifests.puppet.erb import render  # noqa: PLC0415  few catalogs need it

    return render(source, name, ErbView(call))


def epp(call: Invocation, name: str, parameters: Value = None) -> Value:
    """Return a template of Puppet's own language (``module/name.epp``) rendered."""
    loaders = call.compilation.loaders
    if name.startswith("/"):
        found = content(call, name, template=True)
        if found is None:
            raise _no_template(call, name)
        return _given_epp(call, text(call, name, found), name, parameters)
    path = loaders.template(name) or (None if name.endswith(".epp") else loaders.template(f"{name}.epp"))
    if path is None:
        raise _no_template(call, name)
    parsed = loaders.parse(path)
    return _epp(call, parsed, parameters)


def inline_epp(call: Invocation, source: str, parameters: Value = None) -> Value:
    """Return a text rendered as a template of Puppet's own language."""
    file = f"{_INLINE}.epp"
    with _standing_in(call, file):
        return _given_epp(call, source, file, parameters)


def _given_epp(call: Invocation, source: str, file: str, parameters: Value) -> Value:
    """Return a text that errors name ``file`` rendered."""
    from manifests.puppet.loaders import read  # noqa: PLC0415  few catalogs need it
    from manifests.puppet.source import Source  # noqa: PLC0415  as above

    version = call.compilation.loaders.puppet_version
    return _epp(call, read(Source(source, file), puppet_version=version), parameters)


def _epp(call: Invocation, parsed: Parsed, parameters: Value) -> Value:
    """Return a template rendered; undef for a parameter that it does not name is as good as not given."""
    given = parameters or {}
    if None in given.values():
        body = parsed.program.body
        known = {one.name for one in getattr(body, "parameters", ())}
        given = {name: value for name, value in given.items() if value is not None or name in known}
    return call.evaluator.render_epp(parsed.source, parsed.program, given, call.scope)
