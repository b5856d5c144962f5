"""The commands that steer this node for a while: pin, unpin, rollback, pause, resume. All expire by themselves."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from hiera.errors import UsageError
from runner import measures
from runner.cli.commits import Commits
from runner.cli.given import Given, print_json
from runner.cli.group import command
from runner.cli.reporting import tell
from runner.cli.store import memory

if TYPE_CHECKING:
    from runner.settings import Settings
    from runner.source.mirror import Mirror
    from runner.store.state import StateDirectory

LAST_GOOD = "last-good"
_SEARCHED = 1000
_RUN_EXITS = (0, 4, 10, 11, 12, 13, 14, 15)


def _for(text: str) -> float:
    """Return how long, in seconds. Raises ``UsageError`` (``bad-setting``)."""
    try:
        seconds = measures.duration(text)
    except ValueError as error:
        raise UsageError.of("bad-setting", f"option --for {error}") from None
    if seconds <= 0:
        raise UsageError.of("bad-setting", "option --for must be longer than nothing")
    return seconds


def _holding(default_reason: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds --for and --reason."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        function = click.option("--reason", metavar="TEXT", default=default_reason, help="Why; shown in status.")(
            function
        )
        return click.option("--for", "lasting", metavar="TIME", default="4h", help="How long [4h].")(function)

    return decorate


@command(
    "pin",
    exits=_RUN_EXITS,
    examples=(
        "freehold pin 4f1c0d9 --for 4h --reason 'new vhost breaks the shop'",
        "freehold pin last-good --for 2d",
    ),
)
@click.argument("commit", metavar="SHA|last-good")
@_holding("")
@click.option("--no-run", is_flag=True, help="Do not apply it now; the next run does.")
@click.pass_obj
def pin(given: Given, *, commit: str, lasting: str, reason: str, no_run: bool) -> int:
    """Stay at a commit that this node has accepted before, and apply it now.

    `last-good` is the newest commit before the applied one that was applied here without a failure. The branch is
    followed again when the time is over, or with `freehold unpin`.
    """
    return _pin(given, commit, _for(lasting), reason, "pin" if not no_run else None)


@command("rollback", exits=_RUN_EXITS, examples=("freehold rollback --reason 'shop is down'",))
@_holding("rollback")
@click.option("--no-run", is_flag=True, help="Do not apply it now; the next run does.")
@click.pass_obj
def rollback(given: Given, *, lasting: str, reason: str, no_run: bool) -> int:
    """Go back to the last good commit for four hours: short for `freehold pin last-good --for 4h`.

    To go back for good, push a `git revert`.
    """
    return _pin(given, LAST_GOOD, _for(lasting), reason, "rollback" if not no_run else None)


def _pin(given: Given, commit: str, seconds: float, reason: str, run_as: str | None) -> int:
    """Set the pin and, unless ``run_as`` is None, run."""
    settings = given.load()
    with memory(settings) as state:
        revision = _accepted_commit(settings, state, commit)
        until = time.time() + seconds
        state.standing.set_hold("pin", revision, reason, until)
    if run_as is None or not given.json:
        _say(given, f"pinned to {revision[:7]} until {measures.clock(until)}", pinned=revision, until=until)
    if run_as is None:
        return 0
    from runner import agent  # noqa: PLC0415  the machine's side, only when it is wanted

    options = agent.RunOptions(command=run_as, show_diff=settings.show_diff)
    return tell(given, lambda reporter: agent.run(settings, options, reporter), detailed=False)


def _accepted_commit(settings: Settings, state: StateDirectory, text: str) -> str:
    """Return the whole id of the commit meant. Raises ``UsageError`` unless this node has accepted it."""
    accepted = state.standing.accepted(settings.branch)
    mirror = Commits(settings).mirror
    if accepted is None or mirror is None:
        raise UsageError.of(
            "no-commits", "this node has accepted no commit yet", hint="`freehold run` fetches and accepts"
        )
    if text == LAST_GOOD:
        return _last_good(state, mirror, accepted.revision)
    revision = _whole(mirror, text)
    if not mirror.is_ancestor(revision, accepted.revision):
        message = f"{revision[:7]} was never accepted by this node"
        raise UsageError.of("not-accepted", message, hint="only accepted commits can be pinned; see `freehold log`")
    return revision


def _last_good(state: StateDirectory, mirror: Mirror, accepted: str) -> str:
    """Return the nearest commit before the applied one that was applied well. Raises ``UsageError``."""
    applied = str((state.standing.recall("applied") or {}).get("revision") or accepted)
    for revision in mirror.between(None, applied, _SEARCHED):
        mark = state.standing.mark_of(revision)
        if revision != applied and mark is not None and mark.verdict == "good":
            return revision
    good = state.standing.last_good()
    if good is not None and good.revision != applied:
        return good.revision
    raise UsageError.of(
        "no-last-good", f"no other commit than {applied[:7]} was ever applied well here", hint="name one: pin SHA"
    )


def _whole(mirror: Mirror, text: str) -> str:
    """Return the whole id that ``text`` abbreviates. Raises ``UsageError`` (``unknown-commit``)."""
    if re.fullmatch(r"[0-9a-f]{4,64}", text):
        answer = mirror.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{text}^{{commit}}")
        if answer.code == 0:
            return answer.out.decode().strip()
    raise UsageError.of(
        "unknown-commit", f"'{text}' names no single commit here", hint="see `freehold log`, or last-good"
    )


@command("unpin", exits=(0, 10), examples=("freehold unpin && freehold run",))
@click.pass_obj
def unpin(given: Given) -> None:
    """Follow the branch again; the next run takes the newest accepted commit."""
    _lift(given, "pin", "not pinned any more: the next run follows the branch", "nothing was pinned")


@command("pause", exits=(0, 10), examples=("freehold pause --for 2h --reason 'disk is being replaced'",))
@_holding("")
@click.pass_obj
def pause(given: Given, *, lasting: str, reason: str) -> None:
    """Apply nothing for a while. It ends by itself, or with `freehold resume`."""
    settings = given.load()
    until = time.time() + _for(lasting)
    with memory(settings) as state:
        state.standing.set_hold("pause", "", reason, until)
    _say(given, f"paused until {measures.clock(until)}", paused=True, until=until)


@command("resume", exits=(0, 10), examples=("freehold resume && freehold run",))
@click.pass_obj
def resume(given: Given) -> None:
    """End a pause; the next run applies again."""
    _lift(given, "pause", "not paused any more", "nothing was paused")


def _lift(given: Given, kind: str, done: str, nothing: str) -> None:
    with memory(given.load()) as state:
        there = state.standing.lift(kind)
    _say(given, done if there else nothing, lifted=there)


def _say(given: Given, text: str, **facts: Any) -> None:
    if given.json:
        print_json(facts)
    elif not given.quiet:
        click.echo(text)
