"""The commands log and show: what was done here, run by run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from hiera.errors import UsageError
from runner import measures
from runner.cli.commits import Commits
from runner.cli.given import Given, print_json
from runner.cli.group import command
from runner.cli.store import memory

if TYPE_CHECKING:
    from runner.store.records import Outcome, Run
    from runner.store.state import StateDirectory


@command(
    "log",
    exits=(0, 10),
    examples=("freehold log", "freehold log --changed --limit 5", "freehold log --json | jq '.[0].result'"),
)
@click.option("-l", "--limit", metavar="N", type=click.IntRange(min=1), default=20, help="At most N runs [20].")
@click.option("--changed", is_flag=True, help="Only runs that did or tried something.")
@click.pass_obj
def log(given: Given, *, limit: int, changed: bool) -> None:
    """List the runs, newest first: number, when, commit, result, what was done, who signed, what the commit says."""
    settings = given.load()
    with memory(settings) as state:
        runs = state.history.runs(limit, changed=changed)
    commits = Commits(settings)
    if given.json:
        print_json([_as_json(run, commits) for run in runs])
        return
    for run in runs:
        click.echo(_line(run, commits))


def _as_json(run: Run, commits: Commits) -> dict[str, object]:
    import msgspec  # noqa: PLC0415  only machines ask

    return {
        **msgspec.to_builtins(run),
        "author": commits.author(run.revision),
        "subject": commits.subject(run.revision),
    }


def _line(run: Run, commits: Commits) -> str:
    from runner.reporters import wording  # noqa: PLC0415  help needs none

    parts = [
        f"{run.id:>5}  {measures.clock(run.started):<11}  {wording.short(run.revision):<9}  {run.result:<11}",
        wording.counts(run.counts, noop=run.noop),
        run.command if run.command != "run" else "",
        "noop" if run.noop else "",
        f"signed by {signer(run.signer)}" if run.signer else "",
        commits.subject(run.revision),
        wording.value(run.message) if run.message else "",
    ]
    return "  ".join(part for part in parts if part)


def signer(text: str) -> str:
    """Return who signed in a few characters: a fingerprint by its end, a name as it is."""
    name, _, key = text.rpartition(" ")
    key = key.strip("()")
    return f"{name} ..{key[-8:]}".strip() if len(key) >= 40 else text


@command(
    "show",
    exits=(0, 10),
    examples=("freehold show           the newest run", "freehold show 12 --json"),
)
@click.argument("number", metavar="[RUN]", required=False, type=click.IntRange(min=1))
@click.pass_obj
def show(given: Given, *, number: int | None) -> None:
    """Show what one run did: each resource with what was before and after, and the line that asked for it."""
    settings = given.load()
    with memory(settings) as state:
        run = _find(state, number)
        outcomes = state.history.outcomes(run.id)
    commits = Commits(settings)
    if given.json:
        import msgspec  # noqa: PLC0415  only machines ask

        print_json({**_as_json(run, commits), "outcomes": msgspec.to_builtins(outcomes)})
        return
    for row in _page(run, outcomes, commits):
        click.echo(row)


def _find(state: StateDirectory, number: int | None) -> Run:
    """Return the run ``number``, or the newest. Raises ``UsageError`` (``unknown-run``)."""
    newest = state.history.runs(1)
    found = state.history.run(number) if number is not None else (newest[0] if newest else None)
    if found is None:
        name = f"there is no run {number}" if number is not None else "there is no run yet"
        hint = f"the newest is {newest[0].id}; `freehold log` lists them" if newest else "`freehold run` begins"
        raise UsageError.of("unknown-run", name, hint=hint)
    return found


def _page(run: Run, outcomes: list[Outcome], commits: Commits) -> Iterator[str]:
    from runner.reporters import wording  # noqa: PLC0415  help needs none

    if run.revision:
        told = ", ".join(part for part in (commits.author(run.revision), commits.subject(run.revision)) if part)
        yield f"commit {run.revision}" + (f" ({told})" if told else "")
    by = f", signed by {signer(run.signer)}" if run.signer else ""
    yield f"started {measures.clock(run.started)} by {run.trigger}, trust {run.trust}{by}"
    for outcome in outcomes:
        yield f"{wording.label(outcome):<7}  {wording.line(outcome)}"
    yield wording.summary(run)
