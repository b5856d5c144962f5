"""The command hiera and what is below it: lint, trace and convert."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from hiera.errors import Collector, DataError, UsageError
from runner.cli import failures
from runner.cli.compile import cases
from runner.cli.given import Given, common_options, print_json
from runner.cli.group import SubGroup, subcommand
from runner.cli.run import directory
from runner.cli.table import COMMANDS

if TYPE_CHECKING:
    from hiera.lookup import Hiera
    from hiera.tree import DirectoryTree
    from hiera.values import Value
    from runner.settings import Settings


@click.group(
    "hiera",
    cls=SubGroup,
    params=common_options(),
    short_help=COMMANDS["hiera"].summary,
    subcommand_metavar="COMMAND ...",
    context_settings={"help_option_names": ["-h", "--help"]},
    examples=(
        "freehold hiera lint                      keys nobody reads, hidden values, wrong types",
        "freehold hiera trace nginx::port         its value on every node of every environment",
        "freehold hiera convert --write           hiera.yaml of version 3 to version 5",
    ),
    exits=(0, 10, 11, 70),
)
@click.pass_context
def hiera(context: click.Context) -> None:
    """Check and compare the data of a control repository."""
    context.ensure_object(Given)


@subcommand(
    hiera,
    "lint",
    "check the data of every environment for every node",
    "freehold hiera lint",
    "freehold hiera lint -e production --facts-dir nodes",
)
@click.option("--tree", metavar="DIR", default=".", help="The control repository [.].")
@click.option("--facts-dir", metavar="DIR", help="Facts of nodes, a NODE.yaml each.")
@click.pass_obj
def lint(given: Given, *, tree: str, facts_dir: str | None) -> int:
    """Tell of keys that nothing reads, of values that never count, of parameters no class has, and of wrong types.

    Nodes are the facts files `nodes/NODE.yaml` beside an environment (or in --facts-dir). Warnings end with 0, errors
    with 11. Nothing is decrypted.
    """
    from manifests.environment import Environment  # noqa: PLC0415  help needs none of it
    from runner.hiera_checks import Lint, NodeCase  # noqa: PLC0415  likewise

    collector = Collector()
    by_environment: dict[str, tuple[Lint, list[NodeCase]]] = {}
    for settings, found, data, scope in _cases(given, tree, facts_dir, collector):
        name = settings.environment or ""
        if name not in by_environment:
            by_environment[name] = Lint(found, Environment.find(found, name), data, collector), []
        by_environment[name][1].append(NodeCase(settings.node or "", scope))
    for check, nodes in by_environment.values():
        check.run(nodes)
    problems = [*collector.errors, *collector.warnings]
    if given.json:
        print_json([failures.problem_as_json(problem) for problem in problems])
    else:
        for problem in problems:
            click.echo(problem.render(failures.reader(given.places)), err=True)
        nodes_seen = sum(len(nodes) for _, nodes in by_environment.values())
        click.echo(f"{nodes_seen} node(s): {len(collector.errors)} errors, {len(collector.warnings)} warnings")
    return 11 if collector.errors else 0


@subcommand(
    hiera,
    "trace",
    "show a key's value on every node, side by side",
    "freehold hiera trace nginx::port",
    "freehold hiera trace classes --merge unique --facts-dir nodes",
)
@click.argument("key")
@click.option("--tree", metavar="DIR", default=".", help="The control repository [.].")
@click.option("--facts-dir", metavar="DIR", help="Facts of nodes, a NODE.yaml each.")
@click.option("--merge", metavar="HOW", help="first, unique, hash or deep instead of what the data says.")
@click.pass_obj
def trace(given: Given, *, key: str, tree: str, facts_dir: str | None, merge: str | None) -> int:
    """Show for each environment and node what KEY is and where its strongest value stands. Secrets are [redacted]."""
    rows = []
    for settings, _, data, scope in _cases(given, tree, facts_dir, Collector()):
        row: dict[str, Any] = {"environment": settings.environment, "node": settings.node}
        rows.append(row | _traced(data, key, scope, merge))
    if given.json:
        print_json(rows)
        return 0
    widths = [max((len(str(row[name])) for row in rows), default=0) for name in ("environment", "node")]
    for row in rows:
        head = f"{row['environment']:<{widths[0]}}  {row['node']:<{widths[1]}}"
        place = f"  ({row['place']})" if row["place"] else ""
        click.echo(f"{head}  {_shown(row)}{place}")
    return 11 if any(row["outcome"] == "error" for row in rows) else 0


def _traced(data: Hiera, key: str, scope: dict[str, Value], merge: str | None) -> dict[str, Any]:
    """Return what one node answers."""
    from hiera.values import MISSING, redacted  # noqa: PLC0415  see lint
    from runner.facts import plain  # noqa: PLC0415  likewise

    try:
        value = data.lookup(key, scope, merge)
        place = data.place(key, scope)
    except DataError as error:
        return {"outcome": "error", "value": error.problems[0].message, "place": str(error.problems[0].location or "")}
    if value is MISSING:
        return {"outcome": "not-found", "value": None, "place": ""}
    return {"outcome": "found", "value": plain(redacted(value)), "place": str(place or "")}


def _shown(row: dict[str, Any]) -> str:
    """Return an answer on one line."""
    import msgspec  # noqa: PLC0415  only people need it

    if row["outcome"] == "not-found":
        return "no level has it"
    if row["outcome"] == "error":
        return f"error: {row['value']}"
    return (
        row["value"] if isinstance(row["value"], str) and row["value"] else msgspec.json.encode(row["value"]).decode()
    )


def _cases(
    given: Given, tree: str, facts_dir: str | None, collector: Collector
) -> Iterator[tuple[Settings, DirectoryTree, Hiera, dict[str, Value]]]:
    """Yield the settings, the tree, the data and the variables of each environment and node; warnings are kept."""
    from hiera.tree import DirectoryTree  # noqa: PLC0415  see lint
    from runner.compilation import facts_for, hiera_for, trusted_of  # noqa: PLC0415  likewise

    root = directory(tree)
    given.places.append(root)
    found = DirectoryTree(root)
    known: dict[str, Hiera] = {}
    for settings, file in cases(root, given.load_local(), facts_dir, one="environment" in given.settings):
        name = settings.environment or ""
        if name not in known:
            known[name] = hiera_for(settings, found, name, warn=collector.add)
        scope = {
            "facts": facts_for(settings, file),
            "trusted": trusted_of(settings),
            "environment": name,
            "node": settings.node,
            "role": settings.role,
        }
        yield settings, found, known[name], scope


@subcommand(
    hiera,
    "convert",
    "write a hiera.yaml of version 3 as one of version 5",
    "freehold hiera convert                          prints it",
    "freehold hiera convert environments/production/hiera.yaml --write",
)
@click.argument("file", default="hiera.yaml")
@click.option("--write", is_flag=True, help="Replace FILE; what it was is kept as FILE.v3.")
@click.pass_obj
def convert(given: Given, *, file: str, write: bool) -> None:
    """Print FILE, a hiera.yaml of version 3, in version 5, and tell what version 5 cannot say."""
    import yaml  # noqa: PLC0415  see lint

    from hiera.config import version_of  # noqa: PLC0415  likewise
    from hiera.version3 import converted  # noqa: PLC0415  likewise
    from hiera.yaml import nodes  # noqa: PLC0415  likewise
    from hiera.yaml.strict import plain, read  # noqa: PLC0415  likewise

    try:
        with open(file, "rb") as stream:
            data = stream.read()
    except OSError as error:
        raise UsageError.of("missing-file", f"cannot read '{file}': {error.strerror}") from None
    given.places.append(os.getcwd())
    node = read(data, file)
    if not isinstance(node, nodes.Mapping) or version_of(node) != 3:
        raise UsageError.of("hiera-version", f"'{file}' is not of version 3", hint="there is nothing to convert")
    found = converted(plain(node))
    for text in found.lost:
        click.echo(f"warning: {text}", err=True)
    text = yaml.safe_dump(found.document, sort_keys=False, allow_unicode=True)
    if not write:
        click.echo(text, nl=False)
        return
    os.rename(file, f"{file}.v3")
    with open(file, "w", encoding="utf-8") as stream:
        stream.write(text)
    click.echo(f"wrote '{file}'; what it was is '{file}.v3'", err=True)
