"""Values as text under Puppet's formats (``String(value, '%#x')``, ``String(value, {Array => ...})``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from hiera.ruby_text import ruby_float
from hiera.types import scalars
from hiera.types.base import Type, doubly_quoted, quoted
from hiera.types.containers import ARRAY, HASH
from hiera.types.data import DEFAULT, Binary, Regexp, Sensitive, Timespan, Uri
from hiera.types.inference import infer
from hiera.types.numbers import Directive, floating, integer
from hiera.types.wrappers import AliasType
from hiera.values import Value

_SPEC = re.compile(r"%([ \[+#0{<(|-]*)([1-9]\d*)?(?:\.(\d+))?([a-zA-Z])")
_PAIRS = {"[": "]", "{": "}", "(": ")", "<": ">", "|": "|"}


@dataclass(frozen=True, slots=True)
class Format:
    """How one kind of value is written; ``inner`` gives the formats of what is in a container."""

    directive: Directive
    separator: str = ", "
    arrow: str = " => "
    inner: Formats | None = field(default=None, compare=False)

    def delimiters(self, default: str) -> tuple[str, str]:
        """Return the marks around a container; a blank among the flags asks for none."""
        given = next((char for char in self.directive.flags if char in _PAIRS or char == " "), default)
        return ("", "") if given == " " else (given, _PAIRS[given])


Formats: TypeAlias = "list[tuple[Type, Format]]"


def read_format(text: str) -> Format:
    """Return the format that ``text`` means. Raises ``ValueError``."""
    found = _SPEC.fullmatch(text)
    if found is None:
        raise ValueError(f"The format '{text}' is not a valid format on the form '%<flags><width>.<prec><format>'")
    precision = None if found[3] is None else int(found[3])
    return Format(Directive(found[4], found[1], int(found[2] or 0), precision))


def _plain(letter: str) -> Format:
    return Format(Directive(letter))


TOP: Formats = [
    (scalars.FLOAT, _plain("f")), (scalars.NUMERIC, _plain("d")), (ARRAY, _plain("a")), (HASH, _plain("h")),
    (scalars.BINARY, _plain("B")), (scalars.ANY, _plain("s")),
]  # fmt: skip
INSIDE: Formats = [
    (scalars.FLOAT, _plain("p")), (scalars.NUMERIC, _plain("d")), (ARRAY, _plain("a")), (HASH, _plain("h")),
    (scalars.ANY, _plain("p")),
]  # fmt: skip


def formats_of(value: Value, given: Value) -> Formats:
    """Return the formats that the argument ``given`` asks for. Raises ``ValueError``."""
    if given is None or given is DEFAULT:
        return TOP
    if isinstance(given, str):
        return [(infer(value).generalized(), read_format(given)), *TOP]
    return [*_table(given), *TOP]


def _table(given: Mapping[Type, Value]) -> Formats:
    """Return the formats of a mapping from type to format, the narrower types first."""
    rows = [(kind, _entry(entry)) for kind, entry in given.items()]
    rows.sort(key=lambda row: sum(row[0].assignable(other) for other, _ in rows))
    return rows


def _entry(entry: Value) -> Format:
    """Return the format that one entry of the mapping means."""
    if isinstance(entry, str):
        return read_format(entry)
    base = read_format(entry.get("format", "%s"))
    inner = _table(entry["string_formats"]) if "string_formats" in entry else None
    return replace(base, separator=entry.get("separator", ", "), arrow=entry.get("separator2", " => "), inner=inner)


def text_of(value: Value, formats: Formats = TOP, level: int = 0) -> str:
    """Return ``value`` as text. Raises ``ValueError`` for a format that does not fit it."""
    chosen = next(form for kind, form in formats if kind.is_instance(value))
    if isinstance(value, list | tuple):
        return _array(list(value), chosen, level)
    if isinstance(value, dict):
        return _hash(value, chosen, level)
    return _scalar(value, chosen.directive)


def _scalar(value: Value, directive: Directive) -> str:
    """Return a value that is no container as text."""
    if isinstance(value, bool):
        return _boolean(value, directive)
    if isinstance(value, int | float):
        return _number(value, directive)
    if isinstance(value, str):
        return _string(value, directive)
    if value is None:
        return _undef(directive)
    if isinstance(value, Sensitive):
        return directive.pad(f"#<{value}>" if directive.letter == "p" else str(value))
    if isinstance(value, Binary):
        return _binary(value, directive)
    if isinstance(value, Timespan) and directive.letter == "d":
        return integer(value.nanoseconds // 10**9, directive)
    return _other(value, directive)


def _other(value: Value, directive: Directive) -> str:
    """Return a value that knows no format but its text and its notation."""
    letter, marked = directive.letter, "#" in directive.flags
    if value is DEFAULT and letter in "dD":
        text = "Default" if letter == "D" else "default"
    elif letter not in "sp":
        raise _illegal(directive, value, "dDsp" if value is DEFAULT else "sp")
    elif isinstance(value, Regexp):
        text = str(value) if letter == "p" else quoted(value.source) if marked else value.source
        return directive.pad(text)
    elif isinstance(value, Uri):
        return directive.pad(f"URI({quoted(value.text)})" if letter == "p" else value.text)
    else:
        text = value.expanded() if isinstance(value, AliasType) else repr(value) if value is DEFAULT else str(value)
    return directive.pad(
        f'"{text}"' if marked and (value is DEFAULT or (letter == "s" and isinstance(value, Type))) else text
    )


def _binary(value: Binary, directive: Directive) -> str:
    """Return bytes as Base64 of some form, as the text they are, or as the name of their type."""
    import base64  # noqa: PLC0415  few values are bytes

    letter = directive.letter
    if letter == "s":
        text = value.data.decode()  # a ValueError says what is no text
    elif letter == "b":
        pieces = [value.data[at : at + 45] for at in range(0, len(value.data), 45)]
        text = "".join(base64.b64encode(piece).decode() + "\n" for piece in pieces)
    elif letter in "Bup":
        text = (base64.urlsafe_b64encode if letter == "u" else base64.b64encode)(value.data).decode()
    elif letter in "tT":
        text = "Binary" if letter == "t" else "BINARY"
    else:
        raise _illegal(directive, value, "bButTsp")
    if letter == "p":
        return f'Binary("{directive.pad(text)}")'
    if "#" in directive.flags:
        text = '"' + text.replace("\n", "\\n") + '"'
    return directive.pad(text)


def _illegal(directive: Directive, value: Value, letters: str) -> ValueError:
    name = str(infer(value).generalized()).partition("[")[0]
    name = {"Tuple": "Array", "Struct": "Hash"}.get(name, name)
    return ValueError(
        f"Illegal format '{directive.letter}' specified for value of {name} type - "
        f"expected one of the characters '{letters}'"
    )


def _boolean(value: bool, directive: Directive) -> str:  # noqa: FBT001  the value is what is written
    letter = directive.letter
    words = {"t": ("false", "true"), "T": ("False", "True"), "y": ("no", "yes"), "Y": ("No", "Yes")}
    if letter in words:
        word = words[letter][value]
        return directive.pad(word[0] if "#" in directive.flags else word)
    if letter in "sp":
        return directive.pad(str(value).lower())
    if letter in "dxXobB":
        return integer(int(value), directive)
    if letter in "eEfgGaA":
        return floating(float(value), directive)
    raise _illegal(directive, value, "tTyYdxXobBeEfgGaAsp")


def _number(value: float, directive: Directive) -> str:
    letter = directive.letter
    if letter in "sp":
        text = str(value) if isinstance(value, int) else ruby_float(value)
        return directive.pad(f'"{text}"' if letter == "s" and "#" in directive.flags else text)
    if letter in "dxXobB":
        return integer(int(value), directive)
    if letter in "eEfgGaA":
        return floating(float(value), directive)
    if letter == "c" and isinstance(value, int):
        return directive.pad(chr(value))
    raise _illegal(directive, value, "dxXobBeEfgGaAspc" if isinstance(value, int) else "dxXobBeEfgGaAsp")


_CHANGES: dict[str, Callable[[str], str]] = {
    "s": str, "p": quoted, "c": str.capitalize, "u": str.upper, "d": str.lower, "t": str.strip,
    "C": lambda text: "::".join(part.capitalize() for part in text.split("::")),
}  # fmt: skip


def _string(value: str, directive: Directive) -> str:
    letter = directive.letter
    change = _CHANGES.get(letter)
    if change is None:
        raise _illegal(directive, value, "cCudspt")
    text = change(value)
    if "#" in directive.flags and letter == "p":
        text = doubly_quoted(value)
    elif "#" in directive.flags and letter != "s":
        text = quoted(text)
    return directive.pad(text if directive.precision is None else text[: directive.precision])


def _undef(directive: Directive) -> str:
    letter = directive.letter
    words = {"n": "nil", "u": "undef", "s": "", "p": "undef", "v": "n/a", "V": "N/A", "d": "NaN"}
    words.update(dict.fromkeys("xXobBeEfgGaA", "NaN"))
    if letter not in words:
        raise ValueError(f"Illegal format '{letter}' specified for value of Undef type - "
                         "expected one of the characters 'nudxXobBeEfgGaAvVsp'")  # fmt: skip
    word = words[letter]
    if "#" in directive.flags:
        word = {"n": "null", "u": "undefined", "s": '""', "p": '"undef"'}.get(letter, word)
    return directive.pad(word)


def _array(value: list[Value], form: Format, level: int) -> str:
    """Return a list as text; ``#`` puts the containers in it on lines of their own."""
    if form.directive.letter not in "asp":
        raise _illegal(form.directive, value, "asp")
    start, end = form.delimiters("[")
    inner = [(ARRAY, form), *INSIDE] if form.inner is None else [*form.inner, *INSIDE]
    pieces = [start]
    for index, item in enumerate(value):
        nested = isinstance(item, list | tuple | dict) and "#" in form.directive.flags
        if index:
            pieces.append(form.separator.rstrip() if nested else form.separator)
        if nested and (index or isinstance(item, dict)):
            pieces.append("\n" + "  " * (level + 1))
        pieces.append(text_of(item, inner, level + 1))
    return form.directive.pad("".join(pieces) + end)


def _hash(value: dict[Value, Value], form: Format, level: int) -> str:
    """Return a mapping as text; ``#`` puts each entry on a line of its own."""
    if form.directive.letter == "a":
        plain = replace(form, directive=replace(form.directive, flags=form.directive.flags.replace("#", "")))
        return _array([[key, item] for key, item in value.items()], plain, level)
    if form.directive.letter not in "hsp":
        raise _illegal(form.directive, value, "hasp")
    start, end = form.delimiters("{")
    base = INSIDE if form.inner is None else [*form.inner, *INSIDE]
    broken = "#" in form.directive.flags
    if broken:
        base = [(HASH, form), (ARRAY, Format(Directive("a", "#"), inner=[(HASH, form)])), *base]
    rows = [f"{text_of(k, base, level + 1)}{form.arrow}{text_of(v, base, level + 1)}" for k, v in value.items()]
    if broken and rows:
        gap = "\n" + "  " * (level + 1)
        return start + gap + (form.separator.rstrip() + gap).join(rows) + "\n" + "  " * level + end
    return form.directive.pad(start + form.separator.join(rows) + end)
