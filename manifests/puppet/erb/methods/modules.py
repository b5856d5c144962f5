"""Methods of classes and modules, such as ``File.join`` and ``Hash.new``, as far as they are pure."""

from __future__ import annotations

import math
import posixpath
import re
import shlex
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from hiera.types import Sensitive, regex
from hiera.values import MISSING
from manifests.puppet.erb import json_text, yaml_text
from manifests.puppet.erb.methods import digests
from manifests.puppet.erb.methods.addresses import address
from manifests.puppet.erb.methods.base import Method, Table, required
from manifests.puppet.erb.methods.common import OBJECT
from manifests.puppet.erb.methods.kernel import escaped
from manifests.puppet.erb.methods.others import set_of
from manifests.puppet.erb.methods.uris import uri, version
from manifests.puppet.erb.objects import (
    Class,
    Error,
    Failure,
    Hash,
    Pattern,
    Proc,
    Symbol,
    Unsupported,
    Value,
    key_of,
    symbol,
)
from manifests.puppet.erb.running import Run, call_scope, send
from manifests.puppet.erb.text import pattern_text, to_s
from manifests.puppet.erb.values import class_name, error_is, is_a, members

_EVERYWHERE = frozenset(("HOME", "PATH", "USER", "LOGNAME", "LANG", "SHELL", "PWD", "TMPDIR", "TERM", "HOSTNAME"))
_UNSAFE = re.compile(r"[^A-Za-z0-9_\-.,:+/@\n]")


def _new_hash(run: Run, block: Proc | None, default: Value = None) -> Hash:
    made = Hash()
    made.default, made.maker = default, block
    return made


def _new_array(run: Run, block: Proc | None, count: Value = 0, value: Value = None) -> list[Value]:
    if isinstance(count, list):
        return list(count)
    run.charge(count)
    return [block.call(index) for index in range(count)] if block else [value] * count


def _hash_of(run: Run, block: Proc | None, *items: Value) -> Hash:
    if len(items) == 1 and isinstance(items[0], Hash):
        return Hash(items[0])
    pairs = items[0] if len(items) == 1 else zip(items[::2], items[1::2], strict=True)
    return Hash((key_of(key), value) for key, value in pairs)


def _new_pattern(run: Run, block: Proc | None, source: Value, flags: Value = None) -> Pattern:
    if isinstance(source, Pattern):
        return source
    if isinstance(flags, int) and not isinstance(flags, bool):
        return Pattern(source, "".join(flag for flag, bit in (("i", 1), ("m", 4), ("x", 2)) if flags & bit))
    return Pattern(_path(source), "i" if flags else "")


def _union(run: Run, block: Proc | None, *parts: Value) -> Pattern:
    found = parts[0] if len(parts) == 1 and isinstance(parts[0], list) else list(parts)
    if len(found) == 1 and isinstance(found[0], Pattern):
        return found[0]
    return Pattern(
        "|".join(
            pattern_text(run, part) if isinstance(part, Pattern) else regex.escaped(to_s(run, part)) for part in found
        )
        or "(?!)"
    )


def _join(run: Run, block: Proc | None, *parts: Value) -> str:
    text = ""
    for index, part in enumerate(parts):
        piece = _join(run, block, *part) if isinstance(part, list) else _path(part)
        if index == 0:
            text = piece
        elif text.endswith("/") or piece.startswith("/"):
            text = (text.rstrip("/") if piece.startswith("/") else text) + piece
        else:
            text = f"{text}/{piece}"
    return text


def _path(value: Value) -> str:
    if not isinstance(value, str):
        raise Failure(
            "TypeError", f"no implicit conversion of {'nil' if value is None else class_name(value)} into String"
        )
    return value


def _basename(run: Run, block: Proc | None, path: Value, end: str = "") -> str:
    name = posixpath.basename(_path(path).rstrip("/")) or ("/" if path.startswith("/") else "")
    if end == ".*":
        return posixpath.splitext(name)[0]
    return name.removesuffix(end) if end and name != end else name


def _dirname(run: Run, block: Proc | None, path: Value) -> str:
    return posixpath.dirname(_path(path).rstrip("/") or "/") or "."


def _extname(run: Run, block: Proc | None, path: Value) -> str:
    end = posixpath.splitext(_path(path))[1]
    return "" if end == "." else end


def _expand(run: Run, block: Proc | None, path: Value, base: Value = None) -> str:
    full = posixpath.join(base or "", _path(path))
    if not full.startswith("/"):
        raise Unsupported("File.expand_path of a relative path is not supported")
    return posixpath.normpath(full)


