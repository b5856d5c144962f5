"""Work on the secrets of a control repository in a directory: its files, the keys of whoever works on it, an editor."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final, NoReturn

from hiera.errors import DataError, Location, UsageError
from hiera.secrets import BOUND, GPG, Ciphertext, Refusal
from hiera.secrets.editing import Edit
from hiera.secrets.gpg import GpgDecryptor
from hiera.secrets.keyring import Keyring
from hiera.secrets.policy import FILE_NAME, read_policy
from hiera.secrets.rewriting import Rekeyed, readers, rekeyed
from hiera.secrets.vault import Vault, sealed_error
from hiera.secrets.writer import Writer
from hiera.tree import DirectoryTree
from runner.settings import Settings

WHOLE: Final = ".gpg"
"""How the name of a file ends that is encrypted as a whole."""

_SKIPPED: Final = frozenset((".git", ".venv", "node_modules", "vendor"))
_MEMORY: Final = "/dev/shm"  # noqa: S108  a directory that only we may enter is made in it
_LARGEST: Final = 1 << 20


def root_of(start: str) -> str:
    """Return the directory at or above ``start`` with the policy. Raises ``UsageError`` (``no-secret-policy``)."""
    place = os.path.realpath(start)
    while not os.path.isfile(os.path.join(place, FILE_NAME)):
        above = os.path.dirname(place)
        if above == place:
            message = f"neither '{start}' nor a directory above it holds a '{FILE_NAME}'"
            hint = "write who may read what: `recipients`, `groups` and `rules`; see the handbook on data and secrets"
            raise UsageError.of("no-secret-policy", message, hint=hint)
        place = above
    return place


class Workshop:
    """One control repository, and the keys at hand: the configured ones, else those of gpg's usual home."""

    def __init__(self, settings: Settings, root: str) -> None:
        from runner.compilation import decryptors  # noqa: PLC0415  reading needs more than writing

        self.root = os.path.realpath(root)
        self.tree = DirectoryTree(self.root)
        self._vault = Vault(decryptors(settings) | ({} if settings.openpgp_key else {GPG: _person(settings)}))

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """Give a writer with the public keys of the repository. Raises ``DataError``."""
        policy = read_policy(self.tree)
        with Keyring(policy.public_keys(self.tree).values()) as keyring:
            yield Writer(self.tree, policy, keyring)

    def path_of(self, file: str) -> str:
        """Return the path in the repository of a file named on the command line. Raises ``UsageError``."""
        whole = os.path.realpath(file)
        if not whole.startswith(self.root + os.sep):
            raise UsageError.of("no-such-file", f"'{file}' is not in the control repository '{self.root}'")
        return os.path.relpath(whole, self.root)

    def read(self, path: str) -> str:
        """Return the text of a file. Raises ``DataError``."""
        from hiera.tree import text_of  # noqa: PLC0415  not every command reads

        return text_of(self.tree, path)

    def write(self, path: str, data: bytes) -> None:
        """Put ``data`` into a file, all of it or nothing; its mode stays. Raises ``UsageError`` (``unwritable``)."""
        whole = os.path.realpath(os.path.join(self.root, path))
        try:
            mode = os.stat(whole).st_mode & 0o7777 if os.path.exists(whole) else 0o644
            descriptor, new = tempfile.mkstemp(dir=os.path.dirname(whole), prefix=".freehold-")
            with open(descriptor, "wb") as stream:
                stream.write(data)
                os.fchmod(stream.fileno(), mode)
            os.replace(new, whole)
        except OSError as error:
            raise UsageError.of("unwritable", f"cannot write '{path}': {error.strerror}") from None

    def open(self, ciphertexts: Sequence[Ciphertext]) -> list[bytes | Refusal]:
        """Return what each ciphertext opens to."""
        return self._vault.open(ciphertexts)

    @property
    def vault(self) -> Vault:
        """What opens secrets here."""
        return self._vault

    def whole(self, path: str) -> bytes:
        """Return the plaintext of a file that is encrypted as a whole. Raises ``DataError``."""
        (plain,) = self.open([Ciphertext(GPG, self.tree.read(path))])
        if isinstance(plain, Refusal):
            raise sealed_error(f"the file '{path}'", plain, Location(path))
        return plain

    def files(self, under: Sequence[str] = ()) -> Iterator[str]:
        """Yield the paths of the files that may hold secrets, those below ``under`` if anything is named."""
        for place, directories, names in os.walk(self.root):
            directories[:] = sorted(name for name in directories if name not in _SKIPPED)
            for name in sorted(names):
                whole = os.path.join(place, name)
                path = os.path.relpath(whole, self.root)
                fits = not under or any(path == one or path.startswith(f"{one}/") or one == "." for one in under)
                if fits and path != FILE_NAME and os.path.isfile(whole) and os.path.getsize(whole) <= _LARGEST:
                    yield path

    def rekey(self, path: str, writer: Writer) -> Rekeyed | None:
        """Return a file with every value that has other readers than the rule's encrypted anew, None without a rule."""
        rule = writer.policy.find(path)
        try:
            text = self.read(path)
        except DataError:
            return None
        if rule is None or "ENC[" not in text:
            return None
        wanted = {one.fingerprint for one in rule.recipients}

        def stale(ciphertext: Ciphertext) -> bool:
            fits = ciphertext.openpgp if rule.scheme == GPG else ciphertext.scheme == rule.scheme
            return not fits or _fingerprints(ciphertext, writer) != wanted

        def again(plain: bytes, before: Ciphertext) -> Ciphertext:
            return writer.encrypt(path, plain, BOUND if before.scheme == BOUND else None)

        return rekeyed(text, stale, self.open, again)

    def rekey_whole(self, path: str, writer: Writer) -> bytes | Refusal | None:
        """Return a file that is encrypted as a whole for its readers, why it cannot be, or None if it is already."""
        message = Ciphertext(GPG, self.tree.read(path))
        rule = writer.policy.find(path)
        if rule is None or _fingerprints(message, writer) == {one.fingerprint for one in rule.recipients}:
            return None
        (plain,) = self.open([message])
        return plain if isinstance(plain, Refusal) else writer.encrypt(path, plain, GPG).data

    def edit(self, path: str, writer: Writer, editor: Callable[[str, str], str]) -> tuple[bool, int]:
        """Have somebody edit the secrets of a file; say whether it changed, and how many values stayed closed.

        ``editor(text, name)`` returns the edited text. Raises ``DataError``; the file is only written when all is well.
        """
        if path.endswith(WHOLE):
            return self._edit_whole(path, writer, editor), 0
        text = self.read(path) if self.tree.is_file(path) else ""
        edit = Edit(text, path, self.open)
        form = edit.form()
        edited = editor(form, os.path.basename(path))
        new = text if edited == form else edit.closed(edited, partial(_encrypted, writer, path))
        if new == text:
            return False, edit.sealed
        _check_data(new, path)
        self.write(path, new.encode())
        return True, edit.sealed

    def _edit_whole(self, path: str, writer: Writer, editor: Callable[[str, str], str]) -> bool:
        """Have somebody edit a file that is encrypted as a whole."""
        before = self.whole(path).decode("utf-8", "surrogateescape") if self.tree.is_file(path) else ""
        after = editor(before, os.path.basename(path).removesuffix(WHOLE))
        if after == before:
            return False
        self.write(path, writer.encrypt(path, after.encode("utf-8", "surrogateescape"), GPG).data)
        return True


