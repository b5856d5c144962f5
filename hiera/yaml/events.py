"""YAML bytes to the parser's events: everything that can be wrong with a text before it has a shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NoReturn

from hiera.errors import DataError, Location, Note, Problem
from hiera.yaml.mending import corrected

_ESCAPE_HINT: Final = "write a backslash as \\\\ in double quotes, or use single quotes"
_UNCLOSED_HINT: Final = "close it with the quote it opens with"


class Source:
    """One YAML text: checked, handed to the parser, asked for places. Raises ``DataError`` for all that is wrong."""

    def __init__(self, data: bytes, file: str, size: int, line_offset: int) -> None:
        self._data = data
        self._file = file
        self._offset = line_offset
        self.problems: list[Problem] = []
        if len(data) > size:
            self._fail("yaml-size", f"the file is larger than {size} bytes", Location(file))
        self._text = self._decoded()

    def _decoded(self) -> str:
        """Return the text without the mark at its start that it should not have."""
        try:
            text = self._data.decode("utf-8")
        except UnicodeDecodeError as error:
            self._bad_encoding(error)
        if text.startswith("\ufeff"):
            text = text[1:]
            place = Location(self._file, self._offset + 1, 1)
            problem = Problem(
                "yaml-bom", "the file starts with a byte order mark", place, "save the file as UTF-8 without a BOM"
            )
            self.problems.append(problem)
        return text

    def _bad_encoding(self, error: UnicodeDecodeError) -> NoReturn:
        """Raise ``encoding`` with the place of the first byte that is not UTF-8."""
        before = self._data[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        place = Location(self._file, self._offset + before.count(b"\n") + 1, column)
        message = f"the file is not UTF-8: byte 0x{self._data[error.start]:02x} at offset {error.start}"
        self._fail("encoding", message, place, "save the file as UTF-8")

    def events(self) -> Iterator[Any]:
        """Yield the parser's events; whatever it raises becomes a located ``DataError``."""
        import yaml  # noqa: PLC0415  a run with nothing to do reads no YAML

        loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
        try:
            yield from yaml.parse(self._text, Loader=loader)
        except yaml.reader.ReaderError as error:
            self._bad_character(error.position, error.character)
        except yaml.MarkedYAMLError as error:
            self._bad_syntax(error)
        except (yaml.YAMLError, ValueError, LookupError, RecursionError, OverflowError, AttributeError, TypeError):
            # PyYAML lets its own slips through for some odd inputs; none says where.
            self._fail("yaml-syntax", "the file is not valid YAML", Location(self._file))

    def _bad_character(self, position: int, character: str | int) -> NoReturn:
        """Raise ``yaml-character`` for the first character that YAML does not allow."""
        code = character if isinstance(character, int) else ord(character[0])
        at = self._text.find(chr(code))
        before = self._text[: at if at >= 0 else position]
        place = Location(self._file, self._offset + before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        self._fail("yaml-character", f"the control character U+{code:04X} is not allowed in YAML", place)

    def _bad_syntax(self, error: Any) -> NoReturn:
        """Raise the problem that libyaml's error stands for, with the corrected line if there is a likely one."""
        unclosed = "quoted" in str(error.context) and "end of stream" in str(error.problem)
        mark = (error.context_mark if unclosed else error.problem_mark) or error.context_mark
        lines = self._text.splitlines()
        number, column = (mark.line, mark.column) if mark else (0, -1)
        if number >= len(lines):  # the end of the text, which is shown as the end of its last line
            number, column = max(0, len(lines) - 1), len(lines[-1]) if lines else 0
        place = Location(self._file, self._offset + number + 1, column + 1)
        text = str(error.problem or "not valid YAML").strip()
        line = lines[number] if lines else ""
        if "\t" in line[: column + 1] and not line[:column].strip():
            self._fail("yaml-tab", "a tab cannot indent YAML", place, "indent with spaces")
        code = "yaml-escape" if "escape" in text else "yaml-tag" if "tag" in text else "yaml-syntax"
        hint: str | None = _ESCAPE_HINT if code == "yaml-escape" else _UNCLOSED_HINT if unclosed else None
        first = error.context_mark.line if error.context_mark else number
        for candidate in (number, first, number - 1):
            if hint is None and 0 <= candidate < len(lines):
                hint = _written(corrected(lines[candidate]))
        notes = self._opened(error, number) if text.startswith("did not find expected ',' or") else ()
        raise DataError(Problem(code, f"not valid YAML: {text}", place, hint, notes)) from None

    def _opened(self, error: Any, number: int) -> tuple[Note, ...]:
        """Return where the bracket stands that the parser could not close by line ``number``, if not there."""
        mark = error.context_mark
        if mark is None or mark.line == number:
            return ()
        return (Note("opened here", Location(self._file, self._offset + mark.line + 1, mark.column + 1)),)

    def mended(self, event: Any) -> str | None:
        """Return the hint with the corrected line of ``event``, if there is a likely one."""
        lines = self._text.splitlines()[event.start_mark.line :]
        return _written(corrected(lines[0])) if lines else None

    def location(self, event: Any) -> Location:
        """Return where ``event`` starts; the length is known for what ends on its line."""
        start, end = event.start_mark, event.end_mark
        length = end.column - start.column if end.line == start.line else 1
        return Location(self._file, start.line + 1 + self._offset, start.column + 1, max(1, length))

    def _fail(self, code: str, message: str, location: Location, hint: str | None = None) -> NoReturn:
        """Raise a ``DataError`` with one problem."""
        raise DataError(Problem(code, message, location, hint)) from None


def _written(line: str | None) -> str | None:
    """Return the hint that shows a corrected line."""
    return f"write it as: {line.strip()}" if line else None
