"""The commands that only compile: compile and validate."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from hiera.errors import Collector, FreeholdError, UsageError
from runner.cli import failures
from runner.cli.commits import exports
from runner.cli.given import Given, place_options, print_json, setting_options
from runner.cli.group import command
from runner.cli.run import directory

if TYPE_CHECKING:
    from manifests.catalog import Contents, Declaration, Plain
    from manifests.compiler import Compilation
    from runner.settings import Settings

_MARKS = ("environments", "manifests", "modules", "hiera.yaml")


@command(
    "compile",
    exits=(0, 10, 11, 70),
    examples=(
        "freehold compile --tree . --node web01 --facts nodes/web01.yaml",
        "freehold compile --json | jq '.declarations[].name'",
        "freehold compile hello.yaml              a single manifest",
        "freehold compile site.pp --modulepath modules --json",
        "freehold compile -e 'notify { hi: }'",
    ),
)
@click.argument("manifest", required=False)
@setting_options("repo", "branch", "role", "environment", "puppet_version")
@click.option("--tree", metavar="DIR", help="The control repository in DIR, committed or not.")
@click.option("--facts", "facts_file", metavar="FILE", help="Facts to compile with instead of this machine's.")
@click.option("--reveal", is_flag=True, help="Show secrets in the clear (root only).")
@click.option("--sealed", is_flag=True, help="Decrypt nothing: placeholders stand for secrets.")
@click.option("-e", "--execute", "code", metavar="CODE", help="Compile CODE in the Puppet language.")
@place_options
@click.option("--batch", metavar="FILE", help="Compile the cases of FILE, JSON a line, with secrets in the clear.")
@click.option("--out", metavar="DIR", help="Where --batch writes its answers.")
@click.option("--jobs", type=int, metavar="N", help="How many processes --batch uses [1].")
@click.pass_obj
def compile_(given: Given, /, *, manifest: str | None, tree: str | None, **more: Any) -> int:
    """Print the catalog of a node: every resource it shall have, with its attributes. Touches nothing.

    Without --tree the newest accepted commit is compiled. Secrets are shown as [redacted]. With --sealed no
    key is needed, so that production can be checked without production's keys.

    A manifest in the Puppet language (.pp) can be compiled outside of a control repository, with modules from
    anywhere; the catalog then has Puppet's own form.
    """
    from runner.cli import puppet_compile  # noqa: PLC0415  only compiling needs the front ends

    reveal, facts_file, sealed = more["reveal"], more["facts_file"], more["sealed"]
    if reveal and os.geteuid() != 0:
        raise UsageError.of("reveal-root", "only root may reveal secrets", hint="leave --reveal out")
    if tree is None and puppet_compile.wanted(manifest, more):
        return puppet_compile.run(given, manifest, more)
    from runner import agent  # noqa: PLC0415  likewise

    local = tree or manifest
    settings = given.load_local() if local else given.load()
    if manifest and not tree:
        tree, manifest = os.path.split(os.path.abspath(manifest))
    if tree:
        given.places.append(directory(tree))
    else:
        given.places += exports(settings)
    found, used = agent.compile_node(settings, tree=tree, facts_file=facts_file, manifest=manifest, sealed=sealed)
    given.places.append(used.root)
    for warning in found.warnings:
        click.echo(warning.render(failures.reader(given.places)), err=True)
    if given.json:
        print_json(as_json(found, reveal=reveal))
    else:
        for row in as_lines(found, reveal=reveal):
            click.echo(row)
    return 0


def as_json(compilation: Compilation, *, reveal: bool) -> dict[str, Any]:
    """Return the catalog as plain data with its contents inline."""
    import msgspec  # noqa: PLC0415  only machines ask

    catalog = compilation.catalog
    document: dict[str, Any] = msgspec.to_builtins(catalog)
    for item, declared in zip(document["declarations"], catalog.declarations, strict=True):
        item["attributes"] = inlined(declared.attributes, compilation.contents, reveal=reveal)
    return {"digest": catalog.digest(), **document}


def as_lines(compilation: Compilation, *, reveal: bool) -> Iterator[str]:
    """Yield the catalog as people read it, in declaration order."""
    catalog = compilation.catalog
    for declared in catalog.declarations:
        yield f"{declared.ref}  ({declared.location.file}:{declared.location.line})"
        yield from _attributes(declared, compilation.contents, reveal=reveal)
    classes = f", classes {', '.join(catalog.classes)}" if catalog.classes else ""
    yield f"{len(catalog.declarations)} resources for {catalog.node} ({catalog.environment}){classes}"


def _attributes(declared: Declaration, contents: Contents, *, reveal: bool) -> Iterator[str]:
    for name, value in inlined(declared.attributes, contents, reveal=reveal).items():
        if isinstance(value, str) and "\n" in value:
            yield f"  {name}: |"
            yield from (f"    {row}" for row in value.splitlines())
        else:
            yield f"  {name}: {value if isinstance(value, str) else _json(value)}"


def _json(value: Any) -> str:
    import msgspec  # noqa: PLC0415  only structured attributes need it

    return msgspec.json.encode(value).decode()


def inlined(value: Plain, contents: Contents, *, reveal: bool) -> Any:
    """Return ``value`` with the text of contents in their places, and ``[redacted]`` for secrets."""
    from hiera.values import REDACTED  # noqa: PLC0415  see compile_
    from manifests.catalog import ContentRef  # noqa: PLC0415  likewise

    if isinstance(value, ContentRef):
        if value.secret and not reveal:
            return REDACTED
        return _text(contents.find(value.digest), value)
    if isinstance(value, Mapping):
        return {key: inlined(item, contents, reveal=reveal) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [inlined(item, contents, reveal=reveal) for item in value]
    return value


def _text(data: bytes | None, value: Plain) -> Any:
    if data is None:
        return {"digest": value.digest, "size": value.size}
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        import base64  # noqa: PLC0415  content is rarely not text

        return {"base64": base64.b64encode(data).decode()}


@command(
    "validate",
    exits=(0, 10, 11, 70),
    examples=(
        "freehold validate                        the control repository in this directory",
        "freehold validate --tree . -e staging    one environment of it",
        "freehold validate --facts-dir nodes      as the nodes whose facts are kept there",
        "freehold validate site.pp modules/nginx  these files, and all below that directory",
    ),
)
@click.argument("files", nargs=-1)
@setting_options("puppet_version")
@click.option("--tree", metavar="DIR", default=".", help="The control repository [.].")
@click.option("--facts-dir", metavar="DIR", help="Facts of nodes, a NODE.yaml each.")
@click.option("--ast", is_flag=True, help="Print the syntax trees of FILES as Puppet Notation.")
@click.option("--sealed", is_flag=True, help="Decrypt nothing: placeholders stand for secrets.")
@click.pass_obj
def validate(given: Given, /, *, files: tuple[str, ...], tree: str, facts_dir: str | None, **more: Any) -> int:
    """Compile every environment for every node and report all problems at once. Touches nothing.

    Nodes are the facts files `nodes/NODE.yaml` beside an environment (or in --facts-dir); where there are none, this
    machine's facts serve.

    With FILES, manifests (.pp) and templates (.epp, .erb) in the Puppet language or directories of them, only these
    are checked, each by itself. Of a control repository every such file is, also where no node comes by it.
    """
    if files or more["ast"]:
        from runner.cli import puppet_files  # noqa: PLC0415  a control repository without .pp needs no parser

        version = given.load_local().puppet_version
        return puppet_files.validate(given, files, ast=more["ast"], puppet_version=version)
    root = directory(tree)
    if not any(os.path.exists(os.path.join(root, mark)) for mark in _MARKS):
        message = f"'{tree}' is no control repository: it has none of {', '.join(_MARKS)}"
        raise UsageError.of(
            "no-repository", message, hint="name one: --tree DIR, or make one: `freehold init --new DIR`"
        )
    given.places.append(root)
    settings = given.load_local()
    collector, rows = Collector(), []
    for item, facts_file in cases(root, settings, facts_dir, one="environment" in given.settings):
        errors = _try(item, root, facts_file, collector, sealed=more["sealed"])
        rows.append({"environment": item.environment, "node": item.node, "ok": not errors})
    for name in dict.fromkeys(str(row["environment"]) for row in rows):
        _look_around(root, name, collector, settings.puppet_version)
    return _verdict(given, collector, rows)


def _try(settings: Settings, tree: str, facts_file: str | None, collector: Collector, *, sealed: bool) -> int:
    """Compile one case and return how many errors it has."""
    from runner import agent  # noqa: PLC0415  see compile_

    try:
        found, _ = agent.compile_node(settings, tree=tree, facts_file=facts_file, sealed=sealed)
    except FreeholdError as error:
        collector.take(error)
        return len(error.problems)
    problems = agent.problems_of(settings, found.catalog)
    for problem in (*found.warnings, *problems):
        collector.add(problem)
    return len(problems)


def _look_around(root: str, environment: str, collector: Collector, puppet_version: int) -> None:
    """Read every file in the Puppet language, and warn of settings without effect, Ruby facts and missing modules."""
    from hiera.tree import DirectoryTree  # noqa: PLC0415  see compile_
    from manifests.environment import Environment  # noqa: PLC0415  likewise
    from manifests.puppet.checking import check_environment  # noqa: PLC0415  likewise
    from manifests.puppet.loaders.puppetfile import not_vendored  # noqa: PLC0415  likewise
    from runner.facts.ruby import unknown_facts  # noqa: PLC0415  likewise

    tree = DirectoryTree(root)
    try:
        found = Environment.find(tree, environment)
    except FreeholdError:
        return  # told of where it was compiled
    for problem in (
        *check_environment(tree, found, puppet_version=puppet_version),
        *found.warnings,
        *unknown_facts(tree, found.modules),
        *not_vendored(tree, found),
    ):
        collector.add(problem)


def cases(root: str, settings: Settings, facts_dir: str | None, *, one: bool) -> Iterator[tuple[Settings, str | None]]:
    """Yield the settings and facts file of each environment and node to compile."""
    for environment, place in _environments(root, settings, one=one):
        files = _facts_files(facts_dir) if facts_dir else _facts_files(os.path.join(place, "nodes"))
        files = files or _facts_files(os.path.join(root, "nodes"))
        for file in files:
            node = os.path.basename(file).rpartition(".")[0]
            yield replace(settings, environment=environment, node=node), file
        if not files:
            yield replace(settings, environment=environment), None


def _environments(root: str, settings: Settings, *, one: bool) -> list[tuple[str, str]]:
    """Return the name and directory of each environment to look at."""
    base = os.path.join(root, "environments")
    wanted = settings.environment or ""
    if not os.path.isdir(base):
        return [(wanted, root)]
    names = [wanted] if one else sorted(entry.name for entry in os.scandir(base) if entry.is_dir())
    return [(name, os.path.join(base, name)) for name in names]


def _facts_files(place: str) -> list[str]:
    if not os.path.isdir(place):
        return []
    return sorted(os.path.join(place, name) for name in os.listdir(place) if name.endswith((".yaml", ".json")))


def _verdict(given: Given, collector: Collector, rows: list[dict[str, Any]]) -> int:
    """Tell what was found and return the exit code."""
    problems = [*collector.errors, *collector.warnings]
    if given.json:
        print_json({"cases": rows, "problems": [failures.problem_as_json(item) for item in problems]})
    else:
        for problem in problems:
            click.echo(problem.render(failures.reader(given.places)), err=True)
        environments = len({row["environment"] for row in rows})
        click.echo(
            f"{len(rows)} node(s) in {environments} environment(s): {len(collector.errors)} errors,"
            f" {len(collector.warnings)} warnings"
        )
    return 11 if collector.errors else 0
