"""``hocon_data``: HOCON, the superset of JSON that Lightbend's configuration library defined.

Read are comments, keys without quotes and with dots, ``=`` and ``:``, braces left out at the top, values without
quotes, triple quotes, merged objects, joined values, ``+=``, and ``${path}`` and ``${?path}`` within the file.
``include`` is refused.
See https://github.com/lightbend/config/blob/main/HOCON.md.
"""

from __future__ import annotations

import json
import re
from typing import Final, NoReturn

import msgspec

from hiera.backends.json import decoded, walked
from hiera.errors import DataError, Location
from hiera.values import Value
from hiera.yaml.compose import BOUNDS
from hiera.yaml.data import DataFile, Texts, Warn

_SPACE: Final = re.compile(r"(?:[ \t\r\f\v\u00a0\ufeff]|//[^\n]*|#[^\n]*)*")
_BREAK: Final = re.compile(r"(?:\s|\ufeff|//[^\n]*|#[^\n]*)*")
_TRIPLE: Final = re.compile(r'"""(.*?"*)"""(?!")', re.DOTALL)
_QUOTED: Final = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_REFERENCE: Final = re.compile(r"\$\{(\??)\s*([^}\n]+?)\s*\}")
_BARE: Final = re.compile(r"""(?:(?!//)[^\s$"{}\[\]:=,+#`^?!@*&\\])+""")
_KEY_WORD: Final = r"""(?:(?!//)[^\s$"{}\[\]:=,+#`^?!@*&\\.])+"""
_KEY: Final = re.compile(rf"{_KEY_WORD}(?:[ \t]+{_KEY_WORD})*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_OCTAL: Final = re.compile(r"-?0[0-7]+")
"""What Ruby's reader, Puppet's, takes for octal."""
_WORDS: Final[dict[str, Value]] = {"true": True, "false": False, "null": None}


def read_hocon(data: bytes, file: str, warn: Warn, texts: Texts) -> DataFile:  # noqa: ARG001  as all back ends
    """Return the data of a HOCON file. Raises ``DataError`` (``hocon-syntax``, ``hocon-reference``, ...)."""
    reader = _Reader(decoded(data, file), file)
    root = reader.root()
    value = _finished(_Resolver(root, file).value(root, ()))
    if not isinstance(value, dict):
        return DataFile(value, {})
    keys = {key: reader.places.get(key, Location(file)) for key in value}
    return DataFile({key: walked(item, keys[key], key, texts, 1) for key, item in value.items()}, keys)


def parse_hocon(text: str, file: str = "") -> Value:
    """Return the value of a HOCON text. Raises ``DataError`` (``hocon-syntax``, ``hocon-reference``)."""
    root = _Reader(text, file).root()
    return _finished(_Resolver(root, file).value(root, ()))


class _Reference(msgspec.Struct, frozen=True):
    """``${path}``; with ``optional`` nothing where there is no such path."""

    path: tuple[str, ...]
    optional: bool
    line: int


class _Joined(msgspec.Struct, frozen=True):
    """Values that stand side by side, and the white space between them."""

    parts: tuple[Value, ...]


class _Stacked(msgspec.Struct, frozen=True):
    """A later value for a key that had one: objects are merged, anything else wins."""

    before: Value
    after: Value


class _Reader:
    """One text on its way to values with references still in them."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._at = 0
        self._depth = 0
        self.places: dict[str, Location] = {}

    def root(self) -> Value:
        """Return the whole file. Raises ``DataError``."""
        self._skip(_BREAK)
        value: Value
        if self._peek() == "[":
            value = self._list()
        elif self._peek() == "{":
            value = self._object("}")
        else:
            value = self._object("")
        self._skip(_BREAK)
        if self._at < len(self._text):
            self._fail("there is something behind the end")
        return value

    def _peek(self) -> str:
        """Return the next character, "" at the end."""
        return self._text[self._at : self._at + 1]

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """Pass over what ``pattern`` matches and return it."""
        match = pattern.match(self._text, self._at)
        if match is None:
            return ""
        self._at = match.end()
        return match[0]

    def _object(self, end: str) -> dict[str, Value]:
        """Return the members up to ``end``, which is "" for the end of the file."""
        self._enter(len(end))
        found: dict[str, Value] = {}
        while True:
            self._skip(_BREAK)
            if self._peek() == end:
                self._leave(len(end))
                return found
            if not self._peek():
                self._fail("an object is not closed")
            self._member(found)
            if not self._separated(end):
                self._fail("expected a comma, a new line or the end of the object")

    def _member(self, found: dict[str, Value]) -> None:
        """Read one member into ``found``."""
        start = self._at
        path = self._path()
        if self._depth == 1:
            self.places.setdefault(path[0], self._place(start))
        self._skip(_BREAK)
        sign = self._skip(re.compile(r"\+=|[:=]"))
        if not sign and self._peek() != "{":
            self._fail(f"expected ':' or '=' behind the key '{path[-1]}'")
        self._skip(_BREAK)
        value = self._value()
        if sign == "+=":
            value = _Joined((_Reference(path, optional=True, line=self._place(start).line), [value]))
        for key in reversed(path[1:]):
            value = {key: value}
        found[path[0]] = _Stacked(found[path[0]], value) if path[0] in found else value

    def _path(self) -> tuple[str, ...]:
        """Return a key in its segments."""
        found = []
        while True:
            self._skip(_SPACE)
            if self._peek() == '"':
                found.append(self._quoted())
            else:
                word = self._skip(_KEY)
                if not word:
                    self._fail("expected a key")
                found.append(word.strip())
            if found == ["include"] and re.match(r"""\s*(?:["]|file\(|url\(|classpath\(|required\()""", self._rest()):
                self._fail("'include' is not read")
            self._skip(_SPACE)
            if self._peek() != ".":
                return tuple(found)
            self._at += 1

    def _rest(self) -> str:
        """Return the next few characters."""
        return self._text[self._at : self._at + 40]

    def _value(self) -> Value:
        """Return a value: one part, or several that are joined."""
        parts: list[Value] = []
        while True:
            part = self._part()
            if part is _END:
                break
            parts.append(part)
            space = self._skip(re.compile(r"[ \t]*"))
            if space:
                parts.append(_Space(space))
        while parts and isinstance(parts[-1], _Space):
            parts.pop()
        if not parts:
            self._fail("expected a value")
        if len(parts) == 1:
            return parts[0]
        return _joined(parts)

    def _part(self) -> Value:
        """Return the next part of a value, or ``_END``."""
        head = self._peek()
        if head == "{":
            return self._object("}")
        if head == "[":
            return self._list()
        if head == '"':
            return self._quoted()
        match = _REFERENCE.match(self._text, self._at)
        if match is not None:
            line = self._place(self._at).line
            self._at = match.end()
            path = tuple(part.strip().strip('"') for part in re.findall(r'"[^"]*"|[^."]+', match[2]))
            return _Reference(path, bool(match[1]), line)
        word = self._skip(_BARE)
        return _Bare(word) if word else _END

    def _quoted(self) -> str:
        """Return a text in quotes."""
        triple = _TRIPLE.match(self._text, self._at)
        if triple is not None:
            self._at = triple.end()
            return triple[1]
        match = _QUOTED.match(self._text, self._at)
        if match is None:
            self._fail("a text in quotes is not closed")
        self._at = match.end()
        try:
            return str(json.loads(match[0]))
        except ValueError:
            self._fail("a text in quotes has a wrong escape")

    def _list(self) -> list[Value]:
        """Return the items of a list."""
        self._enter(1)
        found: list[Value] = []
        while True:
            self._skip(_BREAK)
            if self._peek() == "]":
                self._leave(1)
                return found
            if not self._peek():
                self._fail("a list is not closed")
            found.append(self._value())
            if not self._separated("]"):
                self._fail("expected a comma, a new line or the end of the list")

    def _separated(self, end: str) -> bool:
        """Pass over what separates two members; say whether there was something, or ``end`` comes."""
        self._skip(_SPACE)
        start = self._at
        self._skip(_BREAK)
        if self._peek() == ",":
            self._at += 1
            return True
        return self._at > start or self._peek() == end

    def _enter(self, width: int) -> None:
        """Go one level down. Raises ``DataError`` past the bound."""
        self._at += width
        self._depth += 1
        if self._depth > BOUNDS.depth:
            self._fail(f"the file is nested deeper than {BOUNDS.depth} levels")

    def _leave(self, width: int) -> None:
        """Go one level up."""
        self._at += width
        self._depth -= 1

    def _place(self, at: int) -> Location:
        """Return the place of a character."""
        return Location(self._file, self._text.count("\n", 0, at) + 1, at - self._text.rfind("\n", 0, at))

    def _fail(self, message: str) -> NoReturn:
        """Raise ``DataError`` (``hocon-syntax``) at this place."""
        raise DataError.of("hocon-syntax", f"not valid HOCON: {message}", self._place(self._at))


class _Bare(str):
    """A text without quotes, which alone may be a number or a word for a value."""

    __slots__ = ()


class _Space(str):
    """White space between two parts."""

    __slots__ = ()


_END: Final = object()


def _finished(value: Value) -> Value:
    """Return ``value`` with each text that stood without quotes as what it means."""
    if isinstance(value, dict):
        return {key: _finished(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finished(item) for item in value]
    return _scalar(value) if isinstance(value, _Bare) else value


def _scalar(text: str) -> Value:
    """Return what a single text without quotes is; one without a fraction is whole, as to Ruby's reader."""
    if text in _WORDS:
        return _WORDS[text]
    if _OCTAL.fullmatch(text):
        return int(text, 8)
    match = _NUMBER.fullmatch(text)
    if match is None:
        return str(text)
    if not match[1] and not match[2]:
        return int(text)
    number = float(text)
    return int(number) if number.is_integer() else number


def _joined(parts: list[Value]) -> Value:
    """Return parts side by side, as a text at once where that is all they are."""
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    return _Joined(tuple(parts))


class _Resolver:
    """Puts values in the place of references; ``_open`` holds those it is about to know."""

    def __init__(self, root: Value, file: str) -> None:
        self._root = root
        self._file = file
        self._open: list[tuple[str, ...]] = []
        self._steps = 0

    def value(self, value: Value, path: tuple[str, ...], before: Value = None) -> Value:
        """Return ``value`` without references; ``before`` is what its key had until then."""
        if isinstance(value, dict):
            found = {key: self.value(item, (*path, key)) for key, item in value.items()}
            return {key: item for key, item in found.items() if item is not _END}
        if isinstance(value, list):
            return [item for one in value if (item := self.value(one, path)) is not _END]
        if isinstance(value, _Stacked):
            return self._stacked(value, path)
        if isinstance(value, _Joined):
            return self._together([self.value(part, path, before) for part in value.parts], path)
        if isinstance(value, _Reference):
            return self._referred(value, path, before)
        return value

    def _stacked(self, value: _Stacked, path: tuple[str, ...]) -> Value:
        """Return what a later value makes of an earlier one."""
        before = self.value(value.before, path)
        after = self.value(value.after, path, before)
        if after is _END:
            return before
        return _merged(before, after) if isinstance(before, dict) and isinstance(after, dict) else after

    def _together(self, parts: list[Value], path: tuple[str, ...]) -> Value:
        """Return several values side by side as one: merged objects, one list, or one text."""
        found = [part for part in parts if part is not _END]
        solid = [part for part in found if not isinstance(part, _Space)]
        if solid and all(isinstance(part, dict) for part in solid):
            whole: dict[str, Value] = {}
            for part in solid:
                whole = _merged(whole, part)
            return whole
        if solid and all(isinstance(part, list) for part in solid):
            return [item for part in solid for item in part]
        if any(isinstance(part, dict | list) for part in solid):
            self._fail(f"'{'.'.join(path)}' joins values of different kinds", 0)
        return "".join(_text(part) for part in found) if solid else _END

    def _referred(self, reference: _Reference, path: tuple[str, ...], before: Value) -> Value:
        """Return what a reference means."""
        self._steps += 1
        if self._steps > BOUNDS.nodes // 100:
            self._fail("the file has too many references", reference.line)
        if reference.path == path:
            if before is not None or reference.optional:
                return _END if before is None else before
            self._fail(f"'{'.'.join(path)}' refers to itself", reference.line)
        if reference.path in self._open:
            chain = " -> ".join(".".join(one) for one in [*self._open, reference.path])
            self._fail(f"references lead back to themselves: {chain}", reference.line)
        self._open.append(reference.path)
        found = self._found(self._root, reference.path, ())
        self._open.pop()
        if found is _END and not reference.optional:
            self._fail(f"there is no '{'.'.join(reference.path)}' in this file", reference.line)
        return found

    def _found(self, value: Value, rest: tuple[str, ...], path: tuple[str, ...]) -> Value:
        """Return what ``rest`` leads to, ``_END`` for nothing."""
        if not rest:
            return self.value(value, path)
        if isinstance(value, _Stacked):
            after, before = (self._found(one, rest, path) for one in (value.after, value.before))
            if isinstance(after, dict) and isinstance(before, dict):
                return _merged(before, after)
            return before if after is _END else after
        if not isinstance(value, dict):
            value = self.value(value, path) if isinstance(value, _Joined | _Reference) else _END
        if not isinstance(value, dict) or rest[0] not in value:
            return _END
        return self._found(value[rest[0]], rest[1:], (*path, rest[0]))

    def _fail(self, message: str, line: int) -> NoReturn:
        """Raise ``DataError`` (``hocon-reference``)."""
        raise DataError.of("hocon-reference", message, Location(self._file, line))


def _merged(before: dict[str, Value], after: dict[str, Value]) -> dict[str, Value]:
    """Return two objects as one, the later winning, all the way down; its keys come first."""
    found = dict(after)
    for key, item in before.items():
        if isinstance(item, dict) and isinstance(found.get(key), dict):
            found[key] = _merged(item, found[key])
        else:
            found.setdefault(key, item)
    return found


def _text(value: Value) -> str:
    """Return a value inside a joined text."""
    if isinstance(value, str):
        return value
    return json.dumps(value)
