"""Functions: what a template may call without a receiver."""

from __future__ import annotations

import re
from typing import Final

from hiera.values import MISSING
from manifests.puppet.erb.methods.base import Method, Table, plain, required
from manifests.puppet.erb.methods.common import OBJECT
from manifests.puppet.erb.methods.texts import format_text
from manifests.puppet.erb.methods.uris import uri
from manifests.puppet.erb.objects import (
    Class,
    Error,
    Failure,
    Hash,
    Jump,
    Main,
    Proc,
    ScopeObject,
    Set,
    Unsupported,
    Value,
    symbol,
)
from manifests.puppet.erb.running import Run
from manifests.puppet.erb.text import to_s
from manifests.puppet.erb.text_tools import integer_of
from manifests.puppet.erb.values import equal, error_is, members

_LIBRARIES: Final = frozenset(
    (
        "json",
        "yaml",
        "psych",
        "set",
        "ipaddr",
        "erb",
        "shellwords",
        "base64",
        "digest",
        "digest/md5",
        "digest/sha1",
        "digest/sha2",
        "cgi",
        "cgi/util",
        "puppet/parser/functions",
        "puppet/functions",
        "puppet/util/package",
        "openssl/digest",
        "digest/sha1",
        "rubygems/version",
        "uri",
        "time",
        "date",
        "puppet",
        "puppet/util",
        "facter",
        "pp",
        "bigdecimal",
        "securerandom",
        "openssl",
        "rubygems",
        "resolv",
        "socket",
        "pathname",
        "ostruct",
        "fileutils",
        "etc",
        "open3",
        "tempfile",
        "stringio",
        "zlib",
        "English",
        "forwardable",
        "delegate",
        "singleton",
        "monitor",
        "prime",
        "matrix",
    )
)
_OF_FUNCTIONS: Final = frozenset(("open-uri", "net/http", "net/https", "timeout", "tmpdir", "tmpfile", "rbconfig"))
"""Libraries that functions ask for whose use is refused, not their name."""
_INTEGER: Final = re.compile(
    r"\s*[-+]?(?:0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[bB][01]+(?:_[01]+)*|0[oO]?[0-7]+(?:_[0-7]+)*|[1-9]\d*(?:_\d+)*|0)\s*"
)
_FLOAT: Final = re.compile(r"\s*[-+]?\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?(?:[eE][-+]?\d+)?\s*")


def _raise(run: Run, block: Proc | None, main: Main, *arguments: Value) -> Value:
    if not arguments:
        error = run.error
        raise (
            Failure(error.kind, error.message)
            if isinstance(error, Error)
            else Failure("RuntimeError", "unhandled exception")
        )
    first = arguments[0]
    if isinstance(first, Error):
        raise Failure(first.kind, to_s(run, arguments[1]) if len(arguments) > 1 else first.message)
    if isinstance(first, Class):
        raise Failure(first.name, to_s(run, arguments[1]) if len(arguments) > 1 else first.name)
    raise Failure("RuntimeError", to_s(run, first))


def integer(value: Value, base: int = 10) -> int:
    """Return what ``Integer(value)`` gives. Raises ``Failure``."""
    if isinstance(value, str):
        if base != 10:
            return int(value, base)
        if not _INTEGER.fullmatch(value):
            raise Failure("ArgumentError", "invalid value for Integer()")
        text = value.strip().replace("_", "")
        octal = re.fullmatch(r"([-+]?)0([0-7]+)", text)
        return int(octal[1] + octal[2], 8) if octal else int(text, 0) if len(text) < 4000 else integer_of(text)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    raise Failure("TypeError", f"can't convert {'nil' if value is None else 'this value'} into Integer")


def floating(value: Value) -> float:
    """Return what ``Float(value)`` gives. Raises ``Failure``."""
    if isinstance(value, str):
        if not _FLOAT.fullmatch(value):
            try:
                return float(integer(value))
            except Failure:
                raise Failure("ArgumentError", "invalid value for Float()") from None
        return float(value.replace("_", ""))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise Failure("TypeError", f"can't convert {'nil' if value is None else 'this value'} into Float")


def _array(value: Value) -> list[Value]:
    if value is None:
        return []
    return (
        members(value)
        if isinstance(value, list | Hash | Set) or value.__class__.__name__ in ("Range", "Lazy")
        else [value]
    )


def _safe(run: Run, arguments: tuple[Value, ...], convert: object) -> Value:
    """Convert, with ``exception: false`` to nil where that fails."""
    quiet = bool(arguments) and isinstance(arguments[-1], Hash)
    given = arguments[:-1] if quiet else arguments
    run.step()
    try:
        return convert(*given)  # type: ignore[operator]  # one of the two functions above
    except Failure:
        if quiet:
            return None
        raise


def _require(run: Run, block: Proc | None, main: Main, name: Value) -> bool:
    if to_s(run, name) in _LIBRARIES or (run.file and to_s(run, name) in _OF_FUNCTIONS):
        return True
    if run.load is None or not run.load(to_s(run, name), relative=False):
        raise Unsupported(f"library '{to_s(run, name)}' is not supported")
    return True


