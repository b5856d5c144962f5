"""The command lookup: a key's value in Hiera, and how it came about."""

from __future__ import annotations

from typing import Any

import click

from hiera.errors import DataError, Problem, UsageError
from hiera.values import MISSING, redacted
from runner.cli.given import Given, print_json, setting_options
from runner.cli.group import command
from runner.cli.run import directory

_MERGES = ("first", "unique", "hash", "deep")
_FORMS = ("yaml", "json", "s")


@command(
    "lookup",
    exits=(0, 10, (11, "no level has the key, or the data is wrong"), 70),
    examples=(
        "freehold lookup nginx::port --explain",
        "freehold lookup classes --merge unique --tree . -n web01 --facts nodes/web01.yaml",
        "freehold lookup motd --default '' --render-as s",
    ),
)
@click.argument("keys", nargs=-1, required=True)
@setting_options("repo", "branch", "role")
@click.option("--tree", metavar="DIR", help="The control repository in DIR, committed or not.")
@click.option("--facts", "facts_file", metavar="FILE", help="Facts to look up with instead of this machine's.")
@click.option("--merge", metavar="HOW", help="first, unique, hash or deep instead of what the data says.")
@click.option("--default", metavar="VALUE", help="The answer if no level has the key.")
@click.option("--explain", is_flag=True, help="Show every level that was asked, and the answer.")
@click.option("--render-as", metavar="FORM", help="yaml, json or s (the bare text) [yaml].")
@click.pass_obj
def lookup(given: Given, /, *, keys: tuple[str, ...], tree: str | None, facts_file: str | None, **more: Any) -> None:
    """Look KEYS up in Hiera as a node would: the first key that has a value wins. Secrets are shown as [redacted]."""
    from runner import agent  # noqa: PLC0415  the data's readers, only when they are wanted
    from runner.compilation import hiera_for, trusted_of  # noqa: PLC0415  likewise
    from runner.settings import LOCAL_ENVIRONMENT  # noqa: PLC0415  likewise

    _known("--merge", more["merge"], _MERGES)
    _known("--render-as", more["render_as"], _FORMS)
    settings = given.load_local() if tree else given.load()
    found, _ = agent.tree_in_force(settings, directory(tree) if tree else None)
    given.places.append(found.root)
    environment = settings.environment or LOCAL_ENVIRONMENT
    hiera = hiera_for(settings, found, environment)
    scope = {
        "facts": agent.facts_for(settings, facts_file),
        "trusted": trusted_of(settings),
        "environment": environment,
        "node": settings.node,
        "role": settings.role,
    }
    if more["explain"]:
        from hiera.explain import render  # noqa: PLC0415  only this option needs it

        for key in keys:
            click.echo(render(hiera.explain(key, scope, more["merge"]).trail))
        return
    _print(given, _first(hiera, scope, keys, more["merge"], more["default"]), more["render_as"])


def _known(option: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise UsageError.of("usage", f"option {option} does not know '{value}'", hint=f"use {', '.join(known)}")


def _first(hiera: Any, scope: Any, keys: tuple[str, ...], merge: str | None, default: str | None) -> Any:
    """Return the value of the first key that has one. Raises ``DataError`` (``missing-key``)."""
    for key in keys:
        value = hiera.lookup(key, scope, merge)
        if value is not MISSING:
            return value
    if default is not None:
        return default
    names = ", ".join(f"'{key}'" for key in keys)
    raise DataError(Problem("missing-key", f"no level of the hierarchy has {names}", hint="see it with --explain"))


def _print(given: Given, value: Any, form: str | None) -> None:
    from runner.facts import plain  # noqa: PLC0415  what JSON lacks becomes text

    shown = plain(redacted(value))
    if form == "json" or (given.json and form is None):
        print_json(shown)
    elif form == "s":
        click.echo(shown if isinstance(shown, str) else str(shown))
    else:
        import yaml  # noqa: PLC0415  only this form needs it

        text = yaml.safe_dump(shown, default_flow_style=False, allow_unicode=True, sort_keys=False)
        click.echo(text.removesuffix("...\n"), nl=False)
