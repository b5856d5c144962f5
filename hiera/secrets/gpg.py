"""The decryptor that asks gpg, with a home directory of its own.

gpg's word is taken from its status lines alone, never from its exit code or from there being output: a message whose
integrity check fails still yields plaintext, a plaintext above ``--max-output`` ends with good status lines and a
bad exit code, and so do two messages joined to one. Only one message, decrypted once, protected, with nothing wrong
said and a good exit code counts. Ciphertext goes in by stdin, plaintext comes out by a pipe, a passphrase goes in by a
descriptor of its own; none is logged or seen in argv. Many messages go to one gpg (see ``gpg_batch``); if it has the
least complaint its word counts for none of them, and each is asked for again on its own.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from hiera.secrets import Refusal
from hiera.secrets.openpgp import HIDDEN
from hiera.values import Secret

_LIMIT: Final = 16 << 20
_PARALLEL: Final = 4
"""One gpg-agent serves a home, and gains nothing from more callers."""

_BUFFER: Final = 1 << 16
"""How far below its limit gpg may stop, since it writes in blocks."""

_FROM_LIBGCRYPT: Final = 1
"""The source of an error, in the upper byte of libgpg-error's numbers."""

_BAD_PASSPHRASE: Final = 11
_NO_PASSPHRASE: Final = 177

