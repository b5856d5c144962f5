"""From a name to what it stands for: modules, the definitions in them, their resource types, templates and files."""

from manifests.puppet.loaders.definitions import Found
from manifests.puppet.loaders.loaders import Loaders
from manifests.puppet.loaders.modules import Dependency, Metadata, Module, Modules
from manifests.puppet.loaders.parsing import ByteStore, ParseCache, Parsed, read

__all__ = [
    "ByteStore", "Dependency", "Found", "Loaders", "Metadata", "Module", "Modules", "ParseCache", "Parsed", "read",
]  # fmt: skip
