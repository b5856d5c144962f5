"""Which Ruby functions of modules are ported, and in which file."""

from __future__ import annotations

from typing import Final

NAMES: Final[dict[str, str]] = {
    "apache": "apache::bool2httpd apache::pw_hash apache::apache_pw_hash bool2httpd apache_pw_hash",
}

PORTS: Final = {name: theme for theme, names in NAMES.items() for name in names.split()}
"""From the name of a function to its file."""
