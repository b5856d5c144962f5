"""Objects of the mirror as raw bytes, many in one process, and commits read from those bytes."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, cast

import msgspec

from hiera.errors import TrustError
from runner.source.git import Git, Unreachable, kill_group, reap_group


class Object(msgspec.Struct, frozen=True):
    """One object: its id, its kind (``blob``, ``tree``, ``commit``, ``tag``, or ``missing``) and its bytes."""

    id: str
    kind: str
    data: bytes = b""


class Person(msgspec.Struct, frozen=True):
    """Who and when, as a commit says; ``time`` counts seconds since 1970 and may be any number."""

    name: str
    email: str
    time: int
    zone: str = "+0000"


class Commit(msgspec.Struct, frozen=True):
    """One commit. ``signature`` is the armored text of its signature, or ""."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str
    signature: str = ""

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]


def read_objects(git: Git, names: Iterable[str], *, seconds: float = 300) -> Iterator[Object]:
    """Yield the object each of ``names`` stands for, in order, read by a single ``git cat-file --batch``.

    Raises ``Unreachable`` (``git-deadline``) after ``seconds`` and ``TrustError`` (``mirror-damaged``) if git fails.
    """
    process = git.start("cat-file", "--batch", stdin=True)
    late = threading.Timer(seconds, kill_group, [process])
    late.start()
    asked = list(names)
    feeder = threading.Thread(target=_ask, args=(process, asked), daemon=True)
    feeder.start()
    hush = threading.Thread(target=cast("IO[bytes]", process.stderr).read, daemon=True)
    hush.start()
    try:
        for name in asked:
            yield _read_one(cast("IO[bytes]", process.stdout), name, late)
    finally:
        late.cancel()
        kill_group(process)
        feeder.join()
        hush.join()
        reap_group(process)


def _ask(process: subprocess.Popen[bytes], names: Sequence[str]) -> None:
    """Write ``names`` to the process, a line each."""
    stdin = cast("IO[bytes]", process.stdin)
    with contextlib.suppress(BrokenPipeError, ValueError):
        stdin.write("".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape"))
        stdin.close()


def _read_one(stream: IO[bytes], name: str, late: threading.Timer) -> Object:
    """Return the next object of ``stream``, the answer to ``name``."""
    header = stream.readline()
    if header.endswith((b" missing\n", b" ambiguous\n")):
        return Object(name, "missing")
    parts = header.split()
    if len(parts) != 3 or not parts[2].isdigit():
        if late.finished.wait(0.1):
            raise Unreachable.of("git-deadline", "git cat-file did not end in time and was stopped")
        raise TrustError.of("mirror-damaged", f"the mirror cannot give the object '{name:.60}'")
    data = stream.read(int(parts[2]))
    if stream.read(1) != b"\n":
        raise TrustError.of("mirror-damaged", f"the mirror cannot give the object '{name:.60}' in full")
    return Object(parts[0].decode(), parts[1].decode(), data)


_ONCE = ("tree", "author", "committer", "gpgsig", "gpgsig-sha256", "encoding")


def parse_commit(sha: str, data: bytes) -> Commit:
    """Return the commit whose raw bytes are ``data``.

    Raises ``TrustError`` (``malformed-commit``) if a header that has to stand once does not: what such a commit means
    depends on who reads it.
    """
    head, _, message = data.partition(b"\n\n")
    fields: dict[str, list[str]] = {}
    last = ""
    for raw in head.decode("utf-8", "replace").split("\n"):
        if raw.startswith(" ") and last:
            fields[last][-1] += "\n" + raw[1:]
            continue
        last, _, value = raw.partition(" ")
        fields.setdefault(last, []).append(value)
    once = {name: fields.get(name, []) for name in _ONCE}
    if any(len(values) > 1 for values in once.values()) or not (once["tree"] and once["author"] and once["committer"]):
        raise TrustError.of("malformed-commit", f"commit {sha[:7]} has headers that are missing or stand twice")
    return Commit(
        sha,
        once["tree"][0],
        tuple(fields.get("parent", ())),
        _parse_person(once["author"][0]),
        _parse_person(once["committer"][0]),
        message.decode("utf-8", "replace"),
        "\n".join(once["gpgsig"] + once["gpgsig-sha256"]),
    )


def _parse_person(text: str) -> Person:
    """Return the person a header such as ``Ann <ann@example.org> 1700000000 +0100`` names."""
    who, _, when = text.rpartition("> ")
    name, _, email = who.partition("<")
    time, _, zone = when.partition(" ")
    return Person(name.strip(), email.strip(), int(time) if time.lstrip("-").isdecimal() else 0, zone or "+0000")
