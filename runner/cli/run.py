"""The commands that lead to the engine: run, plan, apply."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from hiera.errors import Location, UsageError
from runner.cli.commits import exports
from runner.cli.given import Given, place_options, setting_options, waiting_time
from runner.cli.group import command
from runner.cli.reporting import tell

if TYPE_CHECKING:
    from runner.puppet.by_hand import Place
    from runner.settings import Settings

_RUN_EXITS = (0, 2, 4, 6, 10, 11, 12, 13, 14, 15, 70)


@command(
    "run",
    exits=_RUN_EXITS,
    examples=(
        "freehold run -t                       now, told in detail, with detailed exit codes",
        "freehold run --noop --diff            what would change, line by line",
        "freehold run --tags nginx             only what carries the tag (never prunes)",
        "freehold run --confirm                agree to remove more than max_prune",
        "freehold run --wait 5m                wait for another run to end first",
    ),
)
@setting_options("repo", "branch", "noop", "show_diff", "max_prune", "puppet_version")
@click.option("--tags", metavar="TAG,...", multiple=True, help="Apply only resources with one of these tags.")
@click.option("--detailed-exitcodes", is_flag=True, help="Exit with 2 if something changed, 6 if it also failed.")
@click.option("-t", "--test", is_flag=True, help="Now, verbose, with diffs and detailed exit codes.")
@click.option("--confirm", is_flag=True, help="Agree to remove more than max_prune allows.")
@click.option("--switch", is_flag=True, help="Agree to take over the state of another repository or node.")
@click.option("--wait", metavar="TIME", default="0", help="Wait so long for another run to end [0].")
@click.option("--trigger", metavar="WORD", hidden=True)
@click.pass_obj
def run(given: Given, /, *, tags: tuple[str, ...], detailed_exitcodes: bool, test: bool, **more: Any) -> int:
    """Fetch the repository, verify who signed, compile this node's catalog, apply it, record it.

    The commit in force is the newest accepted one. If the remote is away or refuses, the last good commit goes on
    being applied. Without --detailed-exitcodes the exit code is 0, or 4 if a resource failed.
    """
    if test:
        given.verbose += 1
        given.settings.setdefault("show_diff", True)
    settings = given.load()
    settings.require("repo", "environment", "node", "trust")
    waiting, selected = waiting_time(more["wait"]), _tags(tags)
    from runner import agent  # noqa: PLC0415  the machine's side, only when it is wanted
    from runner.systemd.origin import trigger  # noqa: PLC0415  only a run asks

    given.places += exports(settings)
    options = agent.RunOptions(
        command="run",
        trigger=more["trigger"] or trigger(),
        noop=settings.noop,
        tags=selected,
        confirm=more["confirm"],
        switch=more["switch"],
        wait=waiting,
        show_diff=settings.show_diff,
    )

    return tell(given, lambda reporter: agent.run(settings, options, reporter), detailed=detailed_exitcodes or test)


@command(
    "plan",
    exits=_RUN_EXITS,
    examples=(
        "freehold plan                         the newest accepted commit against this machine",
        "freehold plan --tree . --diff         uncommitted work against this machine",
    ),
)
@setting_options("repo", "branch", "show_diff", "max_prune", "puppet_version")
@click.option("--tree", metavar="DIR", help="Plan the control repository in DIR, committed or not.")
@click.option("--tags", metavar="TAG,...", multiple=True, help="Plan only resources with one of these tags.")
@click.option("--detailed-exitcodes", is_flag=True, help="Exit with 2 if something would change.")
@click.pass_obj
def plan(given: Given, *, tree: str | None, tags: tuple[str, ...], detailed_exitcodes: bool) -> int:
    """Show what a run would change, without changing or recording anything.

    Each line is certain, assumed (a prediction from an earlier step) or unknowable (decided at its turn), and says how
    far it could be taken back.
    """
    settings = given.load_local() if tree else given.load()
    if tree:
        given.places.append(directory(tree))
    else:
        settings.require("repo", "environment", "node", "trust")
        given.places += exports(settings)
    from runner import agent  # noqa: PLC0415  see run

    options = agent.RunOptions(command="plan", noop=True, tags=_tags(tags), show_diff=settings.show_diff)

    return tell(
        given,
        lambda reporter: agent.plan(settings, options, reporter, os.path.abspath(tree) if tree else None),
        detailed=detailed_exitcodes,
    )


@command(
    "apply",
    exits=(0, 2, 4, 6, 10, 11, 14, 70),
    examples=(
        "freehold apply hello.yaml --root /tmp/try       into a directory, as any user",
        "freehold apply hello.yaml --noop --diff         what it would change here",
        "freehold apply ./control-repo -n web01          a whole tree, as node web01",
        "freehold apply -e 'package { jq: }'             code in the Puppet language",
        "freehold apply site.pp --modulepath site:modules",
    ),
)
@click.argument("path", required=False)
@click.option("-e", "--execute", "code", metavar="CODE", help="Apply CODE in the Puppet language.")
@place_options
@setting_options("noop", "show_diff", "environment", "puppet_version")
@click.option("--tags", metavar="TAG,...", multiple=True, help="Apply only resources with one of these tags.")
@click.option("--detailed-exitcodes", is_flag=True, help="Exit with 2 if something changed, 6 if it also failed.")
@click.option("-t", "--test", is_flag=True, help="Verbose, with diffs and detailed exit codes.")
@click.option("--switch", is_flag=True, help="Agree to use the state of another repository or node.")
@click.option("--wait", metavar="TIME", default="0", help="Wait so long for another run to end [0].")
@click.pass_obj
def apply(given: Given, /, *, path: str | None, code: str | None, **more: Any) -> int:
    """Apply the manifest file or the control repository PATH, with no git, key or configuration.

    What it does is recorded, but nothing it made is ever pruned: only `freehold run` owns things. A manifest in the
    Puppet language may use modules and data from anywhere; the environment's own is applied where none is named.
    """
    if (path is None) == (code is None) and not (path is None and more["env_dir"]):
        raise UsageError.of("no-manifest", "apply takes a PATH or -e CODE", hint="freehold apply site.pp")
    if code is None:
        return _apply(given, path, **more)
    import tempfile  # noqa: PLC0415  only code of the command line needs a file

    with tempfile.TemporaryDirectory(prefix="freehold-") as place:
        file = os.path.join(place, "code.pp")
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(code)
        given.texts[os.path.basename(file)] = code
        return _apply(given, file, **more)


def _apply(
    given: Given, path: str | None, *, tags: tuple[str, ...], detailed_exitcodes: bool, test: bool, **more: Any
) -> int:
    """Apply what stands at ``path`` and return the exit code."""
    if test:
        given.verbose += 1
        given.settings.setdefault("show_diff", True)
    settings = given.load_local()
    place = _place(given, settings, more)
    path = path or f"/{place.manifest if place else ''}"
    whole = os.path.abspath(path)
    if not os.path.exists(whole):
        raise UsageError.of(
            "missing-file", f"there is no '{path}'", Location(path), hint="name a manifest or a directory"
        )
    given.places.append(whole if os.path.isdir(whole) else os.path.dirname(whole))
    waiting, selected = waiting_time(more["wait"]), _tags(tags)
    from runner import agent  # noqa: PLC0415  see run

    options = agent.RunOptions(
        command="apply",
        noop=settings.noop,
        tags=selected,
        switch=more["switch"],
        wait=waiting,
        show_diff=settings.show_diff,
    )

    return tell(
        given,
        lambda reporter: agent.apply_path(settings, options, reporter, whole, place),
        detailed=detailed_exitcodes or test,
    )


def _place(given: Given, settings: Settings, options: Mapping[str, Any]) -> Place | None:
    """Return where modules and data stand if the command line says so."""
    if not any(options[name] for name in ("modulepath", "env_dir", "hiera_config")):
        return None
    from runner.puppet.by_hand import Place  # noqa: PLC0415  few say so

    given.places += [os.getcwd(), "/"]
    return Place.of(options, settings.environment or "")


def directory(path: str) -> str:
    """Return the absolute path of the directory ``path``. Raises ``UsageError`` (``missing-file``)."""
    if not os.path.isdir(path):
        raise UsageError.of("missing-file", f"there is no directory '{path}'", hint="--tree names a control repository")
    return os.path.abspath(path)


def _tags(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return single tags. An empty selector never means "all"; raises ``UsageError`` (``no-tags``)."""
    found = tuple(tag for word in words for tag in word.split(",") if tag)
    if words and not found:
        raise UsageError.of("no-tags", "--tags names no tag", hint="leave --tags out to apply everything")
    return found
