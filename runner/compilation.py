"""From a tree to a catalog on this node: facts, Hiera, the compiler, and the catalogs kept from earlier runs.

A kept catalog answers as long as the tree, this Freehold, the settings and the facts *actually read* are the same. It
holds no content and no secret: whoever needs bytes has it compiled again (SEMANTICS 17).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from hiera.errors import Collector, Problem
from hiera.tree import DirectoryTree, Tree
from hiera.values import Value
from manifests.catalog import Catalog, Contents, Digester, decode, encode
from manifests.compiler import Compilation, Request
from manifests.environment import Environment
from runner.host import HostFiles
from runner.resources import Specifications
from runner.settings import LOCAL_ENVIRONMENT, LOCAL_NODE, Settings
from runner.version import __version__

if TYPE_CHECKING:
    from hiera.lookup import Hiera
    from hiera.secrets import Decryptor
    from manifests.puppet.loaders import ByteStore
    from runner.facts import Facts
    from runner.puppet.by_hand import Place
    from runner.puppet.machine_tree import MachineTree
    from runner.store.kept import KeptFiles


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compiled for whom."""

    tree: Tree
    revision: str
    facts: Mapping[str, Value]
    manifest: str | None = None
    host: HostFiles | None = None
    sealed: bool = False
    """Whether placeholders stand for secrets, and nothing is decrypted."""
    parsed: ByteStore | None = None
    """Where syntax trees of the Puppet language are kept between runs."""
    place: Place | None = None
    """Where everything stands, if the command line said so."""
    password_key: bytes | None = None
    """What functions make passwords of that stay: the node's own."""


def request_for(settings: Settings, subject: Subject, digester: Digester, warn: Callable[[Problem], None]) -> Request:
    """Return what the compiler has to know; raises ``DataError`` if the environment is not there."""
    environment, place = settings.environment or LOCAL_ENVIRONMENT, subject.place
    lone = subject.manifest is not None
    return Request(
        tree=subject.tree,
        revision=subject.revision,
        node=settings.node or LOCAL_NODE,
        environment=environment,
        facts=subject.facts,
        data=hiera_for(settings, subject.tree, environment, lone=lone, warn=warn, sealed=subject.sealed)
        if place is None
        else hiera_at(settings, place, warn),
        types=Specifications(),
        digester=digester,
        trusted=trusted_of(settings),
        role=settings.role,
        manifest=subject.manifest,
        host=subject.host,
        place=place.environment if place is not None else None,
        puppet_version=settings.puppet_version,
        password_key=subject.password_key,
        parsed=subject.parsed,
        version=__version__,
    )


def trusted_of(settings: Settings) -> dict[str, Value]:
    """Return ``$trusted``: what the node's own configuration vouches for."""
    return {"certname": settings.node or LOCAL_NODE, **settings.trusted}


def facts_for(settings: Settings, facts_file: str | None = None) -> Mapping[str, Value]:
    """Return the facts of a file, or of this node."""
    if facts_file is None:
        return node_facts(settings)
    from runner.facts.file import from_file  # noqa: PLC0415  for checks

    return from_file(facts_file)


def node_facts(
    settings: Settings, tree: DirectoryTree | MachineTree | None = None, place: Place | None = None
) -> Facts:
    """Return the facts of this node with the external facts that modules of ``tree`` bring, or those at ``place``."""
    from runner.facts import collect  # noqa: PLC0415  not every command looks at the node

    external = list(settings.facts_dirs)
    if tree is not None:
        found = place.environment if place else Environment.find(tree, settings.environment or LOCAL_ENVIRONMENT)
        modules = found.modules.values()
        external += [os.path.join(tree.root, path, "facts.d") for path in modules if tree.is_dir(f"{path}/facts.d")]
    return collect(settings.root, external)


def compile_subject(settings: Settings, subject: Subject, digester: Digester) -> Compilation:
    """Compile. Raises ``DataError`` with every problem."""
    from manifests.compiler import compile_catalog  # noqa: PLC0415  an unchanged run compiles nothing

    noted = Collector()
    found = compile_catalog(request_for(settings, subject, digester, noted.add))
    return Compilation(found.catalog, found.contents, (*noted.warnings, *found.warnings))


def hiera_for(
    settings: Settings,
    tree: Tree,
    environment: str,
    *,
    lone: bool = False,
    warn: Callable[[Problem], None] = lambda _: None,
    sealed: bool = False,
) -> Hiera:
    """Return the Hiera of an environment. A lone manifest has the data beside it, if there is any.

    With ``sealed`` nothing is decrypted: placeholders stand for secrets.
    """
    from hiera.lookup import Hiera  # noqa: PLC0415  as above
    from hiera.secrets import AGE, GPG, PKCS7  # noqa: PLC0415  as above
    from hiera.secrets.placeholders import PlaceholderDecryptor  # noqa: PLC0415  as above

    place = Environment("", "", {}) if lone and not tree.is_dir("environments") else Environment.find(tree, environment)
    keys = dict.fromkeys((GPG, PKCS7, AGE), PlaceholderDecryptor()) if sealed else decryptors(settings)
    found = (tree, environment, place.directory, place.modules, keys[GPG], warn)
    return Hiera.build(*found, convert=convert_value, pkcs7=keys[PKCS7], age=keys[AGE])


def hiera_at(settings: Settings, place: Place, warn: Callable[[Problem], None]) -> Hiera:
    """Return the Hiera of an environment that the command line named."""
    from hiera.files import Files  # noqa: PLC0415  as above
    from hiera.secrets.vault import Vault  # noqa: PLC0415  as above
    from runner.puppet.by_hand import data_of  # noqa: PLC0415  as above

    vault = Vault(decryptors(settings))
    return data_of(place.tree, place.environment, place.hiera, Files(place.tree, vault, warn), vault, warn)


