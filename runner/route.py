"""One run from recovery to conclusion, step by step; :mod:`runner.agent` opens the state and takes the lock."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from hiera.errors import BudgetError, DataError, FreeholdError, Problem
from hiera.tree import DirectoryTree
from hiera.values import Value
from manifests.catalog import Catalog, Contents
from manifests.compiler import Compilation
from runner import scope
from runner.compilation import CatalogCache, Subject, catalog_for, compile_subject, node_facts
from runner.engine.converge import SETTLED, Order, Result, converge
from runner.engine.journal import Journal
from runner.host import HostFiles
from runner.reporters.base import Reporter, RunConcluded, RunStarted, SourceEvent, Told
from runner.settings import LOCAL_ENVIRONMENT, LOCAL_NODE, Settings
from runner.store.records import Run, Status
from runner.store.state import StateDirectory
from runner.system.local import LocalProbe, LocalSystem
from runner.target import Source, Target

if TYPE_CHECKING:
    from runner.facts import Facts
    from runner.puppet.by_hand import Place
    from runner.puppet.machine_tree import MachineTree

FAILED = 4
"""The exit code of a run in which a resource failed."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line or the timer asks of a run. ``wait`` is in seconds."""

    command: str = "run"
    trigger: str = "manual"
    noop: bool = False
    tags: tuple[str, ...] = ()
    confirm: bool = False
    switch: bool = False
    wait: float = 0.0
    show_diff: bool = False


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended. ``exit_code`` is the plain one, ``detailed`` that of ``--detailed-exitcodes`` (SEMANTICS 29)."""

    run: Run
    exit_code: int
    detailed: int
    error: FreeholdError | None = None


class Route:
    """One run from recovery to conclusion."""

    baking = False
    """Whether the root is an image in the making; see :mod:`runner.bake`."""

    def __init__(self, settings: Settings, options: RunOptions, state: StateDirectory, reporter: Reporter) -> None:
        self.settings = settings
        self.options = options
        self.state = state
        self.reporter = reporter
        self.started = time.time()
        self.noop = options.noop or settings.noop

    def go(self) -> RunResult:
        """Run the steps in order."""
        self.recover()
        pause = self.state.standing.hold("pause")
        if pause is not None:
            self.reporter.on(SourceEvent("paused", f"paused: {pause.reason}"))
            return self._end(self._begin_fields("", "", "", ""), Result(), "paused", 0)
        self._check_scope()
        source = Source(self.settings, self.state, self.reporter)
        target = source.resolve()
        facts = self._facts(target.tree)
        compilation, target, broken = self._compile(source, target, facts)
        for warning in facts.warnings:
            self.reporter.on(Told(warning))
        return self._converge(source, target, compilation, broken)

    def recover(self) -> None:
        """Take note of runs that died, and sweep what they left lying about."""
        history, ledger = self.state.history, self.state.ledger
        for dead in history.interrupted():
            history.conclude(dead.id, result="interrupted", exit_code=70, counts=dead.counts, message="the run died")
            self.reporter.on(SourceEvent("recovered", f"run {dead.id} died; its record stands", dead.revision))
        directories = ledger.staging()
        if directories:
            self._system(None).sweep(directories)
            ledger.staged()

    def _check_scope(self) -> None:
        """Stop before the first touch if the ledger belongs to somebody else; take over an image's."""
        if scope.check(self.state, self.settings, switch=self.options.switch, noop=self.noop, baking=self.baking):
            self.reporter.on(SourceEvent("adopted", "this image is a node now, with a key of its own"))

    def _facts(self, tree: DirectoryTree) -> Facts:
        return node_facts(self.settings, tree)

    def _cache(self) -> CatalogCache | None:
        return CatalogCache(self.state.place("catalogs"), self.settings)

    def _subject(self, target: Target, facts: Mapping[str, Value]) -> Subject:
        """Return what is compiled of ``target``; of an image with its secrets sealed."""
        key = None if self.baking else self.state.password_key  # an image has no node yet
        return Subject(target.tree, target.revision, facts, sealed=self.baking, password_key=key)

    def _compile(
        self, source: Source, target: Target, facts: Mapping[str, Value]
    ) -> tuple[Compilation, Target, DataError | None]:
        """Compile the target; if it does not compile here, the last good commit instead. Raises ``DataError``."""
        cache = self._cache()
        digester = self.state.digester
        standing = self.state.standing
        try:
            compilation = catalog_for(self.settings, self._subject(target, facts), digester, cache)
        except DataError as error:
            note = {"revision": target.revision, "message": error.problems[0].message, "at": time.time()}
            standing.remember("compile_error", note)
            standing.mark(target.revision, target.tree.id, "compile-error", error.problems[0].message)
            good = standing.last_good()
            if good is None or good.revision == target.revision:
                raise
            for problem in error.problems:
                self.reporter.on(Told(problem))
            self.reporter.on(SourceEvent("compile-error", f"staying with {good.revision[:12]}", target.revision))
            fallback = Target(good.revision, source.tree_of(good.revision), "", target.trouble)
            subject = self._subject(fallback, facts)
            return catalog_for(self.settings, subject, digester, cache), fallback, error
        standing.remember("compile_error", None)
        return self._held(source, target, compilation, cache, facts)

    def _held(
        self,
        source: Source,
        target: Target,
        compilation: Compilation,
        cache: CatalogCache | None,
        facts: Mapping[str, Value],
    ) -> tuple[Compilation, Target, None]:
        """If the commit holds this node, keep the last applied catalog in force."""
        reason = compilation.catalog.hold
        self.state.standing.remember("held", None if reason is None else {"reason": reason})
        if reason is None:
            return compilation, target, None
        self.reporter.on(SourceEvent("held", f"this node is held: {reason}", target.revision))
        good = self.state.standing.last_good()
        if good is None:
            raise DataError.of("held", f"this node is held before anything was ever applied: {reason}")
        kept = Target(good.revision, source.tree_of(good.revision), "", target.trouble)
        subject = self._subject(kept, facts)
        return catalog_for(self.settings, subject, self.state.digester, cache), kept, None

    def _converge(
        self, source: Source, target: Target, compilation: Compilation, broken: DataError | None
    ) -> RunResult:
        held = self.state.standing.recall("held") is not None
        full = not (self.options.tags or held)
        order = self._order(source, target, full=full)
        fields = self._begin_fields(target.revision, target.tree.id, target.signer, compilation.catalog.digest())
        result = self._walk(compilation, order, fields)
        if full and not self.noop:
            self._remember(target, result)
        error = target.trouble or broken or _over_budget(result)
        code = error.exit_code if error is not None else (FAILED if result.failed else 0)
        return self._end(fields, result, _word(result), code, error)

    def _order(self, source: Source, target: Target, *, full: bool) -> Order:
        free = self.options.confirm or self.state.standing.tree_was_good(target.tree.id)
        allowed = None if free else source.max_prune(target.revision)
        return Order(
            revision=target.revision,
            full=full,
            noop=self.noop,
            sealed=self.baking,
            tags=self.options.tags,
            max_prune=self.settings.max_prune if allowed is None else allowed,
            free=free,
            show_diff=self.options.show_diff,
            workers=self.settings.workers,
            backup_limit=self.settings.backup_limit,
        )

    def _walk(self, compilation: Compilation, order: Order, fields: dict[str, Any]) -> Result:
        """Converge and keep the journal; tells the beginning."""
        for warning in compilation.warnings:
            self.reporter.on(Told(warning))
        catalog = compilation.catalog
        self.reporter.on(
            RunStarted(
                self.options.command,
                order.revision,
                catalog.environment,
                catalog.node,
                str(fields["trust"]),
                order.noop,
                len(catalog.declarations),
                self.settings.root,
            )
        )
        content = partial(self._content, compilation)
        if order.noop:
            probe = LocalProbe(
                self.settings.root, self.state.digester, protected=(self.state.path,), baking=self.baking
            )
            return converge(catalog, order, probe, self.state, None, self.reporter, content)
        self.journal = Journal(self.state, fields, keeps_ledger=order.full, backup_limit=self.settings.backup_limit)
        return converge(catalog, order, self._system(compilation), self.state, self.journal, self.reporter, content)

    def _content(self, compilation: Compilation | None, digest: str) -> bytes | None:
        """Return the bytes behind a digest: of the catalog, or of what was kept."""
        found = compilation.contents.find(digest) if compilation is not None else None
        return self.state.blobs.find(digest) if found is None else found

    def _system(self, compilation: Compilation | None) -> LocalSystem:
        return LocalSystem(
            self.settings.root,
            self.state.digester,
            content=partial(self._content, compilation),
            protected=(self.state.path,),
            baking=self.baking,
        )

    def apply_tree(
        self, tree: DirectoryTree | MachineTree, manifest: str | None, place: Place | None = None
    ) -> RunResult:
        """Apply a tree or one manifest of it, without claims and without pruning."""
        facts = node_facts(self.settings, tree if manifest is None or place else None, place)
        subject = Subject(
            tree,
            "",
            facts,
            manifest,
            HostFiles(self.settings.root),
            place=place,
            password_key=self.state.password_key,
        )
        compilation = self._compile_lone(subject)
        for warning in facts.warnings:
            self.reporter.on(Told(warning))
        order = Order(revision="", full=False, noop=self.noop, tags=self.options.tags, show_diff=self.options.show_diff)
        fields = self._begin_fields("", "", "", compilation.catalog.digest())
        result = self._walk(compilation, order, fields)
        return self._end(fields, result, _word(result), FAILED if result.failed else 0)

    def _compile_lone(self, subject: Subject) -> Compilation:
        """Compile; files that stand anywhere on the machine are told as people write them."""
        if subject.place is None:
            return compile_subject(self.settings, subject, self.state.digester)
        from runner.puppet.by_hand import readable_catalog, readable_error  # noqa: PLC0415  few name places by hand

        try:
            return readable_catalog(compile_subject(self.settings, subject, self.state.digester))
        except DataError as error:
            raise readable_error(error) from None

    def release(self, *, restore: bool) -> RunResult:
        """Let go of everything, taken back before or left as it is."""
        self.recover()
        if (self.state.standing.recall("scope") or {}).get("baked"):
            scope.adopt(self.state, self.settings.root)
        fields = self._begin_fields("", "", "", "")
        result = Result()
        if restore:
            catalog = Catalog("", str(fields["environment"]), str(fields["node"]), (), ())
            order = Order(revision="", full=True, free=True, show_diff=self.options.show_diff)
            result = self._walk(Compilation(catalog, Contents(), ()), order, fields)
        else:
            with self.state.database.transaction():
                self.state.ledger.close_things(list(self.state.ledger.things()))
                self.state.standing.remember(SETTLED, None)
        if not self.state.ledger.count():
            self.state.standing.remember("scope", None)
        self.state.blobs.keep_only(self.state.ledger.digests())
        return self._end(fields, result, _word(result), FAILED if result.failed else 0)

    def preview(self, tree: DirectoryTree, known: StateDirectory | None) -> RunResult:
        """Plan uncommitted work."""
        if known is None:
            self.state.create()
        facts, host = node_facts(self.settings, tree), HostFiles(self.settings.root)
        key = self.state.password_key if known is not None else secrets.token_bytes(32)
        subject = Subject(tree, "", facts, host=host, password_key=key)
        compilation = compile_subject(self.settings, subject, self.state.digester)
        fields = self._begin_fields("", "", "", compilation.catalog.digest())
        full = known is not None and not self.options.tags
        order = Order(revision="", full=full, noop=True, tags=self.options.tags, show_diff=self.options.show_diff)
        return self._end(fields, self._walk(compilation, order, fields), "planned", 0)

    def _begin_fields(self, revision: str, tree: str, signer: str, catalog: str) -> dict[str, Any]:
        return {
            "command": self.options.command,
            "trigger": self.options.trigger,
            "revision": revision,
            "tree": tree,
            "environment": self.settings.environment or LOCAL_ENVIRONMENT,
            "node": self.settings.node or LOCAL_NODE,
            "signer": signer,
            "trust": (self.settings.trust or {}).get("mode", "none"),
            "noop": self.noop,
            "catalog": catalog,
            "started": self.started,
        }

    def _remember(self, target: Target, result: Result) -> None:
        """After a full run: marks, the applied commit, the budget, pre-images nobody needs."""
        standing = self.state.standing
        verdict = "failed" if result.failed else "good"
        with self.state.database.transaction():
            if not result.over_budget:
                standing.mark(target.revision, target.tree.id, verdict, ", ".join(result.failed[:3]))
            standing.remember(
                "applied",
                {
                    "revision": target.revision,
                    "at": time.time(),
                    "result": "failed" if result.failed else "ok",
                    "failed": len(result.failed),
                    "changed": result.counts.get(Status.CHANGED, 0),
                    "noop": self.noop,
                },
            )
            over = result.over_budget
            standing.remember("deferred", result.deferred or None)
            standing.remember("over_budget", None if over is None else {"wanted": over[0], "allowed": over[1]})
            self.state.history.forget(self.settings.keep_runs)
        if result.pruned:
            self.state.blobs.keep_only(self.state.ledger.digests())

    def _end(
        self, fields: dict[str, Any], result: Result, word: str, code: int, error: FreeholdError | None = None
    ) -> RunResult:
        """Conclude, here and nowhere else: record, report, exit code."""
        message = error.problems[0].message if error is not None else ""
        number = 0
        if self.options.command != "plan":
            journal = getattr(self, "journal", None)
            number = journal.run if journal is not None else self.state.history.begin(**fields)
            self.state.history.conclude(number, result=word, exit_code=code, counts=result.counts, message=message)
        concluded = Run(
            id=number, **fields, ended=time.time(), result=word, exit_code=code, counts=result.counts, message=message
        )
        self.reporter.on(RunConcluded(concluded, result.owed, result.pending_prunes))
        detailed = code if code not in (0, FAILED) else 2 * result.changed + (FAILED if result.failed else 0)
        return RunResult(concluded, code, detailed, error)


def _word(result: Result) -> str:
    if result.failed:
        return "failed"
    if result.counts.get(Status.PENDING):
        return "pending"
    return "changed" if result.changed else "unchanged"


def _over_budget(result: Result) -> BudgetError | None:
    if result.over_budget is None:
        return None
    wanted, allowed = result.over_budget
    return BudgetError(
        Problem(
            "over-budget",
            f"{wanted} things would be taken back, {allowed} are allowed at once: none was",
            hint="look at `freehold plan`, then `freehold run --confirm`, or raise max_prune",
        )
    )
