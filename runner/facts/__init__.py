"""Typed facts of the node, named as Facter 4 names them: gathered when first read, the same for the whole run.

:func:`collect` gives the :class:`Facts` of this machine, :func:`runner.facts.file.from_file` those of another one
for checks; :class:`runner.facts.recording.Recording` notes what a compilation read of them.
"""

from __future__ import annotations

from runner.facts.collection import Facts, collect, plain

__all__ = ["Facts", "collect", "plain"]
