"""The types ``concat`` and ``concat_fragment``: a file put together from parts. Attributes are puppetlabs-concat's.

The compiler joins the fragments and gives ``concat`` its ``content``; on the machine it is a file like any other.
"""

from __future__ import annotations

from typing import Any

from manifests.spec import Role
from runner.resources.base import Change, Resource, State, Undo, option, state
from runner.resources.file_entry import PATH_TYPE, FileEntry
from runner.system.base import Probe, System


class Concat(FileEntry):
    """A file put together from the fragments that name it as their target."""

    kind = "concat"

    ensure = state[str]("Enum['present', 'absent']", "whether the file shall be there", default="present")
    content_ = state[str]("String", "the joined fragments; given by the compiler", role=Role.CONTENT)
    order = option[str]("Enum['alpha', 'numeric']", "how the fragments' `order` is compared", default="alpha")
    ensure_newline = option[bool]("Boolean", "end every fragment with a line end", default=False)
    warn = option[Any]("Variant[Boolean, String]", "a warning as the first line: true, or its text", default=False)

    def _kind(self) -> str | None:
        """See ``FileEntry``."""
        return "file"


class ConcatFile(Concat):
    """What the define `concat` of puppetlabs-concat stands for in the Puppet language: the file itself."""

    kind = "concat_file"

    format = option[str]("Enum['plain']", "how fragments are joined; only as they stand", default="plain")
    create_empty_file = option[bool]("Boolean", "accepted: a file without fragments is empty", default=True)


class ConcatFragment(Resource):
    """A part of a ``concat`` file. There is nothing of it on the machine but in that file."""

    kind = "concat_fragment"
    undo = Undo.NONE
    cheap = True

    target = option[str](
        f"Variant[{PATH_TYPE}, String[1]]", "the `concat` it belongs to, by path or title", required=True
    )
    content_ = option[str]("Variant[String, Binary]", "its text", role=Role.CONTENT)
    source = option[Any]("Variant[String[1], Array[String[1], 1]]", "the file that is its text", role=Role.SOURCE)
    template = option[str]("String[1]", "the template that gives its text", role=Role.TEMPLATE)
    order = option[Any]("Variant[String[1], Integer]", "where it stands among the others", default="10")

    def wanted(self) -> State | None:
        """See ``Resource``: nothing."""
        return {}

    def read(self, probe: Probe, keys: frozenset[str]) -> State | None:  # noqa: ARG002
        """See ``Resource``: nothing."""
        return {}

    def converge(self, system: System, change: Change) -> None:
        """See ``Resource``: there is nothing to do."""
