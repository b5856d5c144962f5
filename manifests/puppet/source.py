"""The text of one manifest or template, and the way from an offset in it to a line and a column."""

from __future__ import annotations

import re
from bisect import bisect_right

from hiera.errors import DataError, Location

_LINE_END = re.compile(r"\n")
_MARKS = (
    (b"\x00\x00\xfe\xff", "UTF-32"), (b"\xff\xfe\x00\x00", "UTF-32"), (b"\x84\x31\x95\x33", "GB-18030"),
    (b"\xdd\x73\x66\x73", "UTF-EBCDIC"), (b"\x0e\xfe\xff", "SCSU"), (b"\xef\xbb\xbf", "UTF-8"),
    (b"\xf7\x64\x4c", "UTF-1"), (b"\xfb\xee\x28", "BOCU"), (b"\xfe\xff", "UTF-16"), (b"\xff\xfe", "UTF-16"),
)  # fmt: skip


class Source:
    """A file's text. ``file`` is the path that errors name."""

    __slots__ = ("_starts", "file", "text")

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self._starts: list[int] | None = None

    @classmethod
    def decode(cls, data: bytes, file: str) -> Source:
        """Return the source whose bytes are ``data``. Raises ``DataError`` for a byte order mark or no UTF-8."""
        for mark, name in _MARKS:
            if data.startswith(mark):
                message = f"the file begins with a byte order mark of {name}"
                raise DataError.of(
                    "byte-order-mark", message, Location(file, 1, 1), hint="save it as UTF-8 without one"
                )
        try:
            return cls(data.decode("utf-8"), file)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            column = error.start - data.rfind(b"\n", 0, error.start)
            raise DataError.of("not-utf8", "the file is not UTF-8", Location(file, line, column)) from None

    def location(self, offset: int, length: int = 1) -> Location:
        """Return where ``offset`` stands."""
        if self._starts is None:
            self._starts = [0, *(found.end() for found in _LINE_END.finditer(self.text))]
        line = bisect_right(self._starts, offset)
        return Location(self.file, line, offset - self._starts[line - 1] + 1, max(1, length))
