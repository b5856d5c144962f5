"""Back ends of a site, written in Python and kept in the control repository: ``lib/hiera/NAME.py``.

A file defines functions by the names that ``hiera.yaml`` uses::

    def lookup_key(key, options, context): ...        # a key's value, or context.not_found()
    def data_dig(segments, options, context): ...     # the value at a dotted key, in its segments
    def data_hash(options, context): ...              # all keys at once

``options`` are those of the level, interpolated, with ``path`` or ``uri`` where the level names some. The file is code
of an accepted commit, as a manifest is.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Final, NoReturn

import msgspec

from hiera.errors import DataError, FreeholdError, Location
from hiera.tree import Tree
from hiera.values import MISSING, Value

FOLDER: Final = "lib/hiera"


class OwnBackend(msgspec.Struct, frozen=True):
    """A back end of the repository: which ``function`` of the Python file ``file``."""

    function: str
    name: str
    file: str


def find_own(tree: Tree, root: str, function: str, name: str) -> OwnBackend | None:
    """Return the back end ``name`` below ``root``, else of the whole repository; ``module::name`` is a module's own."""
    parts = name.split("::")
    if not all(part.isidentifier() for part in parts):
        return None
    for folder in dict.fromkeys((posixpath.join(root, FOLDER), FOLDER)):
        path = posixpath.join(folder, f"{parts[-1]}.py")
        own = len(parts) == 1 or posixpath.basename(root) == parts[0]
        if own and tree.is_file(path):
            return OwnBackend(function, name, path)
    return None


class Context:
    """What a back end may ask; one lives as long as the lookups of a run, for each level."""

    def __init__(self, tree: Tree, environment: str, module: str | None) -> None:
        self.environment_name = environment
        self.module_name = module
        self._tree = tree
        self._cache: dict[Value, Value] = {}
        self._files: dict[str, bytes] = {}
        self._interpolated: Callable[[Value], Value] = lambda value: value
        self._place = Location("")

    def not_found(self) -> NoReturn:
        """Say that there is no such key."""
        raise _NotFoundError

    def fail(self, message: str) -> NoReturn:
        """Say that the lookup cannot go on; ``message`` must not hold a secret. Raises ``DataError``."""
        raise DataError.of("backend-failed", message, self._place)

    def interpolate(self, value: Value) -> Value:
        """Return ``value`` with the expressions in it replaced."""
        return self._interpolated(value)

    def cache(self, key: Value, value: Value) -> Value:
        """Keep ``value`` under ``key`` for later lookups of this run, and return it."""
        self._cache[key] = value
        return value

    def cache_has_key(self, key: Value) -> bool:
        """Say whether something is kept under ``key``."""
        return key in self._cache

    def cached_value(self, key: Value) -> Value:
        """Return what is kept under ``key``, or None."""
        return self._cache.get(key)

    def read(self, path: str) -> bytes:
        """Return a file of the repository, read once. Raises ``DataError``."""
        if path not in self._files:
            self._files[path] = self._tree.read(path)
        return self._files[path]

    def called(
        self, function: Callable[..., Value], arguments: tuple[Value, ...], interpolate: Callable[[Value], Value],
        place: Location,
    ) -> Value:  # fmt: skip
        """Return what ``function`` answers, ``MISSING`` for not found. Raises ``DataError`` (``backend-failed``)."""
        self._interpolated, self._place = interpolate, place
        try:
            return function(*arguments, self)
        except _NotFoundError:
            return MISSING
        except FreeholdError:
            raise
        except Exception as error:  # noqa: BLE001  whatever a site's code raises is a problem of the site's
            message = f"the back end ended with {type(error).__name__}"
            line = _line_in(error, place.file)
            hint = "call context.fail('...') to say what is wrong: an exception's text may hold a secret"
            raise DataError.of("backend-failed", message, Location(place.file, line), hint=hint) from None


class _NotFoundError(Exception):
    """Ends a back end that has no value."""


class OwnBackends:
    """The back ends of one tree, each file run once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._loaded: dict[str, Mapping[str, Value]] = {}

    def function(self, backend: OwnBackend) -> Callable[..., Value]:
        """Return the function of ``backend``. Raises ``DataError`` (``backend-failed``)."""
        found = self._namespace(backend.file).get(backend.function)
        if not callable(found):
            message = f"the back end '{backend.name}' defines no function '{backend.function}'"
            raise DataError.of("backend-failed", message, Location(backend.file))
        function: Callable[..., Value] = found
        return function

    def context(self, environment: str, module: str | None) -> Context:
        """Return a new context."""
        return Context(self._tree, environment, module)

    def _namespace(self, file: str) -> Mapping[str, Value]:
        """Return what the Python file defines."""
        if file not in self._loaded:
            namespace: dict[str, Value] = {"__name__": file.removesuffix(".py").replace("/", ".")}
            try:
                exec(compile(self._tree.read(file), file, "exec"), namespace)  # noqa: S102  code of an accepted commit
            except SyntaxError as error:
                message = f"the back end cannot be read: {error.msg.lower()}"
                raise DataError.of("backend-failed", message, Location(file, error.lineno or 0)) from None
            except Exception as error:  # noqa: BLE001  see Context.called
                message = f"the back end ended with {type(error).__name__}"
                raise DataError.of("backend-failed", message, Location(file, _line_in(error, file))) from None
            self._loaded[file] = namespace
        return self._loaded[file]


def _line_in(error: BaseException, file: str) -> int:
    """Return the line of ``file`` at which ``error`` came up, 0 if none did."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
