"""The backends that a hierarchy may name, one file each: bytes of a file in, its data out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from hiera.backends.json import read_json
from hiera.backends.yaml import read_yaml
from hiera.yaml.data import DataFile, Texts, Warn

Backend: TypeAlias = Callable[[bytes, str, Warn, Texts], DataFile]
"""Reads the bytes of a file; each text that may hold an encrypted block goes through ``Texts``."""


def read_hocon(data: bytes, path: str, warn: Warn, texts: Texts) -> DataFile:
    """Return the data of a HOCON file. Raises ``DataError``; see :func:`hiera.backends.hocon.read_hocon`."""
    from hiera.backends import hocon  # noqa: PLC0415  few hierarchies have such a file

    return hocon.read_hocon(data, path, warn, texts)


BACKENDS: Final[dict[tuple[str, str], Backend]] = {
    ("data_hash", "yaml_data"): read_yaml,
    ("data_hash", "json_data"): read_json,
    ("data_hash", "hocon_data"): read_hocon,
    ("lookup_key", "eyaml_lookup_key"): read_yaml,
}
"""By the key and the name in ``hiera.yaml``. Encrypted blocks are opened in each of them, not only in eyaml's."""
