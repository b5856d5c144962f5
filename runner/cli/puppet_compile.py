"""Catalogs of the Puppet language from the command line: what `freehold compile site.pp` and `--batch` do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from hiera.errors import DataError, UsageError
from runner.cli import failures
from runner.cli.given import Given, print_json
from runner.puppet import cases
from runner.puppet.by_hand import Place, readable, readable_error

if TYPE_CHECKING:
    from manifests.puppet.compiling.compilation import Compilation
    from runner.puppet.cases import Case


def wanted(manifest: str | None, options: Mapping[str, Any]) -> bool:
    """Say whether the command line asks for a catalog of the Puppet language outside of a control repository."""
    if any(options.get(name) for name in ("code", "batch", "modulepath", "env_dir", "hiera_config")):
        return True
    return manifest is not None and (manifest.endswith(".pp") or os.path.isdir(manifest))


def run(given: Given, manifest: str | None, options: Mapping[str, Any]) -> int:
    """Compile what the command line says, print it and return the exit code. Raises ``FreeholdError``."""
    version = given.load_local().puppet_version
    if options.get("batch"):
        return _batch(options["batch"], options.get("out"), options.get("jobs") or 1, version)
    given.places += [os.getcwd(), "/"]
    if options.get("code") is not None:
        given.texts[cases.CODE] = options["code"]
    case = _case(given, manifest, options, version)
    try:
        compilation = _workshop(given).compile(case)
    except DataError as error:
        raise readable_error(error) from None
    for warning in compilation.problems.warnings:
        click.echo(readable(warning).render(failures.reader(given.places, given.texts)), err=True)
    for level, message, _ in compilation.messages:
        click.echo(f"{level}: {message}", err=True)
    _show(given, compilation, reveal=bool(options.get("reveal")))
    return 0


def _workshop(given: Given) -> cases.Workshop:
    from runner.compilation import decryptors  # noqa: PLC0415  a batch decrypts nothing

    return cases.Workshop(decryptors(given.load_local()))


def _case(given: Given, manifest: str | None, options: Mapping[str, Any], version: int) -> Case:
    """Return what the command line asks for. Raises ``UsageError``."""
    settings = given.load_local()
    environment = given.settings.get("environment") or cases.ENVIRONMENT
    place = Place.of(options, environment)
    if manifest is None and options.get("code") is None:
        if place is None or not options.get("env_dir"):
            raise UsageError.of("no-manifest", "there is nothing to compile", hint="name a manifest, or give -e CODE")
        manifest = f"/{place.manifest}"
    if manifest is not None and not os.path.exists(manifest):
        raise UsageError.of("no-manifest", f"there is no manifest '{manifest}'")
    facts = _facts(given, options.get("facts_file"))
    return cases.Case(
        manifest=os.path.abspath(manifest) if manifest is not None else None,
        code=options.get("code"),
        modulepath=tuple(f"/{item}" for item in place.environment.modulepath) if place else (),
        env_dir=options.get("env_dir") or None,
        hiera=options.get("hiera_config") or None,
        facts=facts,
        node=given.settings.get("node") or cases.named_by(facts),
        environment=environment,
        puppet_version=version,
        trusted=settings.trusted,
    )


def _facts(given: Given, path: str | None) -> Mapping[str, Any]:
    """Return the facts of a file, or this machine's."""
    if path:
        return cases.read_facts(path)
    from runner.agent import facts_for  # noqa: PLC0415  facts of a file need no machine

    return facts_for(given.load_local(), None)


def _show(given: Given, compilation: Compilation, *, reveal: bool) -> None:
    """Print the catalog."""
    from manifests.puppet.compiling.output import as_json  # noqa: PLC0415  see Workshop

    document = cases.located(as_json(compilation.catalog, reveal=reveal))
    if given.json:
        print_json(document)
        return
    for row in _lines(document):
        click.echo(row)


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the catalog as people read it."""
    for item in document["resources"]:
        place = f"  ({item['file']}:{item['line']})" if "line" in item else ""
        yield f"{item['type']}[{item['title']}]{place}"
        for name, value in item["parameters"].items():
            yield f"  {name}: {value if isinstance(value, str) else json.dumps(value)}"
    yield f"{len(document['resources'])} resources for {document['name']} ({document['environment']})"


def _batch(path: str, out: str | None, jobs: int, version: int) -> int:
    """Compile every case of the list ``path``. Raises ``UsageError``."""
    if os.environ.get("INVOCATION_ID"):
        message = "--batch shows secrets in the clear and does not run as a service"
        raise UsageError.of("batch-service", message, hint="run it by hand")
    if out is None:
        raise UsageError.of("no-out", "--batch needs --out DIR")
    try:
        with open(path, encoding="utf-8") as stream:
            rows = [json.loads(line) for line in stream if line.strip()]
        os.makedirs(out, mode=0o700, exist_ok=True)
    except (OSError, ValueError) as error:
        raise UsageError.of("bad-cases", f"cannot use '{path}' and '{out}': {error}") from None
    failed = cases.batch(rows, out, jobs=jobs, puppet_version=version)
    click.echo(f"{len(rows)} cases, {failed} do not compile")
    return 0
