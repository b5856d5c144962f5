"""Which functions there are: by file, with the signature of each."""

from __future__ import annotations

import builtins
import importlib
import keyword
from collections.abc import Iterator, Mapping
from typing import Final

from hiera.errors import DataError, Location, Problem, did_you_mean
from manifests.functions.base import Function, parameters_of

_TEXT = "Variant[String, Numeric]"
_TEXTS = "Variant[String, Numeric, Array] value"
_PLAIN = "Variant[Array, Hash, String, Binary] value"
_TEXTS_TOO = "Variant[String, Numeric, Array, Hash] value"

SIGNATURES: Final[dict[str, dict[str, str]]] = {
    "strings": {
        "join": "Array list, Optional[String] separator?",
        "split": "String str, Variant[String, Regexp, Type[Regexp]] pattern",
        "regsubst": "Variant[Array[String], String] target, Variant[String, Regexp, Type[Regexp]] pattern, "
        "Variant[String, Hash] replacement, Optional[Pattern[/^[GEIM]*$/]] flags?, "
        "Optional[Enum['N', 'E', 'S', 'U']] encoding?",
        "match": "Variant[Array, String] text, Variant[String, Regexp, Array, Type] pattern",
        "upcase": _TEXTS_TOO,
        "downcase": _TEXTS_TOO,
        "capitalize": _TEXTS,
        "camelcase": _TEXTS,
        "swapcase": "Variant[String, Array] value",
        "strip": _TEXTS,
        "lstrip": _TEXTS,
        "rstrip": _TEXTS,
        "chomp": _TEXTS,
        "chop": _TEXTS,
        "sprintf": "String form, Any values*",
        "squeeze": "Variant[Array, String] value, String characters?",
        "start_with": "String text, Variant[String[1], Array[String[1], 1]] starts",
        "end_with": "String text, Variant[String[1], Array[String[1], 1]] ends",
        "versioncmp": "String a, String b, Boolean ignore_trailing_zeroes?",
        "compare": "Any first, Any second, Boolean ignore_case?",
        "scanf": "String text, String form &?",
        "regexpescape": "Variant[Array, String] value",
        "uriescape": "Variant[Array, String] value",
        "dos2unix": "String text",
        "unix2dos": "String text",
        "xml_encode": "String text, Enum[text, attr] kind?",
        "str2bool": "Any value",
        "bool2str": "Boolean value, String words*",
        "bool2num": "Any value",
        "num2bool": "Any value",
        "any2bool": "Any value",
        "to_bytes": "Variant[String, Numeric] text",
    },
    "collections": {
        "flatten": "Any values*",
        "keys": "Hash hash",
        "values": "Hash hash",
        "merge": "Any hashes* &?",
        "deep_merge": "Any first, Any second, Any rest*",
        "has_key": "Hash hash, Any key",
        "member": "Array list, Any value",
        "size": _PLAIN,
        "length": _PLAIN,
        "count": "Variant[Array, Hash, String] list, Any value?",
        "empty": "Variant[Collection, String, Numeric, Binary, Undef, Sensitive] value",
        "pick": "Any values+",
        "pick_default": "Any values+",
        "first": "Array list",
        "last": "Array list",
        "any2array": "Any values*",
        "concat": "Array list, Any values+",
        "delete": "Variant[Array, Hash, String] from, Any what",
        "delete_at": "Array list, Variant[Integer, Pattern[/\\A-?\\d+\\z/]] index",
        "delete_values": "Hash hash, Any value",
        "delete_undef_values": "Variant[Array, Hash] from",
        "delete_regex": "Variant[Array, Hash] from, Variant[String, Array[String]] pattern",
        "range": f"{_TEXT} first, {_TEXT} last?, {_TEXT} step?",
        "reverse": "Variant[Array, String] value",
        "zip": "Array first, Array second, Any flat?",
        "dig": "Any data, Any path*",
        "get": "Any data, Variant[String, Integer] path?, Any default? &?",
        "intersection": "Array first, Array second",
        "difference": "Array first, Array second",
        "union": "Array lists+",
        "prefix": "Variant[Array, Hash] value, String text?",
        "suffix": "Variant[Array, Hash] value, String text?",
        "join_keys_to_values": "Hash hash, String separator",
        "values_at": "Array list, Any places+",
        "grep": "Array list, String pattern",
        "reject": "Array list, String pattern",
        "nested_values": "Hash hash",
        "hash": "Variant[Array, Hash] pairs",
    },
    "numbers": {
        "abs": _TEXT + " number",
        "ceiling": _TEXT + " number",
        "floor": _TEXT + " number",
        "round": "Numeric number",
        "min": "Any values* &?",
        "max": "Any values* &?",
        "sum": "Array[Numeric] numbers",
        "clamp": "Any values+",
        "convert_base": f"{_TEXT} number, {_TEXT} base",
        "seeded_rand": "Integer[1] limit, String seed",
        "seeded_rand_string": "Integer[1, 100000] length, String seed, Optional[String[2]] characters?",
    },
    "paths": {
        "dirname": "String path",
        "basename": "String path, String suffix?",
        "extname": "String path",
    },
    "data": {
        "to_json": "Any value",
        "to_json_pretty": "Any value, Optional[Boolean] skip_undef?, Optional[Hash] options?",
        "parsejson": "Any text, Any default?",
        "parsehocon": "String text, Any default?",
        "to_yaml": "Any value, Hash options?",
        "parseyaml": "Any text, Any default?",
        "to_toml": "Hash value",
        "to_python": "Any value",
        "to_ruby": "Any value",
    },
    "crypto": {
        "sha1": "Any text",
        "sha256": "Any text",
        "sha512": "Any text",
        "md5": "Any text",
        "digest": "Any text, String algorithm?",
        "crc32": "Any text",
        "base64": "Enum[encode, decode] action, String text, Enum[default, strict, urlsafe] method?",
        "b64encode": "Variant[String, Binary] text",
        "b64decode": "String text",
        "validate_x509_rsa_key_pair": "String certificate, String key",
        "fqdn_uuid": "String name",
        "uuid5": "String name",
    },
    "passwords": {
        "pw_hash": "Any password, String kind, Any salt",
        "str2saltedpbkdf2": "Any password, Any salt, Integer rounds",
    },
    "shell": {
        "quote": "Any value",
        "shell_escape": "Any value",
        "batch_escape": "Any value",
        "powershell_escape": "Any value",
        "shell_join": "Array words",
        "shell_split": "Any text",
        "shellquote": "Any words+",
    },
    "network": {
        "ip_in_range": "String address, Variant[String, Array] ranges",
        "enclose_ipv6": "Variant[String, Array] addresses",
        "cidr_host": "String network, Integer number",
        "netmask": "String network",
        "network_address": "String network",
        "broadcast": "String network",
        "is_ip": "Any address",
    },
    "time": {
        "strftime": "Any time, Variant[String, Any] form?, String zone?",
        "time": "String zone?",
    },
    "kinds": {
        "type": "Any value, Enum[detailed, reduced, generalized] quality?",
        "assert_type": "Variant[Type, String] kind, Any value &?",
        "new": "Variant[Type, String] kind, Any values*",
        "convert_to": "Any value, Type kind, Any values*",
        "is_a": "Any value, Type kind",
        "type_of": "Any value",
        "unwrap": "Any value &?",
        "rewrap_sensitive_data": "Any data &?",
        "validate_domain_name": "Variant[Stdlib::Fqdn, Stdlib::Dns::Zone] values+",
        "validate_email_address": "Stdlib::Email values+",
        "ensure": "Variant[Boolean, String] ensure, String kind?",
        "Integer": "Any values*",
        "Float": "Any values*",
        "Numeric": "Any values*",
        "String": "Any values*",
        "Boolean": "Any values*",
        "Array": "Any values*",
        "Hash": "Any values*",
        "Sensitive": "Any value",
        "Binary": "Any values*",
        "SemVer": "Any values*",
        "SemVerRange": "Any values*",
        "Timespan": "Any values*",
        "Timestamp": "Any values*",
        "Regexp": "Any values*",
        "Struct": "Any values*",
        "Tuple": "Any values*",
        "URI": "Any values*",
    },
    "iteration": {
        "each": "Any values &",
        "map": "Any values &",
        "filter": "Any values &",
        "reduce": "Any values, Any start? &",
        "any": "Any values &?",
        "all": "Any values &?",
        "group_by": "Any values &",
        "partition": "Any values &",
        "index": "Any values, Any value? &?",
        "slice": "Any values, Integer[1] size &?",
        "step": "Any values, Integer[1] size &?",
        "reverse_each": "Any values &?",
        "sort": "Variant[Array, String] values &?",
        "sort_by": "Variant[Array, Hash] values &",
        "unique": "Any values &?",
        "with": "Any values* &",
        "then": "Any value &",
        "lest": "Any value &",
        "tree_each": "Variant[Array, Hash] value, Hash options? &?",
    },
    "compilation": {
        "lookup": "Variant[String, Array, Hash] key, Any kind?, Any merge?, Any default? &?",
        "hiera": "String key, Any default?, Any override? &?",
        "hiera_array": "String key, Any default?, Any override? &?",
        "hiera_hash": "String key, Any default?, Any override? &?",
        "fact": "String name, Any default?",
        "getvar": "String name, Any default? &?",
        "fail": "Any words*",
        "file": "String names+",
        "find_file": "Variant[String, Array] names*",
        "template": "String names+",
        "inline_template": "String texts+",
        "epp": "String name, Hash parameters?",
        "inline_epp": "String text, Hash parameters?",
        "fqdn_rand": "Any limit, Any seed?, Any downcase?",
        "fqdn_rand_string": "Variant[Integer[1, 100000], String[1, 5]] length, Any characters?, Any seed*",
        "fqdn_rotate": "Variant[Array, String] value, Any seed*",
        "shuffle": "Variant[Array, String] value",
        "str2saltedsha512": "String password",
        "defined": "Any references+",
        "tagged": "Any tags+",
        "include": "Any names+",
        "contain": "Any names+",
        "require": "Any names+",
        "loadyaml": "String name, Any default?",
        "loadjson": "String name, Any default?",
        "debug": "Any words*",
        "info": "Any words*",
        "notice": "Any words*",
        "warning": "Any words*",
        "err": "Any words*",
        "alert": "Any words*",
        "crit": "Any words*",
        "emerg": "Any words*",
    },
}
"""File, name, and signature; ``&`` ends one that takes a block, ``&?`` one that may."""

