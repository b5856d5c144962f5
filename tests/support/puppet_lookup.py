"""The same lookups asked of the real Puppet and of us, and answers in a form that can be held side by side.

A case is a mapping: ``dir`` of the environment, ``facts``, and ``lookups``, each a key or a mapping with ``key``,
``merge``, ``type``, ``default``, ``default_values_hash`` and ``override``; ``node`` and ``modules`` (directories) if it
has any. An answer has a ``value``, or ``error``, or neither where there is no such key. JSON keeps what it lacks as
``(Integer)1`` for a key and ``{"__sensitive__": ...}`` for a value.
"""

import json
import math
import subprocess
from pathlib import Path

from hiera.errors import DataError
from hiera.lookup import Hiera
from hiera.supplied import NOTHING
from hiera.tree import DirectoryTree
from hiera.types import parse
from hiera.types.convert import convert
from hiera.values import MISSING, Secret
from manifests.functions import compilation

NODE = "oracle.example.com"
ORACLE = Path(__file__).with_name("puppet_lookup.rb")


class Puppet:
    """The real one, in a process that answers case after case."""

    def __init__(self):
        self._process = subprocess.Popen(["ruby", ORACLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, case):
        """Return Puppet's answers to the lookups of ``case``."""
        self._process.stdin.write(json.dumps(case | {"dir": str(case["dir"])}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self):
        """End the process."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


class _Context:
    """What the function ``lookup`` asks of a compilation."""

    def __init__(self, hiera, scope):
        self._hiera = hiera
        self._scope = scope

    def stand_in(self, key, kind=None):
        return MISSING

    def lookup(self, key, *, default=MISSING, merge=None, supplied=NOTHING):
        value = self._hiera.lookup(key, self._scope, merge, supplied)
        return default if value is MISSING else value


def scope_of(case):
    """Return the variables of the node of a case."""
    node = case.get("node") or NODE
    host, _, domain = node.partition(".")
    trusted = {"authenticated": "local", "certname": node, "extensions": {}, "hostname": host, "domain": domain or None}
    facts = json.loads(json.dumps(case["facts"]))  # as Puppet gets them: JSON has no other keys than texts
    server = {"serverversion": "7.23.0", "environment": "production"}
    return {"facts": facts, "trusted": trusted, "server_facts": server, "environment": "production"}


def hiera_of(case):
    """Return the data of the environment of a case."""
    root = Path(case["dir"])
    top = root.parent.parent if root.parent.name == "environments" else root
    found = {}
    for directory in [*case.get("modules", ()), *(root / name for name in ("modules", "site", "site-modules"))]:
        for module in sorted(Path(directory).iterdir()) if Path(directory).is_dir() else ():
            found.setdefault(module.name, module)
    inside = {name: path.relative_to(top).as_posix() for name, path in found.items() if path.is_relative_to(top)}
    directory = root.relative_to(top).as_posix() if root != top else ""
    return Hiera.build(DirectoryTree(top), "production", directory, inside, convert=_convert)


def _convert(name, more, value):
    return convert(parse(name), value, *more)


def ours(case, hiera=None):
    """Return our answers to the lookups of ``case``."""
    hiera = hiera or hiera_of(case)
    context, scope = _Context(hiera, scope_of(case)), scope_of(case)
    asked = json.loads(json.dumps(case["lookups"]))  # as Puppet is asked
    return [_answer(hiera, context, scope, {"key": one} if isinstance(one, str) else one) for one in asked]


def _answer(hiera, context, scope, asked):
    try:
        if asked.keys() <= {"key", "merge"} and isinstance(asked["key"], str):
            value = hiera.lookup(asked["key"], scope, asked.get("merge"))
            return {} if value is MISSING else {"value": recorded(value)}
        words = {"key": "name", "type": "value_type", "default": "default_value"}
        options = {words.get(name, name): item for name, item in asked.items()}
        return {"value": recorded(compilation.lookup(options, context=context, block=None))}
    except (DataError, ValueError):
        return {"error": True}


def recorded(value):
    """Return ``value`` as JSON can keep it."""
    if isinstance(value, Secret):
        return {"__sensitive__": recorded(value.reveal())}
    if isinstance(value, dict):
        return {key if isinstance(key, str) else f"({_kind(key)}){key}": recorded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [recorded(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"__type__": "Float", "text": {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")}
    if value is None or isinstance(value, str | int | float):
        return value
    return {"__type__": type(value).__name__, "text": str(value)}


def _kind(key):
    return {int: "Integer", float: "Float", bool: "TrueClass" if key else "FalseClass"}.get(type(key), "NilClass")


def same(one, other):
    """Say whether two answers are the same, the order of keys included."""
    return ("error" in one and "error" in other) or json.dumps(one) == json.dumps(other)
