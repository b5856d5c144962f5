"""What the command line said: the options every command takes, before or after its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from hiera.values import Value
    from runner.settings import Settings


@dataclass(slots=True)
class Given:
    """The options all commands share; one before the command's name loses against the same one after it."""

    settings: dict[str, Any] = field(default_factory=dict)
    config: str | None = None
    json: bool = False
    verbose: int = 0
    quiet: bool = False
    places: list[str] = field(default_factory=list)
    """Directories that the files of problems are relative to, so that their lines can be shown."""
    texts: dict[str, str] = field(default_factory=dict)
    """What the command line itself gives to read, by the file name that problems give it."""

    def load(self, **more: Value) -> Settings:
        """Return the settings with those of this command line, ``more`` included. Raises ``UsageError``."""
        from runner.settings import load  # noqa: PLC0415  help and completion need none

        return load(self.settings | {k: v for k, v in more.items() if v is not None}, config=self.config)

    def load_local(self, **more: Value) -> Settings:
        """Return the settings with a node and an environment to fall back on, for work away from a node."""
        from dataclasses import replace  # noqa: PLC0415  see load

        from runner.settings import LOCAL_ENVIRONMENT, LOCAL_NODE  # noqa: PLC0415  see load

        found = self.load(**more)
        return replace(found, node=found.node or LOCAL_NODE, environment=found.environment or LOCAL_ENVIRONMENT)


def _take(context: click.Context, option: click.Parameter, value: Any) -> None:
    """Keep ``value`` in the ``Given`` of the command line if it was really said."""
    name = option.name or ""
    if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
        return
    given = context.ensure_object(Given)
    if name in {"config", "json", "quiet"}:
        setattr(given, name, value)
    elif name == "verbose":
        given.verbose += value
    else:
        given.settings[name] = value


def common_options() -> list[click.Option]:
    """Return the options that every command takes."""

    def option(*names: str, **more: Any) -> click.Option:
        return click.Option(names, expose_value=False, callback=_take, **more)

    return [
        option("--config", metavar="FILE", help="The node's configuration [/etc/freehold/freehold.yaml]."),
        option("-e", "--environment", metavar="NAME", help="The environment."),
        option("-n", "--node", metavar="NAME", help="The name of the node. (A dry run is --noop.)"),
        option("--root", metavar="DIR", help="Manage the directory tree DIR instead of /."),
        option("--state-dir", metavar="DIR", help="Where the node remembers what it did."),
        option("--json", is_flag=True, help="Print one JSON document."),
        option("-v", "--verbose", count=True, help="Say more; unchanged resources too."),
        option("-q", "--quiet", is_flag=True, help="Say only what failed, and the last line."),
    ]


def waiting_time(text: str) -> float:
    """Return the seconds of the option --wait. Raises ``UsageError``."""
    from hiera.errors import UsageError  # noqa: PLC0415  only these commands wait
    from runner.measures import duration  # noqa: PLC0415  as above

    try:
        return duration(text)
    except ValueError as error:
        raise UsageError.of("bad-setting", f"option --wait {error}") from None


def print_json(value: Any) -> None:
    """Print ``value`` as one JSON document."""
    import msgspec  # noqa: PLC0415  plain output needs none

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def setting_options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds the options of the settings ``names``, kept in ``Given`` like the common ones."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(names):
            words, more = _SETTING_OPTIONS[name]
            function = click.option(*words, name, expose_value=False, callback=_take, **more)(function)
        return function

    return decorate


def place_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where modules and data of the Puppet language stand."""
    for option in (
        click.option("--hiera-config", metavar="FILE", help="The hiera.yaml of the global layer."),
        click.option(
            "--environment-dir", "--env-dir", "env_dir", metavar="DIR", help="A Puppet environment's directory."
        ),
        click.option("--modulepath", metavar="A:B", help="Directories of Puppet modules, the first wins."),
    ):
        function = option(function)
    return function


_SETTING_OPTIONS: Mapping[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "repo": (("--repo",), {"metavar": "URL", "help": "The control repository."}),
    "branch": (("--branch",), {"metavar": "NAME", "help": "The branch to follow [main]."}),
    "noop": (
        ("--noop", "--check", "--dry-run"),
        {"is_flag": True, "help": "Change nothing; say what would change."},
    ),
    "show_diff": (("--diff/--no-diff",), {"default": None, "help": "Show changes of content line by line."}),
    "max_prune": (("--max-prune",), {"metavar": "N", "help": "Remove at most N things, or N% [10]."}),
    "environment": (("--environment",), {"metavar": "NAME", "help": "The environment."}),
    "config": (("--config",), {"metavar": "FILE", "help": "The configuration that the image's nodes will have."}),
    "puppet_version": (
        ("--puppet-version",),
        {"type": click.Choice(["7", "8"]), "help": "How strict manifests in the Puppet language are read [8]."},
    ),
    "role": (("--role",), {"metavar": "NAME", "help": "The role of the node."}),
}
