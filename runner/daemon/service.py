"""The daemon's life: a schedule, the signals it answers, and a clean end."""

from __future__ import annotations

import logging
import queue
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from hiera.errors import FreeholdError
from runner import measures
from runner.daemon.child import Child, Past
from runner.daemon.health import Health, verdict
from runner.systemd.notify import Notifier
from runner.systemd.schedule import SHORTEST, offset

EVERY: Final = 300.0
DEADLINE: Final = 30.0
_JOB: Final = "run"


@dataclass(frozen=True, slots=True)
class Plan:
    """How the daemon runs. Times are in seconds; ``health`` is the path of a socket."""

    every: float = EVERY
    splay: float = EVERY
    deadline: float = DEADLINE
    health: str | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Plan:
        """Return the plan of the section ``daemon``; the splay is the whole period unless it is told.

        Raises ``ValueError``.
        """
        every = told.get("every", EVERY)
        if every < SHORTEST:
            raise ValueError(f"'every' must be at least {SHORTEST}s")
        splay = told.get("splay", every)
        if splay > every:
            raise ValueError("'splay' must not be longer than 'every'")
        return cls(every, splay, told.get("deadline", DEADLINE), told.get("health"))


class Daemon:
    """Runs at once and then by the plan until SIGTERM or SIGINT; SIGHUP asks ``reload`` for another plan.

    ``reload`` raises ``FreeholdError`` if what it reads is wrong: then the plan stays as it is. ``say`` tells a line.
    """

    def __init__(self, child: Child, plan: Plan, reload: Callable[[], Plan], say: Callable[[str], None]) -> None:
        self._child = child
        self._plan = plan
        self._reload = reload
        self._say = say
        self._signals: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._notifier = Notifier.taken()
        self._scheduler: Any = None

    def serve(self) -> None:
        """Live until a signal ends it."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda received, _frame: self._signals.put(received))
        self._scheduler = _scheduler()
        self._schedule()
        self._scheduler.add_job(self._run, "date", run_date=datetime.now(UTC))
        health = Health(self._plan.health, self.health) if self._plan.health else None
        self._scheduler.start()
        self._notifier.send(READY=1, STATUS="the first run begins")
        self._say(f"a run every {measures.span(self._plan.every)}, the first one now")
        try:
            while self._signals.get() == signal.SIGHUP:
                self._reread()
        finally:
            self._end(health)

    def _schedule(self) -> None:
        """Set the period; its beginning hangs on this machine alone, so that a restart does not move it."""
        begin = datetime.fromtimestamp(offset(self._plan.every, self._plan.splay), UTC)
        self._scheduler.add_job(
            self._run, "interval", seconds=self._plan.every, start_date=begin, id=_JOB, replace_existing=True
        )

    def _run(self) -> None:
        self._notifier.send(STATUS="a run is going on")
        past = self._child.run()
        if past is not None:
            self._notifier.send(STATUS=f"the last run ended with {past.exit_code}; {self._following()}")

    def _following(self) -> str:
        at = self.next()
        return f"the next one is at {measures.clock(at)}" if at else "no other is planned"

    def next(self) -> float | None:
        """Return when the next run begins, in seconds since the epoch."""
        job = self._scheduler.get_job(_JOB)
        return job.next_run_time.timestamp() if job and job.next_run_time else None

    def health(self) -> dict[str, Any]:
        """Return what the health endpoint tells."""
        last: Past | None = self._child.last
        return verdict(last, self._child.since, self.next(), self._plan.every)

    def _reread(self) -> None:
        self._notifier.send(RELOADING=1, STATUS="reading the configuration again")
        try:
            plan = self._reload()
        except FreeholdError as error:
            for problem in error.problems:
                self._say(problem.render(lambda _file, _line: None))
            self._say("the configuration is wrong: the schedule stays as it was")
        else:
            self._plan = Plan(plan.every, plan.splay, plan.deadline, self._plan.health)
            self._schedule()
            self._say(f"configuration read again; a run every {measures.span(plan.every)}")
        self._notifier.send(READY=1, STATUS=self._following())

    def _end(self, health: Health | None) -> None:
        self._notifier.send(STOPPING=1, STATUS="ending")
        self._scheduler.remove_all_jobs()
        if not self._child.stop(self._plan.deadline):
            self._say(
                f"the run did not end within {measures.span(self._plan.deadline)} and was killed; the next goes on"
            )
        self._scheduler.shutdown()
        if health is not None:
            health.close()
        self._say("ended")


def _scheduler() -> Any:
    """Return a scheduler that keeps its plan in memory and never does two runs at once."""
    from apscheduler.executors.pool import ThreadPoolExecutor  # noqa: PLC0415  only the daemon schedules
    from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415  likewise

    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick missed by a long run is no news
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    return BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)}, job_defaults=defaults)
