"""Functions on file names, by their text alone."""

from __future__ import annotations

import posixpath


def dirname(path: str) -> str:
    """Return a path without its last part."""
    if not path:
        raise ValueError("expects a path that is not empty")
    parent = posixpath.dirname(path.rstrip("/") or path)
    parent = "/" + parent.lstrip("/") if parent.startswith("//") else parent
    return parent.rstrip("/") or ("/" if path.startswith("/") else ".")


def basename(path: str, suffix: str = "") -> str:
    """Return the last part of a path, without ``suffix`` (``.*``: any)."""
    name = posixpath.basename(path.rstrip("/")) or ("/" if path.startswith("/") else "")
    if suffix == ".*":
        return name.removesuffix(extname(name))
    return name.removesuffix(suffix) if name != suffix else name


def extname(path: str) -> str:
    """Return the extension of a path with its dot, or the empty text."""
    name = posixpath.basename(path.rstrip("/"))
    start, dot, extension = name.rpartition(".")
    return f".{extension}" if dot and start.strip(".") else ""
