"""The command timer: how often systemd starts a run on this node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hiera.errors import UsageError
from runner.cli.given import Given, print_json
from runner.cli.group import command

if TYPE_CHECKING:
    from runner.systemd.timer import Timer


@command(
    "timer",
    exits=(0, 10),
    examples=(
        "freehold timer --every 5m                  each node at its own place in the five minutes",
        "freehold timer --every 1d --splay 2h       once a day, between midnight and two",
        "freehold timer --every 10m --print         the drop-in, written nowhere",
        "freehold timer --every 10m --root /mnt     in an image: enabled, not started",
        "freehold timer --disable",
    ),
)
@click.option("--every", metavar="TIME", help="The period: it fits evenly into an hour or a day.")
@click.option("--splay", metavar="TIME", help="Spread the nodes over this time [the period].")
@click.option("--disable", is_flag=True, help="Switch the timer off.")
@click.option("--print", "only_print", is_flag=True, help="Print the drop-in and change nothing.")
@click.pass_obj
def timer(given: Given, *, every: str | None, splay: str | None, disable: bool, only_print: bool) -> None:
    """Switch on the systemd timer that starts runs, or say how it is set.

    The schedule is a drop-in beside freehold.timer. The same command twice changes nothing. A node always has the same
    place in the period, derived from its machine id.
    """
    if disable and (every or splay or only_print):
        raise UsageError.of("usage", "--disable goes with no other option", hint="see `freehold timer --help`")
    if (splay or only_print) and not every:
        raise UsageError.of("usage", "--every is missing", hint="say how often, such as --every 5m")
    from runner.systemd.timer import Timer  # noqa: PLC0415  help needs none of it

    found = Timer(str(given.settings.get("root", "/")))
    if disable:
        _tell(given, found, changed=found.disable())
    elif every is None:
        _tell(given, found, changed=False)
    elif only_print:
        click.echo(content(every, splay), nl=False)
    else:
        _tell(given, found, changed=found.set(content(every, splay)))


def content(every: str, splay: str | None = None, option: str = "--every") -> str:
    """Return the drop-in of a period that ``option`` told. Raises ``UsageError`` (``bad-setting``)."""
    from runner.measures import duration  # noqa: PLC0415  likewise
    from runner.systemd.schedule import calendar  # noqa: PLC0415  likewise
    from runner.systemd.timer import text  # noqa: PLC0415  likewise

    try:
        period = duration(every)
        calendar(period)
        option = "--splay"
        return text(period, None if splay is None else duration(splay))
    except ValueError as error:
        raise UsageError.of("bad-setting", f"option {option} {error}") from None


def _tell(given: Given, found: Timer, *, changed: bool) -> None:
    enabled, schedule = found.enabled(), found.schedule()
    if given.json:
        print_json({"enabled": enabled, "changed": changed, "drop_in": found.drop_in, "schedule": schedule})
        return
    word = "on" if enabled else "off"
    click.echo(f"the timer is {word}{'' if changed else ', unchanged'}")
    rows = dict(row.partition("=")[::2] for row in schedule.splitlines() if "=" in row)
    if enabled and rows:
        click.echo(f"every {rows.get('OnCalendar')} (systemd calendar), spread over {rows.get('RandomizedDelaySec')}")


def schedule_of(every: str | None) -> str:
    """Return the drop-in that the option --timer asks for, "" for none. Raises ``UsageError``."""
    return "" if every is None else content(every, option="--timer")
