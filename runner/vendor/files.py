"""Files of a module: unpacked from an archive without leaving their directory, digested, put in place in one step."""

from __future__ import annotations

import hashlib
import io
import os
import posixpath
import secrets
import shutil
import tarfile
from collections.abc import Collection, Iterator
from typing import Final

from hiera.errors import DataError

FILES_LIMIT: Final = 100_000
SIZE_LIMIT: Final = 1024 * 1024 * 1024
"""The most that one archive may unpack to, in bytes."""


def unpack(data: bytes, directory: str, *, strip: int, origin: str) -> None:
    """Write the tar archive ``data`` into the new ``directory``, without the first ``strip`` parts of each name.

    Regular files, directories and links that stay inside are taken. Raises ``DataError`` (``bad-archive``) for
    anything else, named by ``origin``, before any of it is written.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:*") as archive:
            members = [(_relative(member, strip, origin), member) for member in _bounded(archive, origin)]
            os.makedirs(directory)
            for name, member in sorted(members, key=lambda pair: pair[0]):
                if name:
                    _write(archive, member, directory, name)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise DataError.of("bad-archive", f"{origin}: the archive cannot be unpacked: {error}") from None


def _bounded(archive: tarfile.TarFile, origin: str) -> Iterator[tarfile.TarInfo]:
    """Yield the members, refusing an archive that would fill the disk."""
    size = 0
    for count, member in enumerate(archive):
        size += member.size
        if count > FILES_LIMIT or size > SIZE_LIMIT:
            raise DataError.of("bad-archive", f"{origin}: the archive is larger than a module can be")
        if not member.name.startswith("pax_global_header"):
            yield member


def _relative(member: tarfile.TarInfo, strip: int, origin: str) -> str:
    """Return where ``member`` goes. Raises ``DataError`` if that is outside, or if it is no plain file."""
    name = posixpath.normpath(member.name)
    if name.startswith(("/", "../")) or name == ".." or "\0" in name:
        raise DataError.of("bad-archive", f"{origin}: '{member.name}' leads out of the module")
    if member.issym():
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), member.linkname))
        top = "/".join(name.split("/")[:strip])
        inside = (
            not target.startswith(("/", "../")) and target != ".." and (not top or f"{target}/".startswith(top + "/"))
        )
        if not inside or posixpath.isabs(member.linkname):
            raise DataError.of("bad-archive", f"{origin}: the link '{member.name}' leads out of the module")
    elif not (member.isfile() or member.isdir()):
        raise DataError.of("bad-archive", f"{origin}: '{member.name}' is neither a file nor a directory")
    return "/".join(part for part in name.split("/")[strip:] if part != ".")


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, directory: str, name: str) -> None:
    path = os.path.join(directory, name)
    if member.isdir():
        os.makedirs(path, exist_ok=True)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.realpath(os.path.dirname(path)) != os.path.dirname(os.path.realpath(directory) + "/" + name):
        raise ValueError(f"'{name}' stands behind a link")
    if member.issym():
        os.symlink(member.linkname, path)
        return
    stream = archive.extractfile(member)
    descriptor = os.open(
        path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o755 if member.mode & 0o100 else 0o644
    )
    with open(descriptor, "wb") as written:
        if stream is not None:
            shutil.copyfileobj(stream, written)


def digest(directory: str, skip: Collection[str] = ()) -> str:
    """Return what names the contents of ``directory``, without the relative paths in ``skip``."""
    whole = hashlib.sha256()
    for path, entry in _walk(directory, "", frozenset(skip)):
        if entry.is_symlink():
            row = f"link {os.readlink(entry.path)}"
        else:
            with open(entry.path, "rb") as stream:
                row = hashlib.file_digest(stream, "sha256").hexdigest()
            row = f"{'exec' if entry.stat().st_mode & 0o100 else 'file'} {row}"
        whole.update(f"{path}\0{row}\n".encode("utf-8", "surrogateescape"))
    return f"sha256:{whole.hexdigest()}"


def _walk(root: str, relative: str, skip: frozenset[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield every file and link below ``root`` in order; directories that git keeps for itself are left out."""
    with os.scandir(os.path.join(root, relative)) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        path = posixpath.join(relative, entry.name)
        if path in skip or entry.name == ".git":
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(root, path, skip)
        else:
            yield path, entry


def beside(directory: str) -> str:
    """Return a name for a new directory that can be renamed to ``directory``."""
    os.makedirs(os.path.dirname(directory), exist_ok=True)
    return os.path.join(os.path.dirname(directory), f".freehold-{secrets.token_hex(8)}")


def publish(new: str, directory: str) -> None:
    """Put the directory ``new`` in the place of ``directory``, which goes away."""
    old = beside(directory)
    there = os.path.lexists(directory)
    if there:
        os.rename(directory, old)
    os.rename(new, directory)
    if there:
        remove(old)


def remove(directory: str) -> None:
    """Remove ``directory`` with all it holds; a link is removed, not followed."""
    if os.path.islink(directory):
        os.unlink(directory)
    elif os.path.isdir(directory):
        shutil.rmtree(directory)
