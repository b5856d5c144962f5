"""The contract of a resource type: it declares attributes, reads state, and obeys a change.

A type is a subclass of :class:`Resource`::

    class Link(Resource):
        \"\"\"A symbolic link.\"\"\"

        kind = "link"
        namevar = "path"
        undo = Undo.EXACT
        path = option[str]("String[1]", "the absolute path of the link")
        target = state[str]("String[1]", "what the link says", required=True)

        def read(self, probe, keys):
            found = probe.lstat(self.name)
            return {"target": probe.readlink(self.name)} if found and found.kind == "link" else None

        def converge(self, system, change):
            if change.after is None:
                system.remove(self.name)
            else:
                system.symlink(self.name, change.after["target"])

Comparing, noop, events, the ledger, undo, redaction and retries of refreshes are the engine's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, cast

import msgspec

from hiera.errors import Problem
from manifests.catalog import ContentRef, Declaration, Plain, Ref
from manifests.spec import AttributeSpec, Role, TypeSpec
from runner.system.base import Probe, System

T = TypeVar("T")

State: TypeAlias = dict[str, Plain]
"""Flat, JSON-able. Content and secrets appear as their digest (a str). None in the place of a State is *absent*."""

Identity: TypeAlias = tuple[str, str]
"""``(kind, name)``: what a thing is called on the machine, whatever its title is in a manifest."""


class Undo(StrEnum):
    """How far going back to the baseline goes."""

    EXACT = "exact"  # byte for byte, mode, owner, group
    STATE = "state"  # what ``read`` says equals the baseline
    NONE = "none"  # nothing is taken back


class Change(msgspec.Struct, frozen=True):
    """A way from one state to another; None is absent.

    ``after`` is whole: the attributes that nobody asked to change stand in it as they are in ``before``.
    """

    before: State | None
    after: State | None

    @property
    def keys(self) -> frozenset[str]:
        """The attributes that differ between the two."""
        before, after = self.before or {}, self.after or {}
        return frozenset(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))

    @property
    def creates(self) -> bool:
        """Whether something comes to be that was not there."""
        return self.before is None and self.after is not None

    @property
    def removes(self) -> bool:
        """Whether something goes away."""
        return self.before is not None and self.after is None

    def reversed(self) -> Change:
        """Return the way back."""
        return Change(self.after, self.before)


class Attribute(Generic[T]):
    """An attribute of a type: its specification, and on an instance its value (or its default, or None)."""

    def __init__(
        self,
        type: str,  # noqa: A002  the word the field uses
        doc: str,
        *,
        default: Plain = None,
        required: bool = False,
        role: Role = Role.PLAIN,
        sensitive: bool = False,
        compared: bool = False,
    ) -> None:
        self.spec = AttributeSpec("", type, doc, role, required, default, sensitive, compared)
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name.rstrip("_")  # `content_`: a method has the plain name
        self.spec = msgspec.structs.replace(self.spec, name=self.name)

    def __get__(self, resource: Resource | None, owner: type) -> T:
        if resource is None:
            return cast("T", self)
        value = resource.attributes.get(self.name)
        return cast("T", self.spec.default if value is None else value)


class state(Attribute[T | None]):  # noqa: N801  reads as a word in a type's declaration
    """An attribute that is part of the state: read, compared, put into the ledger."""

    def __init__(self, type: str, doc: str, **more: Any) -> None:  # noqa: A002
        super().__init__(type, doc, compared=True, **more)


class option(Attribute[T | None]):  # noqa: N801
    """An attribute that says how, and is not compared."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Something a resource needs that the machine lacks before the run.

    It is an error before the first touch unless a declared resource could bring it: a ``user`` or ``group`` by its
    name, a ``command`` by any package, exec or file.
    """

    what: str  # user | group | command
    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Child:
    """A resource that another one stands for (an entry of a recursive directory).

    With ``purge`` it is there only to be removed: found on the machine and not wanted.
    """

    declaration: Declaration
    purge: bool = False


class Resource(ABC):
    """A declaration bound to its type. Holds no state of the machine and may be made again at any time."""

    kind: ClassVar[str]
    namevar: ClassVar[str] = "name"
    undo: Undo = Undo.STATE
    """How far going back goes: of the type, or of an instance that knows better (exec with a command for it)."""
    locks: ClassVar[frozenset[str]] = frozenset()
    """Names of what only one resource at a time may touch (``dpkg``)."""
    volatile: ClassVar[frozenset[str]] = frozenset()
    """State attributes that others may move without that making the thing theirs (a package's version)."""
    cheap: ClassVar[bool] = False
    """Whether ``read`` costs next to nothing, so that it is not worth a thread."""
    asks_commands: ClassVar[bool] = False
    """Whether ``read`` asks the machine open questions (exec's guards): unknowable while something is pending."""
    attribute_table: ClassVar[dict[str, Attribute[Any]]] = {}
    _compared: ClassVar[tuple[tuple[str, Plain], ...]] = ()

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        own = {item.name: item for item in vars(cls).values() if isinstance(item, Attribute)}
        cls.attribute_table = {**cls.attribute_table, **own}
        cls._compared = tuple(
            (name, item.spec.default)
            for name, item in cls.attribute_table.items()
            if item.spec.compared and name != "ensure"
        )

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.ref: Ref = declaration.ref
        self.name: str = declaration.name
        self.attributes: Mapping[str, Plain] = declaration.attributes

    @classmethod
    def spec(cls) -> TypeSpec:
        """Return what the compiler needs to know of this type."""
        return TypeSpec(
            kind=cls.kind,
            doc=(cls.__doc__ or "").strip(),
            namevar=cls.namevar,
            attributes={name: item.spec for name, item in cls.attribute_table.items()},
            undo=str(cls.undo),
        )

    @property
    def identity(self) -> Identity:
        """What the ledger calls this thing."""
        return (self.kind, self.name)

    def options(self) -> dict[str, Plain]:
        """Return the attributes set that are needed to act on this thing again when its declaration is gone."""
        return {
            name: self.attributes[name]
            for name, item in self.attribute_table.items()
            if name in self.attributes and not item.spec.compared and item.spec.role is Role.PLAIN
        }

    def needs(self) -> Iterator[Identity]:
        """Yield the things that come first if they are declared too (automatic relations; manual ones win)."""
        yield from ()

    def missing(self, probe: Probe) -> Iterator[Missing]:  # noqa: ARG002
        """Yield what this resource needs and the machine lacks now."""
        yield from ()

    def not_applicable(self, probe: Probe) -> str | None:  # noqa: ARG002
        """Return why this resource means nothing here (``--root``, no root privileges), or None."""
        return None

    def inapplicable(self, probe: Probe) -> Mapping[str, str]:  # noqa: ARG002
        """Return the state attributes that mean nothing here, each with the reason; they leave ``wanted``."""
        return {}

    def problems(self, probe: Probe) -> Iterator[Problem]:  # noqa: ARG002
        """Yield what is wrong with the declaration beyond its attributes' types; known before the first touch."""
        yield from ()

    def wanted(self) -> State | None:
        """Return the state attributes asked for; None asks for absence.

        The default: ``ensure: absent`` is None; otherwise every ``state`` attribute that was set (``ensure`` itself is
        left out), ContentRefs as their digests.
        """
        if self.attributes.get("ensure") == "absent":
            return None
        wish: State = {}
        for name, default in self._compared:
            value = self.attributes.get(name, default)
            if value is not None:
                wish[name] = value.digest if isinstance(value, ContentRef) else value
        return wish

    @abstractmethod
    def read(self, probe: Probe, keys: frozenset[str]) -> State | None:
        """Return the state of the thing, None if it is absent.

        ``keys`` are the attributes that matter; more may be returned when they cost nothing. Raises ``MachineError``.
        """

    def satisfied(self, key: str, state: State, wish: Plain) -> bool:
        """Say whether ``state`` fulfils ``wish`` for one attribute (``latest``, symbolic modes)."""
        return bool(state.get(key) == wish)

    def after(self, before: State | None, wish: State | None) -> State | None:
        """Return the whole state that granting ``wish`` would lead to; a prediction, never recorded."""
        if wish is None:
            return None
        if before is None:
            return dict(wish)
        return before | {key: value for key, value in wish.items() if not self.satisfied(key, before, value)}

    def initial(self, key: str) -> Plain:  # noqa: ARG002
        """Return what the attribute is when the thing is created without it, or None to leave it as it is.

        It stands for the baseline of an attribute that was managed from the thing's creation and is dropped later.
        """
        return None

    def content(self, probe: Probe, key: str) -> bytes | None:  # noqa: ARG002
        """Return the bytes behind the digest that ``read`` gives for ``key`` now, so that they can be kept."""
        return None

    @abstractmethod
    def converge(self, system: System, change: Change) -> None:
        """Lead the machine from ``change.before`` to ``change.after``; obeys the change, not the declaration.

        Must serve any change between two states that ``read`` can give: undo is this same method. Raises
        ``MachineError``.
        """

    def stage(self, system: System, change: Change) -> None:  # noqa: B027  most types have nothing to prepare
        """Do what can be done beforehand without effect (write temporary files)."""

    def writes(self) -> Iterator[str]:
        """Yield the paths beside which temporary files may stand while this converges; a dead run's are swept."""
        yield from ()

    @property
    def exclusive(self) -> frozenset[str]:
        """What only one resource at a time may touch; the type's ``locks`` unless it depends on the instance."""
        return self.locks

    @property
    def announcement(self) -> str | None:
        """What this resource has to say to people at its turn (notify)."""
        return None

    def expand(self, probe: Probe) -> Iterator[Child]:  # noqa: ARG002
        """Yield the resources this one stands for, decided at its turn.

        Those to be purged come before the resource itself (a directory can only go when it is empty), in the order
        given; the others after it. What is declared elsewhere, and what leads to it, is the caller's to leave out.
        """
        yield from ()

    def purges(self, name: str) -> bool:  # noqa: ARG002
        """Say whether the thing ``name`` would be removed by ``expand`` if it were there and nobody declared it."""
        return False

    def diff(self, probe: Probe, change: Change, content: Any) -> str | None:  # noqa: ARG002
        """Return a unified diff of ``change`` for people, or None.

        ``content(digest)`` gives the bytes behind a digest or None. Not asked when anything secret is involved.
        """
        return None


class Refreshable(ABC):
    """A type that can be refreshed by ``notify`` and ``subscribe`` (service restarts, exec runs)."""

    @abstractmethod
    def refresh(self, system: System) -> None:
        """React to a change of something this resource subscribes to. Raises ``MachineError``."""

    def discharged_by(self, change: Change) -> bool:  # noqa: ARG002
        """Say whether ``change`` itself already did what a refresh would (a stopped service was started)."""
        return False
