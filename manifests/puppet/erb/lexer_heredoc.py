"""Here-documents in the Ruby of a template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from manifests.puppet.erb.lexer_strings import read_text
from manifests.puppet.erb.tokens import Mistake

if TYPE_CHECKING:
    from manifests.puppet.erb.lexer import Lexer

HEREDOC: Final = re.compile(r"<<(?:([~-])(?=['\"A-Za-z_])|(?=['\"A-Z_]))(['\"]?)([A-Za-z_]\w*)\2")
_INDENT: Final = re.compile(r"^[ \t]*(?=[^\s])", re.MULTILINE)


def read_heredoc(
    lexer: Lexer, at: int, mark: str, *, squiggly: bool, indented: bool, plain: bool
) -> tuple[list[Any], int]:
    """Return the parts of the document that begins at ``at`` and the place behind its closing line."""
    before = r"[ \t]*" if indented else ""
    close = re.compile(rf"^{before}{mark}\r?$", re.MULTILINE).search(lexer.code, at)
    if close is None:
        raise Mistake(f"this document has no line '{mark}' that ends it", at)
    body = lexer.code[at : close.start()]
    if squiggly:
        body = _dedented(body)
    if plain:
        return [body], close.end()
    inner = type(lexer)(body + "\x02", names=lexer.names, depth=lexer.depth + 1)
    parts, _ = read_text(inner, 0, "\x02")
    return parts, close.end()


def _dedented(body: str) -> str:
    """Return ``body`` without the indentation that all its lines share."""
    widths = [len(found[0].expandtabs(8)) for found in _INDENT.finditer(body)]
    least = min(widths, default=0)
    return re.sub(rf"^[ \t]{{0,{least}}}", "", body, flags=re.MULTILINE)
