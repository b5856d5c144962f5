"""The state of one rendering, and how a method is called."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from hiera.errors import DataError
from hiera.values import MISSING, Secret, holds_secret, revealed
from manifests.puppet.erb.objects import Class, Failure, Hash, Jump, Limit, Main, Proc, ScopeObject, Unsupported, Value
from manifests.puppet.erb.values import inward

if TYPE_CHECKING:
    from manifests.puppet.erb.scope import ErbScope
    from manifests.puppet.source import Source

MAX_STEPS: Final = 2_000_000
"""The most calls and rounds of loops in one rendering."""
MAX_VOLUME: Final = 100_000_000
"""The most characters and members that all results of a rendering may have together."""
MAX_SIZE: Final = 20_000_000
"""The most characters or members of one value."""
MAX_CALLS: Final = 1000
"""How deeply blocks and functions of a template may call each other."""

_OURS: Final = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, re.error)


class Env:
    """The variables of a block or a function."""

    __slots__ = ("block", "home", "outer", "run", "tag", "vars")

    def __init__(self, run: Run, outer: Env | None = None) -> None:
        self.run = run
        self.outer = outer
        self.vars: dict[str, Value] = {}
        self.tag: object = None
        self.home: object = outer.home if outer else None
        self.block: Proc | None = outer.block if outer else None


class Run:
    """One rendering, or one call of a function of a module (``file``; ``old`` for the form that Puppet 3 had)."""

    def __init__(self, scope: ErbScope, texts: list[str], name: str, *, file: bool = False, old: bool = False) -> None:
        self.file = file
        self.old = old
        self.scope = scope
        self.texts = texts
        self.name = name
        self.out: list[str] = []
        self.size = 0
        self.steps = MAX_STEPS
        self.volume = MAX_VOLUME
        self.depth = 0
        self.at = 0
        self.match: Value = None
        self.error: Value = None
        self.secret: Secret | None = None
        self.functions: dict[str, Proc] = {}
        self.instances: dict[str, Value] = {}
        self.globals: dict[str, Value] = {}
        self.constants: dict[str, Value] = {}
        self.modules: dict[str, dict[str, Proc]] = {}
        self.source: Source | None = None
        self.load: Callable[..., bool] | None = None
        self._variables: Any = {} if file else None
        self._known: dict[str, str] | None = None

    def placed(self, method: Proc, source: Source | None) -> Proc:
        """Return ``method`` so that while it runs ``at`` is known to count in ``source``."""

        def call(*arguments: Value, block: Proc | None = None) -> Value:
            before, self.source = self.source, source
            try:
                answer = method.call(*arguments, block=block)
            except (Failure, Jump):
                self.source = before
                raise
            self.source = before
            return answer

        return Proc(call, method.arity, strict=True)

    def show(self, text: str) -> None:
        """Add to the output."""
        self.size += len(text)
        if self.size > MAX_SIZE:
            raise Limit(f"the output is longer than {MAX_SIZE} characters")
        self.out.append(text)

    def charge(self, size: int) -> None:
        """Count ``size`` characters or members that are about to be made."""
        if size > MAX_SIZE:
            raise Limit(f"a value has more than {MAX_SIZE} characters or members")
        self.volume -= size
        if self.volume < 0:
            raise Limit("the template needs too much memory")

    def step(self) -> None:
        """Count one round."""
        self.steps -= 1
        if self.steps < 0:
            raise Limit(f"the template takes more than {MAX_STEPS} steps")

    def take(self, value: Value) -> Value:
        """Return a value of the scope as the template sees it: a copy, secrets in the clear."""
        if holds_secret(value):
            if self.secret is None:
                self.secret = value if isinstance(value, Secret) else Secret(value)
            value = revealed(value)
        return inward(value)

    def instance(self, name: str) -> Value:
        """Return ``@name``."""
        try:
            return self.instances[name]
        except KeyError:
            pass
        if self._variables is None:
            self._variables = self.scope.variables()
        value = self._variables.get(name, MISSING)
        if value is MISSING and "_" in name:
            value = self._respelt(name)
        found = None if value is MISSING else self.take(value)
        self.instances[name] = found
        return found

    def _respelt(self, name: str) -> Value:
        """Return the variable whose name has other signs where ``name`` has underscores."""
        if self._known is None:
            self._known = {re.sub(r"\W", "_", key): key for key in self._variables}
        key = self._known.get(name)
        return MISSING if key is None else self._variables[key]

    def names(self) -> list[str]:
        """Return the names of the instance variables."""
        if self._variables is None:
            self._variables = self.scope.variables()
        known = [re.sub(r"\W", "_", name) for name, value in self._variables.items() if value is not None]
        return list(dict.fromkeys([*known, *(name for name, value in self.instances.items() if value is not None)]))

    def has_instance(self, name: str) -> bool:
        """Say whether ``@name`` is defined."""
        if name in self.instances and self.instances[name] is not None:
            return True
        self.instance(name)
        return self._variables is not None and (
            self._variables.get(name) is not None or self._respelt(name) not in (None, MISSING)
        )


Method = Callable[..., Value]
_GIVING_BACK: Final = frozenset(("lookup", "hiera", "hiera_array", "hiera_hash", "getvar", "get", "dig"))
"""Functions that answer with a default they were given."""


def send(  # noqa: PLR0917  called often, and names cost time
    run: Run, receiver: Value, name: str, arguments: list[Value], block: Proc | None = None, at: int = -1
) -> Value:
    """Return what the method ``name`` of ``receiver`` answers."""
    from manifests.puppet.erb.methods import table_of  # noqa: PLC0415  the tables call this function

    run.steps -= 1
    if run.steps < 0:
        run.step()
    if at >= 0:
        run.at = at
    method = table_of(receiver).get(name)
    if method is None:
        return _missing(run, receiver, name, arguments, block)
    try:
        result = method(run, block, receiver, *arguments)
    except _OURS as error:
        raise _failure(error, receiver, name) from None
    kind = result.__class__
    if kind is str or kind is list:
        size = len(result)
        if size > 64:
            run.charge(size)
    return result


def _failure(error: Exception, receiver: Value, name: str) -> Failure:
    """Return as Ruby's failure what a method of ours could not do."""
    from manifests.puppet.erb.values import class_name  # noqa: PLC0415  only an error pays for it

    if isinstance(error, ZeroDivisionError):
        return Failure("ZeroDivisionError", "divided by 0")
    if isinstance(error, OverflowError):
        return Failure("RangeError", f"a number is out of range for '{name}'")
    if isinstance(error, ValueError) and not isinstance(error, UnicodeError):
        return Failure("ArgumentError", str(error))
    if isinstance(error, re.error):
        return Failure("RegexpError", f"invalid regular expression: {error}")
    wrong = "wrong arguments for method" if "argument" in str(error) else "values of the wrong kind for method"
    return Failure("TypeError", f"{wrong} '{name}' of {class_name(receiver)}")


