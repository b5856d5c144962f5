"""Functions that write and read JSON, YAML and the like."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from hiera.errors import DataError
from hiera.ruby_text import ruby_float, ruby_inspect, ruby_text
from hiera.types import DEFAULT, Sensitive
from hiera.values import MISSING, Value
from manifests.functions.kinds import unwrapped

if TYPE_CHECKING:
    import yaml


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
    import yaml  # noqa: PLC0415  few need it

    width = (options or {}).get("line_width", 80)
    indent = (options or {}).get("indentation", 2)

    def write(plain: Value) -> str:
        text = yaml.dump(
            _for_yaml(plain), Dumper=_dumper(), default_flow_style=False, sort_keys=False, allow_unicode=True,
            explicit_start=True, width=float("inf") if width in {-1, 0} else width, indent=indent,
        )  # fmt: skip
        whole = str(text)  # an end of the document is needed only after text that keeps its last line breaks
        return whole if whole.endswith("\n\n...\n") else whole.removesuffix("...\n")

    return _written(value, write)


def _for_yaml(value: Value) -> Value:
    """Return ``value`` with what YAML does not know as Ruby's symbols and text; numbers stay keys."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_for_yaml(item) for item in value]
    if isinstance(value, dict):
        return {_key_for_yaml(key): _for_yaml(item) for key, item in value.items()}
    return _SYMBOL if value is DEFAULT else str(value)


class _Symbol(str):
    """A word that Ruby writes without quotes, as a symbol."""

    __slots__ = ()


_SYMBOL = _Symbol(":default")


def _key_for_yaml(key: Value) -> Value:
    return tuple(map(_for_yaml, key)) if isinstance(key, tuple) else _for_yaml(key)


def _dumper() -> type[yaml.SafeDumper]:
    """Return the writer whose documents look as Ruby's do: blocks for lines, nothing for undef, no anchors."""
    import yaml  # noqa: PLC0415  few need it

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Value) -> bool:  # noqa: ARG002  the signature is the library's
            return True

        def write_double_quoted(self, text: str, split: bool = True) -> None:  # noqa: FBT001, FBT002  as above
            self.write_indicator('"', True)  # noqa: FBT003  as above
            for at, char in enumerate(text):
                far = split and self.column > self.best_width and 0 < at < len(text) - 1
                if char == " " and far and text[at - 1] != " ":
                    self.write_indent()
                    self._put("\\" if text[at + 1] == " " else "")
                else:
                    self._put(_escaped(char))
            self.write_indicator('"', False)  # noqa: FBT003  as above

        def check_simple_key(self) -> bool:
            empty = isinstance(self.event, yaml.ScalarEvent) and self.event.value == ""
            return empty or bool(super().check_simple_key())

        def _put(self, text: str) -> None:
            self.stream.write(text)
            self.column += len(text)

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = _style(value)
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    Dumper.add_representer(
        _Symbol, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:str", str(value), style="")
    )
    Dumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))
    Dumper.add_representer(
        float, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", ruby_float(value))
    )
    return Dumper


_ESCAPES: Final = {
    "\0": "\\0", "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r",
    "\x1b": "\\e", '"': '\\"', "\\": "\\\\", "\x85": "\\N", "\u2028": "\\L", "\u2029": "\\P", "\ufeff": "\\uFEFF",
}  # fmt: skip


def _escaped(char: str) -> str:
    """Return one character as it stands between double quotes of YAML."""
    if char in _ESCAPES:
        return _ESCAPES[char]
    code = ord(char)
    if 0x20 <= code < 0x7F or 0xA0 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD:
        return char
    if code > 0xFFFF:
        return f"\\U{code:08X}"
    return f"\\x{code:02X}" if code < 256 else f"\\u{code:04X}"


def _style(value: str) -> str | None:
    """Return the style that Ruby's writer picks for a text; None leaves it to the rules of YAML."""
    if re.search(r"\n(?!\n?\Z)", value):
        return "|"
    if value in {"y", "n"} or max(value, default="") > "\uffff" or re.search(r'^[^\w][^"]*$', value, re.MULTILINE):
        return '"'
    return None if isinstance(_read(value), str) else "'"


def _read(value: str) -> Value:
    """Return what Ruby's reader would take a text for, were it not quoted."""
    from hiera.yaml.psych import UnreadableScalarError, psych  # noqa: PLC0415  few need it

    try:
        return psych(value)
    except UnreadableScalarError:
        return None if value[0] != ":" else value


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
