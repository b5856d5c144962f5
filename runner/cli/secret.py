"""The command secret and what is below it: writing, reading and auditing the secrets of a control repository."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from hiera.errors import DataError, UsageError
from runner.cli import failures
from runner.cli.given import Given, common_options, print_json
from runner.cli.group import SubGroup, subcommand
from runner.cli.table import COMMANDS

if TYPE_CHECKING:
    from hiera.errors import Problem
    from hiera.secrets.policy import Recipient, Rule
    from hiera.secrets.writer import Writer
    from runner.secrets import Workshop


@click.group(
    "secret",
    cls=SubGroup,
    params=common_options(),
    short_help=COMMANDS["secret"].summary,
    subcommand_metavar="COMMAND ...",
    context_settings={"help_option_names": ["-h", "--help"]},
    examples=(
        "freehold secret encrypt data/production/db.yaml db::password     asks for the value and puts it there",
        "freehold secret edit data/production/db.yaml",
        "freehold secret audit --ci",
    ),
    exits=(0, 10, 11, 70),
)
@click.pass_context
def secret(context: click.Context) -> None:
    """Write, read and audit the secrets of a control repository.

    Who may read which file stands in `secrets.yaml`; the public keys lie in the repository. Writing needs no
    private key.
    """
    context.ensure_object(Given)


def _command(name: str, summary: str, *examples: str) -> Callable[[Callable[..., Any]], click.Command]:
    def decorate(function: Callable[..., Any]) -> click.Command:
        tree = click.option("--tree", metavar="DIR", help="The control repository [here or above: the one in use].")
        return subcommand(secret, name, summary, *examples)(tree(click.pass_obj(function)))

    return decorate


def _workshop(given: Given, tree: str | None) -> Workshop:
    from runner.cli.run import directory  # noqa: PLC0415  help needs none of it
    from runner.secrets import Workshop, root_of  # noqa: PLC0415  likewise

    root = directory(tree) if tree else root_of(os.curdir)
    given.places.append(root)
    return Workshop(given.load_local(), root)


@_command(
    "encrypt",
    "encrypt a value for those who may read a file",
    "freehold secret encrypt data/production/db.yaml db::password",
    "pwgen 32 1 | freehold secret encrypt data/production/db.yaml       prints the block",
    "freehold secret encrypt data/tls.yaml tls::key --from key.pem",
    "freehold secret encrypt data/secrets.yaml.gpg --from secrets.yaml  the whole file",
)
@click.argument("file")
@click.argument("key", required=False)
@click.option("--from", "source", metavar="PATH", help="Read the value from PATH, exactly as it is.")
@click.option("--bound", is_flag=True, help="Tie the value to FILE and KEY: moved elsewhere it is refused.")
def encrypt(given: Given, *, file: str, key: str | None, source: str | None, bound: bool, tree: str | None) -> None:
    """Encrypt a value for the readers of FILE and put it there as KEY, or print it if no KEY is named.

    KEY may lead into the data, as in `db.users.0.password`. The value is asked for, or read from stdin up to its last
    line end. No private key is needed.
    """
    from hiera.secrets import BOUND  # noqa: PLC0415  see _workshop
    from hiera.secrets.rewriting import root_of, with_value  # noqa: PLC0415  likewise
    from hiera.secrets.spans import block_of  # noqa: PLC0415  likewise
    from runner.secrets import WHOLE  # noqa: PLC0415  likewise

    shop = _workshop(given, tree)
    path = shop.path_of(file)
    if path.endswith(WHOLE) and key:
        raise UsageError.of("usage", f"'{file}' is encrypted as a whole and takes no KEY", hint="use `secret edit`")
    if bound and not key:
        raise UsageError.of("usage", "a bound value needs a KEY", hint="name the key that it is for")
    before = shop.read(path) if key and shop.tree.is_file(path) else ""
    with shop.writer() as writer:
        writer.policy.rule_of(path)
        root = root_of(before, path, key) if key else ""
        made = writer.encrypt(path, _value(source), BOUND if bound else None, root)
    if path.endswith(WHOLE):
        shop.write(path, made.data)
    elif key:
        shop.write(path, with_value(before, path, key, block_of(made)).encode())
    else:
        click.echo(block_of(made))


def _value(source: str | None) -> bytes:
    """Return the value to encrypt. Raises ``UsageError``."""
    if source is not None:
        try:
            with open(source, "rb") as stream:
                return stream.read()
        except OSError as error:
            raise UsageError.of("no-such-file", f"cannot read '{source}': {error.strerror}") from None
    if sys.stdin.isatty():
        return str(click.prompt("Value", hide_input=True, confirmation_prompt=True, err=True)).encode()
    return sys.stdin.buffer.read().removesuffix(b"\n")


@_command(
    "decrypt",
    "show the secrets of a file in the clear",
    "freehold secret decrypt data/production/db.yaml",
    "freehold secret decrypt data/production/db.yaml db::password",
)
@click.argument("file")
@click.argument("key", required=False)
def decrypt(given: Given, *, file: str, key: str | None, tree: str | None) -> int:
    """Print FILE with its secrets in the clear, or the value of KEY alone. What cannot be opened stays as it is."""
    from hiera.secrets import Refusal  # noqa: PLC0415  see _workshop
    from hiera.secrets.bound import freed  # noqa: PLC0415  likewise
    from hiera.secrets.spans import replaced, spans_of  # noqa: PLC0415  likewise
    from runner.secrets import WHOLE  # noqa: PLC0415  likewise

    shop = _workshop(given, tree)
    path = shop.path_of(file)
    if key:
        click.echo(_of_key(shop, path, key))
        return 0
    if path.endswith(WHOLE):
        sys.stdout.buffer.write(shop.whole(path))
        return 0
    text = shop.read(path)
    spans = spans_of(text)
    opened = shop.open([span.ciphertext for span in spans])
    plains = [
        plain if isinstance(plain, Refusal) else freed(plain, span.ciphertext.scheme, path, span.key)
        for span, plain in zip(spans, opened, strict=True)
    ]

    def instead(number: int, _: Any) -> str | None:
        plain = plains[number - 1]
        return None if isinstance(plain, Refusal) else plain.decode("utf-8", "replace")

    click.echo(replaced(text, spans, instead), nl=False)
    closed = [span for span, plain in zip(spans, plains, strict=True) if isinstance(plain, Refusal)]
    for span in closed:
        click.echo(f"{path}:{span.line}: '{span.key}' cannot be opened here", err=True)
    return 11 if closed else 0


def _of_key(shop: Workshop, path: str, key: str) -> str:
    """Return the value of a top-level key in the clear. Raises ``DataError``."""
    from hiera.backends import BACKENDS  # noqa: PLC0415  see _workshop
    from hiera.digging import dig, parse_key  # noqa: PLC0415  likewise
    from hiera.files import Files  # noqa: PLC0415  likewise
    from hiera.ruby_text import ruby_text  # noqa: PLC0415  likewise
    from hiera.values import MISSING, revealed  # noqa: PLC0415  likewise

    parsed = parse_key(key)
    reader = BACKENDS["data_hash", "json_data" if path.endswith(".json") else "yaml_data"]
    data = Files(shop.tree, shop.vault, lambda _: None).load(path, reader).value
    value = dig(data.get(parsed.root, MISSING), parsed.segments, key) if parsed.root in data else MISSING
    if value is MISSING:
        raise DataError.of("missing-key", f"'{path}' has no key '{key}'")
    return ruby_text(revealed(value))


@_command(
    "edit",
    "edit the secrets of a file in your editor",
    "freehold secret edit data/production/db.yaml",
    "EDITOR=nano freehold secret edit data/secrets.yaml.gpg",
)
@click.argument("file")
def edit(given: Given, *, file: str, tree: str | None) -> None:
    """Open FILE in $EDITOR with its secrets in the clear, as `DEC(1)::GPG[value]!`.

    A new secret is written `DEC::GPG[value]!`. Values you leave alone keep their ciphertext byte for byte; values you
    cannot read stay as they are.
    """
    from runner.secrets import in_editor  # noqa: PLC0415  see _workshop

    shop = _workshop(given, tree)
    path = shop.path_of(file)
    with shop.writer() as writer:
        writer.policy.rule_of(path)
        changed, sealed = shop.edit(path, writer, _asking(in_editor))
    note = f"; {sealed} could not be opened and stayed as they were" if sealed else ""
    click.echo(f"{path}: {'changed' if changed else 'not changed'}{note}", err=True)


def _asking(editor: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """Return an editor that shows the form again where an entry in it was not ended."""
    from hiera.secrets.editing import END  # noqa: PLC0415  see _workshop

    def edited(text: str, name: str) -> str:
        while True:
            text = editor(text, name)
            if text.count("DEC") <= text.count(END) or not sys.stdin.isatty():
                return text
            if not click.confirm(f"a value does not end with '{END}'; edit again?", err=True, default=True):
                return text

    return edited


@_command(
    "rekey",
    "encrypt again what has other readers than it should",
    "freehold secret rekey                     after a change of secrets.yaml",
    "freehold secret rekey data/production --dry-run",
)
@click.argument("paths", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Only say what would be encrypted again.")
def rekey(given: Given, *, paths: tuple[str, ...], dry_run: bool, tree: str | None) -> int:
    """Encrypt again each value whose readers are not those of `secrets.yaml`. What you cannot open stays as it is."""
    shop = _workshop(given, tree)
    under = [shop.path_of(one) if os.path.realpath(one) != shop.root else "." for one in paths]
    with shop.writer() as writer:
        rows = [row for path in shop.files(under) for row in _rekey(shop, path, writer, dry_run=dry_run)]
    _tell_rekeyed(given, rows, dry_run=dry_run)
    return 11 if any(not row["done"] for row in rows) else 0


def _rekey(shop: Workshop, path: str, writer: Writer, *, dry_run: bool) -> Iterator[dict[str, Any]]:
    """Encrypt a file's values again where that is needed, and yield what became of each."""
    from runner.secrets import WHOLE  # noqa: PLC0415  see _workshop

    if path.endswith(WHOLE):
        whole = shop.rekey_whole(path, writer)
        if isinstance(whole, bytes) and not dry_run:
            shop.write(path, whole)
        if whole is not None:
            yield {"file": path, "line": 0, "key": "", "done": isinstance(whole, bytes)}
        return
    found = shop.rekey(path, writer)
    if found is None:
        return
    if found.changed and not dry_run:
        shop.write(path, found.text.encode())
    for span in sorted((*found.changed, *found.closed), key=lambda span: span.start):
        yield {"file": path, "line": span.line, "key": span.key, "done": span in found.changed}


