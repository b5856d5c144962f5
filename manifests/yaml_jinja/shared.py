"""The functions that both languages share, as expressions call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hiera.errors import Collector, DataError, Location, Problem
from hiera.supplied import NOTHING, Supplied
from hiera.types import Type
from hiera.values import MISSING, Value
from hiera.yaml.nodes import Scalar
from manifests.catalog import Ref
from manifests.compiler import Request
from manifests.draft import Draft
from manifests.sources import Sources
from manifests.yaml_jinja.evaluation import Evaluator
from manifests.yaml_jinja.lookups import Lookups
from manifests.yaml_jinja.structure import parse_reference
from manifests.yaml_jinja.taint import unguarded

if TYPE_CHECKING:
    from manifests.functions import Context

_NOWHERE = Location("")
_WORTH_A_WARNING = frozenset({"warning", "err", "alert", "crit", "emerg"})


class Compiling:
    """What the functions may ask of a compilation of the YAML language; see ``manifests.functions.Context``."""

    def __init__(
        self, request: Request, sources: Sources, lookups: Lookups, draft: Draft, evaluator: Evaluator
    ) -> None:
        self._request = request
        self._sources = sources
        self._lookups = lookups
        self._draft = draft
        self._problems: Collector = draft.problems
        self._evaluator = evaluator

    @property
    def facts(self) -> Mapping[str, Value]:
        """Return the node's facts."""
        return self._request.facts

    @property
    def node(self) -> str:
        """Return the node's name."""
        return self._request.node

    def lookup(self, key: str, *, default: Value = MISSING, merge: Value = None, supplied: Supplied = NOTHING) -> Value:
        """Return the data for ``key``, or ``default``, which may be ``MISSING``. Raises ``DataError``."""
        found = self._lookups.find(key, _NOWHERE, merge, supplied)
        return default if found is MISSING else found

    def stand_in(self, key: str, kind: Type | None = None) -> Value:
        """Return what stands for a key that a file sealed as a whole may hold, or ``MISSING``."""
        return self._lookups.stand_in(key, kind)

    def variable(self, name: str) -> Value:
        """Return the variable ``name``, or ``MISSING``."""
        return unguarded(self._evaluator.variables.get(name, MISSING))

    def read_file(self, name: str, folder: str = "files") -> bytes | None:
        """Return a file of a module, or an absolute path of the host; None if it is not there."""
        if name.startswith("/"):
            if self._request.host is None:
                message = "absolute paths cannot be read here: the files of the node are not at hand"
                raise DataError.of("no-host", message)
            return self._request.host.read(name)
        path = self._sources.candidate(folder, name)
        return self._request.tree.read(path) if self._request.tree.is_file(path) else None

    def render(self, engine: str, name: str | None, text: str | None, parameters: Mapping[str, Value]) -> Value:
        """Return a rendered Jinja template; the engines of Puppet are not built yet. Raises ``DataError``."""
        if engine != "jinja" and not (name or "").endswith(".j2"):
            raise DataError.of("puppet-language", f"{engine} templates are not built yet", hint="write Jinja: *.j2")
        variables = {**self._evaluator.variables, **parameters}
        if name is not None:
            return self._evaluator.template(name, variables, _NOWHERE)
        return self._evaluator.value(Scalar(text or "", '"', None, _NOWHERE), variables)

    def defined(self, reference: Value) -> bool:
        """Say whether a class, type or resource is known so far."""
        text = str(reference)
        if "[" not in text:
            return text in self._request.types or Ref("class", text) in self._draft.scopes
        ref = parse_reference(text, _NOWHERE)
        return ref in self._draft.entries or ref in self._draft.scopes

    def tagged(self, tags: Sequence[str]) -> bool:
        """Refuse: in this language conditions come before tags."""
        raise DataError.of("not-here", f"tagged({', '.join(tags)}) cannot be asked in an expression")

    def declare(self, how: str, names: Sequence[Value]) -> Value:
        """Refuse: expressions give values and declare nothing."""
        message = f"an expression cannot {how} classes"
        raise DataError.of("not-here", message, hint=f"write '{how}: [{', '.join(map(str, names))}]' as a key")

    def log(self, level: str, message: str) -> None:
        """Keep what deserves attention as a warning of the compilation."""
        if level in _WORTH_A_WARNING:
            self._problems.add(Problem("message", message, severity="warning"))


def shared_functions(context: Context) -> dict[str, Callable[..., Value]]:
    """Return the shared functions by name, each loaded when it is first called."""
    from manifests.functions import FUNCTIONS  # noqa: PLC0415  loaded with the first expression

    return {name: _deferred(FUNCTIONS, name, context) for name in FUNCTIONS}


def _deferred(functions: Mapping[str, Any], name: str, context: Context) -> Callable[..., Value]:
    """Return what calls the function ``name``."""
    return lambda *arguments: functions[name](*arguments, context=context)
