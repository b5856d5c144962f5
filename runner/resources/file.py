"""The type ``file``: a regular file, a directory or a link. Names and meanings are Puppet's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hiera.errors import Problem
from manifests.spec import Role
from runner.resources.base import Child, option, state
from runner.resources.file_entry import FileEntry
from runner.system.base import Probe


class File(FileEntry):
    """A file, a directory or a symbolic link, and with ``recurse`` all that is in a directory."""

    kind = "file"

    ensure = state[str](
        "Enum['present', 'file', 'directory', 'link', 'absent']",
        "what shall be there; follows from `content`, `source`, `template` or `target` if not given",
    )
    content_ = state[str]("Variant[String, Binary]", "the content of the file", role=Role.CONTENT)
    template = option[str]("String[1]", "the template that gives the content", role=Role.TEMPLATE)
    source = option[Any](
        "Variant[String[1], Array[String[1], 1]]",
        "the file of the repository that gives the content, or with `recurse` the directory",
        role=Role.SOURCE,
    )
    target = state[str]("String[1]", "what the link says")
    recurse = option[Any]("Variant[Boolean, Enum['true', 'false', 'remote']]", "manage what is in the directory too")
    recurselimit = option[int]("Integer[0]", "how many levels deep to recurse")
    purge = option[bool]("Boolean", "with `recurse`: remove what nobody declared", default=False)
    ignore = option[Any]("Variant[String[1], Array[String[1]]]", "names that recursion leaves alone, as globs")

    def _kind(self) -> str | None:
        """See ``FileEntry``: what is asked for, or follows from the other attributes."""
        ensure = self.attributes.get("ensure")
        if ensure in {"file", "directory", "link"}:
            return str(ensure)
        if "source_tree" in self.attributes:
            return "directory"
        if self.attributes.get("target") is not None:
            return "link"
        return "file" if self.attributes.get("content") is not None else None

    def wanted(self) -> dict[str, Any] | None:
        """See :class:`runner.resources.base.Resource`."""
        wish = super().wanted()
        if wish is not None and wish.get("type") != "file":
            wish.pop("content", None)
        if wish is not None and wish.get("type") != "link":
            wish.pop("target", None)
        return wish

    def after(self, before: dict[str, Any] | None, wish: dict[str, Any] | None) -> dict[str, Any] | None:
        """See ``FileEntry``; ``ensure: present`` creates a file and is content with anything else."""
        if before is None and wish is not None and self.attributes.get("ensure") == "present":
            wish = {"type": "file", **wish}
        return super().after(before, wish)

    def problems(self, probe: Probe) -> Iterator[Problem]:
        """Yield what is wrong with the path and with attributes that exclude each other."""
        yield from super().problems(probe)
        kind, here = self._kind(), self.declaration.location
        gone = self.attributes.get("ensure") == "absent"
        if kind == "link" and self.target is None:
            yield Problem("missing-attribute", f"{self.ref} is a link and needs 'target'", here)
        if kind == "directory" and self.attributes.get("content") is not None:
            yield Problem("conflicting-attributes", f"{self.ref} is a directory and has no content", here)
        if kind == "link" and self.attributes.get("content") is not None:
            yield Problem("conflicting-attributes", f"{self.ref} is a link and has no content", here)
        if kind == "file" and self.target is not None:
            yield Problem("conflicting-attributes", f"{self.ref} is a file and has no 'target'", here)
        if self.recurse and kind in {"file", "link"}:
            yield Problem("conflicting-attributes", f"{self.ref} recurses and is no directory", here)
        if self.purge and not self.recurse and not gone:
            yield Problem("conflicting-attributes", f"{self.ref} purges nothing without 'recurse'", here)

    def expand(self, probe: Probe) -> Iterator[Child]:
        """See :class:`runner.resources.base.Resource`: the entries of a recursive directory."""
        way_out = self._makes_way()
        if not way_out and not self.recurse and "source_tree" not in self.attributes:
            return
        from runner.resources.file_tree import children, leaving  # noqa: PLC0415  few files recurse

        if way_out:
            found = probe.lstat(self.name)
            yield from leaving(self, probe) if found is not None and found.kind == "directory" else ()
        elif self._kind() in {None, "directory"}:
            yield from children(self, probe)

    def purges(self, name: str) -> bool:
        """See :class:`runner.resources.base.Resource`."""
        below = self.name.rstrip("/") + "/"
        if not name.startswith(below):
            return False
        from runner.resources.file_tree import looks, reaches  # noqa: PLC0415  see expand

        return self._makes_way() or bool(self.purge and looks(self) and reaches(self, name.removeprefix(below)))

    def _makes_way(self) -> bool:
        """Say whether a directory here goes with all that is in it."""
        return bool(self.force and (self.wanted() is None or self._kind() in {"file", "link"}))
