"""``yaml_data`` and ``eyaml_lookup_key``: YAML as Puppet reads it."""

from __future__ import annotations

from hiera.secrets.blocks import MARK
from hiera.yaml.data import DataFile, Texts, Warn, read_file


def read_yaml(data: bytes, file: str, warn: Warn, texts: Texts) -> DataFile:
    """Return the data of a YAML file. Raises ``DataError``."""
    return read_file(data, file, warn, texts=texts, wanted=MARK)
