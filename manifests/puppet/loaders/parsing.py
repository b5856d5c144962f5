"""Parsed files, kept by what stands in them: in memory, and through a store of bytes between runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, Protocol

import msgspec

from hiera.errors import Collector, DataError, Location, Problem
from manifests.puppet import ast
from manifests.puppet.source import Source

_FORM: Final = 1
"""Raised when what is kept changes its meaning without a change of the nodes."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A checked file: its tree, its text and what deserves a warning."""

    program: ast.Program
    source: Source
    warnings: tuple[Problem, ...] = ()

    def location(self, node: ast.Node) -> Location:
        """Return where ``node`` stands: file, line and column, counted from 1."""
        return self.source.location(node.offset, node.length)


class ByteStore(Protocol):
    """Keeps bytes under a name, and may forget them at any time."""

    def get(self, key: str) -> bytes | None:
        """Return what was kept as ``key``, or None."""

    def put(self, key: str, data: bytes) -> None:
        """Keep ``data`` as ``key``; never raises for a store that cannot."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A parsed file as it is stored."""

    program: ast.Program
    warnings: tuple[Problem, ...]


class ParseCache:
    """Parses each text once. One cache may serve many compilations."""

    def __init__(self, store: ByteStore | None = None) -> None:
        self._store = store
        self._memory: dict[tuple[str, bytes, int, str | None], Parsed] = {}

    def parsed(self, data: bytes, path: str, *, puppet_version: int, autoloaded: str | None = None) -> Parsed:
        """Return the file ``path`` that holds ``data``, a template if its name says so.

        ``autoloaded`` is the name it has to define. Raises ``DataError`` with every problem of the file.
        """
        digest = hashlib.blake2b(data, digest_size=20).digest()
        key = (path, digest, puppet_version, autoloaded)
        found = self._memory.get(key)
        if found is None:
            source = Source.decode(data, path)
            found = self._memory[key] = self._stored(key, source) or self._fresh(key, source)
        return found

    def _stored(self, key: tuple[str, bytes, int, str | None], source: Source) -> Parsed | None:
        """Return what an earlier run left, if it can be read."""
        data = self._store.get(_name(key)) if self._store is not None else None
        if data is None:
            return None
        try:
            kept = _decode()(data)
        except (msgspec.MsgspecError, RecursionError):
            return None
        return Parsed(kept.program, source, kept.warnings)

    def _fresh(self, key: tuple[str, bytes, int, str | None], source: Source) -> Parsed:
        """Parse and check, and keep what is sound."""
        parsed = read(source, puppet_version=key[2], autoloaded=key[3])
        if self._store is not None:
            try:
                data = msgspec.msgpack.encode(_Kept(parsed.program, parsed.warnings))
            except (OverflowError, RecursionError):  # a number beyond 64 bits, or a very deep tree
                return parsed
            self._store.put(_name(key), data)
        return parsed


def read(source: Source, *, puppet_version: int, autoloaded: str | None = None) -> Parsed:
    """Return ``source`` parsed and checked. Raises ``DataError`` with every problem there is."""
    from manifests.puppet.parser import parse  # noqa: PLC0415  what is kept needs no parser
    from manifests.puppet.validation import validate  # noqa: PLC0415  likewise

    collector = Collector()
    program = parse(source, collector, epp=source.file.endswith(".epp"))
    if program is not None:
        validate(program, source, collector, puppet_version=puppet_version, autoloaded=autoloaded)
    collector.check(DataError)
    if program is None:  # the parser tells why whenever there is none
        raise DataError.of("syntax-error", f"'{source.file}' cannot be read")
    return Parsed(program, source, tuple(collector.warnings))


@cache
def _decode() -> Callable[[bytes], _Kept]:
    from manifests.puppet.ast.decoding import decoder  # noqa: PLC0415  only what is kept needs it

    return decoder(_Kept).decode


@cache
def _schema() -> bytes:
    """Return what names the form of the nodes: an older Freehold's trees must not be taken for this one's."""
    nodes = (getattr(ast, name) for name in ast.__all__)
    rows = sorted(f"{node.__name__}:{','.join(node.__struct_fields__)}" for node in nodes)
    return f"{_FORM}|{'|'.join(rows)}".encode()


def _name(key: tuple[str, bytes, int, str | None]) -> str:
    """Return the name to keep a file by; the path counts because warnings name it."""
    path, digest, version, autoloaded = key
    whole = b"\0".join((_schema(), path.encode(), digest, str(version).encode(), (autoloaded or "").encode()))
    return hashlib.blake2b(whole, digest_size=20).hexdigest()
