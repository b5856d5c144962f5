"""Object types: types with attributes, their values, and those that the language brings with it."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import msgspec

from hiera.types.base import Guard, Type, quoted
from hiera.types.data import DEFAULT, Deferred, Regexp, Uri
from hiera.types.inference import infer
from hiera.types.mismatch import describe_mismatch
from hiera.types.scalars import ANY, STRING, UNDEF, URI, PatternType
from hiera.types.wrappers import OptionalType
from hiera.values import MISSING, Value


class Attribute(msgspec.Struct, frozen=True):
    """One attribute; ``kind`` is "", constant, derived, given_or_derived or reference."""

    name: str
    type: Type
    kind: str = ""
    default: Any = MISSING
    override: bool = False
    final: bool = False

    @property
    def needed(self) -> bool:
        """Say whether a new object must be given a value for it."""
        return self.given and self.default is MISSING and not self.type.assignable(UNDEF)

    @property
    def given(self) -> bool:
        """Say whether a new object may be given a value for it."""
        return self.kind not in {"constant", "derived"}


class ObjectType(Type, frozen=True, eq=False):
    """A type whose values have attributes; ``label`` is its name, "" for one without."""

    label: str = ""
    attributes: tuple[Attribute, ...] = ()
    parent: Type | None = None
    equality: tuple[str, ...] | None = None
    parameters: tuple[str, ...] = ()
    name: ClassVar[str] = "Object"

    def above(self) -> ObjectType | None:
        """Return the object type that this one inherits from."""
        parent = self.parent.resolved() if self.parent is not None else None
        return parent if isinstance(parent, ObjectType) else None

    def compared(self) -> frozenset[str]:
        """Return the attributes that make two objects of the type equal."""
        above = self.above()
        inherited = above.compared() if above is not None else frozenset()
        mine = self.equality
        if mine is None:
            mine = tuple(one.name for one in self.attributes if one.kind != "constant")
        return inherited | frozenset(mine)

    def sound(self) -> ObjectType:
        """Return the type itself. Raises ``ValueError`` if it goes against what it inherits from."""
        above = self.above()
        seen = above
        while seen is not None:
            if seen is self or (self.label and seen.label == self.label):
                raise ValueError(f"The Object type '{self}' inherits from itself")
            seen = seen.above()
        inherited = {one.name: one for one in above.all()} if above is not None else {}
        for one in self.attributes:
            self._check_override(one, inherited.get(one.name))
        known = {*inherited, *(one.name for one in self.attributes)}
        for name in self.equality or ():
            if name not in known:
                raise ValueError(f"{self} equality is referencing non existent attribute '{name}'")
            if above is not None and name in above.compared():
                raise ValueError(
                    f"{self} equality is referencing attribute {above}[{name}] which is included in equality of {above}"
                )
        return self

    def _check_override(self, one: Attribute, other: Attribute | None) -> None:
        """Check an attribute against the one of the parent that it takes the place of."""
        what = f"attribute {self}[{one.name}]"
        if other is None:
            if one.override:
                raise ValueError(f"expected {what} to override an inherited attribute, but no such attribute was found")
            return
        theirs = f"attribute {self.above()}[{one.name}]"
        if other.final:
            raise ValueError(f"{what} attempts to override final {theirs}")
        if not one.override:
            raise ValueError(f"{what} attempts to override {theirs} without having override => true")
        if not other.type.assignable(one.type):
            raise ValueError(f"{what} attempts to override {theirs} with a type that does not match")

    def all(self) -> tuple[Attribute, ...]:
        """Return the attributes, those of the parent first; needed ones come before others."""
        above = self.parent.resolved() if self.parent is not None else None
        inherited = above.all() if isinstance(above, ObjectType) else ()
        mine = {attribute.name for attribute in self.attributes}
        every = [*(one for one in inherited if one.name not in mine), *self.attributes]
        return tuple(sorted(every, key=lambda one: not one.needed))

    def below(self, other: ObjectType) -> bool:
        """Say whether this type is ``other`` or one that inherits from it."""
        kind: Type | None = self
        while isinstance(kind, ObjectType):
            if kind is other or (kind.label and kind.label == other.label):
                return True
            kind = kind.parent.resolved() if kind.parent is not None else None
        return False

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return isinstance(value, Instance) and (self is OBJECT or value.type.below(self))

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        if isinstance(other, ObjectExtension):
            other = other.base
        return isinstance(other, ObjectType) and (self is OBJECT or other.below(self))

    def make(self, arguments: tuple[Value, ...]) -> Instance:
        """Return a new object from values in order, or from one mapping by name. Raises ``ValueError``."""
        every = [attribute for attribute in self.all() if attribute.given]
        names = {attribute.name for attribute in every}
        if len(arguments) == 1 and isinstance(arguments[0], dict) and names.issuperset(arguments[0]):
            given = dict(arguments[0])
        else:
            if len(arguments) > len(every):
                raise ValueError(f"'new' expects at most {len(every)} arguments, got {len(arguments)}")
            given = {one.name: value for one, value in zip(every, arguments, strict=False)}
        values: dict[str, Value] = {}
        for one in self.all():
            value = given.get(one.name, one.default)
            if value is MISSING:
                if one.needed:
                    raise ValueError(f"{self} initializer expects a value for key '{one.name}'")
                continue
            if one.name in given and not one.type.is_instance(value):
                wrong = describe_mismatch(one.type, infer(value)).describe(f"{self} initializer '{one.name}'")
                raise ValueError(wrong)
            values[one.name] = value
        return Instance(self, values)

    def __str__(self) -> str:
        if self.label:
            return self.label
        rows = ", ".join(f"{one.name} => {one.type}" for one in self.attributes)
        return f"Object[{{attributes => {{{rows}}}}}]" if rows else "Object"


class Instance(msgspec.Struct, frozen=True):
    """A value of an object type."""

    type: ObjectType
    values: dict[str, Value]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Instance) or not (self.type is other.type or self.type.label == other.type.label):
            return False
        return all(self.values.get(name) == other.values.get(name) for name in self.type.compared())

    def __hash__(self) -> int:
        return hash((self.type.label, len(self.values)))

    def __str__(self) -> str:
        from hiera.types.formats import INSIDE, text_of  # noqa: PLC0415  the modules know each other

        usual = {one.name: one.default for one in self.type.all()}
        given = ((name, value) for name, value in self.values.items() if usual.get(name, MISSING) != value)
        rows = [f"{quoted(name)} => {text_of(value, INSIDE)}" for name, value in given]
        return f"{self.type}({{{', '.join(rows)}}})"


class ObjectExtension(Type, frozen=True):
    """An object type whose attributes are limited in order: ``Error['puppet/error', 'OUCH']``."""

    base: ObjectType
    limits: tuple[Any, ...] = ()
    names: tuple[str, ...] = ()
    name: ClassVar[str] = "Object"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        if not self.base.accepts(value):
            return False
        return all(_within(limit, value.values.get(name)) for name, limit in zip(self.names, self.limits, strict=False))

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        if not isinstance(other, ObjectExtension) or not self.base.takes(other.base, guard):
            return False
        others = (*other.limits, *[DEFAULT] * len(self.limits))
        return all(
            _as_type(mine).assignable(_as_type(theirs)) for mine, theirs in zip(self.limits, others, strict=False)
        )

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [quoted(limit) if isinstance(limit, str) else "default" if limit is DEFAULT else str(limit)
                for limit in self.limits]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.base}[{', '.join(self.arguments())}]"


def _as_type(limit: Value) -> Type:
    if isinstance(limit, Type):
        return limit
    if isinstance(limit, Regexp):
        return PatternType((limit.source,))
    return ANY if limit is DEFAULT else infer(limit)


def _within(limit: Value, value: Value) -> bool:
    return _as_type(limit).is_instance(value)


class UriType(Type, frozen=True):
    """Resource identifiers whose parts are of given types."""

    parts: tuple[tuple[str, Any], ...] = ()
    name: ClassVar[str] = "URI"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        if not isinstance(value, Uri):
            return False
        given = members(value)
        return all(_within(limit, given.get(name)) for name, limit in self.parts)

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        if other == URI:
            return not self.parts
        if not isinstance(other, UriType):
            return False
        given = dict(other.parts)
        return all(name in given and _as_type(limit).assignable(_as_type(given[name])) for name, limit in self.parts)

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        rows = [f"'{name}' => {quoted(limit) if isinstance(limit, str) else limit}" for name, limit in self.parts]
        return ["{" + ", ".join(rows) + "}"] if rows else []


class RuntimeType(Type, frozen=True):
    """Types of the language that the tool is written in: no value of a manifest is an instance."""

    arguments_given: tuple[str, ...] = ()
    name: ClassVar[str] = "Runtime"

    def accepts(self, value: Value) -> bool:
        """See :class:`Type`."""
        return False

    def takes(self, other: Type, guard: Guard) -> bool:
        """See :class:`Type`."""
        return isinstance(other, RuntimeType) and self.arguments_given in {(), other.arguments_given}

    def arguments(self) -> list[str]:
        """See :class:`Type`."""
        return [self.arguments_given[0], *map(quoted, self.arguments_given[1:])] if self.arguments_given else []


OBJECT: Final = ObjectType("Object")
RUNTIME: Final = RuntimeType()
_OPTIONAL_TEXT: Final = OptionalType(STRING)
ERROR: Final = ObjectType("Error", (
    Attribute("msg", STRING), Attribute("kind", _OPTIONAL_TEXT, default=None),
    Attribute("details", OptionalType(ANY), default=None), Attribute("issue_code", _OPTIONAL_TEXT, default=None),
))  # fmt: skip
LIMITED: Final = {"Error": ("kind", "issue_code")}
"""The attributes of the object types that may be limited in brackets."""


_KEYS: Final = frozenset({
    "name", "parent", "attributes", "constants", "functions", "equality", "equality_include_type", "checks",
    "annotations", "type_parameters", "serialization",
})  # fmt: skip
_ATTRIBUTE_KEYS: Final = frozenset({"type", "kind", "value", "final", "override", "annotations"})
_KINDS: Final = ("constant", "derived", "given_or_derived", "reference")


def object_type(init: dict[Value, Value]) -> ObjectType:
    """Return the type that ``Object[init]`` means. Raises ``ValueError``."""
    for key in init:
        if key not in _KEYS:
            raise ValueError(f"object initializer has wrong type, unrecognized key '{key}'")
    parent = init.get("parent")
    if parent is not None and not isinstance(parent, Type):
        raise ValueError("the parent of an Object type is a type")
    given = init.get("attributes", {})
    constants = init.get("constants", {})
    parameters = init.get("type_parameters", {})
    if not all(isinstance(part, dict) for part in (given, constants, parameters)):
        raise ValueError("the attributes of an Object type are a mapping")
    attributes = [_attribute(name, how) for name, how in given.items()]
    attributes += [Attribute(name, infer(value), "constant", value) for name, value in constants.items()]
    equality = init.get("equality")
    names = (equality,) if isinstance(equality, str) else None if equality is None else tuple(map(str, equality))
    return ObjectType(str(init.get("name", "")), tuple(attributes), parent, names, tuple(map(str, parameters)))


def _attribute(name: Value, how: Value) -> Attribute:
    if isinstance(how, Type):
        return Attribute(str(name), how)
    if not isinstance(how, dict) or not isinstance(how.get("type"), Type):
        raise ValueError(f"the attribute '{name}' wants a type")  # noqa: TRY004  the author's mistake
    wrong = f"initializer for attribute [{name}] has wrong type"
    for key in how:
        if key not in _ATTRIBUTE_KEYS:
            raise ValueError(f"{wrong}, unrecognized key '{key}'")
    kind = str(how.get("kind", ""))
    if kind and kind not in _KINDS:
        words = ", ".join(map(quoted, _KINDS))
        raise ValueError(f"{wrong}, entry 'kind' expects a match for Enum[{words}], got '{kind}'")
    default = how.get("value", MISSING)
    if kind == "constant" and default is MISSING:
        raise ValueError(f"attribute [{name}] of kind 'constant' requires a value")
    if default is not MISSING and not how["type"].is_instance(default):
        raise ValueError(describe_mismatch(how["type"], infer(default)).describe(f"attribute [{name}] value"))
    if default is MISSING and kind == "given_or_derived":
        default = None
    return Attribute(
        str(name),
        how["type"],
        kind,
        default,
        how.get("override") is True,
        how.get("final") is True or kind == "constant",
    )


def uri_of(parts: dict[Value, Value]) -> Uri:
    """Return the identifier made of named parts."""
    given = {str(name): "" if value is None else str(value) for name, value in parts.items()}
    if given.get("opaque"):
        return Uri(f"{given.get('scheme', '')}:{given['opaque']}")
    host = (given["userinfo"] + "@" if given.get("userinfo") else "") + given.get("host", "")
    host += ":" + given["port"] if given.get("port") else ""
    text = (
        (given["scheme"] + ":" if given.get("scheme") else "") + ("//" + host if host else "") + given.get("path", "")
    )
    text += "?" + given["query"] if given.get("query") else ""
    return Uri(text + ("#" + given["fragment"] if given.get("fragment") else ""))


def members(value: Value) -> dict[str, Value]:
    """Return the attributes that can be read of ``value`` like functions."""
    if isinstance(value, Instance):
        return {"message": value.values["msg"], **value.values} if value.type is ERROR else value.values
    if isinstance(value, Deferred):
        return {"name": value.name, "arguments": list(value.arguments)}
    if isinstance(value, Uri):
        return _uri_parts(value)
    return {}


def _uri_parts(value: Uri) -> dict[str, Value]:
    from urllib.parse import urlsplit  # noqa: PLC0415  few manifests take identifiers apart

    parts = urlsplit(value.text)
    opaque = parts.path if parts.scheme and not parts.netloc and not parts.path.startswith("/") else None
    try:
        port = parts.port
    except ValueError:
        port = None
    if port is None:
        port = {"http": 80, "https": 443, "ftp": 21, "ldap": 389}.get(parts.scheme) if parts.netloc else None
    userinfo = parts.netloc.rpartition("@")[0] or None
    return {
        "scheme": parts.scheme or None, "userinfo": userinfo, "host": parts.hostname, "port": port,
        "path": None if opaque else parts.path, "query": parts.query or None, "fragment": parts.fragment or None,
        "opaque": opaque,
    }  # fmt: skip
