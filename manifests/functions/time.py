"""Functions on moments and lengths of time."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hiera.types import Timespan, Timestamp
from hiera.types.moments import zone_of
from hiera.types.spans import written
from hiera.values import Value


def time(zone: str = "") -> int:
    """Return the present moment in seconds since 1970."""
    import time as clock  # noqa: PLC0415  the name is the function's here

    del zone
    return int(clock.time())


def strftime(moment: Value, form: Value = None, zone: str = "UTC") -> str:
    """Return a moment or a length of time as text under a format; the old form takes only the format."""
    if isinstance(moment, str):
        return strftime(Timestamp(time() * 10**9), moment, str(form or "UTC"))
    if isinstance(moment, Timespan):
        return written(moment.nanoseconds, str(form or "%-H:%M:%S"))
    if not isinstance(moment, Timestamp):
        raise ValueError("expects a Timestamp or a Timespan")  # noqa: TRY004  the author's mistake
    seconds, fraction = divmod(moment.nanoseconds, 10**9)
    place = datetime.fromtimestamp(seconds, UTC).astimezone(zone_of("UTC" if zone in {"default", "current"} else zone))
    text = str(form or "%Y-%m-%dT%H:%M:%S.%L %p")
    offset = place.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset is not None else 0
    sign, far = "-" if minutes < 0 else "+", abs(minutes)
    clock = f"{sign}{far // 60:02}:{far % 60:02}"
    named = place.tzname() or ""
    own = {
        "s": str(seconds), "v": place.strftime("%e-%b-%Y").upper(), ":z": clock, "::z": f"{clock}:00",
        "Z": "" if named.startswith("UTC") and named != "UTC" else named,
    }  # fmt: skip

    def one(found: re.Match[str]) -> str:
        if found[2] in {"N", "L"}:
            return f"{fraction:09}"[: int(found[1] or (9 if found[2] == "N" else 3))]
        return own[found[3]] if found[3] in own else found[0]

    return place.strftime(re.sub(r"%(?:(\d*)([NL])|(::?z|[svZ%]))", one, text))
