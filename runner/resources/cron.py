"""The type ``cron``: a job in a user's crontab, kept in the spool that the cron daemon reads.

The daemon notices the change by the time stamp of the spool directory; going through crontab(1) would rewrite the rest
of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from hiera.errors import Problem
from runner.resources import cron_schedule
from runner.resources.base import Identity, Missing, State, option, state
from runner.resources.line_entry import LineEntry
from runner.resources.lines import Block, Owner
from runner.system.base import MachineError, Probe

SPOOLS: Final = ("/var/spool/cron/crontabs", "/var/spool/cron")
"""Debian's place of the crontabs, and that of the others."""

_MARK: Final = "# Freehold Name: "
_VARIABLE: Final = re.compile(r"""\s*(?:"[^"]*"|'[^']*'|\w+)\s*=""")
_FIELD: Final = "Variant[Integer, String[1], Array[Variant[Integer, String[1]], 1]]"


class Cron(LineEntry):
    """A job in a user's crontab, found by the comment above it that bears its name."""

    kind = "cron"

    ensure = state[str]("Enum['present', 'absent']", "whether the job shall be there", default="present")
    name_ = option[str](r"Pattern[/\A[^\n]+\z/]", "what the job is called; the title if it is not given")
    command = state[str](r"Pattern[/\A[^\n]+\z/]", "what runs; cron reads `%` as a line end")
    user = state[str]("String[1]", "whose crontab, and as whom it runs")
    target = option[str]("String[1]", "whose crontab, if it is not that of `user`")
    schedule = option[str]("String[1]", "when: `*/5 3 * * *`, or a word such as `daily`")
    special = option[str]("String[1]", "when: a word such as `daily` or `reboot`")
    minute = option[Any](_FIELD, "0 to 59; `*` if it is not given")
    hour = option[Any](_FIELD, "0 to 23; `*` if it is not given")
    monthday = option[Any](_FIELD, "1 to 31; `*` if it is not given")
    month = option[Any](_FIELD, "1 to 12 or its name; `*` if it is not given")
    weekday = option[Any](_FIELD, "0 to 7, Sunday is both, or its name; `*` if it is not given")
    environment = state[Any]("Variant[String[1], Array[String[1]]]", "variables for the job, `NAME=value`")

    def _user(self) -> str:
        """Return whose crontab is meant."""
        return str(self.user or self.target or "root")

    def wanted(self) -> State | None:
        """See ``Resource``: all ways to say when are one attribute of the state, ``when``."""
        if self.attributes.get("ensure") == "absent":
            return None
        wish: State = {"user": self._user(), "when": cron_schedule.canonical(self.attributes)}
        if self.command is not None:
            wish["command"] = self.command.strip()
        if self.environment is not None:
            wish["environment"] = [self.environment] if isinstance(self.environment, str) else list(self.environment)
        return wish | {"line": "\n".join(self.render(wish))}

    def problems(self, probe: Probe) -> Iterator[Problem]:  # noqa: ARG002
        """Yield what is wrong with name, command, schedule and variables."""
        here = self.declaration.location
        if "\n" in self.name:
            yield Problem("bad-name", f"the name of {self.ref} holds a line end", here)
        if self.attributes.get("ensure") == "absent":
            return
        if self.command is None:
            yield Problem("missing-attribute", f"{self.ref} needs 'command'", here)
        try:
            cron_schedule.canonical(self.attributes)
        except ValueError as error:
            yield Problem("bad-schedule", f"{self.ref}: {error}", here)
        listed = self.environment if isinstance(self.environment, list) else [self.environment or "A=b"]
        if any(not _VARIABLE.match(item) or "\n" in item for item in listed):
            yield Problem("bad-environment", f"'environment' of {self.ref} is not of the form NAME=value", here)

    def needs(self) -> Iterator[Identity]:
        """Yield the user."""
        yield ("user", self._user())

    def missing(self, probe: Probe) -> Iterator[Missing]:
        """Yield the user if unknown."""
        name = self._user()
        if self.attributes.get("ensure") != "absent" and probe.privileged and probe.uid(name) is None:
            yield Missing("user", name, f"there is no user '{name}' to run it")

    def not_applicable(self, probe: Probe) -> str | None:
        """See ``Resource``: only root may write into the spool."""
        return "only root can edit crontabs" if probe.live and not probe.privileged else None

    def writes(self) -> Iterator[str]:
        """See ``Resource``."""
        for spool in SPOOLS:
            yield f"{spool}/{self._user()}"

    def _spool(self, probe: Probe) -> str:
        """Return the directory of the crontabs."""
        return next((path for path in SPOOLS if probe.lstat(path) is not None), SPOOLS[0])

    def read(self, probe: Probe, keys: frozenset[str]) -> State | None:  # noqa: ARG002  one read gives all
        """See ``LineEntry``: the job may still stand in another user's crontab."""
        spool = self._spool(probe)
        first = self._user()
        for user in (first, *(name for name in probe.listdir(spool) if name != first)):
            found = probe.lstat(f"{spool}/{user}")
            state = self.read_from(probe, f"{spool}/{user}") if found and found.kind == "file" else None
            if state is not None:
                return {"user": user, **state}
        return None

    def file(self, probe: Probe, state: State | None) -> str:
        """See ``LineEntry``."""
        return f"{self._spool(probe)}/{(state or {}).get('user') or self._user()}"

    def owner(self, probe: Probe, state: State | None) -> Owner:
        """See ``LineEntry``: the daemon wants the crontab to be its user's. Raises ``MachineError``."""
        if not probe.privileged:
            return Owner(0o600)
        name = (state or {}).get("user") or self._user()
        uid = probe.uid(name)
        if uid is None:
            raise MachineError(f"there is no user '{name}'")
        gid = probe.gid("crontab")
        return Owner(0o600, uid, probe.gid(name) if gid is None else gid)

    def find(self, text: Sequence[str]) -> Block | None:
        """See ``LineEntry``: the comment, the variables below it, and the job."""
        for start, line in enumerate(text):
            if line == _MARK + self.name:
                return Block(start, tuple(text[start : _end(text, start)]))
        return None

    def landmarks(self, text: Sequence[str]) -> Sequence[str | None]:
        """See ``LineEntry``: a job of ours is one thing, and nothing gets into it."""
        found: list[str | None] = list(text)
        for start, line in enumerate(text):
            if line.startswith(_MARK):
                end = _end(text, start)
                found[start:end] = [*[None] * (end - start - 1), line]
        return found

    def parse(self, text: Sequence[str]) -> State:
        """See ``LineEntry``."""
        variables = [line for line in text[1:] if _VARIABLE.match(line)]
        jobs = [line for line in text[1:] if not _VARIABLE.match(line)]
        if not jobs:
            return {"environment": variables}
        fields = 1 if jobs[0].lstrip().startswith("@") else len(cron_schedule.FIELDS)
        parts = jobs[0].split(None, fields)
        return {
            "environment": variables,
            "when": " ".join(parts[:fields]).lower(),
            "command": parts[fields].rstrip() if len(parts) > fields else "",
        }

    def render(self, values: State) -> tuple[str, ...]:
        """See ``LineEntry``."""
        job = f"{values.get('when', '* * * * *')} {values.get('command', '')}"
        return (_MARK + self.name, *values.get("environment", ()), job)


def _end(text: Sequence[str], start: int) -> int:
    """Return the line behind the job whose comment is the line ``start``."""
    end = start + 1
    while end < len(text) and _VARIABLE.match(text[end]):
        end += 1
    job = end < len(text) and text[end].strip() and not text[end].startswith("#")
    return end + 1 if job else end
