"""The command facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from hiera.errors import UsageError, did_you_mean
from hiera.values import MISSING
from runner.cli.given import Given, print_json
from runner.cli.group import command


@command(
    "facts",
    exits=(0, 10, 70),
    examples=(
        "freehold facts os.family networking.ip",
        "freehold facts --json > nodes/web01.yaml      JSON is YAML: facts to compile with elsewhere",
    ),
)
@click.argument("names", nargs=-1)
@click.pass_obj
def facts(given: Given, *, names: tuple[str, ...]) -> None:
    """Print the facts of this machine, or only NAMES (`os.family`). They are named as Facter 4 names them."""
    from runner.facts import collect, plain  # noqa: PLC0415  only this command gathers at once

    settings = given.load_local()
    found = collect(settings.root, settings.facts_dirs)
    answer = {name: plain(_find(found, name)) for name in names} if names else plain(found)
    for warning in found.warnings:
        click.echo(warning.render(), err=True)
    if given.json:
        print_json(answer)
    elif len(names) == 1 and not isinstance(answer[names[0]], dict | list):
        click.echo(_scalar(answer[names[0]]))
    else:
        for row in _rows(answer):
            click.echo(row)


def _find(found: Mapping[str, Any], name: str) -> Any:
    """Return the fact that the dotted ``name`` leads to. Raises ``UsageError`` (``unknown-fact``)."""
    value: Any = found
    walked: list[str] = []
    for part in name.split("."):
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            value = _member(value, part, walked, name)
        walked.append(part)
    return value


def _member(value: Any, part: str, walked: list[str], name: str) -> Any:
    member = MISSING
    if isinstance(value, Mapping):
        try:
            member = value[part]
        except KeyError:
            member = MISSING
    if member is MISSING:
        known = list(value) if isinstance(value, Mapping) else []
        near = did_you_mean(part, known)
        where = f"'{'.'.join(walked)}' has no '{part}'" if walked else f"there is no fact '{name}'"
        raise UsageError.of("unknown-fact", where, hint=near)
    return member


def _rows(value: Any, prefix: str = "") -> Iterator[str]:
    """Yield a line for each leaf: ``os.family => Debian``."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _rows(item, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from _rows(item, f"{prefix}.{number}")
    else:
        yield f"{prefix} => {_scalar(value)}"


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return str(value) if value not in ({}, []) else "(none)"
