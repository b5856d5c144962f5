"""From the name of a function to what runs it, whoever wrote it."""

from __future__ import annotations

from typing import Any, Final

from hiera.errors import DataError, Problem, did_you_mean
from hiera.types import Binary, Regexp, SemVer, SemVerRange, Timespan, Timestamp
from hiera.types.construct import parse
from hiera.types.data import Octets
from hiera.types.wrappers import Iterated
from hiera.values import Value
from manifests.functions import FUNCTIONS
from manifests.functions.base import Function
from manifests.puppet.functions.base import Invocation, ScopeFunction
from manifests.puppet.functions.context import ScopeContext
from manifests.puppet.functions.own import own_function
from manifests.puppet.functions.ports import find_port
from manifests.puppet.functions.ruby import find_ruby
from manifests.puppet.functions.table import SCOPE_FUNCTIONS, find

WRITTEN: Final = frozenset({"stdlib::ensure", "stdlib::has_ip_address", "stdlib::has_ip_network", "stdlib::time"})
"""Functions that the module has in the Puppet language: its own word goes first."""

_shared: dict[str, ScopeFunction] = {}


def resolve(name: str, compilation: Any) -> ScopeFunction | Any | None:
    """Return the function ``name``: one that needs the compilation, a shared one, one of a module, of the site, a port.

    A function written in the Puppet language comes back as the loaders' ``Found``.
    """
    name = name.removeprefix("::")
    return find(name) or shared(name) or compilation.loaders.find_function(name) or beyond(name, compilation)


def shared(name: str) -> ScopeFunction | None:
    """Return the function ``name`` of both languages, None if there is none."""
    found = _shared.get(name)
    if found is None and name in FUNCTIONS and name not in WRITTEN:
        found = _shared[name] = wrapped(FUNCTIONS[name])
    return found


def wrapped(function: Function) -> ScopeFunction:
    """Return a function of both languages as one of the Puppet language; it asks the scope of the call."""
    old = function.name in OLD_FORM
    bytes_too = function.name in _BYTES_TOO
    lazy = function.name in _LAZY
    typed = function.name == "assert_type"  # whose type may be written in a text

    def act(call: Invocation, *arguments: Value) -> Value:
        context = ScopeContext(call) if function.wants_context else None
        if typed and arguments and isinstance(arguments[0], str):
            arguments = (parse(arguments[0], resolve=call.evaluator.find_type), *arguments[1:])
        if old and not _PLAIN.issuperset(map(type, arguments)):
            arguments = tuple("" if one is None else old_form(one) for one in arguments)
        found = function(*arguments, context=context, block=call.block)
        if lazy and call.block is None:
            return Iterated.of(found, arguments[0])
        return octets(function.name, arguments, found) if bytes_too else found

    return ScopeFunction(function.name, act)


def octets(name: str, arguments: tuple[Value, ...], found: Value) -> Value:
    """Return what the function ``name`` answered as bytes where Ruby would: hashes, and what is made of bytes."""
    first = arguments[0] if arguments else None
    if isinstance(first, list) and first:
        first = first[0]
    if not isinstance(first, Octets) and (name not in _MAKING_BYTES or first == "encode"):
        return found
    if isinstance(found, list):
        return [Octets(one) if isinstance(one, str) else one for one in found]
    return Octets(found) if isinstance(found, str) else found


_LAZY: Final = frozenset({"step", "reverse_each", "tree_each"})
"""Functions that without a block answer something to go through, which is no Array."""
_MAKING_BYTES: Final = frozenset({"pw_hash", "base64"})
_BYTES_TOO: Final = _MAKING_BYTES | {
    "capitalize", "chomp", "chop", "downcase", "join", "lstrip", "regsubst", "rstrip", "split", "strip", "upcase",
}  # fmt: skip
"""Functions whose answer may be bytes in Puppet, and so a Binary in its catalogs."""

OLD_FORM: Final = frozenset({
    "any2array", "any2bool", "base64", "basename", "bool2num", "bool2str", "clamp", "concat", "convert_base",
    "count", "deep_merge", "delete", "delete_at", "delete_regex", "delete_undef_values", "delete_values",
    "difference", "digest", "dirname", "dos2unix", "enclose_ipv6", "fqdn_rand", "fqdn_uuid", "grep", "intersection",
    "join_keys_to_values", "md5", "member", "num2bool", "parsejson", "parseyaml", "pick", "pick_default", "prefix",
    "pw_hash", "range", "regexpescape", "reject", "reverse", "sha1", "sha256", "shell_join", "shell_split",
    "shellquote", "shuffle", "sprintf", "squeeze", "str2bool", "str2saltedpbkdf2", "str2saltedsha512", "suffix",
    "swapcase", "to_bytes", "union", "unix2dos", "uriescape", "validate_x509_rsa_key_pair", "values_at", "zip",
})  # fmt: skip
"""Functions of the form that Puppet 3 had: undef reaches them as the empty text, newer kinds of values as text."""

_PLAIN: Final = frozenset({str, int, float, bool})
_AS_TEXT: Final = (SemVer, SemVerRange, Timespan, Timestamp, Binary)


def old_form(value: Value) -> Value:
    """Return ``value`` as functions of the old form get it."""
    if isinstance(value, list | tuple):
        return [one if type(one) in _PLAIN else old_form(one) for one in value]
    if isinstance(value, dict):
        return {old_key(key): one if type(one) in _PLAIN else old_form(one) for key, one in value.items()}
    if isinstance(value, Regexp):
        return f"/{value.source}/"
    return str(value) if isinstance(value, _AS_TEXT) else value


def old_key(value: Value) -> Value:
    """Return the key of a hash as functions of the old form get it: a list stays what can be a key."""
    if isinstance(value, tuple):
        return tuple(old_key(one) for one in value)
    return old_form(value)


def beyond(name: str, compilation: Any) -> ScopeFunction | None:
    """Return the function ``name`` of the site's own Python, or one that a module has in Ruby.

    Of those the port goes first; without one, its file is interpreted.
    """
    if name in WRITTEN:
        plain = name.removeprefix("stdlib::")
        return find(plain) or wrapped(FUNCTIONS[plain])
    return own_function(name, compilation) or find_port(name, compilation.loaders) or find_ruby(name, compilation)


def unknown(name: str, compilation: Any, call: Invocation | None = None) -> DataError:
    """Return the error that there is no function ``name``, with the reason if one can be told."""
    place = None if call is None else call.place
    near: str | None = compilation.loaders.hint_for(name)
    if near is None and "::" in name:
        near = f"no module has it, nor is there lib/functions/{name.replace('::', '/')}.py"
    near = near or did_you_mean(name, {*FUNCTIONS, *SCOPE_FUNCTIONS})
    return DataError(Problem("unknown-function", f"Unknown function: '{name}'", place, near))
