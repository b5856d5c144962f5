"""One catalog to compile, or many that share what was read for the others."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from hiera.errors import FreeholdError, Problem
from hiera.values import Value
from manifests.environment import Environment
from runner.puppet.by_hand import NO_ENVIRONMENT, data_of, tree_with
from runner.puppet.machine_tree import MachineTree, in_tree

if TYPE_CHECKING:
    from hiera.lookup import Hiera
    from hiera.secrets import Decryptor
    from manifests.puppet.compiling.compilation import Compilation
    from manifests.puppet.loaders.loaders import Loaders
    from manifests.puppet.loaders.parsing import Parsed

NODE = "localhost"
ENVIRONMENT = "production"
CODE = "code.pp"
"""What code of the command line is called in messages."""
SAMPLE = os.path.join(os.path.dirname(__file__), "sample_node.json")
"""Facts of a made-up Debian 12 machine, so that a list of cases without facts answers alike everywhere."""


@dataclass(frozen=True, slots=True)
class Case:
    """What to compile, and for whom. Paths are absolute; ``facts`` are the node's, or where they are read.

    ``settings`` are Puppet's: ``strict`` and ``strict_variables`` count, the others are only shown to manifests.
    """

    manifest: str | None = None
    code: str | None = None
    modulepath: tuple[str, ...] = ()
    env_dir: str | None = None
    hiera: str | None = None
    facts: Mapping[str, Value] = field(default_factory=dict)
    node: str = NODE
    environment: str = ENVIRONMENT
    settings: Mapping[str, Value] = field(default_factory=dict)
    puppet_version: int = 8
    trusted: Mapping[str, Value] = field(default_factory=dict)


class Workshop:
    """Compiles cases. Parsed manifests, resource types and data files are read once for all of them."""

    def __init__(self, keys: Mapping[str, Decryptor | None] | None = None) -> None:
        from hiera.secrets.vault import Vault  # noqa: PLC0415  the command line starts without
        from manifests.puppet.loaders.parsing import ParseCache  # noqa: PLC0415  likewise

        self._vault = Vault(keys or {})
        self._cache = ParseCache()
        self._trees: dict[str | None, MachineTree] = {}
        self._files: dict[str | None, Any] = {}

    def tree(self, case: Case) -> MachineTree:
        """Return the tree in which a case's own ``hiera.yaml`` stands where the reader looks for it."""
        if case.hiera not in self._trees:
            self._trees[case.hiera] = tree_with(case.hiera)
        return self._trees[case.hiera]

    def compile(self, case: Case) -> Compilation:
        """Compile one case. Raises ``DataError`` with every problem."""
        from manifests.puppet.compiling.compilation import Wish  # noqa: PLC0415  likewise
        from manifests.puppet.compiling.running import compile_puppet  # noqa: PLC0415  likewise
        from manifests.puppet.loaders.loaders import Loaders  # noqa: PLC0415  likewise
        from runner.host import HostFiles  # noqa: PLC0415  likewise

        tree = self.tree(case)
        loaders = Loaders(
            tree,
            [in_tree(path) for path in case.modulepath],
            puppet_version=case.puppet_version,
            cache=self._cache,
            directory=in_tree(case.env_dir) if case.env_dir else NO_ENVIRONMENT,
        )
        warnings: list[Problem] = []
        strict = case.settings.get("strict", "error" if case.puppet_version >= 8 else "warning")
        wish = Wish(
            node=case.node,
            environment=case.environment,
            facts=case.facts,
            trusted=_trusted(case),
            programs=list(self._programs(case, loaders)),
            settings=case.settings,
            host=HostFiles("/"),
            strict=str(strict) == "error",
            strict_variables=bool(case.settings.get("strict_variables", case.puppet_version >= 8)),
        )
        return compile_puppet(wish, loaders, self._hiera(case, tree, loaders, warnings.append))

    def _programs(self, case: Case, loaders: Loaders) -> Iterator[Parsed]:
        """Yield the files of the site manifest."""
        if case.code is not None:
            yield self._cache.parsed(case.code.encode(), CODE, puppet_version=case.puppet_version)
        if case.manifest is not None:
            from manifests.puppet.compiling.programs import programs_of  # noqa: PLC0415  see Workshop

            yield from programs_of(loaders, in_tree(case.manifest))

    def _hiera(self, case: Case, tree: MachineTree, loaders: Loaders, warn: Callable[[Problem], None]) -> Hiera:
        """Return the data of a case: the global layer if it has one, its environment's and the modules'."""
        from hiera.files import Files  # noqa: PLC0415  see above

        if case.hiera not in self._files:
            self._files[case.hiera] = Files(tree, self._vault, lambda _: None)
        directory = in_tree(case.env_dir) if case.env_dir else NO_ENVIRONMENT
        environment = Environment(case.environment, directory, _Paths(loaders))
        return data_of(tree, environment, case.hiera, self._files[case.hiera], self._vault, warn)


class _Paths(Mapping[str, str]):
    """The directories of modules by their names."""

    def __init__(self, loaders: Loaders) -> None:
        self._modules = loaders.modules

    def __getitem__(self, name: str) -> str:
        return self._modules[name].path

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


def _trusted(case: Case) -> dict[str, Value]:
    """Return what is certain of a node: its name, and what its own configuration says."""
    host, _, domain = case.node.partition(".")
    trusted: dict[str, Value] = {
        "authenticated": "local", "certname": case.node, "extensions": {}, "hostname": host, "domain": domain or None,
        "external": {},
    }  # fmt: skip
    return trusted | dict(case.trusted)


