"""The command group that imports a command when it is called, and commands whose help teaches."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, Final

import click

from runner.cli.given import common_options
from runner.cli.table import COMMANDS, SECTIONS

EXITS: Final = {
    0: "done; nothing failed",
    1: "warning",
    2: "something changed",
    4: "a resource failed",
    6: "something changed and something failed",
    10: "the command line or this node's configuration is wrong",
    11: "a manifest, data or a secret is wrong; nothing was touched",
    12: "nothing fresh was seen for longer than stale_after",
    13: "the commit may not be used; the last good one stays in force",
    14: "another run holds this node",
    15: "more would be removed than max_prune allows; --confirm agrees",
    70: "a bug in Freehold",
}


class Command(click.Command):
    """A command with the common options, an example block and its exit codes in its help."""

    def __init__(
        self, *args: Any, examples: Sequence[str] = (), exits: Sequence[int | tuple[int, str]] = (0, 10), **more: Any
    ) -> None:
        self.examples = examples
        self.exits = exits
        more.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(*args, **more)
        own = {name for option in self.params for name in option.opts}
        self.params += [option for option in common_options() if not own & set(option.opts)]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        """Write the examples and the exit codes."""
        _teach(formatter, self.examples, self.exits)


class SubGroup(click.Group):
    """A command with commands of its own below it."""

    def __init__(
        self, *args: Any, examples: Sequence[str] = (), exits: Sequence[int | tuple[int, str]] = (0, 10), **more: Any
    ) -> None:
        self.examples = examples
        self.exits = exits
        super().__init__(*args, **more)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        """Write the examples and the exit codes."""
        _teach(formatter, self.examples, self.exits)


def _teach(formatter: click.HelpFormatter, examples: Sequence[str], exits: Sequence[int | tuple[int, str]]) -> None:
    """Write the examples and the exit codes."""
    if examples:
        with formatter.section("Examples"):
            for example in examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
    rows = [(str(code), EXITS[code]) if isinstance(code, int) else (str(code[0]), code[1]) for code in exits]
    with formatter.section("Exit codes"):
        formatter.write_dl(rows)


class Group(click.Group):
    """The command ``freehold``: knows its commands by the table and imports one only to call it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        """Return the command ``cmd_name``, imported now, or None."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.place.partition(":")
        found: click.Command = getattr(importlib.import_module(f"runner.cli.{module}"), attribute)
        return found

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Return the completions of a command's name or an option, importing no command."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  only a completing shell asks

        rows = [(name, entry.summary) for name, entry in COMMANDS.items() if name.startswith(incomplete)]
        return [CompletionItem(name, help=text) for name, text in rows] + click.Command.shell_complete(
            self, ctx, incomplete
        )

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        """Write the commands by section, from the table."""
        for title, entries in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, entry.summary) for name, entry in entries.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        """Write the first steps."""
        with formatter.section("First steps"):
            for line in (
                "freehold apply hello.yaml --root /tmp/try    # the first minute: no git, key or configuration",
                "freehold init --new my-repo                  # a small control repository to start from",
                "freehold init                                # make this machine follow a repository",
                "freehold run -t                              # now, told in detail",
            ):
                formatter.write(f"  {line}\n")


def command(name: str, **more: Any) -> Callable[[Callable[..., Any]], Command]:
    """Return a decorator that makes a function the command ``name``; ``more`` as :class:`Command` takes it."""
    more.setdefault("short_help", COMMANDS[name].summary)
    return click.command(name, cls=Command, **more)


def subcommand(group: click.Group, name: str, summary: str, *examples: str) -> Callable[[Callable[..., Any]], Command]:
    """Return a decorator that makes a function the command ``name`` below ``group``."""

    def decorate(function: Callable[..., Any]) -> Command:
        made = click.command(name, cls=Command, short_help=summary, examples=examples, exits=(0, 10, 11, 70))(function)
        group.add_command(made)
        return made

    return decorate
