"""What the compiler knows of a resource type: its attributes, their data types and their part in a catalog."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from manifests.catalog import Plain

METAPARAMETERS = (
    "require", "before", "notify", "subscribe", "tag", "noop", "prune", "alias", "loglevel", "schedule", "stage",
    "audit",
)  # fmt: skip
"""Attributes that every resource has; names and meaning are Puppet's, ``prune`` is ours."""


class Role(StrEnum):
    """What a value becomes in the catalog."""

    PLAIN = "plain"  # stays as it is; a secret in it is an error unless the attribute is sensitive
    CONTENT = "content"  # text or bytes, kept as a ContentRef
    TEMPLATE = "template"  # the name of a template, rendered into the attribute `content`
    SOURCE = "source"  # a path in the tree (module/file, or puppet:///modules/module/file) into `content`


class AttributeSpec(msgspec.Struct, frozen=True):
    """One attribute of a type. ``type`` is in Puppet's notation (``Enum['present', 'absent']``)."""

    name: str
    type: str
    doc: str
    role: Role = Role.PLAIN
    required: bool = False
    default: Plain = None
    sensitive: bool = False  # may be secret (a password hash); kept as a secret ContentRef if it is
    compared: bool = True  # part of the state; False: a knob that only says how


class TypeSpec(msgspec.Struct, frozen=True):
    """A resource type as the compiler sees it.

    ``namevar`` is the attribute that the title stands for (``path`` of file). ``undo`` is ``exact``, ``state`` or
    ``none``.
    """

    kind: str
    doc: str
    namevar: str
    attributes: dict[str, AttributeSpec]
    undo: str = "state"
