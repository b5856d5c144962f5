"""Executes manifests: classes, defines and resources into the draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hiera.errors import Collector, DataError, Location, Note, Problem
from hiera.types import Type
from hiera.yaml.nodes import Scalar
from manifests.catalog import Ref
from manifests.draft import Draft, Entry, Given
from manifests.finish import unknown_type
from manifests.spec import METAPARAMETERS, TypeSpec
from manifests.yaml_jinja.blocks import Block, Group, Reader
from manifests.yaml_jinja.body import Body, Taking
from manifests.yaml_jinja.defaults import Defaults
from manifests.yaml_jinja.evaluation import Evaluator
from manifests.yaml_jinja.expressions import Variables
from manifests.yaml_jinja.gathering import Gatherer
from manifests.yaml_jinja.loading import Library, Manifest
from manifests.yaml_jinja.loops import Loops
from manifests.yaml_jinja.parameters import Binder
from manifests.yaml_jinja.references import References
from manifests.yaml_jinja.structure import Field
from manifests.yaml_jinja.written import written

MAX_NESTING = 50
"""How deep classes and defines may declare one another."""


class Interpreter:
    """Runs manifests of the YAML language; everything it declares goes to ``draft``."""

    def __init__(
        self, draft: Draft, types: Mapping[str, TypeSpec], library: Library, evaluator: Evaluator, binder: Binder
    ) -> None:
        self.draft = draft
        self.problems: Collector = draft.problems
        self.classes: dict[str, Variables] = {}
        self.explicit: dict[str, dict[str, Given]] = {}
        self._types = types
        self._library = library
        self._evaluator = evaluator
        self._binder = binder
        self._references = References(evaluator)
        self._reader = Reader(draft.problems)
        self._globals: Variables = {}
        self._loops = Loops(evaluator)
        self._defaults = Defaults(draft, types, library, evaluator)
        self._gatherer = Gatherer(draft, evaluator, binder, self._references, self._defaults)

    def start(self, variables: Variables) -> None:
        """Set the variables that every manifest sees."""
        self._globals = variables

    def parameter_types(self, manifest: Manifest) -> dict[str, Type | None]:
        """Return the types of the parameters of ``manifest``."""
        return self._binder.types(manifest)

    # ---- classes -------------------------------------------------------------------------------------------------

    def run_site(self, manifest: Manifest, ref: Ref) -> Body:
        """Make ready the site manifest: its variables and its defaults for everybody."""
        self.draft.contain(ref, manifest.location)
        body = self._defaults.site = Body(manifest, ref, dict(self._globals), 0)
        self._variables(body)
        self._defaults.check(manifest)
        return body

    def run_rest(self, body: Body) -> None:
        """Run what stands below the variables of a manifest."""
        manifest = body.manifest
        self._include(manifest.include, body, contain=False)
        self._include(manifest.contain, body, contain=True)
        if manifest.resources is not None:
            self._run(self._reader.read(manifest.resources), body, body.variables)
        for scalar in manifest.order:
            with Taking(self.draft, whole=True):
                for left, notifies, right in self._references.arrows(scalar, body.variables):
                    for source in left:
                        for target in right:
                            self.draft.relate(source, target, scalar.location, notify=notifies)

    def include(self, name: str, location: Location, body: Body, *, contain: bool = False) -> None:
        """Bring the class ``name`` into the catalog, once; contained or not in the container of ``body``."""
        name = name.removeprefix("::")
        if name in self.classes:
            if contain:
                self.draft.contain(Ref("class", name), location, body.ref)
            return
        self._class(name, location, body, self.explicit.get(name, {}), contain=contain)

    def _class(self, name: str, location: Location, body: Body, given: Mapping[str, Given], *, contain: bool) -> None:
        """Run the class ``name`` for the first time."""
        ref = Ref("class", name)
        variables = dict(self._globals)
        self.classes[name] = variables
        manifest = self._find(name, location)
        self.draft.contain(ref, location, body.ref if contain else None)
        if manifest is None:
            self.draft.incomplete = True
            return
        if manifest.define:
            message = f"'{name}' is a define, not a class"
            note = Note("defined here", manifest.location)
            hint = f"declare it below resources: {name}[title]"
            self.problems.add(Problem("missing-class", message, location, hint, (note,)))
            return
        if self._too_deep(body, location):
            return
        inner = Body(manifest, ref, variables, body.depth + 1)
        if not self._binder.bind(manifest, given, variables, str(ref), location):
            self.draft.incomplete = True
            return
        self._defaults.check(manifest)
        self._variables(inner)
        for entry in manifest.relations:
            self._relate(ref, entry, variables)
        self.run_rest(inner)

    def _find(self, name: str, location: Location) -> Manifest | None:
        """Return the manifest of a class; reports that there is none, or what is wrong with it."""
        before = len(self.problems.errors)
        try:
            manifest = self._library.find(name)
        except DataError as error:
            self.problems.take(error)
            return None
        if manifest is None and len(self.problems.errors) == before:
            self.problems.add(self._library.missing(name, location))
        return manifest

    def _too_deep(self, body: Body, location: Location) -> bool:
        """Say whether ``body`` is nested too deep to go on; reports it."""
        if body.depth < MAX_NESTING:
            return False
        message = f"classes and defines are nested deeper than {MAX_NESTING}: {body.ref} declares itself, it seems"
        self.problems.add(Problem("nesting", message, location))
        self.draft.incomplete = True
        return True

    def _include(self, names: Iterable[Scalar], body: Body, *, contain: bool) -> None:
        """Include what ``names`` say."""
        for scalar in names:
            with Taking(self.draft):
                value = self._evaluator.value(scalar, body.variables)
                for name in value if isinstance(value, list) else [value]:
                    if not isinstance(name, str):
                        message = "the name of a class must be a text"
                        raise DataError.of("type-mismatch", message, scalar.location)
                    self.include(_class_name(name), scalar.location, body, contain=contain)

    def _variables(self, body: Body) -> None:
        """Evaluate the ``vars`` of a manifest in order."""
        for key, node in body.manifest.variables:
            if key.text in body.variables:
                message = f"'{key.text}' shadows another variable"
                self.problems.add(Problem("shadowed-variable", message, key.location, "choose another name"))
                continue
            with Taking(self.draft):
                value = written(node).get(self._evaluator, body.variables)
                body.variables[key.text] = self._evaluator.taint.guard(value)

    # ---- blocks --------------------------------------------------------------------------------------------------

    def _run(self, blocks: Iterable[Block | Group], body: Body, variables: Variables) -> None:
        """Run ``blocks`` in order."""
        held = False
        for block in blocks:
            if isinstance(block, Group) and block.otherwise:
                if not held:
                    self._group(block, body, variables)
                else:
                    self._omit(block, body, variables, block.blocks[0].loop.place if block.blocks else None)
                held = False
                continue
            conditional = isinstance(block, Group) and block.loop.when is not None
            ran = False
            with Taking(self.draft):
                ran = self._block(block, body, variables)
            held = conditional and (held or ran)

    def _block(self, block: Block | Group, body: Body, variables: Variables) -> bool:
        """Run one block as often as its loop says; return whether its condition held at all."""
        held = False
        for inner in self._loops.rounds(block.loop, variables):
            if block.loop.when is not None and not self._loops.holds(block.loop.when, inner):
                self._omit(block, body, inner, block.loop.when.location)
                continue
            held = True
            if isinstance(block, Group):
                self._group(block, body, inner)
            else:
                with Taking(self.draft):
                    self._declare(block, body, inner)
        return held

    def _group(self, group: Group, body: Body, variables: Variables) -> None:
        """Run the blocks of a group whose condition holds."""
        inner = body if variables is body.variables else _with(body, variables)
        self._include(group.include, inner, contain=False)
        self._include(group.contain, inner, contain=True)
        self._run(group.blocks, body, variables)

    def _omit(self, block: Block | Group, body: Body, variables: Variables, place: Location | None) -> None:
        """Remember what a condition at ``place`` left out, as far as its titles can be told."""
        if isinstance(block, Group):
            for inner in block.blocks:
                self._omit(inner, body, variables, place)
            return
        try:
            title = self._gatherer.title(block, variables)
        except DataError:
            return
        self.draft.omit(Ref(block.kind, title), place or block.location)

    # ---- declarations --------------------------------------------------------------------------------------------

    def _declare(self, block: Block, body: Body, variables: Variables) -> None:
        """Declare one resource, class or define instance. Raises ``DataError``."""
        if block.kind == "class":
            self._declare_class(block, body, variables)
            return
        define = None
        spec = self._types.get(block.kind)
        if spec is None:
            define = self._define(block)
            if define is None:
                self.draft.incomplete = True
                return
        ref = Ref(block.kind, self._gatherer.title(block, variables))
        attributes, complete = self._gatherer.attributes(block, body, variables, spec, define)
        relations = self._gatherer.relations(block, ref, attributes, variables)
        if define is not None:
            self._instance(block, ref, attributes, define, body)
        else:
            entry: Entry | None = self.draft.declare(
                ref, attributes, block.location, body.ref, own=spec.attributes if spec else (), shared=block.shared
            )
            if entry is not None and not complete:
                entry.broken = True
        for name, refs, place in relations:
            optional = name.endswith("?")
            self.draft.relate_by(name.rstrip("?"), ref, refs, place, optional=optional)

    def _relate(self, ref: Ref, entry: Field, variables: Variables) -> None:
        """Add the relations of a whole class."""
        with Taking(self.draft, whole=True):
            refs = self._references.read(entry.node, variables)
            name = entry.key.text
            self.draft.relate_by(name.rstrip("?"), ref, refs, entry.node.location, optional=name.endswith("?"))

    # ---- classes and defines as declarations ---------------------------------------------------------------------

    def _declare_class(self, block: Block, body: Body, variables: Variables) -> None:
        """Declare a class with parameters. Raises ``DataError``."""
        name = _class_name(self._gatherer.title(block, variables))
        ref = Ref("class", name)
        first = self.draft.scopes.get(ref)
        manifest = None if name in self.classes else self._find(name, block.location)
        given, complete = self._gatherer.attributes(block, body, variables, None, manifest)
        relations = self._gatherer.relations(block, ref, given, variables)
        if name in self.classes and given and first is not None:
            message = f"{ref} is declared with parameters after it was included"
            note = Note("first here", first.location)
            hint = "set its parameters in Hiera"
            self.problems.add(Problem("duplicate-declaration", message, block.location, hint, (note,)))
        elif name not in self.classes and complete and manifest is not None:
            self._class(name, block.location, body, {**self.explicit.get(name, {}), **given}, contain=False)
        for key, refs, place in relations:
            self.draft.relate_by(key.rstrip("?"), ref, refs, place, optional=key.endswith("?"))

    def _define(self, block: Block) -> Manifest | None:
        """Return the define that ``block`` uses; reports that there is none."""
        before = len(self.problems.errors)
        try:
            manifest = self._library.find(block.kind)
        except DataError as error:
            self.problems.take(error)
            return None
        if manifest is not None and manifest.define:
            return manifest
        if manifest is not None:
            message = f"'{block.kind}' is a class, not a define"
            hint = f"write 'include: {block.kind}' or class[{block.kind}]"
            self.problems.add(Problem("unknown-type", message, block.location, hint))
        elif len(self.problems.errors) == before:
            known = tuple(self._library.names())
            self.problems.add(unknown_type(self._types, block.kind, block.location, known))
        return None

    def _instance(self, block: Block, ref: Ref, attributes: dict[str, Given], define: Manifest, body: Body) -> None:
        """Run a define for one of its instances."""
        meta = {name: item for name, item in attributes.items() if name in METAPARAMETERS}
        given = {name: item for name, item in attributes.items() if name not in METAPARAMETERS}
        if self._too_deep(body, block.location):
            return
        if self.draft.instantiate(ref, meta, block.location, body.ref) is None:
            return
        variables = {**self._globals, "title": ref.title, "name": ref.title}
        if not self._binder.bind(define, given, variables, str(ref), block.location):
            self.draft.incomplete = True
            return
        self._defaults.check(define)
        inner = Body(define, ref, variables, body.depth + 1)
        self._variables(inner)
        self.run_rest(inner)


def _with(body: Body, variables: Variables) -> Body:
    """Return ``body`` with the variables of a loop."""
    return Body(body.manifest, body.ref, variables, body.depth, body.defaults)


def _class_name(text: str) -> str:
    """Return the name in ``nginx`` or ``class[nginx]``."""
    text = text.strip().removeprefix("::")
    return text[6:-1].removeprefix("::") if text.startswith("class[") and text.endswith("]") else text
