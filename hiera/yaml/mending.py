"""The line a person most likely meant, where YAML's syntax and the notation of manifests collide."""

from __future__ import annotations

import re
from typing import Final

_ENTRY: Final = re.compile(r"^(?P<lead>\s*(?:- +)*)(?P<key>[^\s'\"#:{}\[\]][^'\"#:{}\[\]]*): +(?P<value>\S.*?)\s*$")
_ITEM: Final = re.compile(r"^(?P<lead>\s*(?:- +)+)(?P<value>\S.*?)\s*$")
_REFERENCE: Final = re.compile(r"(?<![\w\"'])[a-z][\w:]*\[")
_TITLE_KEY: Final = re.compile(r"^(?P<lead>\s*(?:- +)*)(?P<key>[a-z][\w:]*\[.*\]):(?P<rest>\s.*|)$")
_GLOB_KEY: Final = re.compile(r"^(?P<lead>\s*)(?P<key>\*[^\s:]*|/.*/):(?P<rest>\s.*|)$")
_SHELL_TEST: Final = re.compile(r"\[.*\]\s*[^\s#,\]}]")
_NEEDS_QUOTES: Final = ("*", "{{", "%", "@", "`", "&", "!")


def corrected(line: str) -> str | None:
    """Return ``line`` with the quotes it most likely lacks, or None where nothing is likely."""
    for mend in (_quoted_key, _quoted_glob, _quoted_value, _quoted_references):
        better = mend(line)
        if better is not None and better != line:
            return better
    return None


def quoted(text: str) -> str:
    """Return ``text`` between quotes, as YAML reads it back."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def _quoted_key(line: str) -> str | None:
    """Return ``line`` with its ``type[title]`` key quoted, if the title holds what ends a plain key."""
    match = _TITLE_KEY.match(line)
    if match is None or not re.search(r": | #|[\"']", match["key"]):
        return None
    return f"{match['lead']}{quoted(match['key'])}:{match['rest']}"


def _quoted_glob(line: str) -> str | None:
    """Return ``line`` with its key quoted, if that is a glob or a regular expression."""
    match = _GLOB_KEY.match(line)
    return f"{match['lead']}{quoted(match['key'])}:{match['rest']}" if match else None


def _quoted_value(line: str) -> str | None:
    """Return ``line`` with its value quoted, if that starts with a character that means something to YAML."""
    match = _ENTRY.match(line) or _ITEM.match(line)
    if match is None:
        return None
    value = match["value"]
    if _SHELL_TEST.match(value):
        return line[: match.start("value")] + quoted(value)
    if not value.startswith(_NEEDS_QUOTES) and ": " not in value and "{{" not in value:
        return None
    if value.startswith(("'", '"', "{ ", "[")) or (value.startswith("{") and not value.startswith("{{")):
        return None
    return line[: match.start("value")] + quoted(value)


def _quoted_references(line: str) -> str | None:
    """Return ``line`` with each ``type[title]`` quoted, but for the key that the line starts with: that is fine."""
    key = _TITLE_KEY.match(line)
    start = key.start("rest") if key else 0
    pieces, at = [], 0
    for match in _REFERENCE.finditer(line, start):
        end = _closing(line, match.end() - 1)
        if match.start() < at or end is None:
            continue
        pieces += [line[at : match.start()], quoted(line[match.start() : end])]
        at = end
    return "".join([*pieces, line[at:]]) if pieces else None


def _closing(line: str, opening: int) -> int | None:
    """Return the index after the bracket that closes the one at ``opening``, or None."""
    depth = 0
    for at in range(opening, len(line)):
        depth += {"[": 1, "]": -1}.get(line[at], 0)
        if depth == 0:
            return at + 1
    return None
