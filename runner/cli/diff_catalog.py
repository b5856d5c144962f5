"""The command diff-catalog: what a commit changes in the catalogs of nodes, before any node sees it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from hiera.errors import Collector, FreeholdError, UsageError
from runner.cli import failures
from runner.cli.compile import cases, inlined
from runner.cli.given import Given, print_json, setting_options
from runner.cli.group import command
from runner.cli.run import directory

if TYPE_CHECKING:
    from hiera.tree import DirectoryTree
    from runner.catalog_diff import Comparison, Difference
    from runner.settings import Settings

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


@command(
    "diff-catalog",
    exits=(0, 2, 10, 11, 70),
    examples=(
        "freehold diff-catalog                    the files here against the last commit, for every node",
        "freehold diff-catalog --from main --to topic --node web01 --facts nodes/web01.yaml",
        "freehold diff-catalog --from v1.4 --to v1.5 -e production --json",
    ),
)
@click.option("--from", "old", metavar="REV", default="HEAD", help="The revision to compare with [HEAD].")
@click.option(
    "--to", "new", metavar="REV", default=".", help="The revision to look at; '.': the files as they lie [.]."
)
@click.option("--tree", metavar="DIR", default=".", help="The control repository [.].")
@click.option("--facts", "facts_file", metavar="FILE", help="Facts of the node.")
@click.option("--facts-dir", metavar="DIR", help="Facts of nodes, a NODE.yaml each.")
@click.option("--reveal", is_flag=True, help="Show secrets in the clear (root only).")
@setting_options("puppet_version")
@click.pass_obj
def diff_catalog(
    given: Given, *, old: str, new: str, tree: str, facts_file: str | None, facts_dir: str | None, reveal: bool
) -> int:
    """Compile two revisions for the same node with the same facts, and show how the catalogs differ.

    Without --node or --facts every node whose facts are kept as `nodes/NODE.yaml` is compared. Touches nothing. Ends
    with 0 if nothing differs, 2 if something does.
    """
    if reveal and os.geteuid() != 0:
        raise UsageError.of("reveal-root", "only root may reveal secrets", hint="leave --reveal out")
    root = directory(tree)
    chosen = _nodes(given, root, facts_file, facts_dir)
    collector, rows = Collector(), []
    with tempfile.TemporaryDirectory(prefix="freehold-diff-", ignore_cleanup_errors=True) as scratch:
        from runner.catalog_diff import Revisions  # noqa: PLC0415  help needs no compiler

        revisions = Revisions(root, scratch)
        sides = revisions.tree(old), revisions.tree(new)
        given.places += [side[0].root for side in sides]
        for settings, file in chosen:
            rows.append(_row(settings, sides, file, collector, reveal=reveal))
        for problem in (*collector.errors, *collector.warnings):
            click.echo(problem.render(failures.reader(given.places)), err=True)
    return _report(given, rows, failed=bool(collector.errors))


def _nodes(given: Given, root: str, facts_file: str | None, facts_dir: str | None) -> list[tuple[Settings, str | None]]:
    """Return the settings and facts file of each node to compare."""
    settings = given.load_local()
    if facts_file:
        return [(settings, facts_file)]
    found = list(cases(root, settings, facts_dir, one="environment" in given.settings))
    if "node" not in given.settings:
        return found
    named = [(case, file) for case, file in found if case.node == settings.node]
    return named or [(settings, None)]


def _row(
    settings: Settings,
    sides: tuple[tuple[DirectoryTree, str], tuple[DirectoryTree, str]],
    facts_file: str | None,
    collector: Collector,
    *,
    reveal: bool,
) -> dict[str, Any]:
    """Compare one node and return what came of it, as plain data."""
    from runner.catalog_diff import compare  # noqa: PLC0415  see diff_catalog

    row: dict[str, Any] = {"node": settings.node, "environment": settings.environment, "differences": []}
    try:
        found = compare(settings, *sides, facts_file)
    except FreeholdError as error:
        collector.take(error)
        return row | {"ok": False}
    return row | {"ok": True, "differences": [_plain(item, found, reveal=reveal) for item in found.differences]}


def _plain(item: Difference, found: Comparison, *, reveal: bool) -> dict[str, Any]:
    """Return a difference as plain data, contents inline."""
    place = item.declaration.location
    return {
        "resource": str(item.ref),
        "change": item.change,
        "file": place.file,
        "line": place.line,
        "old": {name: inlined(value, found.old, reveal=reveal) for name, value in item.old.items()},
        "new": {name: inlined(value, found.new, reveal=reveal) for name, value in item.new.items()},
    }


def _report(given: Given, rows: list[dict[str, Any]], *, failed: bool) -> int:
    """Print the rows and return the exit code."""
    if given.json:
        print_json(rows)
    else:
        for row in rows:
            for line in _lines(row):
                click.echo(line)
    if failed:
        return 11
    return 2 if any(row["differences"] for row in rows) else 0


def _lines(row: dict[str, Any]) -> Iterator[str]:
    """Yield what people read of one node."""
    differences = row["differences"]
    counts = {word: sum(item["change"] == word for item in differences) for word in _SIGNS}
    said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    yield f"{row['node']} ({row['environment']}): " + (said or ("no difference" if row["ok"] else "does not compile"))
    for item in differences:
        yield f"{_SIGNS[item['change']]} {item['resource']}  ({item['file']}:{item['line']})"
        if item["change"] == "changed":
            for name in {**item["old"], **item["new"]}:
                yield from _attribute(name, item["old"].get(name), item["new"].get(name))


def _attribute(name: str, old: Any, new: Any) -> Iterator[str]:
    """Yield one attribute on both sides; texts of several lines as a diff."""
    if isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        from runner.resources.file_diff import unified  # noqa: PLC0415  most attributes are short

        diff = unified(f"/{name}", old.encode(), new.encode()) or ""
        yield f"    {name}:"
        yield from (f"      {line}" for line in diff.splitlines()[2:])
    else:
        yield f"    {name}: {_word(old)} -> {_word(new)}"


def _word(value: Any) -> str:
    if value is None:
        return "(not given)"
    if isinstance(value, str):
        return value
    import msgspec  # noqa: PLC0415  only structured attributes need it

    return msgspec.json.encode(value).decode()