def _shell_escape(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\{found[0]}", text).replace("\n", "'\n'") or "''"


def _shell_split(text: str) -> list[Value]:
    try:
        return list(shlex.split(text))
    except ValueError:
        raise Failure("ArgumentError", "unmatched quote") from None


def _generate(run: Run, block: Proc | None, value: Value, *options: Value) -> str:
    return json_text.compact(run, value)


def _parse(run: Run, block: Proc | None, text: Value, options: Value = None) -> Value:
    run.charge(len(_path(text)))
    return json_text.parse(text, symbols=isinstance(options, Hash) and bool(options.get(symbol("symbolize_names"))))


def _load(run: Run, block: Proc | None, text: Value, *options: Value) -> Value:
    run.charge(len(_path(text)))
    return yaml_text.from_yaml(text)


def _math(function: Callable[..., float]) -> Method:
    def method(run: Run, block: Proc | None, *numbers: Value) -> float:
        try:
            return float(function(*numbers))
        except ValueError:
            raise Failure("Math::DomainError", "Numerical argument is out of domain") from None

    return method


def _form(run: Run, block: Proc | None, fields: Value) -> str:
    pairs = [
        (key, one)
        for key, value in (pair if isinstance(pair, list) else [pair, None] for pair in members(fields))
        for one in ([item or "" for item in value] if isinstance(value, list) else [value])
    ]

    def part(value: Value) -> str:
        return quote_plus(to_s(run, value), safe="*-._")

    return "&".join(part(key) if value is None else f"{part(key)}={part(value)}" for key, value in pairs)


def _text(function: Callable[[str], Any]) -> Method:
    """Return the method that makes a text of a text."""
    return lambda run, block, text, *_: function(to_s(run, text))


def _of_text(function: Callable[[str], Any]) -> Method:
    """Return the method that takes nothing but a text or a symbol."""
    return lambda run, block, text, *_: function(text.name if isinstance(text, Symbol) else _path(text))


def _is_version(text: Value) -> bool:
    try:
        version(text)
    except Failure:
        return False
    return True


def _of_scope(run: Run, *names: str) -> Value:
    """Return the first variable of the scope that is known. Raises ``Unsupported``."""
    for name in names:
        value = run.scope.variable(name)
        if value is not MISSING and value is not None:
            return run.take(value)
    raise Unsupported(f"'{names[0]}' is not known here")


def _environment(run: Run, block: Proc | None, name: Value) -> Value:
    """Answer for a variable of the environment: none is set but those that every process has."""
    if to_s(run, name) in _EVERYWHERE or to_s(run, name).startswith("LC_"):
        raise Unsupported("'ENV' of this machine is not supported")
    return None


def _environment_or(run: Run, block: Proc | None, name: Value, *default: Value) -> Value:
    _environment(run, block, name)
    return default[0] if default else required(block)(name)


def _setting(run: Run, block: Proc | None, name: Value) -> Value:
    return _of_scope(run, f"settings::{to_s(run, name)}")


def _defining(name: str) -> Method:
    """Return what begins the definition of a function, which only a file of functions may."""

    def define(run: Run, block: Proc | None, *arguments: Value) -> Value:
        begin = run.functions.get(name)
        if begin is None:
            raise Unsupported(f"'{name}' is not supported")
        return begin.call(*arguments, block=block)

    return define


_YAML: dict[str, Method] = {
    "dump": lambda run, block, value, *_: yaml_text.to_yaml(run, value),
    "load": _load,
    "safe_load": _load,
}
_UTIL: dict[str, Method] = {
    "html_escape": _text(escaped),
    "h": _text(escaped),
    "url_encode": _text(lambda text: quote(text, safe="-_.~")),
    "u": _text(lambda text: quote(text, safe="-_.~")),
}
_SHELL: dict[str, Method] = {
    "escape": _text(_shell_escape),
    "shellescape": _text(_shell_escape),
    "split": _text(_shell_split),
    "shellsplit": _text(_shell_split),
    "shellwords": _text(_shell_split),
    "join": lambda run, block, words: " ".join(_shell_escape(to_s(run, word)) for word in words),
    "shelljoin": lambda run, block, words: " ".join(_shell_escape(to_s(run, word)) for word in words),
}
_METHODS: dict[str, dict[str, Method]] = {
    "Hash": {"new": _new_hash, "[]": _hash_of},
    "Array": {"new": _new_array, "[]": lambda run, block, *items: list(items)},
    "String": {"new": lambda run, block, text="", *_: text if isinstance(text, str) else ""},
    "Set": {
        "new": lambda run, block, items=None: set_of([] if items is None else members(items)),
        "[]": lambda run, block, *items: set_of(list(items)),
    },
    "Regexp": {
        "new": _new_pattern,
        "compile": _new_pattern,
        "union": _union,
        "escape": _of_text(regex.escaped),
        "quote": _of_text(regex.escaped),
        "last_match": lambda run, block, group=None: (
            run.match if group is None or run.match is None else send(run, run.match, "[]", [group])
        ),
    },
    "File": {
        "join": _join,
        "basename": _basename,
        "dirname": _dirname,
        "extname": _extname,
        "expand_path": _expand,
        "split": lambda run, block, path: [_dirname(run, block, path), _basename(run, block, path)],
        "absolute_path?": lambda run, block, path: path.startswith("/"),
    },
    "JSON": {
        "generate": _generate,
        "dump": _generate,
        "pretty_generate": lambda run, block, value, *_: json_text.pretty(run, value),
        "parse": _parse,
        "load": _parse,
    },
    "YAML": _YAML,
    "Psych": _YAML,
    "ERB::Util": _UTIL,
    "CGI": {
        "escape": _of_text(lambda text: quote_plus(text, safe="*-._")),
        "unescape": _of_text(unquote_plus),
        "escapeHTML": _text(escaped),
        "escape_html": _text(escaped),
    },
    "URI": {
        "parse": lambda run, block, text: uri(text),
        "encode_www_form": _form,
        "encode_www_form_component": _text(lambda text: quote_plus(text, safe="*-._")),
        "decode_www_form_component": _text(unquote_plus),
        "escape": _text(lambda text: quote(text, safe="-_.!~*'();/?:@&=+$,[]")),
        "unescape": _text(unquote),
    },
    "Shellwords": _SHELL,
    "IPAddr": {"new": lambda run, block, *arguments: address(*arguments)},
    "Math": {
        **{
            name: _math(getattr(math, name))
            for name in ("sqrt", "sin", "cos", "tan", "atan", "exp", "log2", "log10", "log", "hypot")
        },
        "cbrt": _math(lambda number: round(number ** (1 / 3), 12)),
    },
    **digests.MODULES,
    "Timeout": {"timeout": lambda run, block, seconds, *_: required(block)(seconds)},
    "Gem::Version": {
        "new": lambda run, block, text: version(text),
        "create": lambda run, block, text: version(text),
        "correct?": lambda run, block, text: _is_version(text),
    },
    "Puppet": {
        **dict.fromkeys(
            ("debug", "info", "notice", "warning", "err", "warn_once", "deprecation_warning"),
            lambda run, block, *_: None,
        ),
        "[]": _setting,
        "version": lambda run, block: _of_scope(run, "serverversion", "puppetversion"),
    },
    "Puppet::Util": {"absolute_path?": lambda run, block, path, *_: path.startswith("/")},
    "ENV": {"[]": _environment, "key?": _environment, "fetch": _environment_or},
    "Puppet::Functions": {"create_function": _defining("create_function")},
    "Puppet::Parser::Functions": {
        "function": lambda run, block, name, *_: f"function_{to_s(run, name)}",
        "newfunction": _defining("newfunction"),
        "autoloader": lambda run, block: Class("Puppet::Parser::Functions"),
        "load": lambda run, block, *_: True,
        "loadall": lambda run, block, *_: True,
    },
    "Puppet::Pops::Types::PSensitiveType::Sensitive": {"new": lambda run, block, value: Sensitive(value)},
    "Puppet::Util::Package": {"versioncmp": lambda run, block, one, two: call_scope(run, "versioncmp", [one, two])},
    "Proc": {"new": lambda run, block: block},
    "Integer": {"sqrt": lambda run, block, number: math.isqrt(number)},
}


def _of_class(name: str) -> Method:
    def method(run: Run, block: Proc | None, kind: Class, *arguments: Value) -> Value:
        own = run.modules.get(kind.name, {}).get(name)
        if own is not None:
            return own.call(*arguments, block=block)
        found = _METHODS.get(kind.name, {}).get(name)
        if found is not None:
            return found(run, block, *arguments)
        if (
            name == "new"
            and error_is(kind.name, "Exception")
            and (kind.name.endswith("Error") or kind.name.endswith("Exception"))
        ):
            return Error(kind.name, to_s(run, arguments[0]) if arguments else kind.name)
        raise Unsupported(f"'{kind.name}.{name}' is not supported")

    return method


CLASS: Table = {
    **OBJECT,
    **{name: _of_class(name) for table in _METHODS.values() for name in table},
    "===": lambda run, block, kind, value: is_a(value, kind),
    "name": lambda run, block, kind: kind.name,
    "to_s": lambda run, block, kind: kind.name,
    "ancestors": lambda run, block, kind: [kind],
    "instance_methods": lambda run, block, kind, *_: [],
    "==": lambda run, block, kind, other: (
        isinstance(other, Class) and kind.name.replace("Fixnum", "Integer") == other.name.replace("Fixnum", "Integer")
    ),
}
