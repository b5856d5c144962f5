"""The command release: the end of managing a node."""

from __future__ import annotations

import sys

import click

from hiera.errors import UsageError
from runner.cli.given import Given
from runner.cli.group import command
from runner.cli.reporting import tell


@command(
    "release",
    exits=(0, 4, 10, 14),
    examples=(
        "freehold release --restore     everything back to what it was before Freehold",
        "freehold release --keep        leave everything as it is, and forget it",
    ),
)
@click.option("--restore", is_flag=True, help="Take back everything that can be taken back.")
@click.option("--keep", is_flag=True, help="Leave everything as it is now.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def release(given: Given, *, restore: bool, keep: bool, yes: bool) -> int:
    """Stop managing this node: either bring everything back, or keep it as it is. The ledger is empty afterwards."""
    if restore == keep:
        raise UsageError.of("usage", "say how to release: --restore or --keep", hint="see `freehold release --help`")
    if not yes and sys.stdin.isatty():
        what = "Take back everything Freehold did here" if restore else "Forget everything Freehold manages here"
        click.confirm(f"{what}?", abort=True, err=True)
    settings = given.load()
    from runner import agent  # noqa: PLC0415  the machine's side, only when it is wanted

    return tell(given, lambda reporter: agent.release(settings, restore, reporter), detailed=False)
