"""The timer of this node: its schedule as a drop-in, switched on and off."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import Final

from hiera.errors import Location, UsageError
from runner.systemd import schedule

TIMER: Final = "freehold.timer"
BOOT: Final = "freehold-boot.service"
DROP_IN: Final = "etc/systemd/system/freehold.timer.d/schedule.conf"
_UNITS: Final = ("etc/systemd/system", "run/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system",
                 "lib/systemd/system")  # fmt: skip
_DEADLINE: Final = 60.0
_ANSWER: Final = 5.0
_NEVER: Final = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Timer:
    """The timer below ``root``; below another root than ``/`` it is enabled for that system's next boot.

    So it is without ``start``, of the system that becomes an image.
    """

    root: str = "/"
    start: bool = True

    @property
    def drop_in(self) -> str:
        """The file the schedule stands in."""
        return os.path.join(self.root, DROP_IN)

    @property
    def here(self) -> bool:
        """Whether this is the system that runs now, with systemd as its manager."""
        return self.start and self.root == "/" and os.path.isdir("/run/systemd/system")

    def set(self, content: str) -> bool:
        """Write the schedule and switch the timer on; return whether anything changed. Raises ``UsageError``."""
        self._need_units()
        written = write(self.drop_in, content)
        if written and self.here:
            self._systemctl("daemon-reload")
        was = self.enabled() and (not self.here or self._active())
        if not was:
            self._systemctl("enable", TIMER, BOOT)
        if self.here and (written or not was):
            self._systemctl("restart", TIMER)
        return written or not was

    def disable(self) -> bool:
        """Switch the timer off, the schedule stays; return whether anything changed. A run going on ends by itself."""
        self._need_units()
        if not self.enabled() and not (self.here and self._active()):
            return False
        self._systemctl("disable", TIMER, BOOT)
        if self.here:
            self._systemctl("stop", TIMER)
        return True

    def enabled(self) -> bool:
        """Say whether the timer starts with the system."""
        wanted = os.path.join(self.root, "etc/systemd/system/timers.target.wants", TIMER)
        return os.path.lexists(wanted)

    def schedule(self) -> str:
        """Return the drop-in as it stands, or nothing."""
        try:
            with open(self.drop_in, encoding="utf-8", errors="replace") as stream:
                return stream.read()
        except OSError:
            return ""

    def _active(self) -> bool:
        argv = ["systemctl", "is-active", "--quiet", TIMER]
        return subprocess.run(argv, check=False, timeout=_DEADLINE, stdin=subprocess.DEVNULL).returncode == 0

    def _need_units(self) -> None:
        if not any(os.path.exists(os.path.join(self.root, place, TIMER)) for place in _UNITS):
            hint = "the Debian package brings it; else copy packaging/systemd/ to /etc/systemd/system"
            raise UsageError.of("no-timer", f"there is no {TIMER} on this system", hint=hint)

    def _systemctl(self, *words: str) -> None:
        """Run systemctl, offline for another root. Raises ``UsageError`` (``systemctl``)."""
        argv = ["systemctl", *([] if self.root == "/" else [f"--root={self.root}"]), "--quiet", *words]
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=_DEADLINE, check=False)
        except FileNotFoundError:
            hint = "`freehold daemon` works without systemd"
            raise UsageError.of("systemctl", "there is no systemctl here", hint=hint) from None
        except subprocess.TimeoutExpired:
            raise UsageError.of("systemctl", f"`{' '.join(argv)}` did not end") from None
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise UsageError.of("systemctl", f"`{' '.join(argv)}` failed: {last}")


def following() -> float | None:
    """Return when the timer starts the next run, in seconds since the epoch; None if it is off or a run is going on."""
    path = "/org/freedesktop/systemd1/unit/freehold_2etimer"
    argv = ["busctl", "get-property", "org.freedesktop.systemd1", path, "org.freedesktop.systemd1.Timer",
            "NextElapseUSecRealtime"]  # fmt: skip
    try:
        answer = subprocess.run(argv, capture_output=True, text=True, timeout=_ANSWER, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    return elapse(answer)


def elapse(answer: str) -> float | None:
    """Return the seconds that busctl's ``t MICROSECONDS`` says; 0 and systemd's "never" are None."""
    kind, _, number = answer.strip().partition(" ")
    if kind != "t" or not number.isdecimal() or int(number) in {0, _NEVER}:
        return None
    return int(number) / 1e6


def text(every: float, splay: float | None = None) -> str:
    """Return the drop-in for a run every ``every`` seconds, spread over ``splay`` (None: the whole period).

    Raises ``ValueError`` as :func:`runner.systemd.schedule.calendar` does, or for a splay longer than the period.
    """
    wide = every if splay is None else splay
    if not 0 <= wide <= every:
        raise ValueError("must not be longer than the period")
    rows = [
        "# Written by `freehold timer`.",
        "[Timer]",
        "OnCalendar=",
        f"OnCalendar={schedule.calendar(every)}",
        f"RandomizedDelaySec={int(wide)}s",
        "FixedRandomDelay=yes",
    ]
    return "\n".join(rows) + "\n"


def write(path: str, content: str) -> bool:
    """Put ``content`` into the file ``path``, whole or not at all; return whether it changed. Raises ``UsageError``."""
    try:
        with open(path, encoding="utf-8") as stream:
            if stream.read() == content:
                return False
    except (OSError, UnicodeDecodeError):
        pass
    fresh = f"{path}.new"
    try:
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644), "w") as stream:
            stream.write(content)
        os.replace(fresh, path)
    except OSError as error:
        raise UsageError.of("timer-unwritable", f"cannot be written: {error.strerror}", Location(path)) from None
    return True