def _tell_rekeyed(given: Given, rows: list[dict[str, Any]], *, dry_run: bool) -> None:
    if given.json:
        print_json(rows)
        return
    done = "would be encrypted again" if dry_run else "encrypted again"
    for row in rows:
        place = f"{row['file']}:{row['line']}" if row["line"] else row["file"]
        click.echo(
            f"{place}: {row['key'] or 'the whole file'}: {done if row['done'] else 'cannot be opened here; left'}"
        )
    click.echo(f"{sum(row['done'] for row in rows)} {done}, {sum(not row['done'] for row in rows)} left", err=True)


@_command(
    "recipients",
    "say who may read a file, and with which key",
    "freehold secret recipients",
    "freehold secret recipients data/production/db.yaml",
)
@click.argument("file", required=False)
def recipients(given: Given, *, file: str | None, tree: str | None) -> None:
    """Show for FILE, or for each rule of `secrets.yaml`, who may read it, and whether their keys can be used."""
    shop = _workshop(given, tree)
    with shop.writer() as writer:
        rules = [writer.policy.rule_of(shop.path_of(file))] if file else list(writer.policy.rules)
        rows = [(rule, [(one, writer.problem_of(one)) for one in rule.recipients]) for rule in rules]
    if given.json:
        print_json([_rule_as_json(rule, people) for rule, people in rows])
        return
    for rule, people in rows:
        click.echo(f"{rule.path}  ({rule.scheme}{', ' + rule.pkcs7 if rule.pkcs7 else ''})")
        for one, problem in people:
            click.echo(f"  {one.name}  {one.fingerprint}{'  ' + problem.message if problem else ''}")


