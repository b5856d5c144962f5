"""Files of modules, by ``module/name``, and of the host, by an absolute path."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable

from hiera.types import Binary
from hiera.values import MISSING, Value
from manifests.functions import data
from manifests.functions.collections import flatten
from manifests.puppet.functions.base import Invocation
from manifests.puppet.functions.names import file_names


def content(call: Invocation, name: str, *, template: bool = False) -> bytes | None:
    """Return the bytes of a file of a module or of the host, or None. Raises ``DataError``."""
    if name.startswith("/"):
        inside = in_tree(call, name)
        return hosted(call, name) if inside is None else call.compilation.loaders.tree.read(inside)
    path = _path(call, name, template=template)
    found: bytes | None = None if path is None else call.compilation.loaders.tree.read(path)
    return found


def hosted(call: Invocation, name: str) -> bytes | None:
    """Return the bytes of an absolute path, or None. Raises ``DataError`` if no host is at hand."""
    host = getattr(call.compilation, "host", None)
    if host is None:
        message = "absolute paths cannot be read here: the files of the node are not at hand"
        raise call.fault("no-host", message, "put the file into a module and name it module/name")
    found: bytes | None = host.read(name)
    return found


def _path(call: Invocation, name: str, *, template: bool) -> str | None:
    """Return where a file of a module stands in the tree, or None."""
    loaders = call.compilation.loaders
    path: str | None = loaders.template(name) if template else loaders.file(name)
    return path


def absolute(call: Invocation, path: str) -> str:
    """Return a path of the tree as the node sees it, where the tree is a directory."""
    root = getattr(call.compilation.loaders.tree, "root", None)
    return path if root is None else posixpath.join(root, path)


def in_tree(call: Invocation, path: str) -> str | None:
    """Return the absolute ``path`` of a module's file as a path of the tree: what :func:`absolute` gave."""
    tree = call.compilation.loaders.tree
    root = str(getattr(tree, "root", "")).rstrip("/")
    if not path.startswith(f"{root}/"):
        return None
    relative = path[len(root) :].lstrip("/")
    modules = call.compilation.loaders.modules.values()
    found = any(relative.startswith(f"{module.path}/") for module in modules) and tree.is_file(relative)
    return relative if found else None


def text(call: Invocation, name: str, found: bytes) -> str:
    """Return the bytes of a file as text. Raises ``DataError``."""
    try:
        return found.decode()
    except UnicodeDecodeError:
        raise call.fault("encoding", f"cannot read '{name}': it is not UTF-8") from None


def file(call: Invocation, *names: Value) -> str:
    """Return the text of the first file that exists."""
    wanted = file_names(call, names)
    for name in wanted:
        found = content(call, name)
        if found is not None:
            return text(call, name, found)
    raise call.fault("missing-file", f"could not find any files from {', '.join(map(str, wanted))}")


def find_file(call: Invocation, *names: Value) -> str | None:
    """Return the absolute path of the first file that exists, or undef."""
    return _first(call, names, template=False)


def find_template(call: Invocation, *names: Value) -> str | None:
    """Return the absolute path of the first template that exists, or undef."""
    return _first(call, names, template=True)


def _first(call: Invocation, names: tuple[Value, ...], *, template: bool) -> str | None:
    for name in flatten(*names):
        if name.startswith("/"):
            if hosted(call, name) is not None:
                return str(name)
            continue
        path = _path(call, name, template=template)
        if path is not None:
            return absolute(call, path)
    return None


def binary_file(call: Invocation, name: str) -> Binary:
    """Return the bytes of a file."""
    found = content(call, name)
    if found is None:
        raise call.fault("missing-file", f"there is no file '{name}'")
    return Binary(found)


def module_directory(call: Invocation, *names: Value) -> str | None:
    """Return where the first module that exists stands, or undef."""
    modules = call.compilation.loaders.modules
    return next((absolute(call, modules[name].path) for name in flatten(*names) if name in modules), None)


def get_module_path(call: Invocation, name: str) -> str:
    """Return where a module stands."""
    found = module_directory(call, name)
    if found is None:
        raise call.fault("missing-module", f"there is no module '{name}'")
    return found


def load_module_metadata(call: Invocation, name: str, empty: Value = None) -> Value:
    """Return what the ``metadata.json`` of a module says."""
    get_module_path(call, name)
    tree, path = call.compilation.loaders.tree, f"{call.compilation.loaders.modules[name].path}/metadata.json"
    if tree.is_file(path):
        return json.loads(tree.read(path))
    if not empty:
        raise call.fault("missing-file", f"the module '{name}' has no metadata.json")
    return {}


def loadyaml(call: Invocation, name: str, default: Value = MISSING) -> Value:
    """Return what a YAML file says, or the default, or undef."""
    return _loaded(call, name, default, data.parseyaml)


def loadjson(call: Invocation, name: str, default: Value = MISSING) -> Value:
    """Return what a JSON file says, or the default, or undef."""
    return _loaded(call, name, default, data.parsejson)


def _loaded(call: Invocation, name: str, default: Value, read: Callable[..., Value]) -> Value:
    if "://" in name:
        raise call.fault("refused", f"'{call.name}' reads no addresses", "put the file into a module")
    found = content(call, name)
    other = None if default is MISSING else default
    return other if found is None else read(text(call, name, found), other)


def glob(call: Invocation, pattern: Value) -> Value:
    """Refuse: which files a node has is not known while its catalog is made."""
    del pattern
    raise call.fault("refused", "'glob' cannot look for files of the node", "write a fact that lists them")
