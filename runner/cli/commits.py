"""What the local mirror knows of commits, for people: author, subject, distance. Nothing here asks a remote."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from hiera.errors import FreeholdError

if TYPE_CHECKING:
    from runner.settings import Settings
    from runner.source.mirror import Mirror
    from runner.source.objects import Commit

MIRROR = "mirror.git"
TREES = "trees"


def exports(settings: Settings) -> list[str]:
    """Return the directories of the exported trees, newest first."""
    place = os.path.join(settings.state_dir, TREES)
    try:
        found = [entry for entry in os.scandir(place) if entry.is_dir()]
    except OSError:
        return []
    return [entry.path for entry in sorted(found, key=lambda entry: entry.stat().st_mtime, reverse=True)]


class Commits:
    """Commits by their ids, as far as this node has them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.find = cache(self._find)

    @property
    def mirror(self) -> Mirror | None:
        """The mirror, or None where there is none."""
        directory = os.path.join(self._settings.state_dir, MIRROR)
        if not self._settings.repo or not os.path.isfile(os.path.join(directory, "HEAD")):
            return None
        from runner.source.mirror import Mirror  # noqa: PLC0415  git is started only if there is something to ask

        return Mirror(directory, self._settings.repo, self._settings.branch)

    def _find(self, revision: str) -> Commit | None:
        try:
            mirror = self.mirror
            return mirror.commit(revision) if mirror and revision else None
        except FreeholdError:
            return None

    def subject(self, revision: str) -> str:
        """Return the first line of the message of ``revision``, or ""."""
        found = self.find(revision)
        return found.subject if found else ""

    def author(self, revision: str) -> str:
        """Return who wrote ``revision``, or ""."""
        found = self.find(revision)
        return found.author.name if found else ""

    def distance(self, old: str, new: str) -> int | None:
        """Return how many commits ``new`` is ahead of ``old``, or None if nobody can say."""
        try:
            mirror = self.mirror
            return mirror.distance(old, new) if mirror and old and new else None
        except FreeholdError:
            return None
