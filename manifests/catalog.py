"""The catalog: what one node shall be, as frozen plain data that can cross a process boundary."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias

import msgspec

from hiera.errors import Location
from hiera.values import Secret


class Ref(msgspec.Struct, frozen=True, order=True):
    """The reference ``kind[title]``: ``package[nginx]``, ``class[nginx]``. ``kind`` is lower case."""

    kind: str
    title: str

    def __str__(self) -> str:
        return f"{self.kind}[{self.title}]"


class ContentRef(msgspec.Struct, frozen=True, tag_field="$", tag="content"):
    """Stands for bytes that the catalog itself does not carry: the content of a file, or any secret.

    ``digest`` comes from the :class:`Digester` of the compilation; ``size`` is in bytes (0 for a secret, whose
    length is nobody's business). The bytes are found in :class:`Contents` by the digest.
    """

    digest: str
    size: int = 0
    secret: bool = False


Plain: TypeAlias = Any
"""None, bool, int, float, str, ContentRef, or a list or string-keyed dict of them. Never a ``Secret``."""


class Declaration(msgspec.Struct, frozen=True, omit_defaults=True):
    """A resource as the manifests ask for it.

    ``name`` is the value of the namevar (``/etc/motd``), ``title`` in ``ref`` what the manifest called it.
    ``attributes`` holds the type's own attributes only; metaparameters have become edges or fields.
    ``container`` is the class or define it stands in.
    """

    ref: Ref
    name: str
    attributes: dict[str, Plain]
    location: Location
    container: Ref
    tags: tuple[str, ...] = ()
    noop: bool | None = None
    prune: str = "restore"  # restore | keep | first
    exported: bool = False


class Edge(msgspec.Struct, frozen=True, omit_defaults=True):
    """``source`` is applied before ``target``; with ``notify`` a change of it refreshes ``target``.

    The ends are declared resources, or containers (classes and defines), for which the runner's graph has a begin
    and an end anchor.
    """

    source: Ref
    target: Ref
    notify: bool = False
    location: Location | None = None


class Container(msgspec.Struct, frozen=True, omit_defaults=True):
    """A class or a define instance in the catalog; ``parent`` contains it, or None at the top."""

    ref: Ref
    location: Location
    parent: Ref | None = None


class Catalog(msgspec.Struct, frozen=True):
    """Everything a node shall be, in declaration order."""

    revision: str
    environment: str
    node: str
    declarations: tuple[Declaration, ...]
    edges: tuple[Edge, ...]
    containers: tuple[Container, ...] = ()
    classes: tuple[str, ...] = ()
    hold: str | None = None  # why this node sits out, see LANGUAGE: nodes
    noop: bool = False

    def digest(self) -> str:
        """Return ``sha256:...`` over all that matters to the machine: same tree, facts and data, same digest.

        The revision does not count: two commits with the same meaning have one digest.
        """
        return "sha256:" + hashlib.sha256(encode(msgspec.structs.replace(self, revision=""))).hexdigest()


def encode(catalog: Catalog) -> bytes:
    """Return the catalog as canonical JSON bytes (keys sorted)."""
    return msgspec.json.encode(catalog, order="sorted")


def decode(data: bytes) -> Catalog:
    """Return the catalog that ``encode`` made bytes of. Raises ``msgspec.ValidationError`` for anything else."""
    catalog = msgspec.json.decode(data, type=Catalog)
    return msgspec.structs.replace(
        catalog,
        declarations=tuple(
            msgspec.structs.replace(item, attributes={key: _with_refs(value) for key, value in item.attributes.items()})
            if any(isinstance(value, dict | list) for value in item.attributes.values())
            else item
            for item in catalog.declarations
        ),
    )


def _with_refs(value: Plain) -> Plain:
    """Return ``value`` with the JSON form of a ContentRef turned back into one."""
    if isinstance(value, dict):
        if value.get("$") == "content":
            return msgspec.convert(value, ContentRef)
        return {key: _with_refs(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_refs(item) for item in value]
    return value


class Digester(Protocol):
    """Turns bytes into the text that stands for them."""

    def __call__(self, data: bytes, *, secret: bool) -> str:
        """Return the digest of ``data``; a secret's is always keyed, so that it cannot be guessed."""


class PortableDigester:
    """Plain SHA-256 for what is open, keyed for what is secret: for ``compile`` away from a node."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, data: bytes, *, secret: bool) -> str:
        """See :class:`Digester`."""
        if secret:
            return "hmac:" + hmac.new(self._key, data, hashlib.sha256).hexdigest()
        return "sha256:" + hashlib.sha256(data).hexdigest()


class KeyedDigester:
    """Keyed digests for everything: what a node records can be matched by that node alone."""

    def __init__(self, key: bytes) -> None:
        self._key = key[:64]

    def __call__(self, data: bytes, *, secret: bool) -> str:  # noqa: ARG002  a node keeps one form for both
        """See :class:`Digester`."""
        return "node:" + hashlib.blake2b(data, key=self._key, digest_size=32).hexdigest()

    def of_pieces(self, pieces: Iterable[bytes]) -> str:
        """Return the digest of ``pieces`` joined, without ever joining them."""
        state = hashlib.blake2b(key=self._key, digest_size=32)
        for piece in pieces:
            state.update(piece)
        return "node:" + state.hexdigest()


class Contents:
    """The bytes behind the ContentRefs of a catalog, kept beside it and never stored.

    With a catalog from the cache there are none at first; ``produce`` compiles anew when the first is asked for.
    """

    def __init__(self, produce: Callable[[], Mapping[str, bytes | Secret]] | None = None) -> None:
        self._known: dict[str, bytes | Secret | Callable[[], bytes]] = {}
        self._produce = produce

    def add(self, digest: str, content: bytes | Secret | Callable[[], bytes]) -> None:
        """Take content; a callable reads it when wanted (a large file of the tree)."""
        self._known.setdefault(digest, content)

    def known(self) -> Mapping[str, Any]:
        """Return everything held now, unread."""
        return self._known

    def find(self, digest: str) -> bytes | None:
        """Return the bytes for ``digest``, decrypted if they are a secret, or None if nobody has them."""
        if digest not in self._known and self._produce is not None:
            produce, self._produce = self._produce, None
            self._known.update(produce())
        found = self._known.get(digest)
        if isinstance(found, Secret):
            value = found.reveal()
            return value if isinstance(value, bytes) else str(value).encode()
        return found() if callable(found) else found
