"""What may have been meant by a name that nothing has: the hints of errors. Only an error pays for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hiera.errors import did_you_mean
from manifests.puppet import ast
from manifests.puppet.kinds.builtin import names, of_windows

if TYPE_CHECKING:
    from manifests.puppet.loaders.loaders import Loaders


def class_hint(name: str, loaders: Loaders) -> str | None:
    """Return what to say of the class ``name`` (lower case, without leading ``::``), which does not exist."""
    if loaders.find_define(name) is not None:
        return f"'{name}' is a define: write {name} {{ 'title': }}"
    return (
        loaders.hint_for(name) or _no_module(name, loaders) or did_you_mean(name, loaders.named_like(ast.Class, name))
    )


def type_hint(name: str, loaders: Loaders) -> str | None:
    """Return what to say of the resource type or define ``name``, which does not exist."""
    if of_windows(name):
        return f"'{name}' is a type of Windows, which Freehold does not manage"
    if loaders.find_class(name) is not None:
        return f"'{name}' is a class: write include {name}, or class {{ '{name}': }}"
    hint = loaders.hint_for(name)
    if hint is None and "::" in name:
        hint = _no_module(name, loaders)
    return hint or did_you_mean(name, [*names(), *loaders.named_like(ast.Define, name)])


def _no_module(name: str, loaders: Loaders) -> str | None:
    """Say that the module of ``name`` is not there, and which one may have been meant."""
    module = name.partition("::")[0]
    if module in loaders.modules:
        return None
    near = did_you_mean(module, loaders.modules)
    return f"there is no module '{module}'" + (f": {near}" if near else "")
