"""The methods that templates may call, one table for each class of values."""

from __future__ import annotations

from functools import cache

from hiera.types import Sensitive
from manifests.puppet.erb.methods.addresses import ADDRESS, Address
from manifests.puppet.erb.methods.arrays import ARRAY
from manifests.puppet.erb.methods.base import Table
from manifests.puppet.erb.methods.common import OBJECT
from manifests.puppet.erb.methods.digests import BYTES, DIGEST, Digest
from manifests.puppet.erb.methods.hashes import HASH
from manifests.puppet.erb.methods.kernel import MAIN
from manifests.puppet.erb.methods.modules import CLASS
from manifests.puppet.erb.methods.numbers import FLOAT, INTEGER
from manifests.puppet.erb.methods.others import (
    ERROR,
    LAZY,
    MATCH,
    NIL,
    PATTERN,
    PROC,
    RANGE,
    SENSITIVE,
    SET,
    SYMBOL,
    TRUTH,
)
from manifests.puppet.erb.methods.puppet import FOREIGN, RESOURCE, SCOPE, scope_function
from manifests.puppet.erb.methods.texts import TEXT
from manifests.puppet.erb.methods.uris import URI, VERSION, Uri, Version
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
    Resource,
    ScopeObject,
    Set,
    Symbol,
    Value,
)

_TABLES: dict[type, Table] = {
    str: TEXT,
    int: INTEGER,
    float: FLOAT,
    bool: TRUTH,
    type(None): NIL,
    list: ARRAY,
    Hash: HASH,
    Symbol: SYMBOL,
    Range: RANGE,
    Pattern: PATTERN,
    Match: MATCH,
    Proc: PROC,
    Class: CLASS,
    Set: SET,
    Lazy: LAZY,
    ScopeObject: SCOPE,
    Main: MAIN,
    Error: ERROR,
    Sensitive: SENSITIVE,
    Address: ADDRESS,
    Uri: URI,
    Version: VERSION,
    Digest: DIGEST,
    Resource: RESOURCE,
    bytes: BYTES,
}


def table_of(value: Value) -> Table:
    """Return the methods of ``value``."""
    return _TABLES.get(value.__class__, FOREIGN)


@cache
def known_anywhere(name: str) -> bool:
    """Say whether some value has the method ``name``."""
    return name in OBJECT or any(name in table for table in _TABLES.values())


__all__ = ["known_anywhere", "scope_function", "table_of"]
