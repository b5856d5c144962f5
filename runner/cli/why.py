"""The command why: which commit, person and line asked for a thing, attribute by attribute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from hiera.errors import UsageError, did_you_mean
from runner import measures
from runner.cli.commits import Commits
from runner.cli.given import Given, print_json
from runner.cli.group import command
from runner.cli.store import memory
from runner.cli.things import parse_thing

if TYPE_CHECKING:
    from runner.store.records import Claim, Outcome, Thing
    from runner.store.state import StateDirectory

_LEAVES = {
    "restore": "goes back to what was there before",
    "first": "goes back to what was there before, before anything else is applied",
    "keep": "stays as it is",
}


@dataclass(frozen=True, slots=True)
class _Answer:
    """All that is known of one thing."""

    thing: Thing
    claims: dict[str, Claim]
    history: list[Outcome]
    signers: dict[str, str]


@command(
    "why",
    exits=(0, (10, "it is not managed, or the command line is wrong")),
    examples=("freehold why /etc/motd", "freehold why service nginx", "freehold why 'file[/etc/motd]' --json"),
)
@click.argument("thing", nargs=-1, required=True)
@click.pass_obj
def why(given: Given, *, thing: tuple[str, ...]) -> None:
    """Say why a thing is as it is: the value applied, what was there before, and which commit, person and line asked.

    THING is a title or name (`/etc/motd`), two words (`service nginx`), or `'service[nginx]'` in quotes.
    """
    kind, name = parse_thing(thing)
    settings = given.load()
    with memory(settings) as state:
        answers = [_answer(state, item) for item in _find(state, kind, name)]
    commits = Commits(settings)
    if given.json:
        print_json([_as_json(answer, commits) for answer in answers])
        return
    for number, answer in enumerate(answers):
        if number:
            click.echo()
        for row in _page(answer, commits):
            click.echo(row)


def _find(state: StateDirectory, kind: str | None, name: str) -> list[Thing]:
    """Return the managed things meant. Raises ``UsageError`` (``not-managed``)."""
    names = [name, name.rstrip("/")] if len(name) > 1 else [name]
    found = [item for text in dict.fromkeys(names) for item in state.ledger.find(text)]
    found = [item for item in found if kind in {None, item.kind}]
    if found:
        return found
    things = state.ledger.things().values()
    known = {text for item in things if kind in {None, item.kind} for text in (item.name, item.title)}
    what = f"{kind}[{name}]" if kind else f"'{name}'"
    hint = did_you_mean(name, known) or f"{len(things)} things are managed; `freehold show` lists what a run touched"
    raise UsageError.of("not-managed", f"{what} is not managed by Freehold here", hint=hint)


def _answer(state: StateDirectory, thing: Thing) -> _Answer:
    claims = state.ledger.claims_of(thing.kind, thing.name)
    history = state.history.of_thing(thing.kind, thing.name)
    wanted = {thing.revision, *(claim.revision for claim in claims.values()), *(item.revision for item in history)}
    signers = {run.revision: run.signer for run in state.history.runs(1000) if run.revision in wanted and run.signer}
    return _Answer(thing, claims, history, signers)


def _as_json(answer: _Answer, commits: Commits) -> dict[str, Any]:
    import msgspec  # noqa: PLC0415  only machines ask

    revisions = {answer.thing.revision, *(claim.revision for claim in answer.claims.values())}
    return {
        "thing": msgspec.to_builtins(answer.thing),
        "attributes": msgspec.to_builtins(answer.claims),
        "history": msgspec.to_builtins(answer.history),
        "commits": {
            revision: {
                "author": commits.author(revision),
                "subject": commits.subject(revision),
                "signer": answer.signers.get(revision, ""),
            }
            for revision in sorted(revisions)
            if revision
        },
    }


def _page(answer: _Answer, commits: Commits) -> Iterator[str]:
    thing = answer.thing
    alias = f" (titled '{thing.title}')" if thing.title != thing.name else ""
    yield f"{thing.kind}[{thing.name}]{alias}"
    yield f"  declared at {thing.file}:{thing.line}"
    leaving = f"its removal waits: {thing.pending}" if thing.pending else _LEAVES.get(thing.prune, thing.prune)
    yield f"  when it leaves the manifests it {leaving}" if not thing.pending else f"  {leaving}"
    yield from _table(answer)
    yield from _commits(answer, commits)
    if answer.history:
        yield "  last changes"
        yield from (f"    {row}" for row in _history(answer.history))


def _table(answer: _Answer) -> Iterator[str]:
    """Yield a row for each attribute: applied, before Freehold, who asked."""
    from runner.reporters.wording import short, value  # noqa: PLC0415  help needs none

    rows = [("attribute", "applied", "before Freehold", "commit", "asked at")]
    for name, claim in sorted(answer.claims.items(), key=lambda row: (row[0] != "presence", row[0])):
        where = f"{claim.file}:{claim.line}" + ("" if claim.declared else " (not declared; kept to go back)")
        applied, baseline = (_presence(item) if name == "presence" else value(item) for item in _ends(claim))
        rows.append(
            (name, applied + ("" if claim.confirmed else " (unconfirmed)"), baseline, short(claim.revision), where)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _ends(claim: Claim) -> tuple[Any, Any]:
    return claim.applied, claim.baseline


def _presence(item: Any) -> str:
    """Return the ledger's pseudo attribute in words."""
    return {True: "present", False: "absent", None: "absent"}.get(item, str(item))


def _commits(answer: _Answer, commits: Commits) -> Iterator[str]:
    """Yield who made and signed each commit named above."""
    from runner.cli.log import signer  # noqa: PLC0415  the same words as there
    from runner.reporters.wording import short  # noqa: PLC0415  help needs none

    for revision in dict.fromkeys(claim.revision for claim in answer.claims.values()):
        if not revision:
            continue
        found = commits.find(revision)
        told = f"{found.author.name} <{found.author.email}>: {found.subject}" if found else "not in the mirror any more"
        by = answer.signers.get(revision)
        yield f"  {short(revision)}  {told}" + (f"  (signed by {signer(by)})" if by else "")


def _history(history: list[Outcome]) -> Iterator[str]:
    from runner.reporters import wording  # noqa: PLC0415  help needs none

    for outcome in history:
        text = wording.line(outcome).removeprefix(f"{outcome.kind}[{outcome.title}]").removeprefix(": ").strip()
        when = measures.clock(outcome.at)
        yield f"run {outcome.run}  {when}  {wording.short(outcome.revision)}  {wording.label(outcome)}  {text}".rstrip()