_TERMINAL: Final = ("GPG_TTY", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XAUTHORITY", "TERM", "HOME")
"""What a program needs that asks for a passphrase."""


class GpgDecryptor:
    """The keys of one GnuPG home. ``limit`` bounds a plaintext in bytes, ``deadline`` one decryption in seconds.

    ``passphrase`` knows what the keys are protected by. Without it, with ``ask``, gpg may ask somebody at a terminal; a
    run never does.
    """

    def __init__(
        self,
        home: str,
        *,
        program: str = "gpg",
        limit: int = _LIMIT,
        deadline: float = 60.0,
        ask: bool = False,
        passphrase: Callable[[], Secret | None] | None = None,
    ) -> None:
        self._ask = ask and passphrase is None
        self._passphrase = passphrase
        self._home = home
        self._program = program
        self._limit = limit
        self._deadline = deadline
        self._held: tuple[str, ...] | None = None

    def decrypt(self, ciphertexts: Sequence[bytes]) -> Sequence[bytes | Refusal]:
        """See :class:`hiera.secrets.Decryptor`."""
        if not os.path.isdir(self._home) or not os.access(self._home, os.R_OK | os.X_OK):
            return [Refusal("unavailable")] * len(ciphertexts)
        phrase = self._passphrase() if self._passphrase else None
        if self._passphrase and phrase is None:
            return [Refusal("no-passphrase")] * len(ciphertexts)
        if len(ciphertexts) == 1:
            return [self._one(ciphertexts[0], phrase)]
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  most runs decrypt nothing

        from hiera.secrets import gpg_batch  # noqa: PLC0415  as above

        found: list[bytes | None] = [None] * len(ciphertexts)
        with ThreadPoolExecutor(_PARALLEL) as pool:
            if len(ciphertexts) >= gpg_batch.FEWEST:
                pieces = gpg_batch.chunks(ciphertexts, _PARALLEL)
                found = [one for piece in pool.map(lambda piece: self._several(piece, phrase), pieces) for one in piece]
            rest = iter(pool.map(partial(self._one, phrase=phrase), _without(found, ciphertexts)))
            return [next(rest) if one is None else one for one in found]

    def held(self) -> tuple[str, ...]:
        """Return the long ids of the keys, subkeys included, whose private part this home has."""
        if self._held is None:
            self._held = tuple(self._listed())
        return self._held

    def _listed(self) -> list[str]:
        """Return the ids of our private keys; none where gpg cannot say."""
        import logging  # noqa: PLC0415  only an error needs the list of keys

        import gnupg  # noqa: PLC0415  as above

        logging.getLogger("gnupg").setLevel(logging.WARNING)
        options = ["--no-options", "--no-auto-key-locate", "--disable-dirmngr"]
        try:
            keys = gnupg.GPG(gpgbinary=self._program, gnupghome=self._home, options=options).list_keys(secret=True)
        except (OSError, ValueError):
            return []
        return [key_id for key in keys for key_id in (key["keyid"], *(subkey[0] for subkey in key["subkeys"]))]

    def _one(self, ciphertext: bytes, phrase: Secret | None) -> bytes | Refusal:
        """Return the plaintext of one ciphertext, or why there is none."""
        status = os.memfd_create("status")
        opener = None if phrase is None else _readable(phrase)
        try:
            with subprocess.Popen(
                self._command(status, opener),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=(status,) if opener is None else (status, opener),
                env=_environment(_TERMINAL if self._ask else ()),
            ) as process:
                return self._concluded(process, status, ciphertext)
        except OSError:
            return Refusal("unavailable")
        finally:
            os.close(status)
            if opener is not None:
                os.close(opener)

    def _several(self, ciphertexts: Sequence[bytes], phrase: Secret | None) -> list[bytes | None]:
        """Return the plaintexts that one gpg makes of all of them, or None for each if anything was not well."""
        from hiera.secrets import gpg_batch  # noqa: PLC0415  few runs decrypt

        nothing: list[bytes | None] = [None] * len(ciphertexts)
        status = os.memfd_create("status")
        opener = None if phrase is None else _readable(phrase)
        mine = [status] if opener is None else [status, opener]
        try:
            with gpg_batch.laid_out(ciphertexts) as (paths, outputs):
                done = subprocess.run(
                    self._command(status, opener, "--yes", "--decrypt-files", *paths),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(*mine, *outputs),
                    env=_environment(_TERMINAL if self._ask else ()),
                    timeout=self._deadline + len(ciphertexts),
                    check=False,
                )
                plains = [gpg_batch.content(one) for one in outputs]
            blocks = gpg_batch.by_message(_status_lines(status))
        except (OSError, subprocess.TimeoutExpired):
            return nothing
        finally:
            for descriptor in mine:
                os.close(descriptor)
        well = done.returncode == 0 and len(blocks) == len(plains)
        sizes = map(len, plains)
        well = well and not any(self._refused(block, 0, size) for block, size in zip(blocks, sizes, strict=True))
        return [*plains] if well else nothing

    def _command(self, status: int, opener: int | None, *what: str) -> list[str]:
        """Return gpg's argument list; no text of a message is in it. ``opener`` is where the passphrase is."""
        mode = "default" if self._ask else "error"
        return [
            self._program,
            *("--homedir", self._home, "--batch", "--no-tty", "--no-options"),
            *("--no-auto-key-locate", "--disable-dirmngr", "--no-auto-check-trustdb"),
            *(
                ("--pinentry-mode", mode)
                if opener is None
                else ("--pinentry-mode", "loopback", "--passphrase-fd", str(opener))
            ),
            *("--max-output", str(self._limit), "--status-fd", str(status)),
            *(what or ("--decrypt",)),
        ]

    def _concluded(self, process: subprocess.Popen[bytes], status: int, ciphertext: bytes) -> bytes | Refusal:
        """Feed gpg, wait for it, and judge."""
        try:
            plain, _ = process.communicate(ciphertext, timeout=self._deadline)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return Refusal("unavailable")
        lines = _status_lines(status)
        refusal = self._refused(lines, process.returncode, len(plain))
        return plain if refusal is None else refusal

    def _refused(self, lines: list[list[str]], code: int, size: int) -> Refusal | None:
        """Return why the outcome cannot be trusted, or None if it can."""
        words = [line[0] for line in lines]
        if "DECRYPTION_KEY" in words and not _is_protected(lines):
            return Refusal("no-integrity")
        if "DECRYPTION_OKAY" not in words:
            return self._closed(lines, words)
        if code != 0 and size > self._limit - _BUFFER:
            return Refusal("too-large")
        if words.count("PLAINTEXT") > 1 or words.count("BEGIN_DECRYPTION") > 1:
            return Refusal("several-messages")
        wrong = {"ERROR", "DECRYPTION_FAILED", "UNEXPECTED", "BADMDC"} & {*words}
        if code != 0 or wrong or words.count("DECRYPTION_OKAY") > 1 or "DECRYPTION_INFO" not in words:
            return Refusal("damaged")
        return None

    def _closed(self, lines: list[list[str]], words: list[str]) -> Refusal:
        """Return why gpg found nothing to decrypt with, or nothing to decrypt."""
        recipients = tuple(dict.fromkeys(_named(line[1]) for line in lines if line[0] == "ENC_TO" and len(line) > 1))
        if "BADMDC" in words or "DECRYPTION_KEY" in words:
            return Refusal("damaged")
        if recipients and "NO_SECKEY" in words:
            return Refusal("no-key", recipients, self.held())
        if not recipients and "BEGIN_DECRYPTION" in words and "NEED_PASSPHRASE_SYM" in words:
            return Refusal("symmetric")
        if not recipients or any(_is_arithmetic(line) for line in lines):
            return Refusal("damaged")
        if any(line[:2] == ["ERROR", "pkdecrypt_failed"] and _is_bad_passphrase(line) for line in lines):
            return Refusal("no-passphrase", recipients, self.held())
        return Refusal("unavailable", recipients, self.held())


def _without(found: Sequence[bytes | None], ciphertexts: Sequence[bytes]) -> list[bytes]:
    """Return the ciphertexts of which nothing was found yet."""
    return [one for one, plain in zip(ciphertexts, found, strict=True) if plain is None]


def _is_protected(lines: list[list[str]]) -> bool:
    """Say whether every part that gpg decrypted has integrity protection: a digest inside, or an AEAD cipher."""
    parts = [line for line in lines if line[0] == "DECRYPTION_INFO"]
    return all(part[1:2] != ["0"] or part[3:4] not in ([], ["0"]) for part in parts)


def _is_arithmetic(line: list[str]) -> bool:
    """Say whether a status line is the complaint of the cipher library, not of the agent, about a decryption."""
    return line[:2] == ["ERROR", "pkdecrypt_failed"] and line[2:] != [] and int(line[2]) >> 24 == _FROM_LIBGCRYPT


def _is_bad_passphrase(line: list[str]) -> bool:
    """Say whether a complaint of the agent is about the passphrase (libgpg-error 11, or 177: none was given)."""
    return line[2:] != [] and int(line[2]) & 0xFFFF in {_BAD_PASSPHRASE, _NO_PASSPHRASE}


def _readable(phrase: Secret) -> int:
    """Return a file in memory without a name that holds the passphrase."""
    descriptor = os.memfd_create("passphrase")
    os.write(descriptor, str(phrase.reveal()).encode() + b"\n")
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _named(key_id: str) -> str:
    """Return a recipient's key id; one that the sender hid is said to be."""
    return "a hidden recipient" if key_id == HIDDEN else key_id


def _status_lines(status: int) -> list[list[str]]:
    """Return gpg's status lines in words, without their prefix."""
    os.lseek(status, 0, os.SEEK_SET)
    pieces = []
    while piece := os.read(status, 1 << 16):
        pieces.append(piece)
    text = b"".join(pieces).decode("utf-8", "replace")
    lines = (line.removeprefix("[GNUPG:] ").split() for line in text.splitlines() if line.startswith("[GNUPG:] "))
    return [line for line in lines if line]


def _environment(more: Sequence[str]) -> dict[str, str]:
    """Return gpg's environment: a search path and a language, and of ours only what ``more`` names."""
    kept = {name: os.environ[name] for name in more if name in os.environ}
    if more and os.isatty(0):
        kept.setdefault("GPG_TTY", os.ttyname(0))
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **kept}
