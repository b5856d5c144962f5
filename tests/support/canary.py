"""Canaries: random secrets that are easy to find wherever they leak to, however they are written there."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import stat
import threading
import time
import urllib.parse
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_ODD = '"/+ä'
"""Characters that JSON, URLs and base64 write in a way of their own."""


def canary() -> str:
    """Return a new secret."""
    return secrets.token_hex(10) + _ODD + secrets.token_hex(10)


def written(secret: str) -> dict[str, bytes]:
    """Return every form in which ``secret`` might be written."""
    data = secret.encode()
    return {
        "raw": data,
        "its first part": data[:20],
        "its last part": data[-20:],
        **{f"base64 at {offset}": _base64(data, offset) for offset in range(3)},
        "hexadecimal": data.hex().encode(),
        "url": urllib.parse.quote(secret, safe="").encode(),
        "json": json.dumps(secret)[1:-1].encode(),
        "json text": json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
    }


def digests(text: str) -> dict[str, bytes]:
    """Return the digests of ``text`` that need no key, as bytes and as digits: a dictionary would break them."""
    found: dict[str, bytes] = {}
    for name in ("sha256", "sha1", "md5", "blake2b", "sha512", "sha3_256"):
        digest = hashlib.new(name, text.encode()).digest()
        found |= {
            name: digest,
            f"{name} in hexadecimal": digest.hex().encode(),
            f"{name} in base64": _base64(digest, 0),
        }
    short = hashlib.blake2b(text.encode(), digest_size=32).digest()
    return found | {"blake2b-256": short, "blake2b-256 in hexadecimal": short.hex().encode()}


def _base64(data: bytes, offset: int) -> bytes:
    """Return what stands for ``data`` alone in the base64 of a text that it starts in at ``offset``."""
    text = base64.b64encode(bytes(offset) + data).rstrip(b"=")
    return text[-(-offset * 8 // 6) : -1]


def found_in(data: bytes, forms: dict[str, bytes]) -> list[str]:
    """Return the names of the ``forms`` that stand in ``data``."""
    return [name for name, form in forms.items() if form in data]


def files_holding(directory: Path, forms: dict[str, bytes]) -> dict[str, list[str]]:
    """Return the regular files below ``directory`` that hold a form, with its names; their own names count too."""
    found = {}
    for path in directory.rglob("*"):
        hits = found_in(os.fsencode(path.name), forms)
        about = path.lstat()
        if stat.S_ISREG(about.st_mode):
            hits += found_in(path.read_bytes(), forms)
        elif stat.S_ISLNK(about.st_mode):
            hits += found_in(os.fsencode(os.readlink(path)), forms)
        if hits:
            found[str(path.relative_to(directory))] = hits
    return found


@contextmanager
def watched(secrets_: Iterable[str], state: Path) -> Iterator[set[str]]:
    """Watch every process's arguments and environment and the database's files; yield where a secret was seen."""
    forms = {f"{number} {name}": form for number, text in enumerate(secrets_) for name, form in written(text).items()}
    seen: set[str] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            for path in (*_of_processes(), *state.glob("state.db*")):
                seen.update(f"{path}: {name}" for name in found_in(_read(path), forms))
            time.sleep(0.01)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def _of_processes() -> Iterator[Path]:
    for name in os.listdir("/proc"):
        if name.isdecimal() and int(name) != os.getpid():
            yield from (Path("/proc", name, "cmdline"), Path("/proc", name, "environ"))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