def _rule_as_json(rule: Rule, people: list[tuple[Recipient, Problem | None]]) -> dict[str, Any]:
    named = [
        {"name": one.name, "fingerprint": one.fingerprint, "problem": problem.message if problem else None}
        for one, problem in people
    ]
    return {"path": rule.path, "scheme": rule.scheme, "pkcs7": rule.pkcs7, "recipients": named}


@_command(
    "audit",
    "say who can read what, and what is wrong with that",
    "freehold secret audit",
    "freehold secret audit --ci               problems only, exit code 11 if there are any; no private key needed",
)
@click.option("--ci", is_flag=True, help="Say only what is wrong, and end with 11 if anything is.")
def audit(given: Given, *, ci: bool, tree: str | None) -> int:
    """Tell who can read each secret: by the ciphertexts and public keys alone, so no private key is needed.

    Problems are values that others can read than should, keys that are missing, revoked or expire, files without a
    rule, and texts in the clear that look like secrets.
    """
    from hiera.secrets.audit import Audit  # noqa: PLC0415  see _workshop

    shop = _workshop(given, tree)
    with shop.writer() as writer:
        found = Audit(writer)
        found.keys()
        for path in shop.files():
            found.file(path, shop.tree.read(path))
    if given.json:
        import msgspec  # noqa: PLC0415  only machines ask

        problems = [failures.problem_as_json(one) for one in found.problems]
        print_json({"secrets": msgspec.to_builtins(found.readings), "problems": problems})
    else:
        if not ci:
            for row in found.readings:
                place = f"{row.file}:{row.line}" if row.line else row.file
                click.echo(f"{place}  {row.key or 'the whole file'}  {', '.join(row.readers)}")
        for problem in found.problems:
            click.echo(problem.render(failures.reader(given.places)), err=True)
        click.echo(f"{len(found.readings)} secrets, {len(found.problems)} problems", err=True)
    return 11 if ci and any(problem.severity == "error" for problem in found.problems) else 0