def decryptors(settings: Settings) -> dict[str, Decryptor | None]:
    """Return who opens the messages of each scheme, None where this node has no keys for it."""
    from hiera.secrets import AGE, GPG, PKCS7  # noqa: PLC0415  only compiling and looking up need them
    from hiera.secrets.age import AgeDecryptor  # noqa: PLC0415  as above
    from hiera.secrets.gpg import GpgDecryptor  # noqa: PLC0415  as above
    from hiera.secrets.pkcs7 import Pkcs7Decryptor  # noqa: PLC0415  as above
    from runner import custody  # noqa: PLC0415  as above

    if settings.openpgp_key:
        from runner.openpgp_key import KeyFile  # noqa: PLC0415  few nodes keep their key as a file

        gpg: Decryptor | None = KeyFile(settings.openpgp_key, custody.of(settings))
    else:
        gpg = GpgDecryptor(settings.gnupghome, passphrase=custody.of(settings)) if settings.gnupghome else None
    private, public = settings.pkcs7_private_key, settings.pkcs7_public_key
    return {
        GPG: gpg,
        PKCS7: Pkcs7Decryptor(private, public) if private and public else None,
        AGE: AgeDecryptor(settings.age_identity) if settings.age_identity else None,
    }


def convert_value(name: str, more: Sequence[Value], value: Value) -> Value:
    """Return ``value`` as the data type ``name``, for ``convert_to`` in ``lookup_options``."""
    from hiera.secrets import placeholders  # noqa: PLC0415  few data convert
    from hiera.types import parse  # noqa: PLC0415  as above
    from hiera.types.convert import convert  # noqa: PLC0415  as above

    if placeholders.is_placeholder(value):
        return placeholders.converted(parse(name), value)
    return convert(parse(name), value, *more)


class Kept(msgspec.Struct, frozen=True):
    """The head of a kept catalog: the facts it was compiled from and the warnings it came with."""

    reads: list[Any]
    warnings: list[Problem]


class CatalogCache:
    """Catalogs of earlier runs, one file each in ``directory``, the newest few kept."""

    KEEP = 8
    TREES = "trees"

    def __init__(self, directory: str, settings: Settings) -> None:
        self._directory = directory
        self._settings = settings

    @property
    def parsed(self) -> KeptFiles:
        """The syntax trees that catalogs were compiled from, kept beside them."""
        from runner.store.kept import KeptFiles  # noqa: PLC0415  an unchanged run parses nothing

        return KeptFiles(os.path.join(self._directory, self.TREES))

    def _path(self, subject: Subject) -> str:
        settings = self._settings
        parts = (
            __version__, subject.tree.id, settings.environment, settings.node, settings.role, dict(settings.trusted),
            settings.gnupghome, settings.openpgp_key, settings.pkcs7_private_key, settings.age_identity,
            settings.puppet_version,
        )  # fmt: skip
        name = hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()
        return os.path.join(self._directory, name)

    def find(self, subject: Subject) -> tuple[Catalog, tuple[Problem, ...]] | None:
        """Return the kept catalog if it still answers, with its warnings."""
        from runner.facts.recording import unchanged  # noqa: PLC0415  a first run has nothing kept

        if not subject.tree.id:
            return None
        try:
            with open(self._path(subject), "rb") as stream:
                head, _, body = stream.read().partition(b"\n")
            kept = msgspec.json.decode(head, type=Kept)
            if not unchanged(kept.reads, subject.facts):
                return None
            catalog = decode(body)
        except (OSError, msgspec.DecodeError):
            return None
        return msgspec.structs.replace(catalog, revision=subject.revision), tuple(kept.warnings)

    def keep(self, subject: Subject, compilation: Compilation, reads: Sequence[Any]) -> None:
        """Keep a catalog; without a tree id there is nothing to know it by."""
        if not subject.tree.id:
            return
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        path = self._path(subject)
        temporary = f"{path}.new"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as stream:
            stream.write(msgspec.json.encode(Kept(list(reads), list(compilation.warnings))))
            stream.write(b"\n" + encode(compilation.catalog))
        os.rename(temporary, path)
        self._tidy()

    def _tidy(self) -> None:
        names = [name for name in os.listdir(self._directory) if name != self.TREES]
        paths = [os.path.join(self._directory, name) for name in names]
        for path in sorted(paths, key=os.path.getmtime)[: -self.KEEP]:
            os.unlink(path)
        self.parsed.prune()


def catalog_for(settings: Settings, subject: Subject, digester: Digester, cache: CatalogCache | None) -> Compilation:
    """Return the node's catalog, from the cache if one answers. Raises ``DataError``."""
    from runner.facts.recording import Recording  # noqa: PLC0415  with the facts

    found = cache.find(subject) if cache is not None else None
    if found is not None:
        catalog, warnings = found
        contents = Contents(lambda: compile_subject(settings, subject, digester).contents.known())  # noqa: PLW0108  lazy
        return Compilation(catalog, contents, warnings)
    recording, host = Recording(subject.facts), HostFiles(settings.root)
    parsed = cache.parsed if cache is not None else None
    noted = replace(subject, facts=recording, host=host, parsed=parsed)
    compilation = compile_subject(settings, noted, digester)
    if cache is not None and not host.asked:
        cache.keep(subject, compilation, recording.reads())
    return compilation
