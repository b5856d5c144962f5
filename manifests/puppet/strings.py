"""Strings as the lexer meets them: where they end, and what their escapes stand for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

# As in Puppet, a quote that another quote follows at once does not end an empty string but begins its text.
SINGLE_QUOTED: Final = re.compile(r"'((?:'(?=(?:\\\\)*'))?[^'\\]*(?:\\[\s\S][^'\\]*)*)'")
DOUBLE_PART: Final = re.compile(r'((?:"(?=(?:\\\\)*["$]))?[^"\\$]*(?:\\[\s\S][^"\\$]*)*)("|\$\{?)')
HEREDOC_PART: Final = re.compile(r"([^\\$]*(?:\\[\s\S][^\\$]*)*)(\$\{?|\Z)")
HEREDOC_PLAIN_PART: Final = re.compile(r"([^$]*)(\$\{?|\Z)")
VARIABLE: Final = re.compile(r"(?:::)?\w+(?:::\w+)*", re.ASCII)

DOUBLE_ESCAPES: Final = frozenset("\\$'\"rntsu\n") | {"\r\n"}
"""What may follow a backslash in a double quoted string."""

_SINGLE: Final = re.compile(r"\\([\\'])")
_UNICODE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|([\s\S]))")
_ESCAPE: Final = re.compile(r"\\([^\r\n]|\r?\n)")
_MEANING: Final = {"r": "\r", "n": "\n", "t": "\t", "s": " ", "\n": "", "\r\n": ""}

Warn = Callable[[str, str], None]


class BadUnicodeError(ValueError):
    """An escape that names no character."""


def unescape_single(text: str) -> str:
    """Return what stands between single quotes with its escapes resolved."""
    return _SINGLE.sub(r"\1", text) if "\\" in text else text


def unescape(text: str, escapes: frozenset[str], warn: Warn | None) -> str:
    r"""Return ``text`` with the escapes in ``escapes`` resolved; others stay, and are told to ``warn``.

    Unicode escapes are resolved first, so that ``\u005cn`` is a line break, as it is in Puppet. Raises
    ``BadUnicodeError``.
    """
    if "\\" not in text:
        return text
    if "u" in escapes and "\\u" in text:
        text = _UNICODE.sub(_character, text)

    def meaning(found: re.Match[str]) -> str:
        char = found[1]
        if char == "u" and char in escapes:
            if warn:
                warn("bad-unicode-escape", "'\\u' is not followed by 4 hexadecimal digits or 1 to 6 in braces")
            return "\\u"
        if char in escapes:
            return _MEANING.get(char, char)
        if warn:
            warn("unknown-escape", f"'\\{char}' is no escape and is kept as it is")
        return found[0]

    return _ESCAPE.sub(meaning, text)


def _character(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    if digits is None:
        return found[0]
    code = int(digits, 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise BadUnicodeError(digits)
    return chr(code)