ALIASES: Final[dict[str, str]] = {
    **{
        f"stdlib::{name}": name
        for name in (
            "merge", "start_with", "end_with", "extname", "to_json", "to_json_pretty", "to_yaml", "to_toml",
            "to_python", "to_ruby", "nested_values", "shell_escape", "sha256", "crc32", "fqdn_rand_string",
            "fqdn_rotate", "seeded_rand", "seeded_rand_string", "ip_in_range", "sort_by", "type_of",
            "xml_encode", "ensure", "batch_escape", "powershell_escape", "parsehocon", "rewrap_sensitive_data",
            "validate_domain_name", "validate_email_address",
        )
    },
    "parsepson": "parsejson", "to_base64": "b64encode", "starts_with": "start_with", "ends_with": "end_with",
}  # fmt: skip
"""Other names of functions."""

RAW: Final = frozenset({
    "epp", "inline_epp", "include", "contain", "require", "defined", "tagged", "debug", "info", "notice", "warning",
    "err", "alert", "crit", "emerg",
})  # fmt: skip
"""Functions that hand their arguments on to the compilation, secrets as secrets."""

_PLACES = {name: theme for theme, names in SIGNATURES.items() for name in names}


class _Table(Mapping[str, Function]):
    """The functions by name; a function's file is imported when it is first asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Function] = {}

    def __getitem__(self, name: str) -> Function:
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = _make(name, ALIASES.get(name, name))
        return found

    def __contains__(self, name: object) -> bool:
        return name in _PLACES or name in ALIASES

    def __iter__(self) -> Iterator[str]:
        yield from _PLACES
        yield from ALIASES

    def __len__(self) -> int:
        return len(_PLACES) + len(ALIASES)


def _make(name: str, plain: str) -> Function:
    """Return the function ``plain`` under the name it is called by. Raises ``KeyError``."""
    theme = _PLACES[plain]
    signature, mark, optional = SIGNATURES[theme][plain].partition("&")
    module = importlib.import_module(f"manifests.functions.{theme}")
    reserved = keyword.iskeyword(plain) or hasattr(builtins, plain)  # those stand in the files with a line behind
    run = getattr(module, f"{plain}_" if reserved else plain)
    whole = theme == "compilation"
    block = "" if not mark else "optional" if optional else "required"
    return Function(name, run, signature.strip(), parameters_of(signature), whole, block, plain in RAW)


FUNCTIONS: Final[Mapping[str, Function]] = _Table()
"""Every function of both languages, by each of its names."""


def find(name: str, location: Location | None = None) -> Function:
    """Return the function ``name``. Raises ``DataError`` (``unknown-function``) with the nearest name as a hint."""
    try:
        return FUNCTIONS[name]
    except KeyError:
        hint = did_you_mean(name, FUNCTIONS)
        raise DataError(Problem("unknown-function", f"there is no function '{name}'", location, hint)) from None