def _encrypted(writer: Writer, path: str, key: str, plain: bytes, scheme: str) -> Ciphertext:
    """Return what somebody wrote into a form, encrypted. Raises ``DataError``."""
    return writer.encrypt(path, plain, scheme, key)


def _fingerprints(ciphertext: Ciphertext, writer: Writer) -> set[str]:
    """Return the primary keys that open ``ciphertext``; an unknown one counts by its id."""
    ids = readers(ciphertext) or ()
    return {key.fingerprint if (key := writer.keyring.by_id(one)) else one for one in ids}


def _check_data(text: str, path: str) -> None:
    """Raise ``DataError`` if a YAML file cannot be read any more."""
    if path.endswith((".yaml", ".yml", ".eyaml")):
        from hiera.yaml.data import read  # noqa: PLC0415  only a changed file is checked

        read(text.encode(), path, lambda _: None)


def _person(settings: Settings) -> GpgDecryptor:
    """Return the decryptor of whoever sits here; it may ask for a passphrase."""
    home = settings.gnupghome or os.environ.get("GNUPGHOME") or os.path.expanduser("~/.gnupg")
    from runner import custody  # noqa: PLC0415  only who decrypts needs it

    return GpgDecryptor(home, ask=True, passphrase=custody.of(settings) if settings.gnupghome else None)


def in_editor(text: str, name: str) -> str:
    """Return ``text`` as somebody leaves it in ``$VISUAL`` or ``$EDITOR``.

    It lies in a directory of our own in memory, if there is one, and is gone afterwards, also when a signal ends us.
    Raises ``UsageError`` (``editor``).
    """
    import shlex  # noqa: PLC0415  only an editor needs it

    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with _ended_in_order(), _own_directory() as directory:
        path = os.path.join(directory, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(text.encode("utf-8", "surrogateescape"))
        try:
            done = subprocess.run([*words, path], check=False)
        except OSError as error:
            raise UsageError.of("editor", f"cannot start the editor '{words[0]}': {error.strerror}") from None
        if done.returncode != 0:
            raise UsageError.of("editor", f"the editor '{words[0]}' ended with {done.returncode}; nothing was changed")
        with open(path, "rb") as stream:
            return stream.read().decode("utf-8", "surrogateescape")


@contextmanager
def _own_directory() -> Iterator[str]:
    """Give a directory that only we may enter, in memory where there is a place for that, and remove it."""
    places = [place for place in (os.environ.get("XDG_RUNTIME_DIR"), _MEMORY) if place and os.access(place, os.W_OK)]
    directory = tempfile.mkdtemp(prefix="freehold-", dir=places[0] if places else None)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Have a hang-up and SIGTERM end us by an exception, so that what must go goes; an interrupt is the editor's."""

    def end(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    wishes: dict[int, Callable[[int, object], object]] = {
        signal.SIGTERM: end,
        signal.SIGHUP: end,
        signal.SIGINT: lambda *_: None,
    }
    before = {number: signal.signal(number, wish) for number, wish in wishes.items()}
    try:
        yield
    finally:
        for number, wish in before.items():
            signal.signal(number, wish)
