"""The tags of a template: what stands between them as the script that ERB makes of it.

As ERB does, one line of script is begun wherever the template has a line end that is part of a text, so that a
comment in a tag reaches exactly as far as it does there. A text stands in the script as its number between two NUL,
``<%=`` as SOH before its expression.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

TEXT: Final = "\x00"
OUTPUT: Final = "\x01"
_OPEN: Final = re.compile(r"(.*?)(^[ \t]*<%-|<%-|<%%|<%=|<%#|<%|\Z)", re.DOTALL | re.MULTILINE)
_GLUED: Final = re.compile(r"()([ \t]*<%-)")  # to ERB, a line also begins where a tag has ended
_CLOSE: Final = re.compile(r"(.*?)(-%>|%%>|%>|\Z)", re.DOTALL)
_LINE_END: Final = re.compile(r"\r?\n|\Z")


class Script:
    """The script of a template: its ``code``, its ``texts``, and the way back to places in the template."""

    __slots__ = ("_marks", "_parts", "_size", "_starts", "code", "line", "texts", "unclosed")

    def __init__(self) -> None:
        self.code = ""
        self.texts: list[str] = []
        self.unclosed: int | None = None
        self.line: list[tuple[str, int]] = []
        self._parts: list[str] = []
        self._size = 0
        self._starts: list[int] = [0]
        self._marks: list[int] = [0]

    def origin(self, at: int) -> int:
        """Return the offset in the template of the offset ``at`` of the script."""
        index = bisect_right(self._starts, at) - 1
        return self._marks[index] + at - self._starts[index]

    def add(self, text: str) -> None:
        """Add what the template shows as it stands."""
        if text:
            self.line.append((f"{TEXT}{len(self.texts)}{TEXT}" + "\n" * text.count("\n"), -1))
            self.texts.append(text)

    def end_line(self) -> None:
        """End the line of script begun."""
        self.finish()
        self._append("\n", -1)

    def finish(self) -> None:
        """Take over what stands in the line of script begun."""
        for index, (text, origin) in enumerate(self.line):
            if index:
                self._append("; ", -1)
            self._append(text, origin)
        self.line = []

    def close(self) -> None:
        """End the script."""
        self.finish()
        self.code = "".join(self._parts)

    def _append(self, text: str, origin: int) -> None:
        if origin >= 0:
            self._starts.append(self._size)
            self._marks.append(origin)
        self._parts.append(text)
        self._size += len(text)


def scan(text: str) -> Script:
    """Return the script of the template ``text`` by the rules of the trim mode ``-``."""
    script = Script()
    at = 0
    content: list[str] = []
    while at < len(text):
        found = _GLUED.match(text, at) or _OPEN.match(text, at)
        assert found is not None  # the end of the text always matches
        content.append(found[1])
        at = found.end()
        tag = found[2].lstrip(" \t")
        if tag == "<%%":
            content.append("<%")
        elif tag:
            script.add("".join(content))
            content = []
            at = _scan_tag(script, text, at, "<%" if tag == "<%-" else tag)
    script.add("".join(content))
    script.close()
    return script


def _scan_tag(script: Script, text: str, at: int, tag: str) -> int:
    """Take the tag whose inside begins at ``at``; return where the text goes on."""
    start, parts = at, []
    while True:
        found = _CLOSE.match(text, at)
        assert found is not None  # the end of the text always matches
        parts.append(found[1])
        at = found.end()
        if found[2] != "%%>":
            break
        parts.append("%>")
    if not found[2]:
        script.unclosed = start - 2
        return at
    _take(script, tag, "".join(parts), start)
    if found[2] == "-%>":
        end = _LINE_END.match(text, at)
        if end:
            script.end_line()
            return end.end()
    return at


def _take(script: Script, tag: str, code: str, start: int) -> None:
    """Take the inside of one tag."""
    if tag == "<%=":
        script.line.append((f"{OUTPUT}(({code}).to_s)", start - 3))
    elif tag == "<%":
        if code.endswith("\n"):
            script.line.append((code[:-1], start))
            script.end_line()
        else:
            script.line.append((code, start))
