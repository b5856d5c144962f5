"""Which functions need the compilation: by file, with the signature of each."""

from __future__ import annotations

import builtins
import importlib
import keyword
from typing import Final

from manifests.functions.base import parameters_of
from manifests.puppet.functions.base import ScopeFunction

_LEVELS = ("debug", "info", "notice", "warning", "err", "alert", "crit", "emerg")
_OLD_LOOKUP = "String key, Any default?, Any override? &?"
_REFUSED = (
    "generate", "import", "pry", "annotate", "validate_cmd", "validate_augeas", "yaml_data", "json_data", "hocon_data",
    "eyaml_lookup_key", "puppetdb_query", "run_task", "run_plan", "run_command", "run_script", "upload_file", "apply",
    "apply_prep", "get_targets",
)  # fmt: skip
_TEMPLATE = "Optional[Hash[Pattern[/^\\w+$/], Any]] parameters?"

SIGNATURES: Final[dict[str, dict[str, str]]] = {
    "classes": {
        "include": "Any names+",
        "contain": "Any names+",
        "require": "Any names+",
        "hiera_include": _OLD_LOOKUP,
        "tag": "Any names+",
        "tagged": "Any names+",
        "realize": "Any references+",
        "defined": "Variant[String, Type[CatalogEntry], Type[Type[CatalogEntry]]] references+",
        "assert_private": "Any message?",
    },
    "resources": {
        "create_resources": "String kind, Hash instances, Hash defaults?",
        "ensure_resource": "Any kind, Any title, Any parameters?",
        "ensure_resources": "Any kind, Hash resources, Any parameters?",
        "ensure_packages": "Variant[String[1], Array[String[1]], Hash[String[1], Any]] packages, Hash defaults?",
        "defined_with_params": "Any reference, Any parameters?",
        "getparam": "Any reference, String parameter",
        "str2resource": "String reference",
    },
    "messages": {
        **dict.fromkeys(_LEVELS, "Any words*"),
        "fail": "Any words*",
        "deprecation": "String key, String message, Boolean strict?",
    },
    "data": {
        "lookup": "Any arguments+ &?",
        "hiera": _OLD_LOOKUP,
        "hiera_array": _OLD_LOOKUP,
        "hiera_hash": _OLD_LOOKUP,
    },
    "variables": {
        "getvar": "Pattern[/\\A(?:::)?(?:[a-z]\\w*::)*[a-z_]\\w*(?:\\.|\\Z)/] path, Any default? &?",
        "call": "Any what, Any arguments* &?",
        "has_function": "String[1] name",
        "has_interface_with": "String[1] kind, String[1] value?",
        "has_ip_address": "Stdlib::IP::Address::V4::Nosubnet address",
        "has_ip_network": "Stdlib::IP::Address::V4::Nosubnet address",
        "os_version_gte": "String[1] os, String[1] version",
        "validate_legacy": "Any one, Any two, Any three, Any rest*",
    },
    "templates": {
        "template": "Any names+",
        "inline_template": "Any texts+",
        "epp": f"String name, {_TEMPLATE}",
        "inline_epp": f"String text, {_TEMPLATE}",
    },
    "files": {
        "file": "Any names+",
        "find_file": "Variant[String, Array[String]] names*",
        "find_template": "Variant[String, Array[String]] names*",
        "binary_file": "String name",
        "module_directory": "Variant[String, Array[String]] names*",
        "get_module_path": "String name",
        "load_module_metadata": "String name, Any empty?",
        "loadyaml": "String name, Any default?",
        "loadjson": "String name, Any default?",
        "glob": "Variant[String, Array] pattern",
    },
    "refused": dict.fromkeys(_REFUSED, "Any arguments* &?"),
}  # fmt: skip
"""File, name, and signature; ``&?`` ends one that may take a block."""

ALIASES: Final[dict[str, str]] = {
    f"stdlib::{name}": name
    for name in (
        "ensure_packages", "str2resource", "has_function", "has_interface_with", "os_version_gte",
    )
}  # fmt: skip
"""Other names of functions."""

_ONLY_QUALIFIED = frozenset({"str2resource", "has_function"})
_PLACES = {name: theme for theme, names in SIGNATURES.items() for name in names}
SCOPE_FUNCTIONS: Final = frozenset({*_PLACES, *ALIASES} - _ONLY_QUALIFIED)
"""The name of every function that needs the compilation."""

_made: dict[str, ScopeFunction] = {}


def find(name: str) -> ScopeFunction | None:
    """Return the function ``name``, or None if no function of that name needs the compilation."""
    found = _made.get(name)
    if found is None and name in SCOPE_FUNCTIONS:
        found = _made[name] = _make(name, ALIASES.get(name, name))
    return found


def _make(name: str, plain: str) -> ScopeFunction:
    """Return the function ``plain`` under the name it is called by; its file is imported now."""
    theme = _PLACES[plain]
    signature, mark, optional = SIGNATURES[theme][plain].partition("&")
    module = importlib.import_module(f"manifests.puppet.functions.{theme}")
    reserved = keyword.iskeyword(plain) or hasattr(builtins, plain)  # those stand in the files with a line behind
    act = module.refuse if theme == "refused" else getattr(module, f"{plain}_" if reserved else plain)
    block = "" if not mark else "optional" if optional else "required"
    return ScopeFunction(name, act, parameters_of(signature.strip()), block)
