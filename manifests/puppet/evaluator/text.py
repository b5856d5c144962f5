"""What interpolation makes of a value."""

from __future__ import annotations

from hiera.ruby_text import ruby_float
from hiera.types import DEFAULT
from hiera.types.wrappers import AliasType
from hiera.values import Secret, Value, holds_secret, revealed


def interpolated(value: Value) -> Value:
    """Return ``value`` as text; a secret in it makes the text a secret."""
    if value.__class__ is str:
        return value
    if holds_secret(value):
        return Secret(reveal=lambda: text_of(revealed(value)))
    return text_of(value)


def text_of(value: Value) -> str:
    """Return ``value``, in which there is no secret, as Puppet's text."""
    kind = value.__class__
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if kind is bool:
        return "true" if value else "false"
    if kind is float:
        return ruby_float(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(text_of, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{text_of(key)} => {text_of(item)}" for key, item in value.items()) + "}"
    if value is DEFAULT:
        return "default"
    return value.expanded() if isinstance(value, AliasType) else str(value)
