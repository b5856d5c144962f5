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
@click.option("--knock-out-prefix", metavar="TEXT", help="With deep: what marks a value to take away, such as '--'.")
@click.option("--sort-merged-arrays", is_flag=True, help="With deep: sort the arrays that were merged.")
@click.option("--merge-hash-arrays", is_flag=True, help="With deep: merge hashes within arrays by their position.")
@click.option("--type", "kind", metavar="TYPE", help="Fail unless the value is of this data type, such as Integer[1].")
@click.option("--default", metavar="VALUE", help="The answer if no level has the key.")
@click.option("--explain", is_flag=True, help="Show every level that was asked, and the answer.")
@click.option("--explain-options", is_flag=True, help="Show where the lookup_options of the key come from.")
@click.option("--render-as", metavar="FORM", help="yaml, json or s (the bare text) [yaml].")
@click.pass_obj
def lookup(given: Given, /, *, keys: tuple[str, ...], tree: str | None, facts_file: str | None, **more: Any) -> None:
    """Look KEYS up in Hiera as a node would: the first key that has a value wins. Secrets are shown as [redacted]."""
    from runner import agent  # noqa: PLC0415  the data's readers, only when they are wanted
    from runner.compilation import hiera_for, trusted_of  # noqa: PLC0415  likewise
    from runner.settings import LOCAL_ENVIRONMENT  # noqa: PLC0415  likewise

    _known("--merge", more["merge"], _MERGES)
    _known("--render-as", more["render_as"], _FORMS)
    merge = _merge(more)
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
    if more["explain"] or more["explain_options"]:
        from hiera.explain import render  # noqa: PLC0415  only this option needs it

        for key in keys:
            answer = hiera.explain_options(key, scope) if more["explain_options"] else hiera.explain(key, scope, merge)
            click.echo(render(answer.trail))
        return
    value = _first(hiera, scope, keys, merge, more["default"])
    _print(given, _typed(value, keys, more["kind"]), more["render_as"])


def _merge(more: dict[str, Any]) -> Any:
    """Return the merge that the options name. Raises ``UsageError``."""
    words = {"knockout_prefix": "knock_out_prefix"}
    names = ("knockout_prefix", "sort_merged_arrays", "merge_hash_arrays")
    options = {name: value for name in names if (value := more[words.get(name, name)])}
    if options and more["merge"] != "deep":
        raise UsageError.of("usage", "options of a merge go with '--merge deep' only", hint="add --merge deep")
    return {"strategy": "deep", **options} if options else more["merge"]


def _typed(value: Any, keys: tuple[str, ...], kind: str | None) -> Any:
    """Return ``value`` if it is of the data type ``kind``. Raises ``DataError`` (``type-mismatch``)."""
    if kind is None:
        return value
    from hiera.types import parse  # noqa: PLC0415  only this option needs it
    from hiera.values import revealed  # noqa: PLC0415  likewise

    try:
        wanted = parse(kind)
    except DataError as error:
        problem = error.problems[0]
        raise UsageError.of("usage", f"option --type does not know '{kind}': {problem.message}") from None
    mismatch = wanted.check(revealed(value))
    if mismatch is None:
        return value
    raise DataError.of("type-mismatch", f"the value of '{keys[0]}' has the wrong type: {mismatch.describe()}")


def _known(option: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise UsageError.of("usage", f"option {option} does not know '{value}'", hint=f"use {', '.join(known)}")


def _first(hiera: Any, scope: Any, keys: tuple[str, ...], merge: Any, default: str | None) -> Any:
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
