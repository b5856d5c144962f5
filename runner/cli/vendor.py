"""The command vendor: modules of a Puppetfile, and branches, fetched into the control repository."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Any

import click

from hiera.errors import UsageError
from runner.cli.given import Given, print_json
from runner.cli.group import command
from runner.cli.run import directory

if TYPE_CHECKING:
    from runner.vendor.vendoring import Fetched, Row


@command(
    "vendor",
    exits=(0, (1, "--check found a difference"), 10, 11, 12),
    examples=(
        "freehold vendor                          fetch what the Puppetfile names",
        "freehold vendor --update stdlib          the newest stdlib that the Puppetfile allows",
        "freehold vendor --check                  in CI: is everything there, and untouched?",
        "freehold vendor --from-branches git@git.example.com:puppet/control.git --branch production",
    ),
)
@click.argument("modules", nargs=-1)
@click.option("--tree", metavar="DIR", default=".", help="The directory of the Puppetfile [.].")
@click.option("--list", "listed", is_flag=True, help="Only list versions and differences; ask nobody.")
@click.option("--check", is_flag=True, help="As --list, and exit with 1 if anything differs.")
@click.option("--update", is_flag=True, help="Ask for newer commits and releases of what is not fixed.")
@click.option("--force", is_flag=True, help="Replace what was changed by hand.")
@click.option("--from-branches", metavar="URL", help="Write environments/BRANCH/ for the branches of a repository.")
@click.option("--branch", "branches", metavar="NAME", multiple=True, help="With --from-branches: only this one.")
@click.pass_obj
def vendor(given: Given, /, *, modules: tuple[str, ...], tree: str, listed: bool, check: bool, **more: Any) -> int:
    """Fetch the modules that a Puppetfile names into the control repository, where you commit them.

    Nodes then pull one repository and nothing else. What was fetched is written down in `vendor.lock`. Modules that
    were changed by hand are left alone, and modules that the Puppetfile never named are yours.
    """
    from runner.vendor.vendoring import Vendoring  # noqa: PLC0415  help needs none of it

    root = directory(tree)
    given.places.append(root)
    if more["branches"] and not more["from_branches"]:
        raise UsageError.of("bad-option", "option --branch goes with --from-branches")
    if listed or check:
        rows = Vendoring(root).rows()
        return _tell_rows(given, [row for row in rows if not modules or row.name in modules], check=check)
    with tempfile.TemporaryDirectory(prefix="freehold-") as place:
        done = _fetch(given, root, place, modules, **more)
    return _tell_done(given, done)


def _fetch(given: Given, root: str, place: str, modules: tuple[str, ...], **more: Any) -> list[Fetched]:
    """Fetch through the bare repositories in ``place``."""
    from runner.source.address import Credentials  # noqa: PLC0415  see vendor
    from runner.vendor.repositories import Repositories  # noqa: PLC0415  likewise
    from runner.vendor.vendoring import Vendoring  # noqa: PLC0415  likewise

    credentials = given.load_local().credentials
    repositories = Repositories(place, Credentials.from_settings(credentials))
    if more["from_branches"]:
        from runner.vendor.branches import from_branches  # noqa: PLC0415  likewise

        url = more["from_branches"]
        url = os.path.abspath(url) if os.path.isdir(url) else url
        return from_branches(root, url, repositories, only=more["branches"], force=more["force"])
    return Vendoring(root).fetch(repositories, only=modules, update=more["update"], force=more["force"])


def _tell_rows(given: Given, rows: list[Row], *, check: bool) -> int:
    """Print how each module stands."""
    import msgspec  # noqa: PLC0415  see vendor

    from runner.vendor.vendoring import DIFFERS  # noqa: PLC0415  likewise

    differing = [row for row in rows if row.state in DIFFERS]
    if given.json:
        print_json({"modules": msgspec.to_builtins(rows), "ok": not differing})
    elif not given.quiet:
        width = max((len(row.name) for row in rows), default=0)
        for row in rows:
            change = f"{row.present} -> {row.wanted}" if row.state == "outdated" else row.present or row.wanted
            click.echo(f"{row.name:{width}}  {row.state:9}  {change}  {row.source}".rstrip())
        click.echo(f"{len(rows)} module(s), {len(differing)} differ")
    return 1 if check and differing else 0


def _tell_done(given: Given, done: list[Fetched]) -> int:
    """Print what was put in place."""
    import msgspec  # noqa: PLC0415  see vendor

    if given.json:
        print_json({"fetched": msgspec.to_builtins(done)})
    elif not given.quiet:
        for item in done:
            before = f" (was {item.before})" if item.before and item.version else ""
            click.echo(f"{item.path}: {item.version or 'removed'}{before}")
        click.echo(f"{len(done)} change(s)" + (": look at them with git, and commit" if done else ""))
    return 0
