"""Functions of the module apache."""

from __future__ import annotations

import base64
import hashlib

from hiera.ruby_text import ruby_text
from hiera.values import Value


def bool2httpd(value: Value) -> str:
    """Return ``On`` or ``Off`` for what means yes or no, else the text of a value."""
    words = value.lower() if isinstance(value, str) else ""
    if value is None or value is False or "false" in words:
        return "Off"
    return "On" if value is True or "true" in words else ruby_text(value)


def pw_hash(password: str) -> str:
    """Return a password as an ``htpasswd`` file keeps it under SHA-1."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return "{SHA}" + base64.b64encode(digest).decode()


def authz_core_config(config: dict[str, Value]) -> list[str]:
    """Return the lines of nested ``Require`` directives; ``require_all`` is ``<RequireAll>``."""
    return _directives(config, 1)


def _directives(config: dict[str, Value], depth: int) -> list[str]:
    """Return the lines of directives, ``depth`` steps from the margin."""
    blanks, lines = "  " * depth, list[str]()
    for key, value in config.items():
        directive = "".join(word.capitalize() for word in key.split("_"))
        if isinstance(value, dict):
            lines += [f"{blanks}<{directive}>", *_directives(value, depth + 1), f"{blanks}</{directive}>"]
        else:
            lines += [f"{blanks}{directive} {ruby_text(item)}" for item in value]
    return lines


TABLE = {
    **dict.fromkeys(("apache::bool2httpd", "bool2httpd"), (bool2httpd, "Any value")),
    **dict.fromkeys(("apache::pw_hash", "apache::apache_pw_hash", "apache_pw_hash"), (pw_hash, "String[1] password")),
    "apache::authz_core_config": (authz_core_config, "Hash config"),
}
