"""The command daemon: runs at a period, where no systemd timer does it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from hiera.errors import UsageError
from runner.cli.given import Given
from runner.cli.group import command

if TYPE_CHECKING:
    from runner.daemon.service import Plan


@command(
    "daemon",
    exits=((0, "ended by SIGTERM or SIGINT"), 10),
    examples=(
        "freehold daemon                                  a run now and then every five minutes",
        "freehold daemon --every 30m --splay 10m",
        "freehold daemon --health /run/freehold/health    curl --unix-socket /run/freehold/health http://x/",
    ),
)
@click.option("--every", metavar="TIME", help="The period [5m].")
@click.option("--splay", metavar="TIME", help="Spread the nodes over this time [the period].")
@click.option("--deadline", metavar="TIME", help="At the end wait so long for a run to finish [30s].")
@click.option(
    "--health", metavar="SOCKET", help="Answer HTTP on this unix socket: 200, or 503 if somebody should look."
)
@click.pass_obj
def daemon(given: Given, /, **asked: str | None) -> None:
    """Run now and then at a period, in the foreground, for containers and systems without systemd.

    Each run is a process of its own and reads the configuration anew. SIGHUP reads the section `daemon` of the
    configuration again; options win over it. SIGTERM begins no more runs and ends after --deadline at the latest.
    """
    settings = given.load()
    settings.require("repo", "environment", "node", "trust")
    plan = _plan(given, asked)
    from runner.daemon.child import Child  # noqa: PLC0415  help needs none of it
    from runner.daemon.service import Daemon  # noqa: PLC0415  likewise

    def say(text: str) -> None:
        click.echo(f"freehold daemon: {text}", err=True)

    Daemon(Child(_command(given)), plan, lambda: _plan(given, asked), say).serve()


def _plan(given: Given, asked: dict[str, str | None]) -> Plan:
    """Return the plan of configuration and options. Raises ``UsageError``."""
    from runner.daemon.service import Plan  # noqa: PLC0415  see daemon
    from runner.keys import KEYS  # noqa: PLC0415  likewise

    try:
        told = KEYS["daemon"]({key: value for key, value in asked.items() if value is not None})
        return Plan.of({**given.load().daemon, **told})
    except ValueError as error:
        raise UsageError.of("bad-setting", f"the daemon {error}") from None


def _command(given: Given) -> list[str]:
    """Return the command line of one run: this interpreter and what was said to the daemon."""
    python = [sys.executable, *(["-I"] if sys.flags.isolated else [])]
    words = ["run", "--trigger", "daemon", *(["--config", given.config] if given.config else [])]
    options: dict[str, Any] = {key: value for key, value in given.settings.items() if value is not None}
    words += [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", str(value))]
    return [*python, "-m", "runner", *words, *["-v"] * given.verbose, *(["-q"] if given.quiet else [])]
