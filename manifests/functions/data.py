"""Functions that write and read JSON, YAML and the like."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from hiera.errors import DataError
from hiera.types import DEFAULT, Sensitive
from hiera.types.numbers import plain_float
from hiera.values import MISSING, Value
from manifests.functions.ruby import inspect

if TYPE_CHECKING:
    import yaml


def _plain(value: Value) -> Value:
    """Return ``value`` with what JSON does not know as text."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key if isinstance(key, str) else inspect(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, Sensitive):
        return str(value)
    return "default" if value is DEFAULT else str(value)


def to_json(value: Value) -> str:
    """Return a value as JSON on one line."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def _without_undef(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _without_undef(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_undef(item) for item in value if item is not None]
    return value


def to_json_pretty(value: Value, skip_undef: Value = None, options: Value = None) -> str:
    """Return a value as indented JSON that ends with a newline; ``skip_undef`` leaves undef out."""
    value = _without_undef(value) if skip_undef else value
    return _pretty(_plain(value), (options or {}).get("indent", "  "), "") + "\n"


def _pretty(value: Value, indent: str, before: str) -> str:
    """Return indented JSON as Ruby writes it: what is empty inside of something takes lines too."""
    inner = before + indent
    if isinstance(value, dict):
        rows = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {_pretty(item, indent, inner)}"
            for key, item in value.items()
        ]
        return "{\n" + ",\n".join(rows) + "\n" * bool(rows) + before + "}" if rows or before else "{}"
    if isinstance(value, list):
        rows = [inner + _pretty(item, indent, inner) for item in value]
        return "[\n" + ",\n".join(rows) + "\n" + before + "]" if rows or before else "[]"
    return json.dumps(value, ensure_ascii=False)


def parsejson(text: Value, default: Value = MISSING) -> Value:
    """Return the value that a JSON text says, or the default if it cannot be read."""
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        if default is MISSING:
            raise ValueError("cannot read the text as JSON") from None
        return default


def parsehocon(text: str, default: Value = MISSING) -> Value:
    """Return the value that a HOCON text says, or the default if it cannot be read."""
    from hiera.backends.hocon import parse_hocon  # noqa: PLC0415  few need it

    try:
        return parse_hocon(text)
    except DataError:
        if default is MISSING:
            raise ValueError("cannot read the text as HOCON") from None
        return default


def to_yaml(value: Value, options: Value = None) -> str:
    """Return a value as a YAML document."""
    import yaml  # noqa: PLC0415  few need it

    width = (options or {}).get("line_width", 80)
    indent = (options or {}).get("indentation", 2)
    return yaml.dump(
        _plain(value), Dumper=_dumper(), default_flow_style=False, sort_keys=False, allow_unicode=True,
        explicit_start=True, width=float("inf") if width in {-1, 0} else width, indent=indent,
    ).removesuffix("...\n")  # fmt: skip


def _dumper() -> type[yaml.SafeDumper]:
    """Return the writer whose documents look as Ruby's do: blocks for lines, nothing for undef, no anchors."""
    import yaml  # noqa: PLC0415  few need it

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Value) -> bool:  # noqa: ARG002  the signature is the library's
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = _style(value)
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    Dumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))
    Dumper.add_representer(
        float, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", plain_float(value))
    )
    return Dumper


def _style(value: str) -> str | None:
    """Return the style that Ruby's writer picks for a text; None leaves it to the rules of YAML."""
    if re.search(r"\n(?!\n?\Z)", value):
        return "|"
    if value in {"y", "Y", "n", "N"} or re.search(r'^[^\w][^"]*$', value, re.MULTILINE):
        return '"'
    return "'" if re.fullmatch(r"[-+]?\d[\d,_]*", value) else None


def parseyaml(text: Value, default: Value = MISSING) -> Value:
    """Return the value that a YAML text says, or the default if it cannot be read."""
    import yaml  # noqa: PLC0415  few need it

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, AttributeError, TypeError, ValueError):
        if default is MISSING:
            raise ValueError("cannot read the text as YAML") from None
        return default


def to_python(value: Value) -> str:
    """Return a value as a literal of Python."""
    return _literal(_plain(value), {None: "None", True: "True", False: "False"}, ": ")


def _literal(value: Value, words: dict[Value, str], arrow: str) -> str:
    """Return a value as a literal of a language that names undef and booleans by ``words``."""
    if value is None or isinstance(value, bool):
        return words[value]
    if isinstance(value, list):
        return f"[{', '.join(_literal(item, words, arrow) for item in value)}]"
    if isinstance(value, dict):
        rows = [f"{_literal(key, words, arrow)}{arrow}{_literal(item, words, arrow)}" for key, item in value.items()]
        return "{" + ", ".join(rows) + "}"
    return inspect(value)


def to_ruby(value: Value) -> str:
    """Return a value as a literal of Ruby."""
    return _literal(_plain(value), {None: "nil", True: "true", False: "false"}, " => ")


def to_toml(value: dict[str, Value]) -> str:
    """Return a mapping as a TOML document."""
    return "".join(_toml_table(_plain(value), ()))


def _toml_table(table: dict[str, Value], path: tuple[str, ...]) -> list[str]:
    """Return the lines of a table: its values first, then the tables in it."""
    tables = {key: item for key, item in table.items() if _is_table(item)}
    rows = [f"{_toml_key(key)} = {_toml(item)}\n" for key, item in sorted(table.items()) if key not in tables]
    for key, item in sorted(tables.items()):
        inner = (*path, _toml_key(key))
        for one in item if isinstance(item, list) else [item]:
            mark = "[[{}]]\n" if isinstance(item, list) else "[{}]\n"
            rows += [mark.format(".".join(inner)), *_toml_table(one, inner)]
    return rows


def _is_table(value: Value) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _toml_key(key: str) -> str:
    plain = key.replace("-", "").replace("_", "")
    return key if plain.isascii() and plain.isalnum() else json.dumps(key)


def _toml(value: Value) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
