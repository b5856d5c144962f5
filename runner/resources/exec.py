"""The type ``exec``: a command that runs when it is needed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hiera.errors import Problem
from manifests.catalog import ContentRef, Declaration, Plain
from manifests.spec import Role
from runner.resources.base import Change, Identity, Missing, Refreshable, Resource, State, Undo, option
from runner.system.base import Completed, MachineError, Probe, System

SHOWN: Final = 20
"""Lines of output that a failure shows."""

_SHELL: Final = re.compile(r"""[*?{}\[\]<>()~&|\\$;'`"\n#]|\A\S*=""")
"""What makes Ruby, and so Puppet's provider `posix`, give a command to /bin/sh (Ruby's documentation of `exec`)."""

COMMAND: Final = "Variant[String[1], Array[String, 1]]"
GUARD: Final = "Variant[String[1], Array[Variant[String[1], Array[String, 1]]]]"


class Exec(Resource, Refreshable):
    """A command.

    Its state is ``done``: whether the guards (``creates``, ``unless``, ``onlyif``) say that nothing is left to do. A
    command without guards is done once it ran in this run, and so is one whose guards still say otherwise after it.
    One with ``refreshonly`` is always done and runs only when something notifies it.

    With ``undo`` the command goes back when it leaves the catalog, if a guard says that it was done and it was not
    before Freehold came; without it nothing is taken back.
    """

    kind = "exec"
    undo = Undo.NONE
    asks_commands = True

    command = option[Any](COMMAND, "the command; text runs by /bin/sh, a list is a program and its arguments")
    stdin = option[Any](
        "Variant[String, Binary]", "what the command reads; may be secret", role=Role.CONTENT, sensitive=True
    )
    unless = option[Any](GUARD, "commands; if one of them succeeds nothing is left to do")
    onlyif = option[Any](GUARD, "commands; if one of them fails nothing is to be done")
    creates = option[Any]("Variant[String[1], Array[String[1]]]", "paths; if one of them exists nothing is left to do")
    refreshonly = option[bool]("Boolean", "run only when notified", default=False)
    refresh_ = option[Any](COMMAND, "the command to run when notified, if it is another one")
    cwd = option[str]("String[1]", "the directory to run in")
    environment = option[Any](
        "Variant[String, Array[String], Hash[String, Variant[String, Numeric]]]",
        "variables, as `KEY=value` or as a mapping",
    )
    path = option[Any]("Variant[String[1], Array[String[1]]]", "the directories to look for programs in")
    timeout = option[float]("Variant[Integer[0], Float[0]]", "seconds the command may take; 0 is no limit", default=300)
    user = option[str]("Variant[String[1], Integer[0]]", "the user to run as")
    group = option[str]("Variant[String[1], Integer[0]]", "the group to run as")
    umask = option[Any]("Variant[Pattern[/^[0-7]{1,4}$/], Integer[0]]", "the file mode creation mask, in octal")
    returns = option[Any](
        "Variant[Integer, Pattern[/^\\d+$/], Array[Variant[Integer, Pattern[/^\\d+$/]]]]",
        "exit statuses that are no failure",
        default=0,
    )
    tries = option[int]("Integer[1]", "how often to try", default=1)
    try_sleep = option[float]("Variant[Integer[0], Float[0]]", "seconds between two tries", default=0)
    provider = option[str](
        "Enum['posix', 'shell']",
        "how text becomes a command: `shell` by /bin/sh, `posix` without it where the text has nothing for a shell",
    )
    logoutput = option[Any](
        "Variant[Boolean, Enum['true', 'false', 'on_failure']]", "when to show output", default="on_failure"
    )
    undo_ = option[Any](COMMAND, "the command that takes back what this one did")

    def __init__(self, declaration: Declaration) -> None:
        super().__init__(declaration)
        self._ran = False
        self._said: str | None = None
        if self.undo_:
            self.undo = Undo.STATE

    @property
    def announcement(self) -> str | None:
        """Return the output of a command whose ``logoutput`` is true."""
        return self._said

    def wanted(self) -> State:
        """Return that it shall be done."""
        return {"done": True}

    def not_applicable(self, probe: Probe) -> str | None:
        """Leave a directory tree alone: a command acts on a machine or an image."""
        return None if probe.live or probe.baking else "commands do not run under --root"

    def needs(self) -> Iterator[Identity]:
        """Yield the directory, the user and the program, as Puppet does."""
        for path in (self.cwd, self._argv(self._command())[0]):
            if path and path.startswith("/"):
                yield ("file", path)
        if self.user is not None:
            yield ("user", str(self.user))
        if self.group is not None:
            yield ("group", str(self.group))

    def missing(self, probe: Probe) -> Iterator[Missing]:
        """Yield an unknown user or group."""
        if self.user is not None and probe.uid(str(self.user)) is None:
            yield Missing("user", str(self.user), f"there is no user '{self.user}'")
        if self.group is not None and probe.gid(str(self.group)) is None:
            yield Missing("group", str(self.group), f"there is no group '{self.group}'")

    def problems(self, probe: Probe) -> Iterator[Problem]:  # noqa: ARG002
        """Yield an ``undo`` that nothing could ever call for."""
        if self.undo_ and (self.refreshonly or not self._guarded()):
            yield Problem(
                "undo-without-guard",
                f"{self.ref} has 'undo' and nothing that says whether it was done",
                self.declaration.location,
                hint="add creates, unless or onlyif",
            )

    def read(self, probe: Probe, keys: frozenset[str]) -> State:  # noqa: ARG002
        """Return whether nothing is left to do, asking the guards."""
        return {"done": self._ran or bool(self.refreshonly) or not self._needed(probe)}

    def converge(self, system: System, change: Change) -> None:
        """Run the command, or the one that takes it back."""
        if change.after is not None and change.after.get("done"):
            self._run(system, self._command())
            self._ran = True
            return
        if not self.undo_:
            raise MachineError("what a command did is not taken back without 'undo'")
        self._ran = False
        self._run(system, self.undo_)

    def refresh(self, system: System) -> None:
        """Run the command once more if the guards let it."""
        if self._needed(system):
            self._run(system, self.refresh_ or self._command())
            self._ran = True

    def discharged_by(self, change: Change) -> bool:
        """Say whether the run itself was all that a refresh would do; Puppet would run the command twice."""
        return self.refresh_ is None and bool(change.after and change.after.get("done"))

    def _command(self) -> Plain:
        """Return the command as it was declared; the title is one unless there is another."""
        return self.command or self.ref.title

    def _guarded(self) -> bool:
        return bool(self.creates or self.unless or self.onlyif)

    def _needed(self, probe: Probe) -> bool:
        """Say whether the guards let the command run."""
        if any(probe.lstat(path) is not None for path in _listed(self.creates)):
            return False
        if any(not self._succeeds(probe, guard) for guard in _listed(self.onlyif)):
            return False
        return not any(self._succeeds(probe, guard) for guard in _listed(self.unless))

    def _succeeds(self, probe: Probe, guard: Plain) -> bool:
        """Ask one guard."""
        argv = self._argv(guard)
        done = probe.query(
            *argv, env=self._environment(), cwd=self.cwd, user=self._name(self.user), timeout=self._deadline()
        )
        if done.timed_out:
            raise MachineError(f"a guard did not end within {self.timeout:g} seconds")
        return done.code == 0

    def _argv(self, command: Plain) -> tuple[str, ...]:
        """Return what to execute for a command."""
        if not isinstance(command, str):
            return tuple(command)
        if self.provider == "posix" and not _SHELL.search(command):
            import shlex  # noqa: PLC0415  only manifests in the Puppet language want it

            return tuple(shlex.split(command)) or ("",)
        return ("/bin/sh", "-c", command)

    def _environment(self) -> dict[str, str]:
        """Return the variables of the command."""
        given = self.environment
        if isinstance(given, Mapping):
            found = {key: str(value) for key, value in given.items()}
        else:
            found = dict(item.split("=", 1) for item in _listed(given) if "=" in item)
        if self.path:
            found["PATH"] = ":".join(_listed(self.path))
        return found

    def _deadline(self) -> float | None:
        return self.timeout or None

    def _name(self, who: Plain) -> str | None:
        return None if who is None else str(who)

    def _run(self, system: System, command: Plain) -> None:
        """Run a command, as often as it may be tried. Raises ``MachineError`` with its last output."""
        wanted = {int(code) for code in _listed(self.returns)}
        given = self.attributes.get("stdin")
        stdin = system.content(given.digest) if isinstance(given, ContentRef) else None
        for attempt in range(1, (self.tries or 1) + 1):
            done = system.run(
                *self._argv(command), stdin=stdin, env=self._environment(), cwd=self.cwd, user=self._name(self.user),
                group=self._name(self.group), umask=self._umask(), timeout=self._deadline(), ok=None,
            )  # fmt: skip
            if done.code in wanted:
                self._said = _output(done) if self.logoutput in {True, "true"} and not self._secret() else None
                return
            if attempt < (self.tries or 1):
                time.sleep(self.try_sleep or 0)
        raise MachineError(self._failure(done, wanted))

    def _umask(self) -> int | None:
        """Return the mask; YAML may have read its octal digits as a number already."""
        given = self.umask
        return int(given, 8) if isinstance(given, str) else given

    def _failure(self, done: Completed, wanted: set[int]) -> str:
        """Return what to say of a failed command: its exit status and its last words, unless they may be secret."""
        expected = " or ".join(str(code) for code in sorted(wanted))
        text = f"exit status {done.code} instead of {expected}"
        if self.logoutput in {False, "false"}:
            return text
        if self._secret():
            return f"{text} (its output is not shown: it was given a secret)"
        output = _output(done)
        return f"{text}\n{output}" if output else text

    def _secret(self) -> bool:
        given = self.attributes.get("stdin")
        return isinstance(given, ContentRef) and given.secret


def _listed(value: Plain) -> list[Any]:
    """Return one or many as many."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _output(done: Completed) -> str:
    """Return the last lines of what a command wrote."""
    lines = [line.rstrip()[:500] for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return "\n".join(lines[-SHOWN:])