def _require_relative(run: Run, block: Proc | None, main: Main, name: Value) -> bool:
    if run.load is None:
        return _require(run, block, main, name)
    if not run.load(to_s(run, name), relative=True):
        raise Unsupported(f"library '{to_s(run, name)}' is not supported")
    return True


def _loop(run: Run, block: Proc | None, main: Main) -> Value:
    call = required(block)
    while True:
        run.step()
        try:
            call()
        except Failure as failure:
            if not error_is(failure.kind, "StopIteration"):
                raise
            return None


def _proc(run: Run, block: Proc | None, main: Main) -> Proc:
    if block is None:
        raise Failure("ArgumentError", "tried to create Proc object without a block")
    return block


def _lambda(run: Run, block: Proc | None, main: Main) -> Proc:
    made = _proc(run, block, main)
    return Proc(made.call, made.arity, strict=True)


def _method(run: Run, block: Proc | None, main: Main, name: Value) -> Proc:
    from manifests.puppet.erb.running import send  # noqa: PLC0415  only here

    text = to_s(run, name)
    return run.functions.get(text) or Proc(
        lambda *arguments, block=None: send(run, main, text, list(arguments), block), -1, strict=True
    )


def _catch(run: Run, block: Proc | None, main: Main, tag: Value = None) -> Value:
    try:
        return required(block)(tag)
    except Jump as jump:
        if jump.kind == "throw" and equal(jump.home, tag):
            return jump.value
        raise


def _throw(run: Run, block: Proc | None, main: Main, tag: Value, value: Value = None) -> Value:
    raise Jump("throw", value, tag)


def _has_variable(run: Run, block: Proc | None, main: Main, name: Value) -> bool:
    value = run.scope.variable(to_s(run, name))
    return value is not MISSING and value is not None


def _set_instance(run: Run, block: Proc | None, main: Main, name: Value, value: Value) -> Value:
    run.instances[to_s(run, name).lstrip("@")] = value
    return value


def _forbidden(what: str) -> Method:
    def refuse(run: Run, block: Proc | None, main: Main, *arguments: Value) -> Value:
        raise Unsupported(f"'{what}' is not supported")

    return refuse


def _put(run: Run, block: Proc | None, main: Main, *arguments: Value) -> None:
    run.step()


def _tags(run: Run, block: Proc | None, main: Main) -> Value:
    raise Failure("NotImplementedError", "call 'all_tags' instead")


MAIN: Table = {
    **OBJECT,
    **plain(
        {"scope": lambda main: ScopeObject(), "Array": lambda main, value: _array(value), "caller": lambda main, *_: []}
    ),
    "raise": _raise,
    "fail": _raise,
    "require": _require,
    "require_relative": _require_relative,
    "format": lambda run, block, main, form, *values: format_text(run, form, list(values)),
    "sprintf": lambda run, block, main, form, *values: format_text(run, form, list(values)),
    "loop": _loop,
    "lambda": _lambda,
    "proc": _proc,
    "Integer": lambda run, block, main, *arguments: _safe(run, arguments, integer),
    "Float": lambda run, block, main, *arguments: _safe(run, arguments, floating),
    "URI": lambda run, block, main, value: uri(value),
    "String": lambda run, block, main, value: to_s(run, value),
    "Hash": lambda run, block, main, value: Hash() if value in (None, []) else value,
    "method": _method,
    "has_variable?": _has_variable,
    "classes": lambda run, block, main: list(run.scope.classes()),
    "all_tags": lambda run, block, main: list(run.scope.all_tags()),
    "tags": _tags,
    "file": lambda run, block, main: run.name,
    "__FILE__": lambda run, block, main: f"/{run.source.file}" if run.source is not None else run.name,
    "puts": _put,
    "print": _put,
    "p": _put,
    "pp": _put,
    "warn": _put,
    "instance_variable_set": _set_instance,
    "instance_variable_defined?": lambda run, block, main, name: run.has_instance(to_s(run, name).lstrip("@")),
    "instance_variables": lambda run, block, main: [symbol(f"@{name}") for name in run.names()],
    "catch": _catch,
    "throw": _throw,
    "abort": _raise,
    **{
        name: _forbidden(name)
        for name in (
            "eval",
            "exec",
            "system",
            "fork",
            "spawn",
            "open",
            "load",
            "exit",
            "sleep",
            "gets",
            "instance_eval",
            "rand",
            "srand",
            "binding",
            "at_exit",
            "trap",
            "define_method",
            "__LINE__",
            "include",
            "extend",
            "attr_accessor",
            "set_trace_func",
            "syscall",
            "select",
            "autoload",
            "test",
        )
    },
    **dict.fromkeys(("debug", "info", "notice", "warning", "err", "alert", "emerg", "crit"), _put),
}


def escaped(text: str) -> str:
    """Return ``text`` as it stands in HTML."""
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(char, entity)
    return text
