"""The file ``freehold.yaml``, read strictly."""

from __future__ import annotations

from collections.abc import Callable

from hiera.errors import FreeholdError, Location, UsageError
from hiera.values import Value


def read(path: str) -> tuple[dict[str, Value], Callable[[str], Location | None]]:
    """Return the settings in the file ``path``, and where each stands.

    Raises ``UsageError``: ``config-unreadable``, or what the strict reader says of it.
    """
    import importlib  # noqa: PLC0415  many commands need no file

    strict = importlib.import_module("hiera.yaml.strict")

    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        message = f"cannot read the configuration: {error.strerror}"
        raise UsageError.of("config-unreadable", message, Location(path), hint="`freehold init` writes one") from None
    try:
        node = strict.read(data, path)
    except FreeholdError as error:
        raise UsageError(*error.problems) from None
    values = strict.plain(node)
    if values is None:
        return {}, lambda _: None
    if not isinstance(values, dict):
        raise UsageError.of("bad-setting", "the configuration must be a mapping", Location(path, 1, 1))
    return values, lambda _: Location(path)
