"""Write the manual pages of the command line from what ``--help`` knows: ``manpages.py DIRECTORY``."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from runner.cli.group import EXITS, Command, SubGroup
from runner.cli.main import freehold
from runner.cli.table import COMMANDS, SECTIONS
from runner.version import __version__

FILES = (
    ("/etc/freehold/freehold.yaml", "the configuration of this node"),
    ("/var/lib/freehold", "what the node remembers: the ledger, the mirror, kept content"),
)


def main(directory: str) -> None:
    """Write ``freehold.1`` and ``freehold-COMMAND.1`` for every command into ``directory``."""
    os.makedirs(directory, exist_ok=True)
    Path(directory, "freehold.1").write_text(_page("freehold", "masterless configuration management", _main()))
    with click.Context(freehold, info_name="freehold") as parent:
        for name, entry in COMMANDS.items():
            command = freehold.get_command(parent, name)
            assert command is not None
            _write(directory, command, entry.summary, click.Context(command, info_name=name, parent=parent))


def _write(directory: str, command: click.Command, summary: str, context: click.Context) -> None:
    """Write the page of ``command``, and of those below it."""
    assert isinstance(command, Command | SubGroup)
    name = context.command_path.replace(" ", "-")
    Path(directory, f"{name}.1").write_text(_page(name, summary, _command(command, context)))
    for inner in _below(command, context):
        _write(directory, inner.command, inner.command.short_help or "", inner)


def _below(command: click.Command, context: click.Context) -> list[click.Context]:
    """Return the commands below ``command``, each with its context."""
    if not isinstance(command, SubGroup):
        return []
    found = ((name, command.get_command(context, name)) for name in command.list_commands(context))
    return [click.Context(inner, info_name=name, parent=context) for name, inner in found if inner is not None]


def _page(name: str, summary: str, rows: Iterator[str]) -> str:
    """Return a whole page; its date is that of the sources."""
    date = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))
    head = [
        f'.TH {name.upper()} 1 {date} "Freehold {__version__}" "Freehold"',
        *(".nh", ".ad l", ".SH NAME"),
        rf"{_text(name)} \- {_text(summary)}",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _main() -> Iterator[str]:
    yield from (".SH SYNOPSIS", r".B freehold", r"[\fIOPTION\fR]... \fICOMMAND\fR ...", ".SH DESCRIPTION")
    yield _text(freehold.help or "")
    for title, entries in SECTIONS.items():
        yield f".SS {title}"
        yield from _terms((f"freehold-{name}(1)", entry.summary) for name, entry in entries.items())
    yield from _options(freehold.params)
    yield ".SH EXIT STATUS"
    yield from _terms((str(code), text) for code, text in EXITS.items())
    yield ".SH FILES"
    yield from _terms(FILES)


def _command(command: Command | SubGroup, context: click.Context) -> Iterator[str]:
    yield from (
        ".SH SYNOPSIS",
        f".B {_text(context.command_path)}",
        _text(" ".join(command.collect_usage_pieces(context))),
    )
    yield ".SH DESCRIPTION"
    paragraphs = re.split(r"\n\s*\n", (command.help or "").replace("\b", ""))
    yield "\n.PP\n".join(_text(" ".join(paragraph.split())) for paragraph in paragraphs)
    if inner := _below(command, context):
        yield ".SH COMMANDS"
        yield from _terms([(f"{one.command_path.replace(' ', '-')}(1)", one.command.short_help or "") for one in inner])
    yield from _options(command.params)
    yield from (".SH EXAMPLES", ".nf", *(_text(example) for example in command.examples), ".fi")
    yield ".SH EXIT STATUS"
    rows = ((code, EXITS[code]) if isinstance(code, int) else code for code in command.exits)
    yield from _terms((str(code), text) for code, text in rows)
    yield from (".SH SEE ALSO", ".BR freehold (1),", "the handbook in /usr/share/doc/freehold")


def _options(params: Sequence[click.Parameter]) -> Iterator[str]:
    yield ".SH OPTIONS"
    shown = [item for item in params if isinstance(item, click.Option) and not item.hidden]
    yield from _terms((_names(item), item.help or "") for item in shown)


def _names(option: click.Option) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag or option.count else f"{names} {option.make_metavar(click.Context(freehold))}"


def _terms(rows: Iterator[tuple[str, str]] | Sequence[tuple[str, str]]) -> Iterator[str]:
    for term, text in rows:
        yield from (".TP", rf"\fB{_text(term)}\fR", _text(text))


def _text(text: str) -> str:
    """Return ``text`` so that roff prints it as it is."""
    whole = text.replace("\\", r"\e").replace("-", r"\-").replace("`", r"\(ga").replace("'", r"\(aq")
    return re.sub(r"^\.", r"\\&.", whole, flags=re.MULTILINE)


if __name__ == "__main__":
    main(sys.argv[1])
