"""The few functions that each of many modules has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import quote_plus

from hiera.ruby_text import ruby_text
from hiera.values import Value
from manifests.functions.data import to_json, to_json_pretty
from manifests.puppet.functions.base import Invocation
from manifests.puppet.functions.files import content, text
from manifests.puppet.functions.names import opened


def _jenkins(call: Invocation, key: str, default: Value) -> Value:
    """Return a setting of Jenkins that its class was given, or the default."""
    settings = call.scope.get("jenkins::config_hash")
    found = settings.get(key) if isinstance(settings, Mapping) else None
    value = found.get("value") if isinstance(found, Mapping) else None
    return default if value is None or value is False else value


def jenkins_port(call: Invocation, *_: Value) -> Value:
    """Return the port of Jenkins."""
    return _jenkins(call, "JENKINS_PORT", 8080)


def jenkins_prefix(call: Invocation, *_: Value) -> Value:
    """Return the path before all pages of Jenkins."""
    return _jenkins(call, "PREFIX", "")


def to_hash_settings(table: dict[str, Value], name: Value = None) -> dict[str, Value]:
    """Return settings as resources, each with its key and value; ``name`` stands before their titles."""
    before = "" if name is None else f"{ruby_text(name)}: "
    return {f"{before}{key}": {"key": key, "value": value} for key, value in table.items()}


def ensure_prefix(value: Value, prefix: Value) -> Value:
    """Return the items of a list, or the keys of a mapping, with a text before those that do not begin with it."""
    if not prefix:
        return value

    def done(item: Value) -> str:
        word = ruby_text(item)
        return word if word.startswith(prefix) else prefix + word

    if isinstance(value, dict):
        return {done(key): item for key, item in value.items()}
    return [done(item) for item in value]


def git_config_hash(settings: dict[str, Value]) -> dict[str, Value]:
    """Return settings of git as parameters of resources."""
    return {key: value if isinstance(value, dict) else {"value": value} for key, value in settings.items()}


_KEY = re.compile(r"((?:sk-ssh-ed25519|sk-ecdsa-|ssh-|ecdsa-)\S+)\s+(\S+)\s+(.*)$", re.MULTILINE)


def authorized_key(line: str) -> list[str]:
    """Return options, type, key and comment of a line of ``authorized_keys``."""
    found = _KEY.search(line)
    if found is None:
        raise ValueError("expects a line of authorized_keys: [options] type key comment")
    return [line[: found.start()].rstrip(), *found.groups()]


_OPTION = re.compile(r""",*(?:([^,\\'"]+)|'([^']*)'|("(?:[^"\\]|\\.)*")|(\\.?)|(\S))(,|\Z)?""", re.DOTALL)


def key_options(given: str) -> list[str]:
    """Return the options before a key, those in quotes whole."""
    words, field, place = list[str](), "", 0
    while found := _OPTION.match(given, place):
        if found[5]:
            raise ValueError("has a quote that is not closed")
        place = found.end()
        plain = next(part for part in (*found.groups()[:3], found[4] and found[4][1:]) if part is not None)
        field += plain
        if found[6] is not None:
            words.append(field)
            field = ""
        if place >= len(given):
            break
    return words


def processes(given: Value) -> dict[str, Value]:
    """Return the processes that the plugin of collectd watches as resources."""
    if isinstance(given, dict):
        return given
    if not isinstance(given, list):
        raise ValueError("expects an array")  # noqa: TRY004  the author's mistake
    found: dict[str, Value] = {}
    for one in given:
        if isinstance(one, str):
            found[one] = {}
        elif isinstance(one, dict):
            found[one["name"]] = {key: value for key, value in one.items() if key != "name"}
        else:
            raise ValueError("expects texts and hashes in the array")  # noqa: TRY004  the author's mistake
    return found


_ARTIFACT = re.compile(
    r"(?P<base_url>.*/artifactory)/(?P<repository>[^/]+)/(?P<org_path>.+?)/(?P<module>[^/]+)/(?P<base_rev>[^/]+?)"
    r"(?:-(?P<folder_iteg_rev>SNAPSHOT))?/(?P=module)-(?P=base_rev)"
    r"(?:-(?P<file_iteg_rev>SNAPSHOT|(?:[0-9]{8}.[0-9]{6})-(?:[0-9]+)))?(?:-(?P<classifier>[^/]+?))?"
    r"\.(?P<ext>(?!\d)[^\-/]+|7z)"
)


def artifactory(url: str) -> dict[str, Value] | None:
    """Return the parts of an address at Artifactory (Maven's layout), or undef."""
    found = _ARTIFACT.search(url)
    return None if found is None else found.groupdict()


def nexus(url: str, parameters: dict[str, str]) -> str:
    """Return the address of an artifact at Nexus."""
    query = "&".join(f"{key}={quote_plus(value, safe='*')}" for key, value in parameters.items())
    return f"{url}/service/local/artifact/maven/content?{query}"


def find_deep(key: str, table: Value, remove: str = "puppetsource") -> list[Value]:
    """Return the values of a key, in a list for each mapping that is in another."""
    del remove
    found: list[Value] = [table[key]] if isinstance(table, dict) and key in table else []
    inside = table.values() if isinstance(table, dict) else table
    return [*found, [find_deep(key, one) for one in inside if isinstance(one, dict | list)]]


def parent_paths(path: str) -> list[str]:
    """Return the directories above a path, the outermost first."""
    parts = re.sub("/+", "/", path).split("/")
    return ["/" + "/".join(parts[1 : end + 1]) for end in range(1, len(parts) - 1)]


def systemd_escape(given: str, path: Value = None) -> str:
    """Return a text as part of the name of a unit, as ``systemd-escape`` writes it."""
    if path:
        parts = [part for part in given.split("/") if part and part != "."]
        if ".." in parts:
            raise ValueError("expects a path without ..")
        given = "/".join(parts) or "/"
        if given == "/":
            return "-"
    rows = [
        "-" if char == "/" else char
        if re.fullmatch(r"[A-Za-z0-9:_.]", char) and not (at == 0 and char == ".")
        else "".join(f"\\x{byte:02x}" for byte in char.encode())
        for at, char in enumerate(given)
    ]  # fmt: skip
    return "".join(rows)


def translate(message: str, values: Value = None) -> str:
    """Return a message with the values filled in."""
    from manifests.functions.sprintf import sprintf  # noqa: PLC0415  few need it

    return message if values is None else sprintf(message, values)


def template_body(call: Invocation, *names: Value) -> str:
    """Return the texts of templates, not rendered, joined."""
    parts = []
    for name in opened(call, names):
        found = content(call, name, template=True)
        if found is None:
            raise call.fault("missing-template", f"there is no template '{name}'")
        parts.append(text(call, name, found))
    return "".join(parts)


def letsencrypt_lookup(call: Invocation, name: str) -> Value:
    """Return the directory of the certificate that is valid for a name, or undef."""
    facts = call.scope.get("facts")
    known = facts.get("letsencrypt_directory") if isinstance(facts, Mapping) else None
    directories: Mapping[str, Value] = known if isinstance(known, Mapping) else {}
    bare = re.sub(r"^([^.]+\.)", "", name)
    return next((directories[one] for one in (name, f"*.{name}", f"*.{bare}") if one in directories), None)


def fail(call: Invocation, message: str) -> None:
    """End the compilation with a message."""
    raise call.fault("failed", message)


def sort_bind(addresses: dict[str, Value]) -> list[list[Value]]:
    """Return addresses with their options in order: names, then addresses by number, each by its port."""

    def rank(entry: tuple[str, Value]) -> tuple[int, str]:
        found = re.match(r"(?:(\d+)\.(\d+)\.(\d+)\.(\d+))?(.*)", entry[0])
        assert found is not None
        if found[1] is None:
            return -1, found[5]
        octets = [int(part) for part in found.groups()[:4]]
        return (octets[0] << 24) + (octets[1] << 16) + (octets[2] << 8) + octets[3], found[5]

    return [[key, value] for key, value in sorted(addresses.items(), key=rank)]


def is_address(given: str) -> bool:
    """Say whether a text is an address or a network."""
    import ipaddress  # noqa: PLC0415  few need it

    try:
        ipaddress.ip_network(given, strict=False)
    except ValueError:
        return False
    return True


def sorted_json(value: Value, pretty: Value = None, indent: Value = None) -> str:
    """Return a value as JSON with its keys in order; without its undefined and empty ones at the outside."""
    plain = _ordered(value)
    if not pretty:
        return str(to_json(plain))
    return str(to_json_pretty(plain, None, {"indent": " " * int(indent or 4)}))


def _ordered(value: Value) -> Value:
    """Return a value with all mappings in the order of their keys, and the words for values as those values."""
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    words = {"true": True, "false": False, "undef": None, "": ""}
    if isinstance(value, str):
        return json.loads(value) if re.fullmatch(r"-?[1-9]\d*", value) else words.get(value, value)
    return value


_SORTED = (sorted_json, "Any value, Any pretty?, Any indent?")
TABLE = {
    "jenkins_port": (jenkins_port, "Any arguments*", "call"),
    "jenkins_prefix": (jenkins_prefix, "Any arguments*", "call"),
    **dict.fromkeys(("to_hash_settings", "php::to_hash_settings"), (to_hash_settings, "Hash table, Any name?")),
    "php::ensure_prefix": (ensure_prefix, "Variant[Array, Hash] value, Optional[String] prefix"),
    "git_config_hash": (git_config_hash, "Hash settings, Any more*"),
    "accounts_ssh_authorized_keys_line_parser": (authorized_key, "String[1] line"),
    "accounts_ssh_options_parser": (key_options, "String given"),
    "collectd_convert_processes": (processes, "Any given"),
    "archive::parse_artifactory_url": (artifactory, "Stdlib::HTTPUrl url"),
    "archive::assemble_nexus_url": (nexus, "Stdlib::HTTPUrl url, Hash parameters"),
    "grafana::deep_find_and_remove": (find_deep, "String key, Hash table, String remove?"),
    "grafana::get_sub_paths": (parent_paths, "String path"),
    "systemd::systemd_escape": (systemd_escape, "String given, Optional[Boolean] path?"),
    "translate": (translate, "String message, Hash values?"),
    "template_body": (template_body, "Any names*", "call"),
    "letsencrypt::letsencrypt_lookup": (letsencrypt_lookup, "String name", "call"),
    "haproxy::generate_error_message": (fail, "String message", "call"),
    "haproxy::sort_bind": (sort_bind, "Hash addresses"),
    "haproxy::validate_ip_addr": (is_address, "String given"),
    "tomcat::change": (lambda value: value, "Any value"),
    **dict.fromkeys(
        ("consul::sorted_json", "consul_sorted_json", "nomad_sorted_json", "nomad::sorted_json", "vault_sorted_json"),
        _SORTED,
    ),
}
