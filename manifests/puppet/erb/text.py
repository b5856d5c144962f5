"""Values as Ruby writes them: ``to_s`` and ``inspect``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from hiera.ruby_text import ruby_float, ruby_inspect
from hiera.types import Sensitive
from manifests.puppet.erb.objects import (
    Class,
    Error,
    Hash,
    Lazy,
    Main,
    Match,
    Pattern,
    Proc,
    Range,
    ScopeObject,
    Set,
    Symbol,
    Unsupported,
    Value,
)
from manifests.puppet.erb.values import class_name

if TYPE_CHECKING:
    from manifests.puppet.erb.running import Run

_PLAIN_SYMBOL: Final = re.compile(
    r"[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*[?!=]?|\[\]=?|[-+*/%<>!~^&|]|\*\*|<=>|===?|=~|[-+]@|<<|>>|<=|>=|!=|!~"
)


def to_s(run: Run, value: Value) -> str:
    """Return Ruby's ``to_s``."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    writer = _TEXTS.get(value.__class__)
    if writer is not None:
        return writer(run, value)
    if value.__class__ in _SHOWN:
        return inspect(run, value)
    return str(value)


def inspect(run: Run, value: Value) -> str:
    """Return Ruby's ``inspect``."""
    writer = _SHOWN.get(value.__class__)
    run.step()
    text = writer(run, value) if writer else f"#<{class_name(value)}>" if value.__class__ in _OPAQUE else str(value)
    run.charge(len(text))
    return text


def _scope(run: Run, value: ScopeObject) -> str:
    if not run.file:
        return "Scope()"
    if value.part:
        raise Unsupported(f"the {value.part} as a text is not supported")
    view: Any = value.view or run.scope
    return f"Scope({view.own()})"


def _no_text() -> str:
    raise Unsupported("bytes as a text are not supported")


def _symbol(run: Run, value: Symbol) -> str:
    name = value.name
    return f":{name}" if _PLAIN_SYMBOL.fullmatch(name) else f":{ruby_inspect(name)}"


def _list(run: Run, value: Any) -> str:
    return "[" + ", ".join(inspect(run, item) for item in value) + "]"


def _hash(run: Run, value: Hash) -> str:
    return "{" + ", ".join(f"{inspect(run, key)}=>{inspect(run, item)}" for key, item in value.items()) + "}"


def _range(run: Run, value: Range, write: Callable[[Run, Value], str]) -> str:
    first = "" if value.first is None else write(run, value.first)
    last = "" if value.last is None else write(run, value.last)
    return f"{first}{'...' if value.open else '..'}{last}"


def _pattern(run: Run, value: Pattern) -> str:
    flags = "".join(flag for flag in "mix" if flag in value.flags)
    source = re.sub(r"(\\.)|/", lambda found: found[1] or "\\/", value.source, flags=re.DOTALL)
    return f"/{source}/{flags}"


def pattern_text(run: Run, value: Pattern) -> str:
    """Return a regular expression as it stands in another."""
    on = "".join(flag for flag in "mix" if flag in value.flags)
    off = "".join(flag for flag in "mix" if flag not in value.flags)
    return f"(?{on}{'-' if off else ''}{off}:{value.source})"


def _match(run: Run, value: Match) -> str:
    names = {number: name for name, number in value.found.re.groupindex.items()}
    groups = "".join(
        f" {names.get(number, number)}:{inspect(run, text)}" for number, text in enumerate(value.found.groups(), 1)
    )
    return f"#<MatchData {ruby_inspect(value.found[0])}{groups}>"


def _enumerator(run: Run, value: Lazy) -> str:
    return f"#<Enumerator: {inspect(run, value.receiver)}:{value.name}>"


_OPAQUE: Final = frozenset((Proc, ScopeObject, Main))
_SHOWN: Final[dict[type, Callable[[Any, Any], str]]] = {
    str: lambda run, value: ruby_inspect(value),
    type(None): lambda run, value: "nil",
    bool: lambda run, value: "true" if value else "false",
    int: lambda run, value: str(value),
    float: lambda run, value: ruby_float(value),
    Symbol: _symbol,
    Sensitive: lambda run, value: f"#<{value}>",
    list: _list,
    tuple: _list,
    Hash: _hash,
    Pattern: _pattern,
    Match: _match,
    Lazy: _enumerator,
    Range: lambda run, value: _range(run, value, inspect),
    Class: lambda run, value: value.name,
    bytes: lambda run, value: _no_text(),
    Set: lambda run, value: "#<Set: {" + ", ".join(inspect(run, item) for item in value) + "}>",
    Error: lambda run, value: f"#<{value.kind}: {value.message}>",
}
_TEXTS: Final[dict[type, Callable[[Any, Any], str]]] = {
    Sensitive: lambda run, value: str(value),
    Symbol: lambda run, value: value.name,
    Range: lambda run, value: _range(run, value, to_s),
    Pattern: pattern_text,
    Match: lambda run, value: value.found[0],
    Error: lambda run, value: value.message,
    Proc: lambda run, value: "#<Proc>",
    ScopeObject: _scope,
    Main: lambda run, value: f"template[{run.name}]",
    int: lambda run, value: str(value),
    bytes: lambda run, value: _no_text(),
}
