"""The ``resources:`` of a manifest as blocks: read and checked once, executed as often as they are needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hiera.errors import Collector, DataError, Location, Problem
from hiera.yaml.nodes import Mapping, Node, Scalar, Sequence
from manifests.yaml_jinja.loading import RELATIONS, RESERVED
from manifests.yaml_jinja.structure import NAME, VARIABLE, Field, fields, is_null, parse_reference, scalars

_GROUP = ("when", "for_each", "as", "include", "contain", "resources")
_HEAD = re.compile(r"([a-z][a-z0-9_]*(?:::[a-z][a-z0-9_]*)*)\[", re.ASCII)
_SHELL = re.compile(r"(-|!|test\b|\[)")
_COMMANDS = ("unless", "onlyif", "command", "validate_cmd", "undo")


@dataclass(frozen=True, slots=True)
class Loop:
    """What a block is repeated for, and under which condition."""

    when: Scalar | None = None
    for_each: Node | None = None
    names: tuple[str, ...] = ()
    place: Location | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One declaration: ``kind[title]`` with its attributes."""

    kind: str
    title: Scalar
    location: Location
    loop: Loop
    attributes: tuple[tuple[Scalar, Node], ...] = ()
    relations: tuple[Field, ...] = ()
    spread: Node | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Nested declarations; ``otherwise`` runs if none of the ``when`` items right before it held."""

    loop: Loop
    blocks: tuple[Block | Group, ...]
    include: tuple[Scalar, ...] = ()
    contain: tuple[Scalar, ...] = ()
    otherwise: bool = False


@dataclass(slots=True)
class Reader:
    """Reads blocks; what is wrong with them goes to ``problems``."""

    problems: Collector
    _known: dict[int, tuple[Node, tuple[Block | Group, ...]]] = field(default_factory=dict)

    def read(self, node: Node) -> tuple[Block | Group, ...]:
        """Return the blocks of a ``resources:``; the same node is read once."""
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = (node, tuple(self._blocks(node)))
        return known[1]

    def _blocks(self, node: Node) -> Iterator[Block | Group]:
        """Yield the blocks of a mapping or of a list of them."""
        if is_null(node):
            return
        if isinstance(node, Mapping):
            yield from self._mapping(node)
        elif isinstance(node, Sequence):
            conditional = False
            for item in node.items:
                for block in self._item(item):
                    if isinstance(block, Group) and block.otherwise and not conditional:
                        message = "'else' must follow an item with 'when'"
                        self._report("bad-structure", message, item.location)
                    yield block
                    conditional = isinstance(block, Group) and block.loop.when is not None
        else:
            hint = "write 'type[title]:' below, with its attributes"
            self._report("bad-structure", "resources must be a mapping or a list", node.location, hint)

    def _mapping(self, node: Mapping) -> Iterator[Block | Group]:
        """Yield the declarations of a mapping."""
        for key, body in node.entries:
            try:
                yield self._declaration(key, body)
            except DataError as error:
                self.problems.take(error)

    def _item(self, node: Node) -> Iterator[Block | Group]:
        """Yield what one item of a list stands for."""
        if isinstance(node, Scalar) and not is_null(node):
            node = Mapping(((node, Scalar("", "", None, node.location)),), node.location)
        if not isinstance(node, Mapping):
            self._report("bad-structure", "an item of resources must be a mapping", node.location)
            return
        keys = {key.text for key, _ in node.entries}
        if "else" in keys:
            yield self._otherwise(node)
        elif keys & {*_GROUP}:
            yield self._group(node, _GROUP)
        elif "type" in keys or "title" in keys:
            try:
                yield self._long(node)
            except DataError as error:
                self.problems.take(error)
        else:
            yield from self._mapping(node)

    def _group(self, node: Node, allowed: tuple[str, ...], *, otherwise: bool = False) -> Group:
        """Return a group of nested blocks."""
        found = fields(node, allowed, "an item with nested resources", self.problems)
        blocks = self.read(found["resources"].node) if "resources" in found else ()
        include, contain = (
            tuple(scalars(found[key].node, f"'{key}'", self.problems)) if key in found else ()
            for key in ("include", "contain")
        )
        return Group(self._loop(found, node.location), blocks, include, contain, otherwise)

    def _otherwise(self, node: Mapping) -> Group:
        """Return the ``else`` item of a list."""
        found = fields(node, ("else", "resources"), "an 'else' item", self.problems)
        body = found["else"].node
        if is_null(body):
            return self._group(Mapping(node.entries[1:], node.location), _GROUP, otherwise=True)
        if isinstance(body, Mapping) and {key.text for key, _ in body.entries} & {*_GROUP}:
            return self._group(body, _GROUP, otherwise=True)
        return Group(Loop(), self.read(body), otherwise=True)

    def _declaration(self, key: Scalar, body: Node) -> Block:
        """Return the declaration ``key: body``. Raises ``DataError`` (``bad-reference``)."""
        text = key.text.strip()
        head = _HEAD.match(text)
        if head is None or not text.endswith("]") or not text[head.end() : -1].strip():
            if VARIABLE.fullmatch(text) and isinstance(body, Mapping):
                message = f"'{text}' has no title"
                raise DataError.of("bad-reference", message, key.location, hint=f"write '{text}[title]:'")
            parse_reference(text, key.location)
        kind = head[1] if head is not None else text
        place = key.location
        start = head.end() if head is not None else 0
        title = Scalar(text[start:-1].strip(), key.style, key.tag, place)
        entries = () if is_null(body) else self._attributes(body, f"{kind}[{title.text}]")
        return self._block(kind, title, place, entries)

    def _long(self, node: Mapping) -> Block:
        """Return a declaration written as ``{type, title, ...}``. Raises ``DataError``."""
        parts = {key.text: (key, value) for key, value in node.entries if key.text in ("type", "title")}
        for name in ("type", "title"):
            if name not in parts or not isinstance(parts[name][1], Scalar):
                message = f"a resource in the long form needs a '{name}'"
                raise DataError.of("bad-structure", message, node.location, hint="- {type: exec, title: my title, ...}")
        kind, title = parts["type"][1], parts["title"][1]
        assert isinstance(kind, Scalar)
        assert isinstance(title, Scalar)
        if not NAME.fullmatch(kind.text):
            raise DataError.of("bad-reference", f"'{kind.text}' is not a type", kind.location)
        entries = tuple(entry for entry in node.entries if entry[0].text not in parts)
        return self._block(kind.text, title, node.location, entries)

    def _attributes(self, body: Node, what: str) -> tuple[tuple[Scalar, Node], ...]:
        """Return the entries of a declaration's body; reports a body that is no mapping."""
        if isinstance(body, Mapping):
            return body.entries
        self._report("bad-structure", f"the attributes of {what} must be a mapping", body.location)
        return ()

    def _block(self, kind: str, title: Scalar, place: Location, entries: tuple[tuple[Scalar, Node], ...]) -> Block:
        """Return a declaration with its entries sorted into what they are."""
        special: dict[str, Field] = {}
        attributes: list[tuple[Scalar, Node]] = []
        relations: list[Field] = []
        for key, node in entries:
            if key.text in ("when", "for_each", "as", "shared", "attributes"):
                special[key.text] = Field(key, node)
            elif key.text in RELATIONS:
                relations.append(Field(key, node))
            elif not self._is_shell_test(key, node):
                attributes.append((key, node))
        spread = special["attributes"].node if "attributes" in special else None
        if isinstance(spread, Sequence):
            self._report("bad-structure", "'attributes' must be a mapping", spread.location)
            spread = None
        loop = self._loop(special, place)
        shared = "shared" in special and self._boolean(special["shared"])
        return Block(kind, title, place, loop, tuple(attributes), tuple(relations), spread, shared)

    def _loop(self, found: dict[str, Field], place: Location) -> Loop:
        """Return the condition and the repetition among the fields of a block."""
        when = found["when"].node if "when" in found else None
        if when is not None and (not isinstance(when, Scalar) or is_null(when)):
            self._report("bad-structure", "'when' must be one expression", when.location, "quote it")
            when = None
        names = self._names(found["as"]) if "as" in found else ()
        for_each = found["for_each"].node if "for_each" in found else None
        if names and for_each is None:
            self._report("bad-structure", "'as' needs a 'for_each'", found["as"].key.location)
        return Loop(when, for_each, names, for_each.location if for_each else place)

    def _names(self, entry: Field) -> tuple[str, ...]:
        """Return the names in ``as``."""
        names = scalars(entry.node, "'as'", self.problems)
        for name in names:
            if not VARIABLE.fullmatch(name.text) or name.text in RESERVED:
                self._report("bad-name", f"'{name.text}' cannot name a variable", name.location)
                return ()
        if len(names) not in (1, 2):
            self._report("bad-structure", "'as' takes one name or two", entry.key.location)
            return ()
        return tuple(name.text for name in names)

    def _boolean(self, entry: Field) -> bool:
        """Return a literal true or false."""
        text = entry.node.text if isinstance(entry.node, Scalar) else ""
        if text not in ("true", "false"):
            self._report("type-mismatch", f"'{entry.key.text}' must be true or false", entry.node.location)
        return text == "true"

    def _is_shell_test(self, key: Scalar, node: Node) -> bool:
        """Say whether ``node`` is a shell test that YAML read as a list; reports it."""
        if key.text not in _COMMANDS or not isinstance(node, Sequence) or not node.flow or len(node.items) != 1:
            return False
        item = node.items[0]
        while isinstance(item, Sequence) and item.items:
            item = item.items[0]
        found = isinstance(item, Scalar) and not item.style and (_SHELL.match(item.text) or " " in item.text)
        if found and isinstance(item, Scalar):
            words = f"[ {item.text} ]" if node.items[0] is item else f"[[ {item.text} ]]"
            message = f"YAML reads this '{key.text}' as a list"
            self._report("shell-test", message, node.location, f"quote it: {key.text}: '{words}'")
        return bool(found)

    def _report(self, code: str, message: str, location: Location, hint: str | None = None) -> None:
        """Report a problem."""
        self.problems.add(Problem(code, message, location, hint))
