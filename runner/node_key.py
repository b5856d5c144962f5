"""The key pair of a node's secrets: made once, its public half shown, its private half kept as it is told."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from hiera.errors import Location, UsageError
from hiera.values import Secret

AGENT: Final = "gpg-agent.conf"
_PATIENCE: Final = 2.0
_AGENT: Final = """\
# Written by `freehold init`: the agent forgets at once; a passphrase as long as a key needs no slow derivation.
default-cache-ttl 0
max-cache-ttl 0
s2k-count 65536
"""


def key_pair(home: str, node: str, passphrase: Callable[[], Secret] | None = None) -> tuple[str, str]:
    """Return the fingerprint and the public key of this node's secrets in the GnuPG home ``home``, made now if need be.

    ``passphrase`` protects the private key; it is asked for only if there is to be one. Raises ``UsageError`` (``gpg``,
    ``key-unprotected``, ``passphrase``).
    """
    os.makedirs(home, mode=0o700, exist_ok=True)
    os.chmod(home, 0o700)
    phrase = None if passphrase is None else passphrase()
    try:
        listed = _gpg(home, "--list-secret-keys", "--with-colons")
        if not listed:
            _make(home, node, phrase)
            listed = _gpg(home, "--list-secret-keys", "--with-colons")
        elif phrase is not None:
            _check(home, phrase)
        return _fingerprint(listed), _gpg(home, "--armor", "--export")
    finally:
        _dismiss(home)


def _make(home: str, node: str, phrase: Secret | None) -> None:
    if phrase is not None and not os.path.exists(os.path.join(home, AGENT)):
        with open(os.path.join(home, AGENT), "w", encoding="ascii") as stream:
            stream.write(_AGENT)
    words = ["--quick-generate-key", f"freehold {node}", "future-default", "default", "never"]
    _gpg(home, "--batch", *words, phrase=Secret("") if phrase is None else phrase)


def _check(home: str, phrase: Secret) -> None:
    """Raise ``UsageError`` if the key that is there has no passphrase, or another one."""
    told = _call(home, ["gpg-connect-agent", "--homedir", home, "keyinfo --list", "/bye"]).stdout
    if re.search(r"^S KEYINFO \S+ \S+ \S+ \S+ \S+ C ", told, re.MULTILINE):
        hint = "name another home with --gnupghome, and encrypt anew for its key"
        raise UsageError.of("key-unprotected", "the key in it has no passphrase", Location(home), hint=hint)
    try:
        _gpg(home, "--batch", "--sign", "--output", "-", "--", os.devnull, phrase=phrase)
    except UsageError:
        hint = "the one it was made with is needed; nothing was changed"
        raise UsageError.of("passphrase", "the key in it has another passphrase", Location(home), hint=hint) from None


def _dismiss(home: str) -> None:
    """End the agent, and wait until it is gone: one that is about to go takes calls it does not answer."""
    with contextlib.suppress(OSError):
        socket = _call(home, ["gpgconf", "--homedir", home, "--list-dirs", "agent-socket"]).stdout.strip()
        _call(home, ["gpgconf", "--homedir", home, "--kill", "gpg-agent"])
        limit = time.monotonic() + _PATIENCE
        while os.path.exists(socket) and time.monotonic() < limit:
            time.sleep(0.02)


def _fingerprint(listed: str) -> str:
    return next((row.split(":")[9] for row in listed.splitlines() if row.startswith("fpr:")), "")


def _gpg(home: str, *arguments: str, phrase: Secret | None = None) -> str:
    """Return what gpg says; the passphrase goes to it by a descriptor. Raises ``UsageError`` (``gpg``)."""
    more: dict[str, Any] = {}
    words = ["gpg", "--quiet", "--no-tty"]
    if phrase is not None:
        opener = os.memfd_create("passphrase")
        os.write(opener, str(phrase.reveal()).encode() + b"\n")
        os.lseek(opener, 0, os.SEEK_SET)
        words += ["--pinentry-mode", "loopback", "--passphrase-fd", str(opener)]
        more = {"pass_fds": (opener,)}
    try:
        done = _call(home, [*words, *arguments], **more)
    except FileNotFoundError:
        raise UsageError.of("gpg", "gpg is not installed", hint="apt install gnupg, or leave --secrets out") from None
    finally:
        for descriptor in more.get("pass_fds", ()):
            os.close(descriptor)
    if done.returncode != 0:
        raise UsageError.of("gpg", f"gpg failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    return done.stdout


def _call(home: str, argv: list[str], **more: Any) -> subprocess.CompletedProcess[str]:
    environment: Mapping[str, str] = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "GNUPGHOME": home}
    return subprocess.run(
        argv, env=environment, capture_output=True, text=True, errors="replace", check=False,
        stdin=subprocess.DEVNULL, **more,
    )  # fmt: skip
