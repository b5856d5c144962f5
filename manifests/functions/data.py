"""Functions that write and read JSON, YAML and the like."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from hiera.errors import DataError
from hiera.ruby_text import ruby_float, ruby_inspect, ruby_text
from hiera.types import DEFAULT, Sensitive
from hiera.values import MISSING, Value
from manifests.functions.kinds import unwrapped


def _plain(value: Value) -> Value:
    """Return ``value`` with what JSON does not know as text."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key if isinstance(key, str) else ruby_text(_plain(key)): _plain(item) for key, item in value.items()}
    return "default" if value is DEFAULT else ruby_text(value)


def _written(value: Value, write: Callable[[Value], str]) -> Value:
    """Return what ``write`` makes of ``value``; a Sensitive in it makes the text one."""
    held: list[bool] = []
    plain = unwrapped(value, held)
    return Sensitive(write(plain)) if held else write(plain)


def to_json(value: Value) -> Value:
    """Return a value as JSON on one line."""
    return _written(value, lambda plain: _compact(_plain(plain)))


def _compact(value: Value) -> str:
    """Return JSON on one line with floats as Ruby writes them."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_scalar(key)}:{_compact(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(_compact, value))}]"
    return _scalar(value)


def _scalar(value: Value) -> str:
    return ruby_float(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def to_json_pretty(value: Value, skip_undef: Value = None, options: Value = None) -> Value:
    """Return a value as indented JSON that ends with a newline; ``skip_undef`` leaves undef out at the outside."""
    if skip_undef and isinstance(value, dict):
        value = {key: item for key, item in value.items() if item is not None}
    elif skip_undef and isinstance(value, list):
        value = [item for item in value if item is not None]
    form = {"indent": "  ", "space": " ", "space_before": "", "object_nl": "\n", "array_nl": "\n", **(options or {})}
    return _written(value, lambda plain: _pretty(_plain(plain), form, "") + "\n")


def _pretty(value: Value, form: Mapping[str, str], before: str) -> str:
    """Return indented JSON as Ruby writes it: what is empty takes lines too."""
    inner = before + form["indent"]
    if isinstance(value, dict):
        line, colon = form["object_nl"], f"{form['space_before']}:{form['space']}"
        rows = [f"{inner}{_scalar(key)}{colon}{_pretty(item, form, inner)}" for key, item in value.items()]
        return "{" + line + f",{line}".join(rows) + line * bool(rows) + before + "}"
    if isinstance(value, list):
        line = form["array_nl"]
        return "[" + line + f",{line}".join(inner + _pretty(item, form, inner) for item in value) + line + before + "]"
    return _scalar(value)


def parsejson(text: Value, default: Value = MISSING) -> Value:
    """Return the value that a JSON text says, or the default if it cannot be read."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except (TypeError, ValueError):
        if default is MISSING:
            raise ValueError("cannot read the text as JSON") from None
        return default


def _no_number(word: str) -> Value:
    """Refuse a word that Python takes for a number and JSON does not know."""
    raise ValueError(f"{word} is no number")


def parsehocon(text: str, default: Value = MISSING) -> Value:
    """Return the value that a HOCON text says, or the default if it cannot be read."""
    from hiera.backends.hocon import parse_hocon  # noqa: PLC0415  few need it

    try:
        return parse_hocon(text)
    except DataError:
        if default is MISSING:
            raise ValueError("cannot read the text as HOCON") from None
        return default


def to_yaml(value: Value, options: Value = None) -> Value:
    """Return a value as a YAML document."""
    from manifests.functions.yaml_text import YamlOfData  # noqa: PLC0415  few need it

    given = options or {}
    return _written(value, YamlOfData(given.get("line_width"), given.get("indentation", 2)).document)


def parseyaml(text: Value, default: Value = MISSING) -> Value:
    """Return the value that a YAML text says, or the default if it cannot be read."""
    from hiera.yaml.data import read  # noqa: PLC0415  few need it

    try:
        found = read(text.encode(), "text", lambda _: None)
    except (DataError, AttributeError):
        if default is MISSING:
            raise ValueError("cannot read the text as YAML") from None
        return default
    return default if found is None and default is not MISSING else found


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
    return ruby_inspect(value)


def to_ruby(value: Value) -> str:
    """Return a value as a literal of Ruby."""
    return _literal(_plain(value), {None: "nil", True: "true", False: "false"}, " => ")


def to_toml(value: dict[str, Value]) -> str:
    """Return a mapping as a TOML document."""
    return "".join(_toml_table(_plain(value), ()))


def _toml_table(table: dict[str, Value], path: tuple[str, ...]) -> list[str]:
    """Return the lines of a table: its values first, then the tables in it, then lists of tables."""
    tables = {key: item for key, item in table.items() if _is_table(item)}
    rows = [f"{_toml_key(key)} = {_toml(item)}\n" for key, item in sorted(table.items()) if key not in tables]
    for key, item in sorted(tables.items(), key=lambda pair: (isinstance(pair[1], list), pair[0])):
        inner = (*path, _toml_key(key))
        for one in item if isinstance(item, list) else [item]:
            mark = "[[{}]]\n" if isinstance(item, list) else "[{}]\n"
            bare = isinstance(item, dict) and bool(one) and all(map(_is_table, one.values()))
            rows += [*([] if bare else [mark.format(".".join(inner))]), *_toml_table(one, inner)]
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