def read_facts(path: str) -> dict[str, Value]:
    """Return the facts in the JSON or YAML file ``path``. Raises ``UsageError``."""
    from hiera.errors import UsageError  # noqa: PLC0415  only an error pays for it

    try:
        with open(path, "rb") as stream:
            data = stream.read()
        if path.endswith((".yaml", ".yml")):
            import yaml  # noqa: PLC0415  facts are mostly JSON

            found = yaml.safe_load(data)
        else:
            found = json.loads(data)
    except (OSError, ValueError) as error:
        raise UsageError.of("facts-file", f"cannot read the facts '{path}': {error}") from None
    if not isinstance(found, dict):
        raise UsageError.of("facts-file", f"the facts '{path}' are no mapping")
    return found


def named_by(facts: Mapping[str, Value]) -> str:
    """Return the name of the node that ``facts`` are of."""
    networking = facts.get("networking")
    fqdn = networking.get("fqdn") if isinstance(networking, Mapping) else None
    name = facts.get("clientcert") or fqdn or facts.get("fqdn")
    return name if isinstance(name, str) else NODE


def case_of(row: Mapping[str, Any], read: Callable[[str], Mapping[str, Value]], puppet_version: int) -> Case:
    """Return the case that a line of a list of cases describes; one without facts is for the sample node."""
    path = row.get("modulepath") or ()
    if isinstance(path, str):
        path = path.split(":")
    facts = {**read(row.get("facts") or SAMPLE), **(row.get("extra_facts") or {})}
    return Case(
        manifest=os.path.abspath(row["manifest"]) if row.get("manifest") else None,
        code=row.get("code"),
        modulepath=tuple(item for item in path if item),
        env_dir=row.get("env_dir") or None,
        hiera=row.get("hiera") or None,
        facts=facts,
        node=row.get("node") or named_by(facts),
        environment=row.get("environment") or ENVIRONMENT,
        settings=row.get("settings") or {},
        puppet_version=int(row.get("puppet_version") or puppet_version),
    )


def _told(problems: Sequence[Problem]) -> str:
    """Return the messages of ``problems``; those on the parameters of one resource stand together, as in Puppet."""
    lines: list[str] = []
    before = ""
    for at, problem in enumerate(problems):
        owner, mark, rest = problem.message.partition("]: ")
        if problem.code != "wrong-parameter" or not mark:
            owner = ""
        follows = at + 1 < len(problems) and problems[at + 1].message.startswith(f"{owner}]: ")
        if owner and owner == before:
            lines.append(f"  {rest}")
        elif owner and follows and problems[at + 1].code == problem.code:
            lines += [f"{owner}]:", f"  {rest}"]
        else:
            lines.append(problem.message)
        before = owner
    return "\n".join(lines)


def answer(workshop: Workshop, case: Case, *, reveal: bool) -> dict[str, Any]:
    """Return the catalog of ``case`` as plain data, or why there is none."""
    from manifests.puppet.compiling.output import as_json  # noqa: PLC0415  see Workshop

    start = time.perf_counter()
    try:
        compilation = workshop.compile(case)
        document = located(as_json(compilation.catalog, reveal=reveal))
    except FreeholdError as error:
        return {
            "ok": False,
            "error": _told(error.problems),
            "problems": [problem.render() for problem in error.problems],
            "secs": round(time.perf_counter() - start, 4),
        }
    logs = [{"level": level, "message": message} for level, message, _ in compilation.messages]
    return {"ok": True, "secs": round(time.perf_counter() - start, 4), **document, "logs": logs}


def located(document: dict[str, Any]) -> dict[str, Any]:
    """Return the catalog ``document`` with absolute paths of files."""
    for item in document["resources"]:
        if item.get("file", CODE) != CODE:
            item["file"] = f"/{item['file']}"
    return document


def batch(rows: Sequence[Mapping[str, Any]], out: str, *, jobs: int, puppet_version: int) -> int:
    """Compile every one of ``rows`` in ``jobs`` processes, write ``out/<n>.json``, and return how many failed."""
    if jobs <= 1:
        return _part(rows, range(len(rows)), out, puppet_version)
    parts = _parts(len(rows), jobs)
    children = []
    for part in parts:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                _part(rows, part, out, puppet_version)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    return sum(not _succeeded(os.path.join(out, f"{index}.json")) for index in range(len(rows)))


def _parts(number: int, jobs: int) -> list[range]:
    """Return ``jobs`` stretches of ``number`` cases: neighbours have the same modules."""
    size = -(-number // jobs) if number else 0
    return [range(start, min(start + size, number)) for start in range(0, number, size or 1)]


def _part(rows: Sequence[Mapping[str, Any]], part: range, out: str, puppet_version: int) -> int:
    """Compile the cases ``part`` in this process."""
    workshop, known, failed = Workshop(), {}, 0

    def facts(path: str) -> Mapping[str, Value]:
        if path not in known:
            known[path] = read_facts(path)
        return known[path]

    for index in part:
        try:
            document = answer(workshop, case_of(rows[index], facts, puppet_version), reveal=True)
        except FreeholdError as error:
            document = {"ok": False, "error": str(error)}
        except Exception as error:  # noqa: BLE001  one case that finds a bug of ours must not hide the others' answers
            import traceback  # noqa: PLC0415  only a bug pays for it

            document = {"ok": False, "error": f"bug: {type(error).__name__}: {error}", "trace": traceback.format_exc()}
        failed += not document["ok"]
        _write(os.path.join(out, f"{index}.json"), document)
    return failed


def _write(path: str, document: Mapping[str, Any]) -> None:
    """Write ``document`` so that only this user can read it: it holds secrets in the clear."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(msgspec.json.encode(document))


def _succeeded(path: str) -> bool:
    try:
        with open(path, encoding="utf-8") as stream:
            return bool(json.load(stream)["ok"])
    except (OSError, ValueError):
        return False
