"""Executes manifests: classes, defines and resources into the draft."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hiera.errors import Collector, DataError, Location, Note, Problem, did_you_mean
from hiera.types import Type
from hiera.values import Secret, Value
from hiera.yaml.nodes import Node, Scalar
from manifests.catalog import Ref
from manifests.datatypes import type_of
from manifests.draft import Draft, Entry, Given, secret_in_plain
from manifests.finish import unknown_type
from manifests.spec import METAPARAMETERS, Role, TypeSpec
from manifests.yaml_jinja.blocks import Block, Group, Loop, Reader
from manifests.yaml_jinja.evaluation import Evaluator
from manifests.yaml_jinja.expressions import Variables
from manifests.yaml_jinja.filters import text as as_text
from manifests.yaml_jinja.loading import Library, Manifest
from manifests.yaml_jinja.parameters import Binder
from manifests.yaml_jinja.references import References
from manifests.yaml_jinja.structure import Field
from manifests.yaml_jinja.written import Written, written

MAX_NESTING = 50
"""How deep classes and defines may declare one another."""

Plan = tuple[tuple[str, Location, Written, bool], ...]
"""Attribute, its place, its value, whether it names a template; for one block."""


@dataclass(slots=True)
class Body:
    """A class, define instance or site manifest under execution."""

    manifest: Manifest
    ref: Ref
    variables: Variables
    depth: int
    defaults: dict[str, dict[str, Given]] = field(default_factory=dict)


class Interpreter:
    """Runs manifests of the YAML language; everything it declares goes to ``draft``."""

    def __init__(
        self, draft: Draft, types: Mapping[str, TypeSpec], library: Library, evaluator: Evaluator, binder: Binder
    ) -> None:
        self.draft = draft
        self.problems: Collector = draft.problems
        self.classes: dict[str, Variables] = {}
        self.explicit: dict[str, dict[str, Given]] = {}
        self.site: Body | None = None
        self._types = types
        self._library = library
        self._evaluator = evaluator
        self._binder = binder
        self._references = References(evaluator)
        self._reader = Reader(draft.problems)
        self._globals: Variables = {}
        self._plans: dict[int, tuple[Block, Plan]] = {}

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
        body = self.site = Body(manifest, ref, dict(self._globals), 0)
        self._variables(body)
        self._check_defaults(manifest)
        return body

    def run_rest(self, body: Body) -> None:
        """Run what stands below the variables of a manifest."""
        manifest = body.manifest
        self._include(manifest.include, body, contain=False)
        self._include(manifest.contain, body, contain=True)
        if manifest.resources is not None:
            self._run(self._reader.read(manifest.resources), body, body.variables)
        for scalar in manifest.order:
            with _Taking(self.draft, whole=True):
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
        self._check_defaults(manifest)
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
            with _Taking(self.draft):
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
            with _Taking(self.draft):
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
            with _Taking(self.draft):
                ran = self._block(block, body, variables)
            held = conditional and (held or ran)

    def _block(self, block: Block | Group, body: Body, variables: Variables) -> bool:
        """Run one block as often as its loop says; return whether its condition held at all."""
        held = False
        for inner in self._loop(block.loop, variables):
            if block.loop.when is not None and not self._holds(block.loop.when, inner):
                self._omit(block, body, inner, block.loop.when.location)
                continue
            held = True
            if isinstance(block, Group):
                self._group(block, body, inner)
            else:
                with _Taking(self.draft):
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
            title = self._title(block, variables)
        except DataError:
            return
        self.draft.omit(Ref(block.kind, title), place or block.location)

    def _holds(self, when: Scalar, variables: Variables) -> bool:
        """Return what a condition says. Raises ``DataError`` unless that is true or false."""
        value = self._evaluator.bare(when, variables)
        if isinstance(value, Secret):
            value = value.reveal()
        if isinstance(value, bool):
            return value
        hint = "compare it, such as: x == 'a', x | length > 0, x is defined"
        raise DataError.of(
            "when-not-boolean", f"'when' gives {_kind(value)}, not true or false", when.location, hint=hint
        )

    def _loop(self, loop: Loop, variables: Variables) -> Iterator[Variables]:
        """Yield the variables for each round of a loop; once where there is none. Raises ``DataError``."""
        node = loop.for_each
        if node is None:
            yield variables
            return
        value = self._evaluator.bare(node, variables) if isinstance(node, Scalar) else None
        if not isinstance(node, Scalar):
            value = written(node).get(self._evaluator, variables)
        secret = value if isinstance(value, Secret) else None
        many: Value = secret.reveal() if secret is not None else value
        names = self._names(loop, many, node.location)
        for name in names:
            if name in variables:
                message, hint = f"'{name}' shadows another variable", "rename it with 'as:'"
                raise DataError.of("shadowed-variable", message, node.location, hint=hint)
        guard = self._evaluator.taint.guard
        for item in many.items() if isinstance(many, Mapping) else ((item,) for item in many):
            found = [Secret(part, origin=secret.origin) for part in item] if secret is not None else item
            yield variables | dict(zip(names, map(guard, found), strict=True))

    def _names(self, loop: Loop, many: Value, location: Location) -> tuple[str, ...]:
        """Return the names of the loop's variables. Raises ``DataError`` if they do not fit ``many``."""
        standard: tuple[str, ...]
        if isinstance(many, Mapping):
            standard, form = ("key", "value"), "a mapping takes two: as: [name, entry]"
        elif isinstance(many, list):
            standard, form = ("item",), "a list takes one: as: name"
        else:
            message = f"'for_each' needs a list or a mapping, not {_kind(many)}"
            raise DataError.of("type-mismatch", message, location)
        if loop.names and len(loop.names) != len(standard):
            raise DataError.of("bad-structure", "'as' does not fit what it names", location, hint=form)
        return loop.names or standard

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
        ref = Ref(block.kind, self._title(block, variables))
        attributes, complete = self._attributes(block, body, variables, spec, define)
        relations = self._relations(block, attributes, variables)
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
            self.draft.relate_by(
                name.rstrip("?"), ref, (other for other in refs if other != ref), place, optional=optional
            )

    def _title(self, block: Block, variables: Variables) -> str:
        """Return the title of a declaration. Raises ``DataError``."""
        value = self._evaluator.value(block.title, variables)
        if isinstance(value, Secret):
            problem = secret_in_plain(Ref(block.kind, "..."), "title", block.location)
            raise DataError(problem)
        title = value if isinstance(value, str) else as_text(value)
        if not title.strip():
            raise DataError.of("bad-reference", f"the title of this {block.kind} is empty", block.location)
        return title

    def _attributes(
        self, block: Block, body: Body, variables: Variables, spec: TypeSpec | None, define: Manifest | None
    ) -> tuple[dict[str, Given], bool]:
        """Return the attributes of a declaration, defaults and spread included, and whether all could be had."""
        found: dict[str, Given] = {}
        complete = True
        if block.spread is not None:
            found = self._spread(block.spread, variables)
        for name, place, value, is_template in self._plan(block, spec, define):
            try:
                given = value.get(self._evaluator, variables)
                if is_template and isinstance(given, str):
                    given = self._evaluator.template(given, variables, place)
                found[name] = Given(given, place)
            except DataError as error:
                self.problems.take(error)
                complete = False
        if block.spread is not None and spec is not None:
            self._render_spread(block.spread, found, spec, variables)
        for name, item in self._defaults(block.kind, body).items():
            found.setdefault(name, item)
        return found, complete

    def _render_spread(self, spread: Node, found: dict[str, Given], spec: TypeSpec, variables: Variables) -> None:
        """Render the template that a spread mapping names. Raises ``DataError``."""
        for name, item in found.items():
            known = spec.attributes.get(name)
            if known is not None and known.role is Role.TEMPLATE and item.location == spread.location:
                found[name] = Given(self._evaluator.template(str(item.value), variables, item.location), item.location)

    def _spread(self, node: Node, variables: Variables) -> dict[str, Given]:
        """Return the attributes that ``attributes:`` brings. Raises ``DataError``."""
        value = self._evaluator.bare(node, variables) if isinstance(node, Scalar) else None
        if not isinstance(node, Scalar):
            value = written(node).get(self._evaluator, variables)
        secret = value if isinstance(value, Secret) else None
        many = secret.reveal() if secret is not None else value
        if many is None:
            return {}
        if not isinstance(many, Mapping):
            raise DataError.of("type-mismatch", f"'attributes' needs a mapping, not {_kind(many)}", node.location)
        if secret is not None:
            many = {key: Secret(item, origin=secret.origin) for key, item in many.items()}
        return {str(key): Given(item, node.location) for key, item in many.items()}

    def _plan(self, block: Block, spec: TypeSpec | None, define: Manifest | None) -> Plan:
        """Return the attributes of a block made ready, once."""
        known = self._plans.get(id(block))
        if known is None:
            kinds: Mapping[str, Type | None] = self._binder.types(define) if define is not None else {}
            plan: list[tuple[str, Location, Written, bool]] = []
            for key, node in block.attributes:
                attribute = spec.attributes.get(key.text) if spec is not None else None
                kind = type_of(attribute.type) if attribute is not None else kinds.get(key.text)
                is_template = attribute is not None and attribute.role is Role.TEMPLATE
                place = node.location if attribute is not None or key.text in kinds else key.location
                if attribute is None and key.text in METAPARAMETERS:
                    kind, place = type_of("String") if key.text in ("tag", "alias") else None, node.location
                plan.append((key.text, place, written(node, kind), is_template))
            known = self._plans[id(block)] = (block, tuple(plan))
        return known[1]

    def _relations(
        self, block: Block, attributes: dict[str, Given], variables: Variables
    ) -> list[tuple[str, list[Ref], Location]]:
        """Return the relations of a declaration, those among spread attributes and defaults included."""
        found: list[tuple[str, list[Ref], Location]] = []
        for entry in block.relations:
            with _Taking(self.draft, whole=True):
                found.append((entry.key.text, self._references.read(entry.node, variables), entry.node.location))
        for name in ("require", "before", "notify", "subscribe"):
            given = attributes.pop(name, None)
            if given is not None and not any(entry.key.text == name for entry in block.relations):
                with _Taking(self.draft, whole=True):
                    found.append((name, self._references.of_value(given.value, given.location), given.location))
        return found

    def _relate(self, ref: Ref, entry: Field, variables: Variables) -> None:
        """Add the relations of a whole class."""
        with _Taking(self.draft, whole=True):
            refs = self._references.read(entry.node, variables)
            name = entry.key.text
            self.draft.relate_by(name.rstrip("?"), ref, refs, entry.node.location, optional=name.endswith("?"))

    # ---- classes and defines as declarations ---------------------------------------------------------------------

    def _declare_class(self, block: Block, body: Body, variables: Variables) -> None:
        """Declare a class with parameters. Raises ``DataError``."""
        name = _class_name(self._title(block, variables))
        ref = Ref("class", name)
        first = self.draft.scopes.get(ref)
        manifest = None if name in self.classes else self._find(name, block.location)
        given, complete = self._attributes(block, body, variables, None, manifest)
        relations = self._relations(block, given, variables)
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
        self._check_defaults(define)
        inner = Body(define, ref, variables, body.depth + 1)
        self._variables(inner)
        self.run_rest(inner)

    # ---- defaults ------------------------------------------------------------------------------------------------

    def _defaults(self, kind: str, body: Body) -> dict[str, Given]:
        """Return the defaults for a type: those of the file, then those of the site."""
        known = body.defaults.get(kind)
        if known is None:
            known = {}
            for place in (self.site, body):
                if place is not None and kind in place.manifest.defaults:
                    known.update(self._evaluated_defaults(kind, place))
            body.defaults[kind] = known
        return known

    def _evaluated_defaults(self, kind: str, body: Body) -> dict[str, Given]:
        """Return the defaults that one file gives, with the variables of that file."""
        _, mapping = body.manifest.defaults[kind]
        spec = self._types.get(kind)
        found: dict[str, Given] = {}
        for key, node in mapping.entries:
            known = spec.attributes.get(key.text) if spec is not None else None
            with _Taking(self.draft, whole=True):
                value = written(node, type_of(known.type) if known is not None else None)
                found[key.text] = Given(value.get(self._evaluator, body.variables), node.location)
        return found

    def _check_defaults(self, manifest: Manifest) -> None:
        """Report defaults for types and attributes that do not exist, and forget them."""
        for kind, (key, mapping) in list(manifest.defaults.items()):
            if kind not in self._types:
                if self._library.path(kind) is None:
                    self.problems.add(unknown_type(self._types, kind, key.location))
                    del manifest.defaults[kind]
                continue
            spec = self._types[kind]
            for name, _ in mapping.entries:
                if name.text not in spec.attributes and name.text not in METAPARAMETERS:
                    message = f"{kind} has no attribute '{name.text}'"
                    hint = did_you_mean(name.text, [*spec.attributes, *METAPARAMETERS])
                    self.problems.add(Problem("unknown-attribute", message, name.location, hint))
                    manifest.defaults.pop(kind, None)


class _Taking:
    """Takes the problems of a ``DataError`` in its block; the draft lacks something then, unless ``whole``."""

    def __init__(self, draft: Draft, *, whole: bool = False) -> None:
        self._draft = draft
        self._whole = whole

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, DataError):
            return False
        self._draft.problems.take(error)
        self._draft.incomplete = self._draft.incomplete or not self._whole
        return True


def _with(body: Body, variables: Variables) -> Body:
    """Return ``body`` with the variables of a loop."""
    return Body(body.manifest, body.ref, variables, body.depth, body.defaults)


def _class_name(text: str) -> str:
    """Return the name in ``nginx`` or ``class[nginx]``."""
    text = text.strip().removeprefix("::")
    return text[6:-1].removeprefix("::") if text.startswith("class[") and text.endswith("]") else text


def _kind(value: Value) -> str:
    """Return what ``value`` is, in words, without the value."""
    if value is None:
        return "null"
    words = {bool: "a Boolean", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a mapping"}
    return words.get(type(value), "something else")
