"""Variables, facts, other functions, and the ways out of a block."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hiera.errors import DataError, Problem
from hiera.types import Deferred, Type, infer, parse
from hiera.types.mismatch import describe_mismatch
from hiera.values import MISSING, Value
from manifests.functions.collections import dig, steps
from manifests.functions.strings import versioncmp
from manifests.puppet.functions.base import Invocation

_VARIABLE = re.compile(r"((?:::)?(?:\w+::)*\w+)(?:\.(.*))?", re.DOTALL)


def getvar(call: Invocation, path: str, default: Value = None) -> Value:
    """Return a variable, or what a dotted path leads to in it, or the default."""
    found = _VARIABLE.fullmatch(path)
    if found is None:
        raise call.wrong("expects the name of a variable, and a dot before what is asked of it")
    value = call.scope.get(found[1])
    if value is MISSING:
        return default
    try:
        value = dig(value, *steps(found[2] or ""))
    except ValueError as error:
        if call.block is None:
            raise call.wrong(str(error)) from None
        return call.block(call.wrong(str(error)).problems[0].message)
    return default if value is None else value


def call(call: Invocation, what: Value, *arguments: Value) -> Value:
    """Return what the function of a name answers, or what a Deferred stands for."""
    if isinstance(what, str):
        return call.call(what, *arguments, block=call.block)
    if arguments or not isinstance(what, Deferred):
        raise call.wrong("expects the name of a function, or a Deferred")
    if what.name.startswith("$"):
        value = call.scope.get(what.name[1:])
        return dig(None if value is MISSING else value, *what.arguments)
    return call.call(what.name, *what.arguments)


def has_function(call: Invocation, name: str) -> bool:
    """Say whether there is a function of a name."""
    from manifests.puppet.functions.resolving import resolve  # noqa: PLC0415  it asks the table that names this file

    return resolve(name, call.compilation) is not None


def _networking(call: Invocation) -> Mapping[str, Value]:
    """Return the fact ``networking``, or an empty mapping."""
    found = call.compilation.facts.get("networking")
    return found if isinstance(found, Mapping) else {}


def has_interface_with(call: Invocation, kind: str, value: str = "") -> bool:
    """Say whether there is an interface of a name, or one with an address of a kind."""
    interfaces = _networking(call).get("interfaces") or {}
    if len(call.arguments) == 1:
        return kind in interfaces
    key = {"ipaddress": "ip", "macaddress": "mac"}.get(kind, kind)
    if key not in {"ip", "mac", "netmask", "network"}:
        raise call.wrong(f"does not know the kind of address '{kind}'")
    return any(one.get(key) == value for one in interfaces.values())


def has_ip_address(call: Invocation, address: str) -> bool:
    """Say whether an interface has an address."""
    return has_interface_with(call.given("ip", address), "ip", address)


def has_ip_network(call: Invocation, address: str) -> bool:
    """Say whether an interface is in a network."""
    return has_interface_with(call.given("network", address), "network", address)


def os_version_gte(call: Invocation, name: str, version: str) -> bool:
    """Say whether the system is of a name and at least of a version."""
    system = call.compilation.facts.get("os")
    if not isinstance(system, Mapping):
        raise call.wrong("does not know the node's system: there is no fact 'os'")
    release = system.get("release")
    major = release.get("major") if isinstance(release, Mapping) else None
    return system.get("name") == name and versioncmp(str(major or ""), version) >= 0


def validate_legacy(call: Invocation, *arguments: Value) -> None:
    """End the compilation unless a value is of a type, whatever the old function of that name would say."""
    given = arguments if isinstance(arguments[0], str | Type) else arguments[1:]
    if len(given) < 3:
        raise call.wrong("expects a type, the name of the old function, and a value")
    kind = given[0] if isinstance(given[0], Type) else parse(given[0])
    if call.compilation.strict:
        raise call.fault("deprecated", "validate_legacy is deprecated: give the parameter a data type")
    hint = "give the parameter a data type"
    call.compilation.warn(Problem("deprecated", "validate_legacy is deprecated", call.place, hint, severity="warning"))
    if not kind.is_instance(given[2]):
        words = describe_mismatch(kind, infer(given[2])).describe(f"validate_legacy({kind}, ...)")
        raise DataError(Problem("failed", words, call.place))
