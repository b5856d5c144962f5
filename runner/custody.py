"""Where the passphrase of this node's key comes from: a file, or a credential that systemd keeps encrypted."""

from __future__ import annotations

import os
import secrets
import stat
import subprocess
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from hiera.errors import Location, UsageError
from hiera.values import Secret

if TYPE_CHECKING:
    from runner.settings import Settings

CREDENTIAL: Final = "freehold.passphrase"
STORE: Final = "etc/credstore.encrypted"
UNITS: Final = ("freehold.service", "freehold-boot.service")
DROP_IN: Final = "etc/systemd/system/{}.d/credentials.conf"
_LIMIT: Final = 4096
_DEADLINE: Final = 30.0
_PIPED: Final[dict[str, Secret]] = {}


class Passphrase:
    """The passphrase in a file, or in a credential of systemd's; read when gpg needs it."""

    def __init__(self, file: str | None = None, credential: str | None = None) -> None:
        self._file = file
        self._name = credential

    def __call__(self) -> Secret | None:
        """Return it, None where it cannot be read."""
        text = _credential(self._name) if self._name else _file(self._file or "")
        return Secret(text) if (text := text.rstrip("\r\n")) else None


def of(settings: Settings) -> Passphrase | None:
    """Return where this node's passphrase comes from, None if its key has none."""
    file, credential = settings.passphrase_file, settings.passphrase_credential
    return Passphrase(file, credential) if file or credential else None


def _file(path: str) -> str:
    """Return the first line of a file; that of a pipe is kept, as a run may ask twice and a pipe tells once."""
    if path in _PIPED:
        return str(_PIPED[path].reveal())
    try:
        with open(path, encoding="utf-8") as stream:
            text = stream.readline(_LIMIT)
            if text and stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode):
                _PIPED[path] = Secret(text)
            return text
    except (OSError, UnicodeDecodeError):
        return ""


def _credential(name: str) -> str:
    """Return what systemd handed to this unit; a run by hand asks for the same on this machine, as root."""
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if directory and os.path.exists(os.path.join(directory, name)):
        return _file(os.path.join(directory, name))
    kept = f"/{STORE}/{name}"
    if not os.path.exists(kept):
        return ""
    try:
        done = _systemd_creds("decrypt", f"--name={name}", kept, "-")
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _systemd_creds(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["systemd-creds", *words], input=stdin, capture_output=True, check=False, timeout=_DEADLINE)


def new_file(path: str) -> Secret:
    """Return the passphrase in the file ``path``, which is made (0600) with a random one if it is not there.

    Raises ``UsageError`` (``passphrase``).
    """
    if os.path.exists(path):
        if (said := Passphrase(path)()) is not None:
            return said
        raise UsageError.of("passphrase", "there is no passphrase in it", Location(path))
    fresh = Secret(secrets.token_urlsafe(32))
    try:
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as stream:
            stream.write(str(fresh.reveal()) + "\n")
    except OSError as error:
        raise UsageError.of("passphrase", f"cannot be written: {error.strerror}", Location(path)) from None
    return fresh


def new_credential() -> Secret:
    """Return the passphrase that is kept as a credential of this machine, made if there is none.

    Raises ``UsageError`` (``passphrase``).
    """
    kept = f"/{STORE}/{CREDENTIAL}"
    if os.path.exists(kept):
        if (said := Passphrase(credential=CREDENTIAL)()) is not None:
            return said
        raise UsageError.of(
            "passphrase", "this machine cannot decrypt it", Location(kept), hint="be root, or remove it"
        )
    fresh = Secret(secrets.token_urlsafe(32))
    try:
        os.makedirs(f"/{STORE}", mode=0o700, exist_ok=True)
        done = _systemd_creds("encrypt", f"--name={CREDENTIAL}", "-", kept, stdin=str(fresh.reveal()).encode())
    except FileNotFoundError:
        hint = "systemd 250 or newer brings it; else keep the passphrase with --passphrase-file"
        raise UsageError.of("passphrase", "there is no systemd-creds here", hint=hint) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError.of("passphrase", f"systemd-creds cannot be used: {error}") from None
    if done.returncode:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        raise UsageError.of("passphrase", f"systemd-creds failed: {last}")
    return fresh


def hand_over(names: Sequence[str] = UNITS) -> bool:
    """Let systemd hand the credential to the units, by a drop-in each; return whether that was new."""
    content = f"# Written by `freehold init`.\n[Service]\nLoadCredentialEncrypted={CREDENTIAL}:/{STORE}/{CREDENTIAL}\n"
    from runner.systemd.timer import write  # noqa: PLC0415  only init writes drop-ins

    changed = [write(f"/{DROP_IN.format(name)}", content) for name in names]
    if any(changed) and os.path.isdir("/run/systemd/system"):
        subprocess.run(["systemctl", "--quiet", "daemon-reload"], check=False, timeout=_DEADLINE)
    return any(changed)
