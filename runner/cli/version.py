"""The command version."""

from __future__ import annotations

import sys

import click

from runner.cli.given import Given, print_json
from runner.cli.group import command
from runner.version import __version__

_STANDS_ON = ("click", "GitPython", "Jinja2", "msgspec", "python-gnupg", "PyYAML", "rich", "APScheduler")


@command("version", exits=(0,), examples=("freehold version --json",))
@click.pass_obj
def version(given: Given) -> None:
    """Print the version of Freehold, and with --verbose or --json of what it stands on."""
    if not given.json and not given.verbose:
        click.echo(f"freehold {__version__}")
        return
    from importlib import metadata  # noqa: PLC0415  the plain answer needs none

    found = {"freehold": __version__, "python": sys.version.split()[0]}
    found |= {name: metadata.version(name) for name in _STANDS_ON}
    if given.json:
        print_json(found)
    else:
        for name, text in found.items():
            click.echo(f"{name} {text}")
