"""From the notation of a type to the type: what each name means, and what may stand in its brackets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from hiera.errors import did_you_mean
from hiera.types import containers, scalars, wrappers
from hiera.types.base import Type
from hiera.types.data import SemVerRange, Timespan, Timestamp
from hiera.types.notation import Node, Resolver, TypeSyntaxError, read

_PARSED: dict[str, Type] = {}
_ALIASES: dict[str, wrappers.AliasType] = {}


def parse(notation: str, *, resolve: Resolver | None = None) -> Type:
    """Return the type that ``notation`` means.

    ``resolve(name)`` answers for names that are not built in: aliases of modules, resource types. Raises
    :class:`TypeSyntaxError` with the column of the mistake.
    """
    known = _PARSED.get(notation)
    if known is not None:
        return known
    builder = _Builder(notation, resolve)
    built = builder.kind(read(notation))
    if not builder.asked:
        _PARSED[notation] = built
    return built


def alias(name: str, notation: str, *, resolve: Resolver | None = None) -> Type:
    """Return the type alias ``name`` for ``notation``, read when first needed; it may name itself."""
    made: list[Type] = []

    def own(other: str) -> Type | None:
        if other == name:
            return made[0]
        return resolve(other) if resolve else None

    made.append(wrappers.AliasType(name, lambda: parse(notation, resolve=own)))
    return made[0]


class _Builder:
    """Builds the types of one notation; ``asked`` tells whether the answer depended on the resolver."""

    def __init__(self, notation: str, resolve: Resolver | None) -> None:
        self.notation = notation
        self.resolve = resolve
        self.asked = False

    def error(self, message: str, node: Node, hint: str | None = None) -> TypeSyntaxError:
        """Return the error ``message`` at ``node``."""
        return TypeSyntaxError(message, self.notation, node.column, hint=hint)

    def kind(self, node: Node) -> Type:
        """Return the type that ``node`` means."""
        if node.kind != "name":
            raise self.error("expected a type", node)
        plain = SIMPLE.get(node.value)
        make = MAKERS.get(node.value)
        if node.arguments is None and plain is not None:
            return plain
        if make is not None:
            if not node.arguments:
                raise self.error(f"{node.value} wants something in its brackets", node)
            try:
                return make(self, node, node.arguments)
            except (ValueError, re.error) as error:
                raise self.error(str(error), node) from None
        if plain is not None:
            raise self.error(f"{node.value} takes nothing in brackets", node)
        return self._named(node)

    def _named(self, node: Node) -> Type:
        """Return the alias, or the reference to resources, that the name of ``node`` stands for."""
        name = node.value
        found = self._own(name) if self.resolve else None
        if found is None:
            found = builtin(name)
        if found is None:
            hint = did_you_mean(name, [*SIMPLE, *MAKERS, *builtin_names()])
            raise self.error(f"there is no data type '{name}'", node, hint)
        if node.arguments is None:
            return found
        if not isinstance(found, wrappers.ResourceType) or len(node.arguments) != 1:
            raise self.error(f"{name} takes nothing in brackets", node)
        return wrappers.ResourceType(found.kind, self.text(node.arguments[0]))

    def _own(self, name: str) -> Type | None:
        self.asked = True
        return self.resolve(name) if self.resolve else None

    def text(self, node: Node) -> str:
        """Return the text that ``node`` is, quoted or bare."""
        if node.kind == "word" or (node.kind == "value" and isinstance(node.value, str)):
            return str(node.value)
        raise self.error("expected a text", node)

    def number(self, node: Node, kinds: tuple[type, ...] = (int,)) -> Any:
        """Return the number that ``node`` is, or None for ``default``."""
        if node.kind == "word" and node.value == "default":
            return None
        if node.kind == "value" and isinstance(node.value, kinds) and not isinstance(node.value, bool):
            return node.value
        raise self.error("expected a number or default", node)

    def range(self, nodes: tuple[Node, ...], kinds: tuple[type, ...] = (int,)) -> tuple[Any, Any]:
        """Return the lower and the upper end that one or two nodes give."""
        if len(nodes) > 2:
            raise self.error("expected at most two bounds", nodes[2])
        low, high = (*(self.number(node, kinds) for node in nodes), None, None)[:2]
        if low is not None and high is not None and low > high:
            raise self.error("the lower bound is above the upper one", nodes[0])
        return low, high

    def size(self, nodes: tuple[Node, ...]) -> tuple[int, int | None]:
        """Return the size that one or two nodes give."""
        low, high = self.range(nodes)
        if low is not None and low < 0:
            raise self.error("a size is not negative", nodes[0])
        return low or 0, high

    def one(self, node: Node, nodes: tuple[Node, ...]) -> Type:
        """Return the type in brackets; for Optional and NotUndef a text stands for exactly that text."""
        if len(nodes) != 1:
            raise self.error(f"{node.value} takes one type", node)
        if nodes[0].kind == "name" or node.value not in {"Optional", "NotUndef"}:
            return self.kind(nodes[0])
        return scalars.string_of(self.text(nodes[0]))


Maker = Callable[[_Builder, Node, tuple[Node, ...]], Type]


def _integer(build: _Builder, _node: Node, nodes: tuple[Node, ...]) -> Type:
    return scalars.IntegerType(*build.range(nodes))


def _float(build: _Builder, _node: Node, nodes: tuple[Node, ...]) -> Type:
    low, high = build.range(nodes, (int, float))
    return scalars.FloatType(None if low is None else float(low), None if high is None else float(high))


def _string(build: _Builder, _node: Node, nodes: tuple[Node, ...]) -> Type:
    if nodes[0].kind == "value" and isinstance(nodes[0].value, str):
        return scalars.string_of(nodes[0].value)
    return scalars.StringType(*build.size(nodes))


def _boolean(build: _Builder, node: Node, nodes: tuple[Node, ...]) -> Type:
    if len(nodes) != 1 or nodes[0].value not in (True, False) or nodes[0].kind != "value":
        raise build.error("Boolean takes true or false", node)
    return scalars.BooleanType(nodes[0].value)


def _enum(build: _Builder, _node: Node, nodes: tuple[Node, ...]) -> Type:
    caseless = isinstance(nodes[-1].value, bool)
    words = nodes[:-1] if caseless else nodes
    return scalars.EnumType(tuple(build.text(word) for word in words), caseless and nodes[-1].value)


def _source(build: _Builder, node: Node) -> str:
    """Return the source of a regular expression; a text will do."""
    return str(node.value) if node.kind == "regex" else build.text(node)


def _pattern(build: _Builder, _node: Node, nodes: tuple[Node, ...]) -> Type:
    return scalars.PatternType(tuple(_source(build, node) for node in nodes))


def _regexp(build: _Builder, _node: Node, nodes: tuple[Node, ...]) -> Type:
    return scalars.RegexpType(_source(build, nodes[0]))


def _array(build: _Builder, _node: Node, nodes: tuple[Node, ...]) -> Type:
    typed = nodes[0].kind == "name"
    item = build.kind(nodes[0]) if typed else scalars.ANY
    return containers.ArrayType(item, *build.size(nodes[1:] if typed else nodes))


def _hash(build: _Builder, node: Node, nodes: tuple[Node, ...]) -> Type:
    if nodes[0].kind != "name":
        return containers.HashType(scalars.ANY, scalars.ANY, *build.size(nodes))
    if len(nodes) == 1:
        raise build.error("Hash takes the types of its keys and of its values", node)
    return containers.HashType(build.kind(nodes[0]), build.kind(nodes[1]), *build.size(nodes[2:]))


def _collection(build: _Builder, _node: Node, nodes: tuple[Node, ...]) -> Type:
    return containers.CollectionType(*build.size(nodes))


def _tuple(build: _Builder, _node: Node, nodes: tuple[Node, ...]) -> Type:
    count = sum(node.kind == "name" for node in nodes)
    items = tuple(build.kind(node) for node in nodes[:count])
    if len(nodes) == count:
        return containers.TupleType(items)
    return containers.TupleType(items, *build.size(nodes[count:]))


def _struct(build: _Builder, node: Node, nodes: tuple[Node, ...]) -> Type:
    table = nodes[0]
    if len(nodes) != 1 or table.kind != "hash":
        raise build.error("Struct takes a mapping in braces", node)
    entries = table.arguments or ()
    return containers.StructType(tuple(_member(build, *pair) for pair in zip(entries[::2], entries[1::2], strict=True)))


def _member(build: _Builder, key: Node, value: Node) -> containers.Member:
    kind = build.kind(value)
    if key.kind == "name" and key.value in {"Optional", "NotUndef"} and key.arguments and len(key.arguments) == 1:
        name = build.text(key.arguments[0])
        optional = key.value == "Optional"
    else:
        name = build.text(key)
        optional = kind.assignable(scalars.UNDEF) if _readable(kind) else False
    if not name:
        raise build.error("a key is not empty", key)
    return containers.Member(name, kind, optional)


def _readable(kind: Type) -> bool:
    """Say whether ``kind`` can be looked into now: an alias being defined cannot, and a container need not."""
    if isinstance(kind, wrappers.VariantType):
        return all(_readable(member) for member in kind.members)
    return not isinstance(kind, wrappers.AliasType) or kind.ready()


def _variant(build: _Builder, _node: Node, nodes: tuple[Node, ...]) -> Type:
    return wrappers.variant(*(build.kind(node) for node in nodes))


def _optional(build: _Builder, node: Node, nodes: tuple[Node, ...]) -> Type:
    return wrappers.OptionalType(build.one(node, nodes))


def _notundef(build: _Builder, node: Node, nodes: tuple[Node, ...]) -> Type:
    return wrappers.NotUndefType(build.one(node, nodes))


def _sensitive(build: _Builder, node: Node, nodes: tuple[Node, ...]) -> Type:
    return wrappers.SensitiveType(build.one(node, nodes))


def _type(build: _Builder, node: Node, nodes: tuple[Node, ...]) -> Type:
    return wrappers.TypeType(build.one(node, nodes))


def _iterable(build: _Builder, node: Node, nodes: tuple[Node, ...]) -> Type:
    return wrappers.IterableType(build.one(node, nodes), node.value)


def _init(build: _Builder, node: Node, nodes: tuple[Node, ...]) -> Type:
    for extra in nodes[1:]:
        if extra.kind not in {"value", "word"}:
            raise build.error("expected a plain value", extra)
    return wrappers.InitType(build.one(node, nodes[:1]), tuple(extra.value for extra in nodes[1:]))


def _callable(build: _Builder, _node: Node, nodes: tuple[Node, ...]) -> Type:
    texts: list[str] = []
    for node in nodes:
        if node.kind == "name":
            texts.append(str(build.kind(node)))
        elif node.kind == "list":
            texts.append(f"[{', '.join(str(build.kind(item)) for item in node.arguments or ())}]")
        else:
            number = build.number(node)
            texts.append("default" if number is None else str(number))
    return wrappers.CallableType(tuple(texts))


def _resource(build: _Builder, node: Node, nodes: tuple[Node, ...]) -> Type:
    if len(nodes) > 2:
        raise build.error("Resource takes a type and a title", node)
    first = nodes[0]
    kind = first.value if first.kind == "name" and first.arguments is None else build.text(first)
    return wrappers.ResourceType(str(kind).lower(), build.text(nodes[1]) if len(nodes) == 2 else "")


def _class(build: _Builder, node: Node, nodes: tuple[Node, ...]) -> Type:
    if len(nodes) != 1:
        raise build.error("Class takes one name", node)
    return wrappers.ClassType(build.text(nodes[0]).removeprefix("::"))


def _semver(build: _Builder, _node: Node, nodes: tuple[Node, ...]) -> Type:
    ranges = tuple(SemVerRange(build.text(node)) for node in nodes)
    for part in ranges:
        part.alternatives()
    return scalars.SemVerType(ranges)


def _time(build: _Builder, node: Node, nodes: tuple[Node, ...]) -> Type:
    from hiera.types.convert import convert  # noqa: PLC0415  the modules know each other

    for end in nodes:
        if end.kind not in {"value", "word"}:
            raise build.error("expected a time", end)
    of = Timespan if node.value == "Timespan" else Timestamp
    plain = scalars.TimeType(of)
    ends = [None if n.kind == "word" and n.value == "default" else convert(plain, n.value) for n in nodes]
    if len(ends) > 2:
        raise build.error(f"{node.value} takes at most two bounds", node)
    return scalars.TimeType(of, *ends)


SIMPLE: Final[dict[str, Type]] = {
    "Any": scalars.ANY, "Undef": scalars.UNDEF, "Default": scalars.DEFAULT_TYPE, "Scalar": scalars.SCALAR,
    "ScalarData": scalars.SCALAR_DATA, "Numeric": scalars.NUMERIC, "Integer": scalars.INTEGER, "Float": scalars.FLOAT,
    "String": scalars.STRING, "Boolean": scalars.BOOLEAN, "Enum": scalars.EnumType(), "Pattern": scalars.PatternType(),
    "Regexp": scalars.RegexpType(), "Collection": containers.COLLECTION, "Array": containers.ARRAY,
    "Hash": containers.HASH, "Tuple": containers.TupleType(), "Struct": containers.StructType(),
    "Variant": wrappers.VariantType(), "Optional": wrappers.OptionalType(), "NotUndef": wrappers.NotUndefType(),
    "Sensitive": wrappers.SensitiveType(), "Type": wrappers.TypeType(), "Iterable": wrappers.IterableType(),
    "Iterator": wrappers.IterableType(label="Iterator"), "Callable": wrappers.CallableType(),
    "Init": wrappers.InitType(), "Resource": wrappers.ResourceType(), "Class": wrappers.ClassType(),
    "CatalogEntry": wrappers.CATALOG_ENTRY, "Catalogentry": wrappers.CATALOG_ENTRY, "Binary": scalars.BINARY,
    "Deferred": scalars.DEFERRED,
    "SemVer": scalars.SemVerType(), "SemVerRange": scalars.SEMVER_RANGE, "Timespan": scalars.TimeType(Timespan),
    "Timestamp": scalars.TimeType(Timestamp), "URI": scalars.URI,
}  # fmt: skip
"""Types that a bare name means."""

MAKERS: Final[dict[str, Maker]] = {
    "Integer": _integer, "Float": _float, "String": _string, "Boolean": _boolean, "Enum": _enum, "Pattern": _pattern,
    "Regexp": _regexp, "Array": _array, "Hash": _hash, "Collection": _collection, "Tuple": _tuple, "Struct": _struct,
    "Variant": _variant, "Optional": _optional, "NotUndef": _notundef, "Sensitive": _sensitive, "Type": _type,
    "Iterable": _iterable, "Iterator": _iterable, "Init": _init, "Callable": _callable, "Resource": _resource,
    "Class": _class, "SemVer": _semver, "Timespan": _time, "Timestamp": _time,
}  # fmt: skip
"""What reads the brackets after a name."""

KINDS: Final = (
    "File", "Package", "Service", "Exec", "User", "Group", "Cron", "Mount", "Host", "Notify", "Stage", "Schedule",
    "Tidy", "Filebucket", "Yumrepo", "Augeas", "Ssh_authorized_key", "Sshkey", "Concat", "Concat_fragment", "Anchor",
)  # fmt: skip
"""Resource types that a notation may name without asking a resolver."""

CORE_ALIASES: Final = {
    "Data": "Variant[ScalarData, Undef, Hash[String, Data], Array[Data]]",
    "RichDataKey": "Variant[String, Numeric]",
    "RichData": "Variant[Scalar, SemVerRange, Binary, Sensitive, Type, URI, Default, Undef, "
    "Hash[RichDataKey, RichData], Array[RichData]]",
}
"""Aliases that are part of the language."""


def builtin(name: str) -> Type | None:
    """Return the alias, or the type of references to resources, that ``name`` means without a resolver, or None."""
    if name in KINDS:
        return wrappers.ResourceType(name.lower())
    known = _ALIASES.get(name)
    if known is None:
        notation = CORE_ALIASES.get(name) or _stdlib().get(name)
        if notation is None:
            return None
        known = _ALIASES[name] = wrappers.AliasType(name, lambda: parse(notation))
    return known


def builtin_names() -> list[str]:
    """Return the names of the aliases and resource types that :func:`builtin` knows."""
    return [*KINDS, *CORE_ALIASES, *_stdlib()]


def _stdlib() -> dict[str, str]:
    """Return the table of aliases that puppetlabs-stdlib has made everybody's."""
    from hiera.types.stdlib import ALIASES  # noqa: PLC0415  read only when a notation names one

    return ALIASES
