"""Functions of the library that Wikimedia's control repository has for its roles."""

from __future__ import annotations

from hiera.types.regex import compiled
from hiera.values import MISSING, Value
from manifests.puppet.functions.base import Invocation


def role(call: Invocation, name: str) -> Value:
    """Give the node its role, once, and include the class of that name."""
    if call.scope.variables.get("_role", MISSING) is not MISSING:
        raise call.fault("failed", "role() can only be called once per node")
    plain = name.removeprefix("::")
    call.scope.variables["_role"] = plain.replace("::", "/")
    return call.call("include", f"role::{plain}")


def requires_realm(call: Invocation, realm: str, message: Value = None) -> None:
    """End the compilation unless the node is in a realm."""
    if call.scope.get("realm") != realm:
        raise call.fault("failed", message or f"this can only be used in the realm '{realm}'")


def init_template(call: Invocation, name: str, kind: str = "systemd") -> Value:
    """Return a template of the calling module for a unit."""
    return call.call("template", f"{call.scope.module}/initscripts/{name}.{kind}.erb")


def systemd_template(call: Invocation, name: str) -> Value:
    """Return the template of the calling module for a unit of systemd."""
    return init_template(call, name, "systemd")


def slice_network_constants(call: Invocation, realm: str, options: Value = None) -> list[str]:
    """Return the networks of a realm, in order; a site, sphere, address family and description narrow them."""
    known: dict[str, Value] = call.scope.get("network::constants::all_network_subnets") or {}
    wish: dict[str, Value] = options or {}
    sites = known.get("cloud" if realm == "labs" else realm)
    if sites is None or (wish.get("site") and wish["site"] not in sites):
        raise call.wrong("does not know the realm or the site")
    if wish.get("sphere") not in {None, "public", "private"} or wish.get("af") not in {None, "ipv4", "ipv6"}:
        raise call.wrong("expects the sphere public or private, and the family ipv4 or ipv6")
    found: list[str] = []
    for site, spheres in sites.items():
        for sphere, subnets in spheres.items():
            if wish.get("site") in {None, site} and wish.get("sphere") in {None, sphere}:
                found += _addresses(subnets, wish)
    return sorted(found)


def _addresses(subnets: dict[str, Value], wish: dict[str, Value]) -> list[str]:
    """Return the networks whose names the description matches."""
    families = [wish["af"]] if wish.get("af") else ["ipv4", "ipv6"]
    pattern = compiled(wish["description"]) if wish.get("description") else None
    return [
        subnet[family]
        for name, subnet in subnets.items()
        if pattern is None or pattern.search(name)
        for family in families
        if subnet.get(family) is not None
    ]


def dump_params(call: Invocation) -> dict[str, Value]:
    """Return the parameters of the resource that is evaluated."""
    given = call.compilation.resource_of(call.scope).parameters
    return {key: value for key, value in given.items() if key != "name" and value is not None}


def filter_params(call: Invocation, *names: Value) -> dict[str, Value]:
    """Return the parameters of the resource that is evaluated without some."""
    from manifests.functions.collections import flatten  # noqa: PLC0415  few need it

    unwanted = set(flatten(*names))
    return {key: value for key, value in dump_params(call).items() if key not in unwanted}


def merge_config(main: Value, service: dict[str, Value]) -> str:
    """Return the configuration of a service joined with the common one, as YAML."""
    from manifests.functions.data import parseyaml, to_yaml  # noqa: PLC0415  few need it

    whole = dict(main) if isinstance(main, dict) else parseyaml(main)
    try:
        first, *rest = whole["services"]
        whole["services"] = [{**first, "conf": {**first["conf"], **service}}, *rest]
    except (KeyError, TypeError, ValueError):
        raise ValueError("expects a configuration with services") from None
    return str(to_yaml(whole))


TABLE = {
    "role": (role, "String name", "call"),
    "requires_realm": (requires_realm, "String realm, Any message?", "call"),
    "init_template": (init_template, "String name, String kind?", "call"),
    "systemd_template": (systemd_template, "String name", "call"),
    "slice_network_constants": (slice_network_constants, "String realm, Hash options?", "call"),
    "wmflib::resource::dump_params": (dump_params, "", "call"),
    "wmflib::resource::filter_params": (filter_params, "Any names*", "call"),
    "merge_config": (merge_config, "Any main, Hash service"),
}
