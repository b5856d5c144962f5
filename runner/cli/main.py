"""The way in: parse, call, and turn whatever was raised into words and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from hiera.errors import FreeholdError, UsageError
from runner.cli import failures
from runner.cli.given import Given, common_options
from runner.cli.group import Group
from runner.version import __version__


def _version(context: click.Context, _option: click.Parameter, value: Any) -> None:
    if value:
        click.echo(f"freehold {__version__}")
        context.exit(0)


@click.group(
    "freehold",
    cls=Group,
    params=[
        *common_options(),
        click.Option(
            ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
        ),
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="COMMAND ...",
)
@click.pass_context
def freehold(context: click.Context) -> None:
    """Bring this machine to what a signed git repository says it shall be, and back again on `git revert`."""
    context.ensure_object(Given)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line ``arguments`` (default: the process's own) and return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = Given()
    try:
        try:
            result = freehold.main(words, prog_name="freehold", standalone_mode=False, obj=given)
            sys.stdout.flush()
        except click.exceptions.NoArgsIsHelpError as error:
            error.show(sys.stderr)
            return UsageError.exit_code
        except click.exceptions.UsageError as error:
            return failures.tell(failures.usage(error), given, words)
        return result if isinstance(result, int) else 0
    except FreeholdError as error:
        return failures.tell(error, given, words)
    except (KeyboardInterrupt, click.exceptions.Abort):
        return failures.interrupted()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still buffered goes nowhere, quietly
        return 0
    except Exception as error:  # noqa: BLE001  the one place where a bug becomes an exit code
        return failures.bug(error, given, words)