def _missing(run: Run, receiver: Value, name: str, arguments: list[Value], block: Proc | None) -> Value:
    """Answer the call of a method that the tables do not have."""
    from manifests.puppet.erb.methods import known_anywhere, scope_function  # noqa: PLC0415  the tables call this module
    from manifests.puppet.erb.values import class_name, shown_kind  # noqa: PLC0415  only an error pays for it

    if name.startswith("function_") and (isinstance(receiver, ScopeObject) or (run.old and isinstance(receiver, Main))):
        return scope_function(run, name, arguments, receiver.view if isinstance(receiver, ScopeObject) else None)
    if name == "method_missing":
        raise Unsupported("'method_missing' is not supported")
    if name in run.functions and (isinstance(receiver, Main) or not (run.file or isinstance(receiver, Class))):
        return run.functions[name].call(*arguments, **({"block": block} if block else {}))
    if run.file and isinstance(receiver, Main):
        raise Unsupported(f"'{name}' is not defined in this file")
    if run.file and isinstance(receiver, Class):
        own = run.modules.get(receiver.name, {}).get(name)
        if own is not None:
            return own.call(*arguments, block=block)
        raise Unsupported(f"'{receiver.name}.{name}' is not supported")
    if receiver is None or isinstance(receiver, bool | Main) or known_anywhere(name):
        raise Failure("NoMethodError", f"undefined method '{name}' for {shown_kind(receiver)}")
    what = receiver.name + "." + name if isinstance(receiver, Class) else f"{class_name(receiver)}#{name}"
    raise Unsupported(f"method '{what}' is not supported")


def call_scope(
    run: Run, name: str, arguments: list[Value], view: ErbScope | None = None, block: Proc | None = None
) -> Value:
    """Return what a function of Puppet answers, called in the scope ``view``, else that of the rendering."""
    from manifests.puppet.erb.values import outward, passed  # noqa: PLC0415  few templates call functions

    out = passed if name in _GIVING_BACK else outward
    scope, given = view or run.scope, list(map(out, arguments))
    try:
        if block is None:
            return run.take(scope.call(name, given))
        return run.take(scope.call(name, given, _lambda(run, block)))
    except DataError as error:
        run.error = error
        raise


def _lambda(run: Run, block: Proc) -> Callable[..., Value]:
    """Return a block of a template as functions of Puppet call it."""
    from manifests.puppet.erb.values import outward  # noqa: PLC0415  few templates give blocks to functions

    def called(*arguments: Value) -> Value:
        return outward(block.call(*map(run.take, arguments)))

    called.width = abs(block.arity) or 1  # type: ignore[attr-defined]  # what goes through things asks for it
    return called


def items_of(value: Value) -> list[Value]:
    """Return the members of whatever can be gone through."""
    from manifests.puppet.erb.values import members  # noqa: PLC0415  the two modules need each other

    return members(value)


__all__ = ["Env", "Hash", "Method", "Run", "call_scope", "items_of", "send"]
