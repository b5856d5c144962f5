"""Functions of a site, written in Python and kept in the control repository: ``lib/functions/NAME.py``.

A file defines the function by its own name, as the built-in ones are defined; ``site::port`` stands in
``lib/functions/site/port.py``, and a module may have some in its own ``lib/functions``::

    SIGNATURE = "String name, Integer count?"      # as in manifests.functions.table; &? at its end for a block

    def port(name, count=1, *, context): ...       # context and block only if it names them

Secrets come in the clear and make the answer a secret. The file is code of an accepted commit, as a manifest is.
"""

from __future__ import annotations

import inspect
import posixpath
from collections.abc import Callable, Mapping
from typing import Any, Final

from hiera.errors import DataError, FreeholdError, Location
from hiera.tree import Tree
from hiera.values import Value
from manifests.functions.base import Function, parameters_of
from manifests.puppet.functions.base import Invocation, ScopeFunction
from manifests.puppet.functions.context import ScopeContext

FOLDER: Final = "lib/functions"


def own_function(name: str, compilation: Any) -> ScopeFunction | None:
    """Return the site's own function ``name``, None if it has none. Raises ``DataError`` if its file is wrong."""
    path = _path(name, compilation)
    return None if path is None else _function(name, path, compilation.loaders.tree)


def _path(name: str, compilation: Any) -> str | None:
    """Return where the function would stand: in the environment, the whole repository or the module of its name."""
    parts = name.split("::")
    if not all(part.isidentifier() for part in parts):
        return None
    loaders = compilation.loaders
    module = loaders.modules.get(parts[0])
    roots = [loaders.directory, "", *([module.path] if module is not None else [])]
    for root in dict.fromkeys(roots):
        path = posixpath.join(root, FOLDER, *parts) + ".py"
        if loaders.tree.is_file(path):
            return path
    return None


def _function(name: str, path: str, tree: Tree) -> ScopeFunction:
    """Return the function that the file ``path`` defines. Raises ``DataError`` (``own-function``)."""
    space = _namespace(path, tree)
    run = space.get(name.rpartition("::")[2])
    if not callable(run):
        message = f"the file does not define the function '{name.rpartition('::')[2]}'"
        raise DataError.of("own-function", message, Location(path))
    try:
        signature, mark, optional = str(space.get("SIGNATURE", "Any arguments*")).partition("&")
        parameters = parameters_of(signature.strip())
    except (AssertionError, DataError):
        raise DataError.of("own-function", "SIGNATURE cannot be read", Location(path)) from None
    wanted = inspect.signature(run).parameters
    block = "" if not mark else "optional" if optional else "required"
    function = Function(name, _guarded(run, path), signature, parameters, "context" in wanted, block)

    def act(call: Invocation, *arguments: Value) -> Value:
        context = ScopeContext(call) if function.wants_context else None
        return function(*arguments, context=context, block=call.block)

    return ScopeFunction(name, act)


def _namespace(path: str, tree: Tree) -> Mapping[str, Any]:
    """Return what the Python file defines. Raises ``DataError`` (``own-function``)."""
    space: dict[str, Any] = {"__name__": path.removesuffix(".py").replace("/", ".")}
    try:
        exec(compile(tree.read(path), path, "exec"), space)  # noqa: S102  code of an accepted commit
    except SyntaxError as error:
        place = Location(path, error.lineno or 0)
        raise DataError.of("own-function", f"the file cannot be read: {error.msg.lower()}", place) from None
    except Exception as error:  # noqa: BLE001  whatever a site's code raises is a problem of the site's
        raise DataError.of("own-function", f"the file ended with {type(error).__name__}", Location(path)) from None
    return space


def _guarded(run: Callable[..., Value], path: str) -> Callable[..., Value]:
    """Return ``run`` so that what it raises becomes a problem of its file, without a text that may hold a secret."""

    def guarded(*arguments: Value, **named: Any) -> Value:
        try:
            return run(*arguments, **named)
        except (FreeholdError, ValueError):
            raise
        except Exception as error:  # noqa: BLE001  see above
            line, trace = 0, error.__traceback__
            while trace is not None:
                line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == path else line
                trace = trace.tb_next
            message = f"the function ended with {type(error).__name__}"
            hint = "raise ValueError('...') to say what is wrong with an argument"
            raise DataError.of("own-function", message, Location(path, line), hint=hint) from None

    return guarded
