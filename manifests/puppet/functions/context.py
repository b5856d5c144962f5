"""What the functions of both languages may ask of a compilation of the Puppet language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hiera.supplied import NOTHING, Supplied
from hiera.types import Type
from hiera.values import MISSING, Value
from manifests.puppet.functions.base import Invocation
from manifests.puppet.functions.data import asked
from manifests.puppet.functions.files import content


class ScopeContext:
    """The scope of one call; see :class:`manifests.functions.Context`."""

    def __init__(self, call: Invocation) -> None:
        self._call = call

    @property
    def facts(self) -> Mapping[str, Value]:
        """Return the node's facts."""
        found = self._call.scope.get("facts")
        return found if isinstance(found, Mapping) else {}

    @property
    def node(self) -> str:
        """Return the node's name."""
        return str(self._call.compilation.node)

    def lookup(self, key: str, *, default: Value = MISSING, merge: Value = None, supplied: Supplied = NOTHING) -> Value:
        """Return the data for ``key``, or ``default``. Raises ``DataError``."""
        value = asked(self._call, key, merge, supplied)
        return default if value is MISSING else value

    def stand_in(self, key: str, kind: Type | None = None) -> Value:
        """Return what stands for a key that a file sealed as a whole may hold, or ``MISSING``."""
        found: Value = self._call.compilation.data.stand_in(key, kind)
        return found

    def variable(self, name: str) -> Value:
        """Return the variable ``name``, or ``MISSING``."""
        return self._call.scope.get(name)

    def read_file(self, name: str, folder: str = "files") -> bytes | None:
        """Return a file of a module, or an absolute path of the host; None if absent."""
        return content(self._call, name, template=folder == "templates")

    def render(self, engine: str, name: str | None, text: str | None, parameters: Mapping[str, Value]) -> Value:
        """Return the rendered template ``name`` or ``text``. Raises ``DataError``."""
        function = {"erb": "template", "epp": "epp"}.get(engine)
        if function is None:
            raise self._call.fault("puppet-language", f"{engine} templates belong to the YAML language")
        given = (name,) if name is not None else (text,)
        more = (dict(parameters),) if engine == "epp" else ()
        return self._call.call(function if name is not None else f"inline_{function}", *given, *more)

    def defined(self, reference: Value) -> bool:
        """Say whether a class, define, type, variable or resource is known."""
        return bool(self._call.call("defined", reference))

    def tagged(self, tags: Sequence[str]) -> bool:
        """Say whether the class or define being evaluated carries all ``tags``."""
        return bool(self._call.call("tagged", *tags))

    def declare(self, how: str, names: Sequence[Value]) -> Value:
        """Declare classes."""
        return self._call.call(how, *names)

    def log(self, level: str, message: str) -> None:
        """Pass on a message of the manifest's author."""
        self._call.compilation.log(level, message, self._call.place)
