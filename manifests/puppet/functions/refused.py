"""Functions of Puppet that Freehold does not run, each with the reason."""

from __future__ import annotations

from typing import Final

from hiera.values import Value
from manifests.puppet.functions.base import Invocation

_MACHINE = ("runs a command while the catalog is made", "write a fact in lib/facts, or an exec resource")
_BACKEND = ("is a back end of Hiera and cannot be called", "name it in hiera.yaml")
_TASKS = ("belongs to Bolt, whose plans Freehold does not run", "plans stay with Bolt")
_REASONS: Final[dict[str, tuple[str, str | None]]] = {
    "generate": _MACHINE,
    "validate_cmd": _MACHINE,
    "validate_augeas": _MACHINE,
    "import": ("was taken out of the language", "include the class, modules are loaded by name"),
    "pry": ("starts a debugger of Ruby", None),
    "annotate": ("works on annotated types of Ruby", None),
    "puppetdb_query": ("asks a PuppetDB, and there is none", "put what it would answer into Hiera"),
    **dict.fromkeys(("yaml_data", "json_data", "hocon_data", "eyaml_lookup_key"), _BACKEND),
}


def refuse(call: Invocation, *arguments: Value) -> Value:
    """Raise ``DataError`` (``refused``) that says why the function is not run."""
    del arguments
    reason, hint = _REASONS.get(call.name, _TASKS)
    raise call.fault("refused", f"'{call.name}' {reason}", hint)
