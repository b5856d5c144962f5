"""Data files, read and parsed once: plain ones, and whole files that are encrypted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from hiera.backends import Backend
from hiera.backends.own import OwnBackends
from hiera.errors import DataError, Location, Problem
from hiera.secrets import GPG, Ciphertext, Refusal
from hiera.secrets.blocks import sealed_text
from hiera.secrets.sops import is_sops, unsealed
from hiera.secrets.vault import Vault, sealed_error
from hiera.tree import Tree
from hiera.values import Secret, Value
from hiera.yaml.data import DataFile

Warn = Callable[[Problem], None]

ENCRYPTED: Final = ".gpg"
"""How the name of a file ends that is encrypted as a whole."""


class Files:
    """The data files of one tree."""

    def __init__(self, tree: Tree, vault: Vault, warn: Warn) -> None:
        self._tree = tree
        self._vault = vault
        self.warn = warn
        self.own = OwnBackends(tree)
        self._loaded: dict[tuple[str, Backend], DataFile] = {}
        self._exists: dict[str, bool] = {}
        self.shut: str | None = None
        """The first file that is encrypted as a whole and was not opened, since placeholders are wanted."""

    def exists(self, path: str) -> bool:
        """Say whether there is a data file ``path``. Raises ``DataError`` (``path-escape``)."""
        if path not in self._exists:
            self._exists[path] = self._tree.is_file(path)
        return self._exists[path]

    def matching(self, pattern: str) -> list[str]:
        """Return the paths that the glob ``pattern`` matches, sorted."""
        return self._tree.glob(pattern)

    def load(self, path: str, backend: Backend) -> DataFile:
        """Return the data of ``path``, a hash in any case.

        Raises ``DataError``; for an encrypted file that cannot be opened here ``sealed-secret``, since a key that is
        asked for may be in it.
        """
        loaded = self._loaded.get((path, backend))
        if loaded is None:
            read = self._encrypted if path.endswith(ENCRYPTED) else self._plain
            loaded = self._loaded[path, backend] = self._hash(path, read(path, backend))
        return loaded

    def _plain(self, path: str, backend: Backend) -> DataFile:
        """Return the data of a file that is not encrypted as a whole."""
        content = self._tree.read(path)
        data = backend(content, path, self.warn, self._text)
        if not is_sops(data.value):
            return data
        return msgspec.structs.replace(data, value=unsealed(content, path, data.value, data.keys, self._vault))

    def _text(self, text: str, location: Location, key: str) -> Value:
        """Return the secret that a text with encrypted blocks is, else the text."""
        return sealed_text(self._vault, text, location, key)

    def _encrypted(self, path: str, backend: Backend) -> DataFile:
        """Return the data of an encrypted file, every value in it a secret; nothing where placeholders are wanted."""
        if self._vault.sealed:
            self.shut = self.shut or path
            message = (
                f"'{path}' is encrypted as a whole: weaker values show, and what is found nowhere else is taken from it"
            )
            hint = "values that are encrypted one by one can be told apart: `freehold secret encrypt FILE KEY`"
            self.warn(Problem("sealed-file", message, Location(path), hint, severity="warning"))
            return DataFile({}, {})
        (plain,) = self._vault.open([Ciphertext(GPG, self._tree.read(path))])
        if isinstance(plain, Refusal):
            raise sealed_error(f"the data file '{path}'", plain, Location(path))
        try:
            data = backend(plain, path, self._quietly, self._text)
        except DataError as error:
            raise DataError(*(_unquoted(problem) for problem in error.problems)) from None
        wrong = {key: _unquoted(problem) for key, problem in data.wrong.items()}
        return msgspec.structs.replace(data, value=_secret(data.value, path, None, data.keys), wrong=wrong)

    def _quietly(self, problem: Problem) -> None:
        """Pass a warning on without the words that were in an encrypted file."""
        self.warn(msgspec.structs.replace(_unquoted(problem), severity="warning"))

    def _hash(self, path: str, data: DataFile) -> DataFile:
        """Return ``data`` if it is a hash; anything else is as good as nothing, with a warning."""
        if isinstance(data.value, dict):
            return data
        message = f"the data file '{path}' holds no hash and is taken as empty"
        self.warn(Problem("data-not-hash", message, Location(path), severity="warning"))
        return DataFile({}, {})


def _unquoted(problem: Problem) -> Problem:
    """Return ``problem`` with nothing in it that came out of the file."""
    message = f"the decrypted file has the problem '{problem.code}'"
    return Problem(problem.code, message, problem.location, severity=problem.severity)


def _secret(value: Value, path: str, key: str | None, places: dict[str, Location]) -> Value:
    """Return ``value`` with each single value in it a secret; hashes and arrays stay what they are, for merges."""
    if isinstance(value, dict):
        return {name: _secret(item, path, key or str(name), places) for name, item in value.items()}
    if isinstance(value, list):
        return [_secret(item, path, key, places) for item in value]
    if value is None or isinstance(value, Secret):
        return value
    origin = f"'{key}' in {path}" if key else path
    return Secret(value, origin=origin, location=places.get(key or ""))
