"""Functions of modules that ask what no catalog may depend on, each refused with the reason."""

from __future__ import annotations

from hiera.values import Value
from manifests.puppet.functions.base import Invocation
from manifests.puppet.functions.ports.table import NAMES


def refuse(call: Invocation, *arguments: Value) -> None:
    """Raise ``DataError`` (``refused``) that says why the function is not run."""
    del arguments
    if call.name == "ssh::keygen":
        hint = "keep the key in Hiera, encrypted, and look it up"
        raise call.fault("refused", f"'{call.name}' makes a key while the catalog is made", hint)
    hint = "write a fact in lib/facts that asks, or keep the answer in Hiera"
    raise call.fault("refused", f"'{call.name}' asks another machine while the catalog is made", hint)


TABLE = dict.fromkeys(NAMES["refusals"].split(), (refuse, "Any arguments*", "call"))
