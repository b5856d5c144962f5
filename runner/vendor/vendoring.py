"""Bringing the modules beside a Puppetfile to what it says."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection
from typing import Final, Literal, NamedTuple

import msgspec

from hiera.errors import Collector, DataError, FreeholdError, Location, Problem
from manifests.puppet.loaders.puppetfile import NAME, Puppetfile, WantedModule, read_puppetfile
from runner.vendor import files
from runner.vendor.forge import Forge
from runner.vendor.lock import Locked, read_lock
from runner.vendor.repositories import Repositories, Repository

State = Literal["ok", "missing", "modified", "outdated", "unlocked", "local", "dropped", "unmanaged"]
DIFFERS: Final[frozenset[State]] = frozenset(("missing", "modified", "outdated", "unlocked", "dropped"))
"""The states that ``--check`` complains of."""


class Row(msgspec.Struct, frozen=True):
    """One module as it stands. ``wanted`` is what the Puppetfile says, ``present`` what is locked."""

    name: str
    state: State
    wanted: str = ""
    present: str = ""
    source: str = ""
    path: str = ""


class Fetched(msgspec.Struct, frozen=True):
    """A module that was put in place or taken away; ``version`` is "" for one that is gone."""

    name: str
    version: str
    before: str
    path: str


class _Download(NamedTuple):
    """The archive of a module; the first ``strip`` parts of its names are no part of the module."""

    version: str
    revision: str
    data: bytes
    strip: int


class Vendoring:
    """The modules of the Puppetfile in ``root``."""

    def __init__(self, root: str) -> None:
        self.root = os.path.abspath(root)
        self.puppetfile = _puppetfile(self.root)
        self.lock = read_lock(self.root)

    def rows(self) -> list[Row]:
        """Return how each module stands, without asking anybody."""
        rows = [self._row(module) for module in self.puppetfile.modules]
        known = {module.name for module in self.puppetfile.modules}
        for name, locked in self.lock.modules.items():
            if name not in known and os.path.isdir(self._absolute(locked.path)):
                rows.append(Row(name, "dropped", "", locked.version, locked.source, locked.path))
                known.add(name)
        place = self._absolute(self.puppetfile.moduledir)
        there = sorted(os.listdir(place)) if os.path.isdir(place) else []
        rows += [
            Row(name, "unmanaged", path=posixpath.join(self.puppetfile.moduledir, name))
            for name in there
            if name not in known and not name.startswith(".") and os.path.isdir(os.path.join(place, name))
        ]
        return sorted(rows, key=lambda row: row.name)

    def _row(self, module: WantedModule) -> Row:
        path = self.path_of(module)
        locked = self.lock.modules.get(module.name)
        present = locked.version if locked else ""
        return Row(module.name, self._state(module, locked, path), _wanted(module), present, _source(module), path)

    def _state(self, module: WantedModule, locked: Locked | None, path: str) -> State:
        if module.kind == "local":
            return "local"
        directory = self._absolute(path)
        if not os.path.isdir(directory):
            return "missing"
        if locked is None:
            return "unlocked"
        if locked.path != path or locked.source != _source(module) or not _satisfied(module, locked):
            return "outdated"
        return "ok" if files.digest(directory) == locked.digest else "modified"

    def path_of(self, module: WantedModule) -> str:
        """Return where ``module`` belongs, relative to the Puppetfile. Raises ``DataError`` (``path-escape``)."""
        place = module.options.get("install_path")
        directory = place if isinstance(place, str) else self.puppetfile.moduledir
        path = posixpath.normpath(posixpath.join(directory, module.name))
        if path.startswith(("/", "../")) or path.split("/")[0] in ("..", ".git"):
            message = f"module '{module.name}' would be put outside the repository: '{path}'"
            raise DataError.of("path-escape", message, module.location)
        return path

    def fetch(
        self, repositories: Repositories, *, only: Collection[str] = (), update: bool, force: bool
    ) -> list[Fetched]:
        """Put every module in place that is not, and take away those that the Puppetfile names no more.

        ``update`` asks for the newest of what has no fixed version; ``only`` limits it all to some modules; ``force``
        replaces modules that were changed by hand. All problems are raised at once, after everything else is done.
        """
        problems, done = Collector(), []
        self._check_names(only)
        for row in self.rows():
            if only and row.name not in only:
                continue
            try:
                done += self._one(row, repositories, update=update, force=force)
            except FreeholdError as error:
                problems.take(error)
        if done:
            self.lock.write(self.root)
        problems.check()
        return done

    def _check_names(self, only: Collection[str]) -> None:
        for name in only:
            if self.puppetfile.wants(name) is None:
                raise DataError.of("unknown-module", f"'{name}' does not stand in the {NAME}", Location(NAME))

    def _one(self, row: Row, repositories: Repositories, *, update: bool, force: bool) -> list[Fetched]:
        """Bring one module to what it shall be."""
        module = self.puppetfile.wants(row.name)
        if row.state in ("local", "unmanaged") or (row.state == "ok" and not update):
            return []
        if row.state in ("modified", "unlocked") and not force:
            place = module.location if module else None
            hint = "commit it as your own and mark it `local: true`, or use --force to replace it"
            what = "was changed by hand" if row.state == "modified" else "is there, but was not fetched by this command"
            raise DataError.of("modified-module", f"module '{row.name}' {what}", place, hint=hint)
        if module is None:
            return self._drop(row, force=force)
        before = self.lock.modules.get(row.name)
        keep = None if update or row.state == "outdated" else before
        new = self._fetch(module, row.path, repositories, keep)
        if before == new and row.state == "ok":
            return []
        return [Fetched(row.name, new.version, row.present if row.state != "missing" else "", row.path)]

    def _drop(self, row: Row, *, force: bool) -> list[Fetched]:
        locked = self.lock.modules[row.name]
        if files.digest(self._absolute(locked.path)) != locked.digest and not force:
            message = f"module '{row.name}' left the {NAME}, but was changed by hand and stays"
            raise DataError.of("modified-module", message, Location(NAME), hint="remove it, or use --force")
        files.remove(self._absolute(locked.path))
        del self.lock.modules[row.name]
        return [Fetched(row.name, "", locked.version, locked.path)]

    def _fetch(self, module: WantedModule, path: str, repositories: Repositories, keep: Locked | None) -> Locked:
        """Fetch a module, the very one of ``keep`` if that still is what is wanted, and put it in place."""
        if keep is not None and not (keep.source == _source(module) and _satisfied(module, keep)):
            keep = None
        try:
            if module.kind == "git":
                download = _from_git(module, repositories.open(str(module.options["git"])), keep)
            elif module.kind == "forge":
                download = _from_forge(module, Forge(self.puppetfile.forge), keep)
            else:
                raise DataError.of("unknown-source", f"module '{module.name}' comes from nowhere this command knows")
        except FreeholdError as error:
            placed = (
                msgspec.structs.replace(item, location=item.location or module.location) for item in error.problems
            )
            raise type(error)(*placed) from None
        return self._place(module, path, download)

    def _place(self, module: WantedModule, path: str, download: _Download) -> Locked:
        """Unpack a module into its place, and lock it."""
        directory = self._absolute(path)
        new = files.beside(directory)
        try:
            files.unpack(download.data, new, strip=download.strip, origin=f"module '{module.name}'")
            digest = files.digest(new)
            files.publish(new, directory)
        finally:
            files.remove(new)
        locked = Locked(module.name, _source(module), download.version, download.revision, path, digest)
        self.lock.modules[module.name] = locked
        return locked

    def _absolute(self, path: str) -> str:
        return os.path.join(self.root, path)


def _puppetfile(root: str) -> Puppetfile:
    """Return the Puppetfile of ``root``. Raises ``DataError`` with everything in it that is not understood."""
    try:
        with open(os.path.join(root, NAME), encoding="utf-8") as stream:
            found = read_puppetfile(stream.read(), NAME)
    except FileNotFoundError:
        message = f"there is no {NAME} in '{root}'"
        raise DataError.of("missing-file", message, hint="it names the modules to fetch, one `mod` a line") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError.of("missing-file", f"the {NAME} cannot be read: {error}", Location(NAME)) from None
    problems = list(found.problems)
    for module in found.modules:
        if module.kind == "forge" and not module.owner:
            message = f"module '{module.name}' has no owner, so no Forge knows it"
            problems.append(Problem("unknown-source", message, module.location, "write 'owner/name', or git: 'URL'"))
        elif module.kind == "git" and not isinstance(module.options.get("git"), str):
            problems.append(Problem("unknown-source", f"module '{module.name}' has no address", module.location))
    if problems:
        raise DataError(*problems)
    return found


def _from_git(module: WantedModule, repository: Repository, keep: Locked | None) -> _Download:
    """Return a module of a git repository, the commit of ``keep`` if there is one."""
    revision = repository.commit(keep.revision if keep is not None else module.ref)
    return _Download(module.ref or revision[:10], revision, repository.archive(revision), 0)


def _from_forge(module: WantedModule, forge: Forge, keep: Locked | None) -> _Download:
    """Return a module of the Forge, the very archive of ``keep`` if there is one."""
    release = forge.release(f"{module.owner}-{module.name}", keep.version if keep is not None else module.version)
    if keep is not None and keep.revision != release.checksum:
        message = f"the Forge's {release.slug} {release.version} is not the archive that was locked"
        raise DataError.of("wrong-checksum", message, hint="if you trust the new one: --update")
    return _Download(release.version, release.checksum, forge.download(release), 1)


def _wanted(module: WantedModule) -> str:
    if module.kind == "git":
        return module.ref or "default branch"
    return "" if module.kind == "local" else module.version or "any"


def _source(module: WantedModule) -> str:
    """Return what names where ``module`` comes from."""
    if module.kind == "git":
        from runner.source.address import scrub  # noqa: PLC0415  only names of repositories may hide a password

        return scrub(str(module.options["git"]))
    return f"{module.owner}-{module.name}" if module.kind == "forge" else module.kind


def _satisfied(module: WantedModule, locked: Locked) -> bool:
    """Say whether what is locked still is what the Puppetfile asks for, as far as that can be told from here."""
    if module.kind == "git":
        return module.ref is None or locked.version == module.ref or locked.revision.startswith(module.ref)
    return module.version in ("", "latest") or module.version == locked.version
