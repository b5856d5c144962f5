"""Functions for words of the shell."""

from __future__ import annotations

import re
import shlex

from hiera.ruby_text import ruby_text
from hiera.values import Value
from manifests.functions.collections import flatten


def quote(value: Value) -> str:
    """Return a value as one word of a POSIX shell; a list becomes its words."""
    if isinstance(value, list | tuple):
        return " ".join(map(quote, value))
    return shlex.quote(ruby_text(value))


def shell_escape(value: Value) -> str:
    """Return a text as one word of a POSIX shell, with backslashes."""
    text = ruby_text(value)
    if not text:
        return "''"
    return re.sub(r"[^A-Za-z0-9_\-.,:+/@\n]", lambda found: "\\" + found[0], text).replace("\n", "'\n'")


def batch_escape(value: Value) -> str:
    """Return a text as one word of a batch file of Windows."""
    return '"' + re.sub(r'(["$\\])', lambda found: '""' if found[0] == '"' else "\\" + found[0], ruby_text(value)) + '"'


def powershell_escape(value: Value) -> str:
    """Return a text as one word of PowerShell."""
    text = re.sub(r"[ '`|\n$]", lambda found: "`" + found[0], ruby_text(value))
    return text.replace('"', '\\`"')


def shell_join(words: list[Value]) -> str:
    """Return words as a command line, each escaped."""
    return " ".join(map(shell_escape, words))


def shell_split(text: Value) -> list[str]:
    """Return the words of a command line."""
    return shlex.split(ruby_text(text))


def shellquote(*words: Value) -> str:
    """Return words as a command line, each quoted only if it must be."""
    return " ".join(map(_quoted, map(ruby_text, flatten(*words))))


def _quoted(word: str) -> str:
    if word and re.fullmatch(r"[A-Za-z0-9\-_=./,:@%+]+", word):
        return word
    if not re.search(r'[!"`$\\]', word):
        return f'"{word}"'
    if "'" not in word:
        return f"'{word}'"
    return '"' + re.sub(r'([!"`$\\])', r"\\\1", word) + '"'
