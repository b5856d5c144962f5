"""One command measured, and what many measurements come to."""

import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """Seconds of wall time, seconds of CPU (user and system, waited-for children included), peak memory in MiB."""

    wall: float
    cpu: float
    memory: float


def run(argv, *, env, accepted=(0,)):
    """Run ``argv`` and return its measure; any other exit code ends the benchmark, because then it is no measure."""
    with tempfile.TemporaryFile() as output:
        begin = time.perf_counter()
        process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if code not in accepted:
            output.seek(0)
            said = output.read().decode(errors="replace")
            raise SystemExit(f"bench: `{' '.join(argv)}` ended with {code}:\n{said}")
    return Measure(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def median(measures):
    """Return the median of each quantity."""
    return Measure(*(statistics.median(getattr(one, name) for one in measures) for name in ("wall", "cpu", "memory")))
