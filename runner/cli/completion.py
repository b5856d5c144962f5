"""The command completion."""

from __future__ import annotations

import click

from hiera.errors import UsageError
from runner.cli.group import command


@command(
    "completion",
    exits=(0, 10),
    examples=(
        'eval "$(freehold completion bash)"                                  in ~/.bashrc',
        "freehold completion zsh > ~/.zfunc/_freehold",
        "freehold completion fish > ~/.config/fish/completions/freehold.fish",
    ),
)
@click.argument("shell", metavar="bash|zsh|fish")
def completion(shell: str) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415  only this command needs it

    from runner.cli.main import freehold  # noqa: PLC0415  the group imports this module

    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError.of("usage", f"no completion for '{shell}'", hint="use bash, zsh or fish")
    click.echo(kind(freehold, {}, "freehold", "_FREEHOLD_COMPLETE").source())
